"""Arguments of calls that share an index."""

import pytest

from oaicheck.rules.verdict import Outcome
from support.answers import answer_to, judged


@pytest.mark.parametrize(
    "rule",
    [
        f"chat.tools.streamed-arguments{part}"
        for part in ("", "-empty", "-once", "-early", "-schema")
    ],
)
def test_arguments_that_cannot_be_told_apart_are_not_said_to_be_missing(rule: str) -> None:
    sharing = answer_to("chat/tools/stream/auto", "tools-stream-index-always-zero")
    found = judged(rule, sharing)
    assert found.outcome is Outcome.INCONCLUSIVE
    assert str(found.raised) == "calls share an index, so their arguments cannot be separated"
