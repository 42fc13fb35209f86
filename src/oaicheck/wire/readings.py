"""Reads bytes as a program or a person would, and knows where each character came from.

It undoes the escapes of JSON, URLs and HTML, one layer after the other, and it decodes base64 and
hexadecimal digits. It takes linear time, whatever the bytes are.
"""

from __future__ import annotations

import binascii
import itertools
import re
from array import array
from bisect import bisect_right
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, partial

from oaicheck.wire.escapes import Escape, escapes

Range = tuple[int, int]
Places = Callable[[int, int], Iterable[Range]]
"""Turns a range of what was read into the ranges that it came from."""

_LAYERS = 8
"""How many layers of escapes are undone. Hostile bytes could have as many as they are long."""

_CONTROLS = bytes(range(32))
_IS_KEPT = bytes(byte >= 32 for byte in range(256))


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read some bytes."""

    text: bytes
    places: Places


def unescaped(data: bytes, *, ascii_only: bool) -> Iterator[Reading]:
    """Read bytes without control characters, then with one more layer of escapes undone each time.

    Control characters do not count because UTF-16 has a NUL beside every ASCII character, and
    because encoders break lines. With `ascii_only`, escapes of other characters stay.
    """
    text = data.translate(None, _CONTROLS)
    places: Places = _Kept(data, len(text)).places
    yield Reading(text, places)
    kinds = escapes(ascii_only=ascii_only)
    unchanged = 0
    for escape in itertools.islice(itertools.cycle(kinds), _LAYERS * len(kinds)):
        plain = escape.undone(text)
        # An escape is always longer than its meaning.
        if len(plain) == len(text):
            unchanged += 1
            if unchanged == len(kinds):
                return
            continue
        unchanged = 0
        places = _through(places, _Edits(text, escape).places)
        text = plain
        yield Reading(text, places)


def _through(outer: Places, inner: Places) -> Places:
    def places(start: int, end: int) -> Iterator[Range]:
        for each in inner(start, end):
            yield from outer(*each)

    return places


def streamed(data: bytes) -> Iterator[Reading]:
    """Read the texts that a stream sends in pieces, each as a client puts it together."""
    if not (data.startswith(b"data:") or b"\ndata:" in data or b"\rdata:" in data):
        return
    members: dict[bytes, list[bytes]] = {}
    for name, piece in _member().findall(data):
        members.setdefault(name, []).append(piece)
    for name, pieces in members.items():
        yield Reading(b"".join(pieces), _Pieces(data, name).places)


@cache
def _member() -> re.Pattern[bytes]:
    """The name and the value of a member that a client puts together."""
    return re.compile(
        rb'"(arguments|content|delta|reasoning|reasoning_content|refusal|text|thinking)"'
        rb'\s{0,9}:\s{0,9}"((?:[^"\\]++|\\.)*+)"',
        re.DOTALL,
    )


@dataclass(slots=True)
class _Pieces:
    """Where the strings of a member are. It looks when it is asked."""

    data: bytes
    name: bytes
    _pieces: list[Range] = field(default_factory=list)
    _begins: list[int] = field(default_factory=list)

    def places(self, start: int, end: int) -> Iterator[Range]:
        if not self._pieces:
            members = _member().finditer(self.data)
            self._pieces = [found.span(2) for found in members if found[1] == self.name]
            lengths = (behind - begin for begin, behind in self._pieces)
            self._begins = list(itertools.accumulate(lengths, initial=0))
        number = bisect_right(self._begins, start) - 1
        while start < end:
            begin, behind = self._begins[number], min(end, self._begins[number + 1])
            place = self._pieces[number][0]
            if start < behind:
                yield place + start - begin, place + behind - begin
                start = behind
            number += 1


class Digits:
    """The long runs of base64 and hexadecimal digits in a text, each different one once.

    It leaves out digits that encode less than `least` bytes, and runs in `known`.
    """

    def __init__(self, text: bytes, least: int, known: Container[bytes] = ()) -> None:
        self._least = least
        self._base64 = _Runs(text, _BASE64, -(-least * 4 // 3), b"/", 4, known)
        self.runs = self._base64.runs
        self.written = Reading(self._base64.text, self._base64.places)
        """The runs one after the other."""

    def decoded(self) -> Reading:
        """Read what they encode in base64 and in hexadecimal, at each alignment."""
        standard = self._base64.text.translate(_STANDARD)
        parts = [
            Reading(
                binascii.a2b_base64(standard[shift:] + b"/" * shift),
                _through(self._base64.places, partial(_of_base64, shift)),
            )
            for shift in range(4)
        ]
        # Hexadecimal digits are base64 digits too.
        digits = _Runs(self._base64.text, _HEXADECIMAL, 2 * self._least, b"f", 2)
        places = _through(self._base64.places, digits.places)
        parts += [
            Reading(
                binascii.unhexlify(digits.text[shift:] + b"f" * shift),
                _through(places, partial(_of_hexadecimal, shift)),
            )
            for shift in range(2 if digits.text else 0)
        ]
        return _joined(parts)


def _joined(parts: Sequence[Reading]) -> Reading:
    begins = list(itertools.accumulate((len(part.text) for part in parts), initial=0))

    def places(start: int, end: int) -> Iterable[Range]:
        number = bisect_right(begins, start) - 1
        return parts[number].places(start - begins[number], end - begins[number])

    return Reading(b"".join([part.text for part in parts]), places)


def _of_base64(shift: int, start: int, end: int) -> tuple[Range]:
    return ((shift + start * 4 // 3, shift - (-end * 4 // 3)),)


def _of_hexadecimal(shift: int, start: int, end: int) -> tuple[Range]:
    return ((shift + start * 2, shift + end * 2),)


@dataclass(slots=True)
class _Kept:
    """Where the bytes that are no control characters are. It looks when it is asked."""

    data: bytes
    count: int
    _kept: array[int] = field(default_factory=lambda: array("L"))

    def places(self, start: int, end: int) -> tuple[Range]:
        if self.count == len(self.data):
            return ((start, end),)
        if not self._kept:
            is_kept = self.data.translate(_IS_KEPT)
            self._kept.extend(itertools.compress(range(len(is_kept)), is_kept))
        return ((self._kept[start], self._kept[end - 1] + 1),)


@dataclass(slots=True)
class _Edits:
    """Where the escapes were, before and after they were undone. It looks when it is asked."""

    text: bytes
    escape: Escape
    _starts: array[int] = field(default_factory=lambda: array("L"))
    _ends: array[int] = field(default_factory=lambda: array("L"))
    _after: array[int] = field(default_factory=lambda: array("L"))
    _lengths: bytearray = field(default_factory=bytearray)

    def places(self, start: int, end: int) -> tuple[Range]:
        if not self._starts:
            self._look()
        return ((self._character(start)[0], self._character(end - 1)[1]),)

    def _character(self, position: int) -> Range:
        number = bisect_right(self._after, position) - 1
        if number < 0:
            return position, position + 1
        behind = position - self._after[number] - self._lengths[number]
        if behind < 0:
            return self._starts[number], self._ends[number]
        return self._ends[number] + behind, self._ends[number] + behind + 1

    def _look(self) -> None:
        shorter = 0
        for start, end, length in self.escape.found(self.text):
            self._starts.append(start)
            self._ends.append(end)
            self._after.append(start - shorter)
            self._lengths.append(length)
            shorter += end - start - length


class _Runs:
    """The long runs of some kind of digit in a text, each different one once.

    `text` has them one after the other. Each begins at a multiple of `group`. After each is a gap
    of the digit whose bits are all set, because no text in UTF-8 has such bytes.
    """

    def __init__(
        self,
        text: bytes,
        kind: bytes,
        least: int,
        last: bytes,
        group: int,
        known: Container[bytes] = (),
    ) -> None:
        self._source, self._kind, self._least = text, kind, least
        runs = dict.fromkeys([text[start:end] for start, end in self._all()])
        self.runs = [run for run in runs if run not in known]
        padded = [run + last * (-len(run) % group + 2 * group) for run in self.runs]
        self.text = b"".join(padded)
        self._begins = list(itertools.accumulate(map(len, padded), initial=0))
        self._starts: dict[bytes, list[int]] = {}

    def places(self, start: int, end: int) -> Iterator[Range]:
        """Where these digits are in the source."""
        if not self._starts:
            for begin, behind in self._all():
                self._starts.setdefault(self._source[begin:behind], []).append(begin)
        number = bisect_right(self._begins, start) - 1
        run, begin = self.runs[number], self._begins[number]
        for place in self._starts[run]:
            yield place + start - begin, place + min(end - begin, len(run))

    def _all(self) -> list[Range]:
        kinds = self._source.translate(self._kind) + b" "
        least, ranges = b"x" * self._least, []
        start = kinds.find(least)
        while start >= 0:
            end = kinds.index(b" ", start)
            ranges.append((start, end))
            start = kinds.find(least, end)
        return ranges


def _kind(digits: bytes) -> bytes:
    return bytes(ord("x") if byte in digits else ord(" ") for byte in range(256))


_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_BASE64 = _kind(_LETTERS + b"0123456789+/-_")
_HEXADECIMAL = _kind(b"0123456789ABCDEFabcdef")
_STANDARD = bytes.maketrans(b"-_", b"+/")
