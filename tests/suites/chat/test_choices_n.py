"""Choices that cannot be put in order, and what usage counts of several."""

import pytest

from oaicheck.rules.verdict import Outcome
from support.answers import answer_to, changed, outcome


def test_a_missing_index_is_not_also_a_wrong_one() -> None:
    missing = answer_to("chat/whole/choices", "object-choice-index-missing")
    assert outcome("chat.choices.position", missing) is Outcome.INCONCLUSIVE
    assert outcome("chat.completion.choice-index", missing) is Outcome.FAIL


@pytest.mark.parametrize(
    ("reasons", "written", "expected"),
    [
        (("length", "length"), 16, Outcome.PASS),
        (("length", "length"), 8, Outcome.WARN),
        (("length", "stop"), 8, Outcome.NOT_APPLICABLE),
        (("length",), 8, Outcome.NOT_APPLICABLE),
        (("length", "length"), None, Outcome.INCONCLUSIVE),
    ],
)
def test_usage_counts_what_was_cut_off(
    reasons: tuple[str, ...], written: int | None, expected: Outcome
) -> None:
    choices = [{"message": {"content": "1 2"}, "finish_reason": reason} for reason in reasons]
    usage = {"completion_tokens": written}
    cut = changed(answer_to("chat/either/cold-choices"), choices=choices, usage=usage)
    assert outcome("chat.choices.usage-cut", cut) is expected
