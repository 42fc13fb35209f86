"""Bytes inside a JSON text: as a string if they are UTF-8, otherwise in base64.

A body of 16 MiB can become a text of 96 MiB. So it is packed and unpacked in pieces, and never as
a whole.
"""

from __future__ import annotations

import base64
import codecs
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

UTF8: Final = "utf8"
BASE64: Final = "base64"

PIECE = 1 << 18
"""About how many bytes are packed or unpacked at once."""

_LONGEST_ESCAPE = 12
"""A character beyond U+FFFF is two escapes of six characters."""
_WHOLE = re.compile(
    r"(?:[^\\]++|\\[^u]|\\u(?![dD][89abAB])[0-9a-fA-F]{4}"
    r"|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[0-9a-fA-F]{4})*+"
)
"""Characters and escapes that are complete. The first half of a character is not."""


def packed(data: bytes) -> dict[str, str]:
    """Bytes as a JSON object, whose only member says how they are packed."""
    try:
        return {UTF8: data.decode("utf-8")}
    except UnicodeDecodeError:
        return {BASE64: base64.b64encode(data).decode("ascii")}


def unpacked(packed: Mapping[str, str]) -> bytes:
    """The bytes. Raises KeyError or ValueError if they are not packed in this way."""
    if UTF8 in packed:
        return packed[UTF8].encode("utf-8")
    return base64.b64decode(packed[BASE64], validate=True)


def packing_for(pieces: Iterable[bytes]) -> str:
    """The name of the packing for these pieces of bytes."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for piece in pieces:
            decoder.decode(piece)
        decoder.decode(b"", True)
    except UnicodeDecodeError:
        return BASE64
    return UTF8


def packed_in_pieces(packing: str, pieces: Iterable[bytes]) -> Iterator[bytes]:
    """What stands between the quotes, for these pieces of bytes."""
    if packing == UTF8:
        decoder = codecs.getincrementaldecoder("utf-8")()
        for piece in pieces:
            yield json.dumps(decoder.decode(piece))[1:-1].encode("ascii")
        return
    for piece in _in_groups_of(3, pieces):
        yield base64.b64encode(piece)


def unpacked_in_pieces(packing: str, pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The bytes, for pieces of what stands between the quotes. Raises ValueError."""
    if packing == BASE64:
        for piece in _in_groups_of(4, pieces):
            yield base64.b64decode(piece, validate=True)
        return
    decoder = codecs.getincrementaldecoder("utf-8")()
    text = ""
    for piece in pieces:
        text += decoder.decode(piece)
        end = len(text)
        if "\\" in text[-_LONGEST_ESCAPE:]:
            complete = _WHOLE.match(text)
            end = complete.end() if complete else 0
        yield _from_json(text[:end])
        text = text[end:]
    yield _from_json(text + decoder.decode(b"", True))


def in_pieces(parts: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in pieces that are neither tiny nor huge."""
    waiting: list[bytes] = []
    size = 0
    for part in parts:
        for start in range(0, len(part), PIECE):
            waiting.append(part[start : start + PIECE] if len(part) > PIECE else part)
            size += len(waiting[-1])
            if size >= PIECE:
                yield b"".join(waiting)
                waiting, size = [], 0
    if waiting:
        yield b"".join(waiting)


def _from_json(text: str) -> bytes:
    value: str = json.loads(f'"{text}"')
    return value.encode("utf-8")


def _in_groups_of(count: int, pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in pieces of a multiple of `count` bytes, but for the last one."""
    rest = b""
    for piece in pieces:
        rest += piece
        end = len(rest) - len(rest) % count
        yield rest[:end]
        rest = rest[end:]
    yield rest
