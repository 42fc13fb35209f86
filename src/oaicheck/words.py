"""Words: by them it can be told how many tokens a text has at least."""

from __future__ import annotations


def word_count(text: str) -> int:
    """How many words a text has, as white space parts them.

    A tokenizer makes at least one token of each, so a text never has fewer tokens than words.
    """
    return len(text.split())
