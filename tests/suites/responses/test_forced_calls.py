"""A forced call that the token limit ends."""

import json
from typing import Any

import pytest

from oaicheck.rules.verdict import Outcome
from support.answers import answer_to, changed, judged


@pytest.mark.parametrize(
    ("arguments", "written", "expected"),
    [
        ('{"text": "a"}', 16, Outcome.NOT_APPLICABLE),
        ('{"text": "a', 9, Outcome.NOT_APPLICABLE),
        ('{"text": "a', None, Outcome.INCONCLUSIVE),
        ('{"text": "a', 16, Outcome.FAIL),
    ],
)
def test_a_short_call_was_not_cut(arguments: str, written: int | None, expected: Outcome) -> None:
    answer = answer_to("responses/calls/cut")
    call = {**json.loads(answer.body)["output"][-1], "arguments": arguments}
    usage: dict[str, Any] = {} if written is None else {"output_tokens": written}
    ended = changed(answer, status="completed", output=[call], usage=usage)
    assert judged("responses.tools.cut", ended).outcome is expected
