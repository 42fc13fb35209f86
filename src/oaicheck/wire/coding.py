"""Content codings: decompresses a body and keeps the time at which each part could be read."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import replace

from oaicheck.wire.exchange import Exchange, Segment

_GZIP, _ZLIB, _DEFLATE = 16 + zlib.MAX_WBITS, zlib.MAX_WBITS, -zlib.MAX_WBITS
_WINDOWS = {"gzip": (_GZIP,), "x-gzip": (_GZIP,), "deflate": (_ZLIB, _DEFLATE)}
_MOST = 8 * 1024 * 1024
"""Bytes: far more than an answer has. A few kilobytes can be the compressed form of gigabytes."""


def coding_of(exchange: Exchange) -> str | None:
    """The content coding of a body, lower case; None if it is not encoded."""
    named = (exchange.header("content-encoding") or "identity").strip().lower()
    return None if named == "identity" else named


def decoded(exchange: Exchange) -> Exchange:
    """The exchange with its body decoded; spans refer to the decoded body.

    Bytes that cannot be decoded are left out. A body without a coding is returned unchanged.
    """
    return exchange if coding_of(exchange) is None else exchange.derived(_decoded_copy)


def _decoded_copy(exchange: Exchange) -> Exchange:
    coding = coding_of(exchange)
    assert coding is not None
    return replace(exchange, segments=decoded_segments(exchange.segments, coding, _MOST))


def decoded_size(exchange: Exchange) -> int:
    """How long a body is when it is decoded, up to the most that is decoded; 0 without a coding."""
    coding = coding_of(exchange)
    if coding is None:
        return 0
    for window in _WINDOWS.get(coding, ()):
        pieces = _inflated(exchange.segments, window, _MOST)
        if size := sum(len(piece.data) for piece in pieces):
            return size
    return 0


def decoded_segments(segments: Sequence[Segment], coding: str, most: int) -> tuple[Segment, ...]:
    """As much of a compressed body as can be decoded; empty if it is not compressed."""
    for window in _WINDOWS.get(coding, ()):
        found = tuple(_inflated(segments, window, most))
        if found:
            return found
    return ()


def _inflated(segments: Sequence[Segment], window: int, most: int) -> Iterator[Segment]:
    inflater = zlib.decompressobj(window)
    for segment in segments:
        data = segment.data
        while data and most > 0:
            try:
                piece = inflater.decompress(data, most)
            except zlib.error:
                return
            most -= len(piece)
            if piece:
                yield Segment(segment.at, piece)
            data = inflater.unconsumed_tail
            if inflater.eof:
                data, inflater = inflater.unused_data, zlib.decompressobj(window)
