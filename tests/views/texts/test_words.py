"""Words tell how long a text is, and whether it is a count that was cut."""

import pytest

from oaicheck.views.texts.words import beyond_limit, is_cut_count, word_count, words_within


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


@pytest.mark.parametrize(
    ("text", "words"),
    [("", 0), (" \n ", 0), ("don't", 1), ("1 2,3\n4", 3), ("你好世界", 1), (" a  b ", 2)],
)
def test_words_are_what_white_space_parts(text: str, words: int) -> None:
    assert word_count(text) == words


def test_words_of_a_text_that_is_split_in_blocks() -> None:
    text = "one  two\n" * 250_000
    assert word_count(text) == word_count(f" {text}") == 500_000
    assert word_count("x" * 2_500_000) == 1


def test_words_of_a_long_text_are_parted_by_any_white_space():
    spaces = [chr(code) for code in range(128) if chr(code).isspace()]
    text = "".join(f"word{space}" for space in spaces) * 40_000
    assert word_count(text) == len(text.split())


@pytest.mark.parametrize(
    ("limit", "tokens", "words", "beyond"),
    [
        (5, 6, 0, "6 tokens in usage"),
        (5, 5, 99, None),
        (5, None, 11, "11 words in the text"),
        (5, 0, 11, "11 words in the text"),
        (5, None, 10, None),
        (None, 6, 99, None),
    ],
)
def test_what_was_written_beyond_a_limit(
    limit: int | None, tokens: int | None, words: int, beyond: str | None
) -> None:
    assert beyond_limit(limit, tokens, words) == beyond


@pytest.mark.parametrize(
    ("text", "count", "words"),
    [
        ("one two three four five", 1, "three"),
        ("one two\nthree four five", 2, "two\nthree"),
        ("a b c a b c a b c", 1, "c"),
        ("one two three", 1, "two"),
        ("one two", 1, None),
        ("", 1, None),
        ("a a a a a a", 2, None),
        ("one " + "x" * 100 + " three", 1, None),
    ],
)
def test_words_about_the_middle_that_occur_nowhere_before(
    text: str, count: int, words: str | None
) -> None:
    assert words_within(text, count) == words
