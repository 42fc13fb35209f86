"""Removes keys, and values derived from them, from bytes before anything else sees them.

Each is replaced by a marker of the same length. So offsets stay the same, and a check can still see
that the endpoint echoed a key.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Iterator
from urllib.parse import quote

_MARK = b"#REDACTED#KEY"

SHORTEST_SECRET = 8
"""Shorter keys, such as `none` or `EMPTY`, are placeholders that also occur in ordinary text."""

_SHORTEST_PART = 12
"""The beginning or the end of a secret counts as the secret if it has at least this length, and at
least half the secret's. Anything shorter may be a vendor's prefix or an ordinary word."""


def marker(length: int) -> bytes:
    """The text that replaces `length` bytes of a secret."""
    return (_MARK * (length // len(_MARK) + 1))[:length]


def echoes(data: bytes) -> bool:
    """Whether redacted bytes contain the marker, which replaces a key or a large part of one."""
    return marker(SHORTEST_SECRET) in data


class Redactor:
    """Replaces secrets in bytes. Created once per run, from all secrets of the target."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._secrets = sorted(
            {s.encode("utf-8") for s in secrets if len(s.encode("utf-8")) >= SHORTEST_SECRET}
        )
        self._encodings = sorted({form for s in self._secrets for form in _encodings(s)})

    def clean(self, data: bytes) -> bytes:
        """The same bytes, with each secret replaced by a marker of the same length."""
        spans = [span for form in self._encodings if form in data for span in _whole(data, form)]
        for secret in self._secrets:
            spans += _partial(data, secret)
        if not spans:
            return data
        cleaned = bytearray(data)
        for start, end in _joined(spans):
            cleaned[start:end] = marker(end - start)
        return bytes(cleaned)

    def clean_text(self, text: str) -> str:
        """The same for text that will be shown, such as a URL, a header or an error message."""
        return self.clean(text.encode("utf-8", "surrogatepass")).decode("utf-8", "surrogatepass")


def _encodings(secret: bytes) -> Iterator[bytes]:
    """The forms in which a secret may appear: percent-encoded, in JSON, in base64, as a digest."""
    yield quote(secret, safe="").encode("ascii")
    yield json.dumps(secret.decode("utf-8"))[1:-1].encode("ascii")
    for shift in range(3):
        # Inside a longer base64 text, only these characters depend on the secret alone.
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
    """The ranges of the secret, or of a beginning or an end that gives most of it away."""
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
    """The same ranges, with overlapping ones merged."""
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
