"""Removes keys, and what derives from them, from bytes before anything else sees them.

A marker of the same length takes the place of each, so that offsets stay what they were, and a
check can still see that a key was echoed.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Iterator
from urllib.parse import quote

_MARK = b"#REDACTED#KEY"

SHORTEST_SECRET = 8
"""Shorter keys, such as `none` or `EMPTY`, are placeholders: ordinary words may contain them."""

_SHORTEST_PART = 12
"""A beginning or an end of a secret counts as the secret from this length on, and from half of it:
less may be a vendor's prefix, or a word of the language."""


def marker(length: int) -> bytes:
    """The text that stands where `length` bytes of a secret stood."""
    return (_MARK * (length // len(_MARK) + 1))[:length]


def echoes(data: bytes) -> bool:
    """Whether redacted bytes hold the marker: a key, or a good part of one, stood there."""
    return marker(SHORTEST_SECRET) in data


class Redactor:
    """Replaces secrets in bytes. Built once a run, from every secret that the target knows."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._secrets = sorted(
            {s.encode("utf-8") for s in secrets if len(s.encode("utf-8")) >= SHORTEST_SECRET}
        )
        self._encodings = sorted({form for s in self._secrets for form in _encodings(s)})

    def clean(self, data: bytes) -> bytes:
        """The same bytes, each secret in them replaced by a marker of its length."""
        spans = [span for form in self._encodings for span in _whole(data, form)]
        for secret in self._secrets:
            spans += _partial(data, secret)
        cleaned = bytearray(data)
        for start, end in _joined(spans):
            cleaned[start:end] = marker(end - start)
        return bytes(cleaned)

    def clean_text(self, text: str) -> str:
        """The same for text that is to be shown, such as a URL, a header or an error's message."""
        return self.clean(text.encode("utf-8", "surrogatepass")).decode("utf-8", "surrogatepass")


def _encodings(secret: bytes) -> Iterator[bytes]:
    """The forms in which a secret may travel: percent-encoded, in JSON, in base64, as a digest."""
    yield quote(secret, safe="").encode("ascii")
    yield json.dumps(secret.decode("utf-8"))[1:-1].encode("ascii")
    for shift in range(3):
        # Inside a longer base64 text, these are the characters that the secret alone decides.
        encoded = base64.b64encode(b"\0" * shift + secret)
        own = encoded[-(-shift * 8 // 6) : (shift + len(secret)) * 8 // 6]
        yield own
        yield own.translate(bytes.maketrans(b"+/", b"-_"))
    for algorithm in ("md5", "sha1", "sha256"):
        yield hashlib.new(algorithm, secret, usedforsecurity=False).hexdigest().encode("ascii")


def _whole(data: bytes, form: bytes) -> Iterator[tuple[int, int]]:
    start = data.find(form)
    while start >= 0:
        yield start, start + len(form)
        start = data.find(form, start + len(form))


def _partial(data: bytes, secret: bytes) -> Iterator[tuple[int, int]]:
    """Where the secret stands, or a beginning or an end of it that gives much of it away."""
    least = min(len(secret), max(_SHORTEST_PART, len(secret) // 2))
    for start, first_end in _whole(data, secret[:least]):
        known, end = least, first_end
        while known < len(secret) and data[end : end + 1] == secret[known : known + 1]:
            known, end = known + 1, end + 1
        yield start, end
    for last_start, end in _whole(data, secret[-least:]):
        unknown, start = len(secret) - least, last_start
        while unknown > 0 and start > 0 and data[start - 1] == secret[unknown - 1]:
            unknown, start = unknown - 1, start - 1
        yield start, end


def _joined(spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The same ranges, those that overlap made one."""
    last: tuple[int, int] | None = None
    for start, end in sorted(spans):
        if last is not None and start < last[1]:
            last = last[0], max(last[1], end)
            continue
        if last is not None:
            yield last
        last = start, end
    if last is not None:
        yield last
