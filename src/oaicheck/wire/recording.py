"""Recordings: all exchanges of a run, in one JSON Lines file.

The first line has facts about the run; each further line is an exchange. The file is written during
the run, so that an interrupted run loses nothing. `--replay` judges it without a network.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from oaicheck.wire.exchange import Exchange

FORMAT = "oaicheck.recording/1"


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
        self._file: IO[str] = path.open("x", encoding="utf-8", newline="\n")
        self._write(json.dumps({"format": FORMAT, **facts}))

    def add(self, exchange: Exchange) -> None:
        """Record an exchange, in memory and in the file."""
        self.recording.exchanges.append(exchange)
        self._write(exchange.to_json())

    def _write(self, line: str) -> None:
        self._file.write(line + "\n")
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
    with path.open(encoding="utf-8", newline="\n") as file:
        try:
            return _loaded(path, file)
        except UnicodeDecodeError as error:
            raise RecordingError(f"{path}: this is no recording: {error}") from error


def copy_recording(path: Path, copy: Path) -> None:
    """Copy the recording in a file or in a report folder, byte for byte. Raises OSError."""
    shutil.copyfile(_file_of(path), copy)


def _file_of(path: Path) -> Path:
    return path / "exchanges.jsonl" if path.is_dir() else path


def _loaded(path: Path, file: IO[str]) -> Recording:
    head = file.readline()
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
    number = 1
    while (line := file.readline()).endswith("\n"):
        number += 1
        try:
            record = json.loads(line)
            # A line may have 100 MB: it need not stay while the exchange is made.
            del line
            recording.exchanges.append(Exchange.from_record(record))
        except (KeyError, TypeError, ValueError) as error:
            raise RecordingError(f"{path}: line {number} is not an exchange: {error!r}") from error
    return recording
