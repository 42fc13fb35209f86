"""Characters of several bytes, and whether they came through the decoding of a model's bytes."""

from __future__ import annotations

from collections.abc import Sequence

from oaicheck.judging import Inconclusive, require
from oaicheck.wire.located import Located

_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_FOUR_BYTES = 0x10000


def require_whole_characters(pieces: Sequence[Located], *, cut: bool) -> None:
    """Require that no character of a text came as U+FFFD; the pieces are strings.

    At the end of a text that was `cut` by a token limit it stands for a character that the model
    did not write to its end. Beside a whole character of four bytes, of which nearly every
    tokenizer makes several tokens, it is what the model wrote: raises Inconclusive.
    """
    joins_bytes = any(ord(letter) >= _FOUR_BYTES for piece in pieces for letter in piece.value)
    for piece in pieces:
        at_end = cut and piece is pieces[-1]
        text = piece.value.rstrip(_REPLACEMENT) if at_end else piece.value
        if _REPLACEMENT in text and joins_bytes:
            raise Inconclusive("the model may have written U+FFFD: other characters came whole")
        require(_REPLACEMENT not in text, piece, expected="text without U+FFFD")
