"""How far sending has come: a live line on a terminal, plain lines in CI, nothing in a pipe."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from typing import Protocol

import pytest

from oaicheck.engine.waiting import Waiting
from oaicheck.engine.watch import Watch
from oaicheck.report.wording import counted, seconds_words
from oaicheck.wire.exchange import Exchange
from oaicheck.wire.printable import printable

_OFTEN = 0.2
_SELDOM = 10.0


class Display(Protocol):
    """Where progress is shown."""

    interval: float

    @property
    def is_live(self) -> bool:
        """Whether what is shown takes the place of what was shown before."""

    def show(self, text: str) -> None:
        """Show how things stand."""

    def close(self) -> None:
        """Leave the place as it was found."""


class LiveLine:
    """One line of a terminal, written over and over."""

    interval = _OFTEN

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write
        self._width = 0

    @property
    def is_live(self) -> bool:
        """What is shown takes the place of what was shown before."""
        return True

    def show(self, text: str) -> None:
        """Write over what stands there; no wider than the terminal."""
        text = text[: shutil.get_terminal_size().columns - 1]
        self._write(f"\r{text.ljust(self._width)}")
        self._width = len(text)

    def close(self) -> None:
        """Leave an empty line, and the cursor at its start."""
        self._write(f"\r{' ' * self._width}\r")
        self._width = 0


class PlainLines:
    """A line now and then, for a log."""

    interval = _SELDOM

    def __init__(self, say: Callable[[str], None]) -> None:
        self.show = say

    @property
    def is_live(self) -> bool:
        """What was shown stays."""
        return False

    def close(self) -> None:
        """Nothing: what was said stays."""


class Progress(Watch):
    """Counts what is sent, and shows it from time to time.

    `sections` are the scenarios of each section of the requirements that are judged.
    """

    def __init__(self, display: Display | None, sections: Mapping[str, Collection[str]]) -> None:
        self._display = display
        self._sections = sections
        self._started = time.monotonic()
        self._open: set[str] = set()
        self._scenarios = self._in_flight = self._exchanges = 0

    def watching(self, scenarios: Iterable[str]) -> AbstractAsyncContextManager[None]:
        """Show progress as long as the block runs, in which these scenarios are sent."""
        self._open = set(scenarios)
        self._scenarios = len(self._open)
        return self._watching()

    def sending(self, scenario: str) -> None:
        """Count a request that goes out."""
        self._in_flight += 1

    def recorded(self, exchange: Exchange) -> None:
        """Count an exchange that has ended."""
        self._in_flight -= 1
        self._exchanges += 1

    def finished(self, scenario: str) -> None:
        """Count a scenario."""
        self._open.discard(scenario)

    @property
    def line(self) -> str:
        """How things stand."""
        sections = sum(self._open.isdisjoint(names) for names in self._sections.values())
        done = self._scenarios - len(self._open)
        return (
            f"sent {sections} of {counted(len(self._sections), 'section')}, "
            f"{done} of {counted(self._scenarios, 'scenario')}; "
            f"{counted(self._exchanges, 'exchange')}, {self._in_flight} in flight, "
            f"{seconds_words(time.monotonic() - self._started)}"
        )

    @contextmanager
    def awaiting(self, say: Callable[[str], None]) -> Iterator[Waiting]:
        """Show what the first requests wait for, as long as the block runs.

        A live line says it over and over; elsewhere `say` prints a line for each reason, in a pipe
        as well, since nothing else is printed before there is an answer.
        """
        told: set[str] = set()

        def tell(reason: str, seconds: float) -> None:
            text = f"waiting: {reason}; for about {seconds_words(seconds)} more"
            if self._display is not None and self._display.is_live:
                self._display.show(printable(text))
            elif reason not in told:
                told.add(reason)
                say(text)

        try:
            yield tell
        finally:
            if self._display is not None:
                self._display.close()

    @asynccontextmanager
    async def _watching(self) -> AsyncIterator[None]:
        ticking = asyncio.create_task(self._tick())
        try:
            yield
        finally:
            ticking.cancel()
            if self._display is not None:
                self._display.close()

    async def _tick(self) -> None:
        while self._display is not None:
            await asyncio.sleep(self._display.interval)
            self._display.show(self.line)


def display_for(
    config: pytest.Config, environ: Mapping[str, str], say: Callable[[str], None]
) -> Display | None:
    """The place for progress, or None where it would be in the way."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None:
        return None
    in_ci = environ.get("CI", "").lower() not in ("", "0", "false")
    if reporter.isatty and not in_ci and environ.get("TERM") != "dumb":
        return LiveLine(lambda text: reporter.write(text, flush=True))
    if in_ci or config.get_verbosity() > 0:
        return PlainLines(say)
    return None
