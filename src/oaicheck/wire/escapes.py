"""The escapes of JSON, URLs and HTML, and what they mean."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

_Meaning = Callable[[re.Match[bytes]], bytes]

_MOST_KEPT = 4096
"""How many different escapes are kept with their meanings."""

_HEX = "[0-9a-fA-F]"


class _Meanings(dict[bytes, bytes]):
    """What escapes mean. It works each out once, because few are different."""

    def __init__(self, pattern: re.Pattern[bytes], meaning: _Meaning) -> None:
        self._pattern = pattern
        self._meaning = meaning

    def __missing__(self, escape: bytes) -> bytes:
        found = self._pattern.fullmatch(escape)
        assert found is not None
        meaning = self._meaning(found)
        if len(self) < _MOST_KEPT:
            self[escape] = meaning
        return meaning


@dataclass(frozen=True, slots=True)
class Escape:
    """A kind of escape. Each begins with `sign`, and is longer than what it means."""

    sign: bytes
    pattern: re.Pattern[bytes]
    meanings: _Meanings

    def undone(self, text: bytes) -> bytes:
        """The text with each escape replaced by its meaning."""
        if self.sign not in text:
            return text
        meanings = self.meanings
        return self.pattern.sub(lambda found: meanings[found[0]], text)

    def found(self, text: bytes) -> Iterator[tuple[int, int, int]]:
        """Where each escape begins and ends, and the length of its meaning."""
        for found in self.pattern.finditer(text):
            yield *found.span(), len(self.meanings[found[0]])


@cache
def escapes(*, ascii_only: bool) -> tuple[Escape, ...]:
    """The kinds of escapes, either all of them or those of ASCII characters."""
    if ascii_only:
        return _escapes(
            byte=f"[0-7]{_HEX}",
            unit=f"00[0-7]{_HEX}",
            point=f"[0-7]?{_HEX}(?!{_HEX})",
            decimal="(?:1[01][0-9]|12[0-7]|[0-9]{1,2})(?![0-9])",
        )
    return _escapes(
        byte=f"{_HEX}{{2}}", unit=f"{_HEX}{{4}}", point=f"{_HEX}{{1,6}}", decimal="[0-9]{1,7}"
    )


def _escapes(byte: str, unit: str, point: str, decimal: str) -> tuple[Escape, ...]:
    """The kinds of escapes, given what their digits may be."""

    def escape(sign: str, meaning: _Meaning, *forms: str) -> Escape:
        pattern = re.compile(f"{re.escape(sign)}(?:{'|'.join(forms)})".encode("ascii"))
        return Escape(sign.encode("ascii"), pattern, _Meanings(pattern, meaning))

    return (
        # JSON, and what JavaScript and Python write beside it.
        escape(
            *("\\", _of_json),
            *(r"(?P<sign>[\"'/\\abfnrtv0])", rf"U0000(?P<wide>{unit})", rf"[uU](?P<unit>{unit})"),
            *(rf"u\{{0*(?P<point>{point})\}}", rf"x(?P<byte>{byte})"),
        ),
        escape("%", _of_url, rf"(?P<byte>{byte})", rf"[uU](?P<unit>{unit})"),
        escape(
            *("&", _of_html),
            *(rf"#[xX]0*(?P<point>{point});?", rf"#0*(?P<decimal>{decimal});?"),
            r"(?P<name>[A-Za-z]{2,31});?",
        ),
    )


def _character(code: int) -> bytes:
    """A character in UTF-8, or nothing for a control character."""
    return chr(code).encode("utf-8", "surrogatepass") if 32 <= code <= 0x10FFFF else b""


_BYTES = [bytes([code]) if code >= 32 else b"" for code in range(256)]
_SIGNS = {b'"': b'"', b"'": b"'", b"/": b"/", b"\\": b"\\"}


@cache
def _entities() -> dict[bytes, bytes]:
    """The names of characters in ASCII. Few runs need them, so importing them waits."""
    from html.entities import html5

    return {
        name.rstrip(";").lower().encode("ascii"): b"".join(_character(ord(each)) for each in value)
        for name, value in html5.items()
        if value.isascii()
    }


def _of_json(found: re.Match[bytes]) -> bytes:
    if found["sign"]:
        return _SIGNS.get(found["sign"], b"")
    if found["byte"]:
        return _BYTES[int(found["byte"], 16)]
    return _character(int(found["unit"] or found["wide"] or found["point"], 16))


def _of_url(found: re.Match[bytes]) -> bytes:
    if found["byte"]:
        return _BYTES[int(found["byte"], 16)]
    return _character(int(found["unit"], 16))


def _of_html(found: re.Match[bytes]) -> bytes:
    if found["name"]:
        return _entities().get(found["name"].lower(), found[0])
    return _character(int(found["decimal"]) if found["decimal"] else int(found["point"], 16))
