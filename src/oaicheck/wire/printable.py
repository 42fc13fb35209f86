"""Makes text from an endpoint safe to print.

Such text may contain escape sequences that recolour, retitle or rewrite a terminal, and characters
that reorder what a reader sees. All of them become visible escapes.
"""

from __future__ import annotations

import re
import unicodedata

_COMMAND = re.compile(r"^:(?=:)|#(?=#(?:\[|vso\[))")
"""How commands to a pipeline begin: at the start of a line, or anywhere in it."""
_JOINERS = "\u200c\u200d"
"""Format characters that occur in ordinary words and emoji."""


def printable(text: str, *, keep_newlines: bool = False) -> str:
    """The text with control, format, bidi and surrogate characters escaped, such as `\\x1b`.

    Line ends are escaped too, so that part of a text cannot pass as a separate line. Set
    `keep_newlines` for a text that is meant to have several lines.
    """
    if keep_newlines:
        return "\n".join(map(printable, text.split("\n")))
    if text.isprintable():
        return text
    return "".join(_escape(each) if _hides(each) else each for each in text)


def without_commands(line: str) -> str:
    """A printable line in which no CI system finds a command, such as `::error::`."""
    text = line.lstrip()
    escaped = _COMMAND.sub(lambda found: f"\\x{ord(found[0]):x}", text)
    return line[: len(line) - len(text)] + escaped


def _hides(character: str) -> bool:
    category = unicodedata.category(character)
    return category in ("Cc", "Cf", "Cs", "Zl", "Zp") and character not in _JOINERS


def _escape(character: str) -> str:
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")
