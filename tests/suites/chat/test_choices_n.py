"""Choices that cannot be put in order."""

from oaicheck.rules.verdict import Outcome
from support.answers import answer_to, outcome


def test_a_missing_index_is_not_also_a_wrong_one() -> None:
    missing = answer_to("chat/whole/choices", "object-choice-index-missing")
    assert outcome("chat.choices.position", missing) is Outcome.INCONCLUSIVE
    assert outcome("chat.completion.choice-index", missing) is Outcome.FAIL
