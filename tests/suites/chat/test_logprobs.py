"""Log probabilities that are missing, and beside which content."""

import pytest

from oaicheck.rules.verdict import Outcome
from support.answers import answer_to, finding, outcome, saying, streaming


def test_missing_log_probabilities_are_missing_beside_content() -> None:
    said = streaming("chat/stream/logprobs", *saying("", "Simulated ", "text", logprobs=None))
    found = finding("chat.logprobs.present", said)
    assert found.observed == 'choices[0].logprobs is null beside content "Simulated "'
    assert found.evidence[0].event == 3


def test_a_long_content_beside_no_log_probabilities_is_shortened() -> None:
    said = streaming("chat/stream/logprobs", *saying("long " * 40))
    assert finding("chat.logprobs.present", said).observed == (
        f'choices[0].logprobs is absent beside content "{"long " * 8}…"'
    )


@pytest.mark.parametrize("rule", ["join", "counted", "top-own"])
def test_entries_without_a_token_are_a_defect_that_is_told_once(rule: str) -> None:
    for missing in ("logprobs-token-missing", "logprobs-token-number"):
        said = answer_to("chat/stream/logprobs", missing)
        assert outcome(f"chat.logprobs.{rule}", said) is Outcome.NOT_APPLICABLE
        assert outcome("chat.logprobs.token", said) is Outcome.FAIL
