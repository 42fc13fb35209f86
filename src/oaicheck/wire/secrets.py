"""Removes keys, and values derived from them, from bytes before anything else sees them.

Each is replaced by a marker of the same length. So offsets stay the same, and a check can still see
that the endpoint echoed a key.

It does not look for a list of spellings. It reads the bytes in every way in which somebody might
read them, and compares lower-case characters.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
from collections.abc import Iterable, Iterator

from oaicheck.wire.readings import Digits, Range, streamed, unescaped

_MARK = b"#REDACTED#KEY"

SHORTEST_SECRET = 8
"""Shorter keys, such as `none` or `EMPTY`, are placeholders that also occur in ordinary text."""

_PLACEHOLDERS = frozenset(
    {
        *("12345678", "123456789", "1234567890", "anything", "assistant", "completion"),
        *("completions", "developer", "function", "functions", "llama.cpp", "lm-studio"),
        *("localhost", "messages", "password", "placeholder", "reasoning", "response"),
        *("responses", "undefined"),
    }
)
"""Longer placeholders. If they counted as secrets, half of an ordinary response would disappear."""

_SHORTEST_PART = 12
"""The beginning or the end of a secret counts as the secret if it has at least this length, and at
least half the secret's. Anything shorter may be a vendor's prefix or an ordinary word."""

_DIGESTS = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512")
_SHORTEST_DIGEST = 16
_CHARSETS = ("utf-8", "utf-16-le", "utf-16-be", "latin-1")
_DEPTH = 2
"""How often something may be packed in base64 or hexadecimal digits."""

_MOST_HARMLESS, _LONG_RUN = 10_000, 200
"""How many runs of digits without a secret are remembered, such as identifiers, and their length.
Chunks of a stream repeat them, and so do requests."""

_WINDOW = 256 * 1024
"""How many bytes are read at once. So the memory needed does not depend on the body's length."""

_LONGEST_CHARACTER = 32
"""How many bytes an escaped character has at most. Longer ones are removed too, unless a window
ends there."""


