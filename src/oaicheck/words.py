"""Words: by them it can be told how many tokens a text has at least."""

from __future__ import annotations


def word_count(text: str) -> int:
    """How many words a text has, as white space parts them.

    Nearly every tokenizer makes at least one token of each.
    """
    return len(text.split())


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
