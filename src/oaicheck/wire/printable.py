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
    if keep_newlines:
        return "\n".join(map(printable, text.split("\n")))
    if text.isprintable():
        return text
    return "".join(_escape(each) if _hides(each) else each for each in text)


def _hides(character: str) -> bool:
    category = unicodedata.category(character)
    return category in ("Cc", "Cf", "Cs", "Zl", "Zp") and character not in _JOINERS


def _escape(character: str) -> str:
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")
