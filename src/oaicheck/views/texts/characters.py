"""Characters of several bytes, and whether they came through the decoding of a model's bytes."""

from __future__ import annotations

import re
from collections.abc import Sequence

from oaicheck.rules.judging import Inconclusive, require
from oaicheck.wire.exchange import Located

_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_FOUR_BYTES = 0x10000


def require_whole_characters(pieces: Sequence[Located], phrase: str, *, cut: bool) -> None:
    """Require that no character of a text came as U+FFFD; the pieces are strings.

    At the end of a text that was `cut` by a token limit it stands for a character that the model
    did not write to its end. Elsewhere the model itself may have written it, if others came whole
    of which nearly every tokenizer makes several tokens: then raises Inconclusive, unless it
    stands in the `phrase` that the model was to repeat.
    """
    text = "".join(piece.value for piece in pieces)
    if _REPLACEMENT not in (text.rstrip(_REPLACEMENT) if cut else text):
        return
    if any(ord(letter) >= _FOUR_BYTES for letter in text) and not _is_damaged(phrase, text):
        raise Inconclusive("the model may have written U+FFFD: other characters came whole")
    for piece in pieces:
        require(_REPLACEMENT not in piece.value, piece, expected="text without U+FFFD")


def _is_damaged(phrase: str, text: str) -> bool:
    """Whether a phrase stands in a text with U+FFFD in place of some of its characters."""
    letters = (
        re.escape(letter) if letter.isascii() else f"(?:{re.escape(letter)}|{_REPLACEMENT}+)"
        for letter in phrase
    )
    return any(_REPLACEMENT in found for found in re.findall("".join(letters), text))