def marker(length: int) -> bytes:
    """The text that replaces `length` bytes of a secret."""
    return (_MARK * (length // len(_MARK) + 1))[:length]


def echoes(data: bytes) -> bool:
    """Whether redacted bytes contain the marker, which replaces a key or a large part of one."""
    return marker(SHORTEST_SECRET) in data


def is_placeholder(key: str) -> bool:
    """Whether a key is no secret, but stands where a key has to stand, such as `EMPTY`."""
    return len(_utf8(key)) < SHORTEST_SECRET or key.lower() in _PLACEHOLDERS


class Redactor:
    """Replaces secrets in bytes. Created once per run, from all secrets of the target."""

    def __init__(self, secrets: Iterable[str]) -> None:
        known = sorted({secret for secret in secrets if not is_placeholder(secret)})
        self._ascii_only = all(secret.isascii() for secret in known)
        spelled = {
            text for secret in known for text in _spellings(secret, ascii_only=self._ascii_only)
        }
        self._written = [_with_parts(text) for text in sorted(spelled)]
        digests = [_whole_only(text) for secret in known for text in _digests(secret)]
        self._decoded = self._written + digests
        self._packed = [_whole_only(text) for secret in known for text in set(_base64(secret))]
        self._harmless: set[bytes] = set()
        self._least = min([_SHORTEST_DIGEST, *(len(each.head) for each in self._written)])
        longest = max((len(each.text) for each in self._written), default=0)
        self._overlap = _LONGEST_CHARACTER * longest
        self._window = max(_WINDOW, 4 * self._overlap)

    def clean(self, data: bytes) -> bytes:
        """The same bytes, with each secret replaced by a marker of the same length."""
        if len(data) < SHORTEST_SECRET or not self._written:
            return data
        spans = list(self._all_spans(data))
        for reading in streamed(data):
            for span in self._all_spans(reading.text):
                spans += reading.places(*span)
        if not spans:
            return data
        cleaned = bytearray(data)
        for start, end in _joined(spans):
            cleaned[start:end] = marker(end - start)
        return bytes(cleaned)

    def clean_text(self, text: str) -> str:
        """The same for text that will be shown, such as a URL, a header or an error message."""
        data = _utf8(text)
        cleaned = self.clean(data)
        if cleaned == data:
            return text
        try:
            return cleaned.decode("utf-8", "surrogatepass")
        except UnicodeDecodeError:
            # A part of a secret can end within a character.
            return cleaned.decode("utf-8", "replace")

    def _all_spans(self, data: bytes) -> Iterator[Range]:
        size = self._window + self._overlap
        for begin in range(0, max(1, len(data) - self._overlap), self._window):
            for start, end in self._spans(data[begin : begin + size], _DEPTH):
                yield begin + start, begin + end

    def _spans(self, data: bytes, depth: int) -> Iterator[Range]:
        sought = self._written if depth == _DEPTH else self._decoded
        for reading in unescaped(data, ascii_only=self._ascii_only):
            for span in _found(reading.text.lower(), sought):
                yield from reading.places(*span)
            if not depth:
                continue
            digits = Digits(reading.text, self._least, self._harmless)
            if not digits.runs:
                continue
            spans = list(self._packed_spans(digits, depth))
            for span in spans:
                yield from reading.places(*span)
            if not spans and depth == _DEPTH and len(self._harmless) < _MOST_HARMLESS:
                self._harmless.update(run for run in digits.runs if len(run) < _LONG_RUN)

    def _packed_spans(self, digits: Digits, depth: int) -> Iterator[Range]:
        for span in _found(digits.written.text.lower(), self._packed):
            yield from digits.written.places(*span)
        inner = digits.decoded()
        for span in self._spans(inner.text, depth - 1):
            yield from inner.places(*span)


class _Sought:
    """What is looked for. Its beginnings and ends count if they have at least `least` bytes."""

    def __init__(self, text: bytes, least: int) -> None:
        self.text = text
        self.head, self.tail = text[:least], text[-least:]

    def found(self, data: bytes) -> Iterator[Range]:
        """Where it is in this data."""
        rest = self.text[len(self.head) :]
        for start, end in _whole(data, self.head):
            yield start, end + _common(rest, data[end : end + len(rest)])
        if self.tail == self.head:
            return
        rest = self.text[: -len(self.tail)][::-1]
        for start, end in _whole(data, self.tail):
            before = data[max(0, start - len(rest)) : start][::-1]
            yield start - _common(rest, before), end


def _common(one: bytes, other: bytes) -> int:
    """How many bytes two texts have in common at their beginning."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))


def _spellings(secret: str, *, ascii_only: bool) -> Iterator[bytes]:
    """A secret and its reverse, as they look in a reading."""
    # Forms write a plus sign for a space. Only letters outside ASCII make the cases differ.
    for text in (secret, secret.lower(), secret.upper(), secret.replace(" ", "+")):
        for data in (*_encoded(text), *_encoded(text[::-1])):
            # A secret can contain what looks like an escape.
            for reading in unescaped(data, ascii_only=ascii_only):
                if len(reading.text) >= SHORTEST_SECRET:
                    yield reading.text.lower()


def _encoded(text: str) -> Iterator[bytes]:
    for charset in _CHARSETS:
        with contextlib.suppress(UnicodeEncodeError):
            yield text.encode(charset)
    # JSON escapes a character beyond U+FFFF as two.
    units = memoryview(text.encode("utf-16", "surrogatepass")).cast("H")[1:]
    yield _utf8("".join(map(chr, units)))


def _base64(secret: str) -> Iterator[bytes]:
    """A secret in base64 that has lost its case, so that it cannot be decoded."""
    data = _utf8(secret)
    for shift in range(3):
        # Inside a longer base64 text, only these characters depend on the secret alone.
        encoded = base64.b64encode(b"\0" * shift + data)
        own = encoded[-(-shift * 8 // 6) : (shift + len(data)) * 8 // 6].lower()
        yield own
        yield own.translate(bytes.maketrans(b"+/", b"-_"))


def _digests(secret: str) -> Iterator[bytes]:
    for name in _DIGESTS:
        digest = hashlib.new(name, _utf8(secret), usedforsecurity=False).digest()
        yield next(unescaped(digest, ascii_only=True)).text.lower()


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _with_parts(text: bytes) -> _Sought:
    return _Sought(text, min(len(text), max(_SHORTEST_PART, len(text) // 2)))


def _whole_only(text: bytes) -> _Sought:
    return _Sought(text, len(text))


def _found(data: bytes, sought: Iterable[_Sought]) -> Iterator[Range]:
    # Most data has nothing, and this line is all that it costs.
    for each in [each for each in sought if each.head in data or each.tail in data]:
        yield from each.found(data)


def _whole(data: bytes, form: bytes) -> Iterator[Range]:
    start = data.find(form)
    while start >= 0:
        yield start, start + len(form)
        start = data.find(form, start + len(form))


def _joined(spans: Iterable[Range]) -> Iterator[Range]:
    """The same ranges, with overlapping ones merged."""
    last: Range | None = None
    for start, end in sorted(spans):
        if last is not None and start < last[1]:
            last = last[0], max(last[1], end)
            continue
        if last is not None:
            yield last
        last = start, end
    if last is not None:
        yield last
