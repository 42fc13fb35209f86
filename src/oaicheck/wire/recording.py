"""Recordings: all exchanges of a run, in one JSON Lines file.

The first line has facts about the run; each further line is an exchange. The file is written during
the run, so that an interrupted run loses nothing. `--replay` judges it without a network.

A long body stays in the file: see `laid_aside`.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Any, NamedTuple, Self

from oaicheck.wire.coding import decoded_size
from oaicheck.wire.exchange import Exchange
from oaicheck.wire.laid_aside import LaidAside, Shelf
from oaicheck.wire.packing import (
    PIECE,
    packed_in_pieces,
    packing_for,
    unpacked_in_pieces,
)

FORMAT = "oaicheck.recording/1"

LONG = 256 * 1024
"""A body with more bytes, as it came or when it is decompressed, stays in the file."""

_BEGIN = re.compile(rb'"headers_at": ?[^,"]*, ?"body": ?\{"(utf8|base64)": ?"')
_END = re.compile(rb'"\}, ?"segments": ?\[')
"""What stands before and after a body. Within a string, these quotes would be escaped."""


class RecordingError(ValueError):
    """A file is not a recording, or is damaged; the message names the line."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """All exchanges of one scenario: attempts, each a list of turns."""

    scenario: str
    attempts: tuple[tuple[Exchange, ...], ...]

    @property
    def turns(self) -> tuple[Exchange, ...]:
        """The turns of the last attempt, which is the one to judge."""
        return self.attempts[-1]


@dataclass(slots=True)
class Recording:
    """The data of a run: facts about the target, and exchanges in the order in which they ended."""

    facts: Mapping[str, Any]
    exchanges: list[Exchange] = field(default_factory=list)
    _shelf: Shelf | None = field(default=None, init=False, repr=False, compare=False)

    def shelf(self, path: Path) -> Shelf:
        """Where the long bodies are: the file of the recording."""
        self._shelf = self._shelf or Shelf(path)
        return self._shelf

    def let_go(self) -> None:
        """Forget the long bodies that were read, because others follow."""
        if self._shelf is not None:
            self._shelf.clear()

    @property
    def long(self) -> frozenset[str]:
        """The scenarios with an exchange whose body is long."""
        return frozenset(each.scenario for each in self.exchanges if each.is_laid_aside)

    @property
    def span(self) -> tuple[float, float] | None:
        """When the first exchange began and the last one ended, as Unix timestamps."""
        if not self.exchanges:
            return None
        return (
            min(exchange.started for exchange in self.exchanges),
            max(exchange.started + exchange.ended_at for exchange in self.exchanges),
        )

    def conversation(self, scenario: str) -> Conversation | None:
        """The exchanges of a scenario, or None if it was not sent."""
        attempts: dict[int, list[Exchange]] = {}
        for exchange in self.exchanges:
            if exchange.scenario == scenario:
                attempts.setdefault(exchange.attempt, []).append(exchange)
        if not attempts:
            return None
        return Conversation(
            scenario,
            tuple(
                tuple(sorted(attempts[number], key=lambda exchange: exchange.turn))
                for number in sorted(attempts)
            ),
        )


class RecordingWriter:
    """Appends exchanges to a file as they end. A context manager."""

    def __init__(self, path: Path, facts: Mapping[str, Any]) -> None:
        self.recording = Recording(facts)
        self.size = 0
        """How many bytes of bodies are recorded."""
        self._path = path
        self._file: IO[bytes] = path.open("xb")
        self._write(json.dumps({"format": FORMAT, **facts}))

    def add(self, exchange: Exchange) -> None:
        """Record an exchange, in the file and, unless its body is long, in memory."""
        self.recording.exchanges.append(exchange)
        self.size += exchange.size
        size = decoded_size(exchange)
        if max(exchange.size, size) > LONG:
            self._lay_aside(exchange, size)
        else:
            self._write(exchange.to_json())

    def _lay_aside(self, exchange: Exchange, size: int) -> None:
        before, after = exchange.json_around_body()
        packing = packing_for(exchange.pieces())
        self._file.write(f'{before}{{"{packing}":"'.encode())
        start = self._file.tell()
        for piece in packed_in_pieces(packing, exchange.pieces()):
            self._file.write(piece)
        length = self._file.tell() - start
        self._write(f'"}}{after}')
        shelf = self.recording.shelf(self._path)
        segments = LaidAside(shelf, (start, length), packing, exchange.arrivals())
        segments.decoded_size = size
        exchange.lay_aside(segments)

    def _write(self, text: str) -> None:
        self._file.write(f"{text}\n".encode())
        self._file.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._file.close()


def load_recording(path: Path) -> Recording:
    """The recording in a file or in a report folder.

    A last line that was cut off, for example by a full disk, is ignored. Raises RecordingError, or
    OSError if the file cannot be read.
    """
    path = _file_of(path)
    with path.open("rb", buffering=PIECE) as file:
        try:
            return _loaded(path, file)
        except UnicodeDecodeError as error:
            raise RecordingError(f"{path}: this is no recording: {error}") from error


def copy_recording(path: Path, copy: Path) -> None:
    """Copy the recording in a file or in a report folder, byte for byte. Raises OSError."""
    shutil.copyfile(_file_of(path), copy)


def _file_of(path: Path) -> Path:
    return path / "exchanges.jsonl" if path.is_dir() else path


def _loaded(path: Path, file: IO[bytes]) -> Recording:
    head = file.readline().decode("utf-8")
    try:
        facts = json.loads(head)
        if facts.pop("format") != FORMAT:
            raise ValueError("another format")
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise RecordingError(
            f"{path}: line 1 is not the header of a recording ({FORMAT}); "
            "pass the exchanges.jsonl of a report folder"
        ) from error
    recording = Recording(facts)
    number, start = 1, file.tell()
    while (line := file.readline()).endswith(b"\n"):
        number += 1
        try:
            recording.exchanges.append(_exchange_in(line, start, path, recording))
        except (KeyError, TypeError, ValueError) as error:
            raise RecordingError(f"{path}: line {number} is not an exchange: {error!r}") from error
        start += len(line)
    return recording


def _exchange_in(line: bytes, start: int, path: Path, recording: Recording) -> Exchange:
    """The exchange in a line that starts at this byte of the file."""
    body = _Body.in_line(line) if len(line) > LONG else None
    if body is None or body.size_in(line) <= LONG:
        exchange = Exchange.from_record(json.loads(line.decode("utf-8")))
        if decoded_size(exchange) <= LONG:
            return exchange
        body = _Body.in_line(line)
        arrivals = tuple(exchange.arrivals())
    else:
        record = json.loads((line[: body.begin] + line[body.end :]).decode("utf-8"))
        arrivals = tuple((at, length) for length, at in record["segments"])
        exchange = Exchange.from_record(record | {"segments": []})
    if body is not None:
        place = start + body.begin, body.end - body.begin
        segments = LaidAside(recording.shelf(path), place, body.packing, arrivals)
        exchange.lay_aside(segments)
        segments.decoded_size = decoded_size(exchange)
    return exchange


class _Body(NamedTuple):
    """A body in the line of an exchange: what stands between the quotes."""

    packing: str
    begin: int
    end: int

    @classmethod
    def in_line(cls, line: bytes) -> _Body | None:
        """The body in a line, or None if its members have another order than ours."""
        found = _BEGIN.search(line)
        end = _END.search(line, found.end()) if found else None
        return cls(found[1].decode(), found.end(), end.start()) if found and end else None

    def size_in(self, line: bytes) -> int:
        """The length of the body. Raises ValueError if it is not packed as it says."""
        view = memoryview(line)[self.begin : self.end]
        pieces = (bytes(view[at : at + PIECE]) for at in range(0, len(view), PIECE))
        return sum(map(len, unpacked_in_pieces(self.packing, pieces)))
