"""Words tell how long a text is, and whether it is a count that was cut."""

import pytest

from oaicheck.views.texts.words import is_cut_count


@pytest.mark.parametrize(
    "text",
    [
        "1 2 3 4 5",
        "1, 2, 3, 4,",
        "1\n2\n3\n",
        "Sure: 1, 2, 3",
        "1. 2. 3.",
        " ".join(map(str, range(1, 12))) + " 1",
        " ".join(map(str, range(1, 300))),
        " ".join(map(str, range(1, 300))) + " 30",
        "1, 2, 3 ",
        "1, 2, 3\n",
    ],
)
def test_the_beginning_of_a_count(text: str) -> None:
    assert is_cut_count(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "I will not count.",
        "1",
        "1 2",
        "1 2 3.",
        "1 2 3 ...",
        "1 2 3 and so on",
        "2 3 4 5",
        "1 2 4 5",
        "1, 2, 3, ..., 300",
        " ".join(map(str, range(1, 301))),
        "300 numbers: 1 2 3",
        "1 3 3",
        "1 2 9",
        "5 6 3",
    ],
)
def test_what_is_not_only_the_beginning(text: str) -> None:
    assert is_cut_count(text) is False
