"""Words: by them it can be told how many tokens a text has at least."""

from __future__ import annotations

import re

_NUMBER = re.compile(r"\d+")
_LAST = 300


def word_count(text: str) -> int:
    """How many words a text has, as white space parts them.

    Nearly every tokenizer makes at least one token of each.
    """
    return len(text.split())


def is_cut_count(text: str) -> bool:
    """Whether a text is the beginning of the count from 1 to 300 and not its end."""
    numbers = [int(number) for number in _NUMBER.findall(text)]
    return 0 < len(numbers) < _LAST and numbers == list(range(1, len(numbers) + 1))


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
