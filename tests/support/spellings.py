"""Ways to write a text, each with the way back, for tests about what stays readable."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from html.entities import html5
from urllib.parse import quote, unquote_to_bytes

_NAMED = {
    value: f"&{name}"
    for name, value in sorted(html5.items())
    if value.isascii() and len(value) == 1
}


@dataclass(frozen=True, slots=True)
class Spelling:
    """A way to write bytes, and to read them. Reading forgives what replaced a part of them."""

    name: str
    write: Callable[[bytes], bytes]
    read: Callable[[bytes], bytes]

    def __repr__(self) -> str:
        return self.name


def _of_text(write: Callable[[str], str]) -> Callable[[bytes], bytes]:
    return lambda data: write(data.decode("latin-1")).encode("latin-1", "replace")


def _each(write: Callable[[str], str]) -> Callable[[bytes], bytes]:
    return _of_text(lambda text: "".join(map(write, text)))


def _slash(text: str) -> str:
    return json.dumps(text)[1:-1].replace("/", "\\/")


def _signs(character: str) -> str:
    return character if character.isalnum() else f"\\u{ord(character):04X}"


def _lower_percent(text: str) -> str:
    return re.sub("%..", lambda found: found[0].lower(), quote(text, safe="", encoding="latin-1"))


_read_json = _of_text(lambda text: json.loads(f'"{text}"', strict=False))
_read_html = _of_text(html.unescape)


def _read_x(data: bytes) -> bytes:
    return re.sub(rb"\\x(..)", lambda found: bytes.fromhex(found[1].decode()), data)


def _read_base64(data: bytes) -> bytes:
    digits = re.sub(rb"[^A-Za-z0-9+/]", b"", data.translate(bytes.maketrans(b"-_", b"+/")))
    return base64.b64decode(digits[: len(digits) // 4 * 4] + b"AAAA")


def _read_hexadecimal(data: bytes) -> bytes:
    digits = re.sub(rb"[^0-9A-Fa-f]", b"0", data)
    return bytes.fromhex(digits[: len(digits) // 2 * 2].decode())


def _utf16(charset: str) -> Spelling:
    return Spelling(
        charset,
        lambda data: data.decode("latin-1").encode(charset),
        lambda data: data.replace(b"\0", b""),
    )


ESCAPES = (
    Spelling("JSON with \\/", _of_text(_slash), _read_json),
    Spelling("JSON with \\u002B", _each(_signs), _read_json),
    Spelling("all as \\uXXXX", _each(lambda each: f"\\u{ord(each):04x}"), _read_json),
    Spelling("all as \\xXX", _each(lambda each: f"\\x{ord(each):02x}"), _read_x),
    Spelling("%2B", lambda data: quote(data, safe="").encode(), unquote_to_bytes),
    Spelling("%2B with /", lambda data: quote(data).encode(), unquote_to_bytes),
    Spelling("%2b", _of_text(_lower_percent), unquote_to_bytes),
    Spelling("all as %XX", _each(lambda each: f"%{ord(each):02X}"), unquote_to_bytes),
    Spelling("HTML", _of_text(html.escape), _read_html),
    Spelling("HTML by name", _each(lambda each: _NAMED.get(each, each)), _read_html),
    Spelling("all as &#43;", _each(lambda each: f"&#{ord(each)};"), _read_html),
    Spelling("all as &#x2b;", _each(lambda each: f"&#x{ord(each):x};"), _read_html),
)
"""Each leaves ASCII."""

CHANGES = (
    Spelling("as it is", bytes, bytes),
    Spelling("upper case", bytes.upper, bytes),
    Spelling("lower case", bytes.lower, bytes),
    Spelling("reversed", lambda data: data[::-1], lambda data: data[::-1]),
)

CHARSETS = (
    Spelling("UTF-8", bytes, bytes),
    _utf16("utf-16-le"),
    _utf16("utf-16-be"),
)

PACKINGS = (
    Spelling("base64", base64.b64encode, _read_base64),
    Spelling("base64 for URLs", base64.urlsafe_b64encode, _read_base64),
    Spelling("base64 behind u", lambda d: base64.b64encode(b"u" + d), _read_base64),
    Spelling("base64 behind u:", lambda d: base64.b64encode(b"u:" + d), _read_base64),
    Spelling("base64 in lines", base64.encodebytes, _read_base64),
    Spelling("hexadecimal", lambda data: data.hex().encode(), _read_hexadecimal),
    Spelling("HEXADECIMAL", lambda data: data.hex().upper().encode(), _read_hexadecimal),
)


def written(data: bytes, spellings: Iterable[Spelling]) -> bytes:
    """Bytes written in one way after the other."""
    for spelling in spellings:
        data = spelling.write(data)
    return data


def read(data: bytes, spellings: Iterable[Spelling]) -> bytes:
    """What somebody reads who knows all the ways in which bytes were written."""
    for spelling in reversed(tuple(spellings)):
        data = spelling.read(data)
    return data
