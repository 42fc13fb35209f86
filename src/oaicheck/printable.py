"""Text from an endpoint, made safe to print.

An endpoint's text may hold escape sequences that recolour, retitle or rewrite a terminal, and
characters that reorder what a reader sees. Everything of that kind becomes a visible escape.
"""

from __future__ import annotations

import unicodedata

_JOINERS = "\u200c\u200d"
"""Format characters that ordinary words and emoji are written with."""


def printable(text: str, *, keep_newlines: bool = False) -> str:
    """The text with each control, format, bidi and surrogate character as an escape like `\\x1b`.

    Line ends are escaped too, so that a fragment cannot pose as a line of its own, unless
    `keep_newlines` says that the text is meant to have several lines.
    """
    kept = _JOINERS + ("\n" if keep_newlines else "")
    return "".join(
        character if character in kept or not _hides(character) else _escape(character)
        for character in text
    )


def _hides(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp")


def _escape(character: str) -> str:
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")
