"""The index of a choice, as a finding expects it."""

import pytest

from support.answers import answer_to, finding


@pytest.mark.parametrize(
    ("scenario", "fault", "expected"),
    [
        ("chat/whole/text", "object-choice-index-from-one", "0"),
        ("chat/whole/choices", "object-choice-index-from-one", "an integer from 0 to 1"),
    ],
)
def test_the_only_choice_has_the_number_0(scenario: str, fault: str, expected: str) -> None:
    found = finding("chat.completion.choice-index", answer_to(scenario, fault))
    assert found.expected == expected
