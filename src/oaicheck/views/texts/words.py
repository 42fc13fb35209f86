"""Words, which show how many tokens a text has at least."""

from __future__ import annotations

import re

_NUMBER = re.compile("[0-9]+")
_WORDS = re.compile(r"\S+")
_LONGEST = 60
"""Characters of words that are taken out of a text."""
_BLOCK = 1_000_000
"""Characters that are split at once: the words of a huge text take ten times its memory."""
_MARKS = bytes(ord(" " if chr(byte).isspace() else "x") for byte in range(256))
"""A space for each character that separates words, and an x for any other."""
_LAST_NUMBER = 300
_FEWEST_NUMBERS = 3
"""So many numbers in order are a count, not a coincidence."""


def word_count(text: str) -> int:
    """The number of words in a text, separated by white space.

    Nearly every tokenizer makes at least one token of each.
    """
    count, in_word = 0, False
    for start in range(0, len(text), _BLOCK):
        block = text[start : start + _BLOCK]
        count += _count(block) - (in_word and not block[0].isspace())
        in_word = not block[-1].isspace()
    return count


def _count(block: str) -> int:
    if len(block) < _BLOCK or not block.isascii():
        return len(block.split())
    marks = block.encode().translate(_MARKS)
    return marks.count(b" x") + marks.startswith(b"x")


def words_within(text: str, count: int) -> str | None:
    """So many adjacent words about the middle of a text, which occur nowhere before; None if none.

    There is at least one word before them, and one after them: the last one may be incomplete.
    """
    words = list(_WORDS.finditer(text[:_BLOCK]))
    middle = (len(words) - count) // 2
    for first in sorted(range(1, len(words) - count), key=lambda first: abs(first - middle)):
        found = text[words[first].start() : words[first + count - 1].end()]
        if len(found) <= _LONGEST and text.find(found) == words[first].start():
            return found
    return None


def is_cut_count(text: str) -> bool:
    """Whether a text is a count from 1 to 300 that was cut off before its end.

    There may be words before it, and the last number may be incomplete. The text after the last
    number must be the beginning of a separator, so a full stop there means that the count is over.
    """
    numbers = _NUMBER.findall(text)
    if not _FEWEST_NUMBERS <= len(numbers) <= _LAST_NUMBER or numbers[-1] == str(_LAST_NUMBER):
        return False
    _, *between, after = _NUMBER.split(text)
    *counted, last = (str(number) for number in range(1, len(numbers) + 1))
    in_order = numbers[:-1] == counted and last.startswith(numbers[-1])
    return in_order and any(mark.startswith(after) for mark in (*between, " ", "\n"))


def beyond_limit(limit: int | None, tokens: int | None, words: int) -> str | None:
    """How a text exceeds a token limit: `23 tokens in usage`, or None if it does not.

    Without a token count the words decide. More than twice as many words as tokens leave no doubt,
    although a few tokenizers make one token of two words.
    """
    if limit is None:
        return None
    if tokens:
        return f"{tokens} tokens in usage" if tokens > limit else None
    return f"{words} words in the text" if words > 2 * limit else None
