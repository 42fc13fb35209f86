"""Multi-byte characters, and whether the server decoded the model's bytes correctly."""

from __future__ import annotations

import re
from collections.abc import Sequence

from oaicheck.rules.judging import Inconclusive, require
from oaicheck.wire.exchange import Located

_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_FOUR_BYTES = 0x10000


def require_whole_characters(pieces: Sequence[Located], phrase: str, *, cut: bool) -> None:
    """Require that no character of a text arrived as U+FFFD. The pieces are strings.

    U+FFFD is allowed at the end of a text that was `cut` by a token limit, where the last character
    may be incomplete. The model itself may have written it if other characters arrived intact that
    nearly every tokenizer splits into several tokens: then this raises Inconclusive, unless it is
    within the `phrase` that the model had to repeat.
    """
    text = "".join(piece.value for piece in pieces)
    if _REPLACEMENT not in (text.rstrip(_REPLACEMENT) if cut else text):
        return
    if any(ord(letter) >= _FOUR_BYTES for letter in text) and not _is_damaged(phrase, text):
        raise Inconclusive("the model may have written U+FFFD: other characters arrived intact")
    for piece in pieces:
        require(_REPLACEMENT not in piece.value, piece, expected="text without U+FFFD")


def _is_damaged(phrase: str, text: str) -> bool:
    """Whether a text contains the phrase with U+FFFD instead of some of its characters."""
    letters = (
        re.escape(letter) if letter.isascii() else f"(?:{re.escape(letter)}|{_REPLACEMENT}+)"
        for letter in phrase
    )
    return any(_REPLACEMENT in found for found in re.findall("".join(letters), text))
