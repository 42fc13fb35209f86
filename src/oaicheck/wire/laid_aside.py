"""Long bodies stay in the file of their recording, so that a run needs little memory.

What is read from the file, and what is derived from it, stays in memory as long as there is room.
"""

from __future__ import annotations

import os
import weakref
from array import array
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol, overload

from oaicheck.wire.packing import PIECE, unpacked_in_pieces

ROOM = 64 * 1024 * 1024
"""How much memory, roughly, three and more exchanges may take before the oldest is forgotten."""

ROOM_FOR_TWO = 160 * 1024 * 1024
"""How much two may take: a check that compares them reads each only once then."""

_COPIES = 3
"""A body is in memory as bytes, as text and as a JSON value."""
_PER_EVENT = 2_000
"""About how many bytes an event takes with its value and the views of it."""


class Segment(NamedTuple):
    """Body bytes that arrived together, `at` seconds after the request was sent."""

    at: float
    data: bytes


class Holder(Protocol):
    """What holds a body in memory that it can read again: an exchange."""

    def forget(self) -> None:
        """Let go of the body, and of all that was derived from it."""


class Shelf:
    """A file with long bodies, and the exchanges that hold some of them in memory."""

    def __init__(self, path: Path) -> None:
        # It stays open, so that a report folder can be moved.
        self._file = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        weakref.finalize(self, os.close, self._file)
        self._holders: dict[int, tuple[Holder, int]] = {}

    def read(self, start: int, length: int) -> Iterator[bytes]:
        """A range of the file in pieces."""
        while length:
            os.lseek(self._file, start, os.SEEK_SET)
            piece = os.read(self._file, min(length, PIECE))
            if not piece:
                raise OSError("the recording has become shorter while it was judged")
            yield piece
            start, length = start + len(piece), length - len(piece)

    def used_by(self, holder: Holder, weight: int) -> None:
        """Note what an exchange holds, and let the oldest ones forget until there is room."""
        self._holders.pop(id(holder), None)
        self._holders[id(holder)] = holder, weight
        while (count := len(self._holders)) > 1:
            if self._weight <= (ROOM if count > 2 else ROOM_FOR_TWO):
                break
            self._holders.pop(next(iter(self._holders)))[0].forget()

    @property
    def _weight(self) -> int:
        return sum(weight for _, weight in self._holders.values())

    def clear(self) -> None:
        """Let all exchanges forget."""
        for holder, _ in self._holders.values():
            holder.forget()
        self._holders.clear()


class LaidAside(Sequence[Segment]):
    """The segments of a body that is in a file, as JSON. Each use of their data reads the file.

    `place` is the start and the length of the text between the quotes. `size` is the length of the
    body, and `decoded_size` its length when it is decompressed, 0 if it is not compressed.
    """

    def __init__(
        self,
        shelf: Shelf,
        place: tuple[int, int],
        packing: str,
        arrivals: Iterable[tuple[float, int]],
    ) -> None:
        self._shelf = shelf
        self._place = place
        self._packing = packing
        self._times, self._lengths = array("d"), array("L")
        for at, length in arrivals:
            self._times.append(at)
            self._lengths.append(length)
        self.size = sum(self._lengths)
        self.decoded_size = 0

    def used_by(self, holder: Holder, events: int) -> None:
        """Note that an exchange has read the body and so many events, so that others forget."""
        self._shelf.used_by(
            holder, _COPIES * max(self.size, self.decoded_size) + _PER_EVENT * events
        )

    def arrivals(self) -> Iterator[tuple[float, int]]:
        """When each segment arrived, and how many bytes it has. That is in memory."""
        return zip(self._times, self._lengths, strict=True)

    def pieces(self) -> Iterator[bytes]:
        """The body in pieces. Raises OSError."""
        return unpacked_in_pieces(self._packing, self._shelf.read(*self._place))

    def cut(self, body: bytes) -> Iterator[Segment]:
        """The segments, given the body."""
        position = 0
        for at, length in self.arrivals():
            yield Segment(at, body[position : position + length])
            position += length

    def __iter__(self) -> Iterator[Segment]:
        return self.cut(b"".join(self.pieces()))

    def __len__(self) -> int:
        return len(self._times)

    @overload
    def __getitem__(self, index: int) -> Segment: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Segment]: ...
    def __getitem__(self, index: int | slice) -> Segment | Sequence[Segment]:
        """A segment, or some."""
        return tuple(self)[index]

    def __eq__(self, other: object) -> bool:
        """Whether these are the same segments, whether they are in a file or in memory."""
        if isinstance(other, LaidAside):
            alike = (self._times, self._lengths) == (other._times, other._lengths)
            return alike and tuple(self) == tuple(other)
        return isinstance(other, tuple) and tuple(self) == other

    __hash__ = None  # type: ignore[assignment]
