"""Words: by them it can be told how many tokens a text has at least."""

from __future__ import annotations

import re

_NUMBER = re.compile("[0-9]+")
_LAST_NUMBER = 300
_FEWEST_NUMBERS = 3
"""So many numbers in their order are a count and no coincidence."""


def word_count(text: str) -> int:
    """How many words a text has, as white space parts them.

    Nearly every tokenizer makes at least one token of each.
    """
    return len(text.split())


def is_cut_count(text: str) -> bool:
    """Whether a text is the beginning of the count from 1 to 300 and not its end.

    Words may stand before it, and the last number may be cut too. What stands behind the last
    number is the beginning of what parts the others, so that a full stop ends the count.
    """
    numbers = _NUMBER.findall(text)
    if not _FEWEST_NUMBERS <= len(numbers) <= _LAST_NUMBER or numbers[-1] == str(_LAST_NUMBER):
        return False
    _, *between, after = _NUMBER.split(text)
    *counted, last = (str(number) for number in range(1, len(numbers) + 1))
    in_order = numbers[:-1] == counted and last.startswith(numbers[-1])
    return in_order and any(mark.startswith(after) for mark in (*between, " ", "\n"))


def beyond_limit(limit: int | None, tokens: int | None, words: int) -> str | None:
    """What was written beyond a limit of tokens: `23 tokens were counted`, or None.

    Where none were counted, words tell: twice as many as tokens are allowed leave no doubt, though
    a few tokenizers make one token of two words.
    """
    if limit is None:
        return None
    if tokens:
        return f"{tokens} tokens were counted" if tokens > limit else None
    return f"{words} words came" if words > 2 * limit else None
