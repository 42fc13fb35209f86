"""Shows the progress of sending: a live line on a terminal, plain lines in CI, none in a pipe."""

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
        """Whether a new text replaces the one before."""

    def show(self, text: str) -> None:
        """Show the progress."""

    def close(self) -> None:
        """Remove what is shown, if the display is live."""


class LiveLine:
    """One line of a terminal, overwritten again and again."""

    interval = _OFTEN

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write
        self._width = 0

    @property
    def is_live(self) -> bool:
        """A new text replaces the one before."""
        return True

    def show(self, text: str) -> None:
        """Overwrite the line, cut to the width of the terminal."""
        text = text[: shutil.get_terminal_size().columns - 1]
        self._write(f"\r{text.ljust(self._width)}")
        self._width = len(text)

    def close(self) -> None:
        """Clear the line and put the cursor at its start."""
        self._write(f"\r{' ' * self._width}\r")
        self._width = 0


class PlainLines:
    """A new line every few seconds, for a log."""

    interval = _SELDOM

    def __init__(self, say: Callable[[str], None]) -> None:
        self.show = say

    @property
    def is_live(self) -> bool:
        """Earlier lines stay."""
        return False

    def close(self) -> None:
        """Do nothing: earlier lines stay."""


class Progress(Watch):
    """Counts requests, exchanges and scenarios, and shows the numbers from time to time.

    `sections` has the scenarios of each section of the selected requirements.
    """

    def __init__(self, display: Display | None, sections: Mapping[str, Collection[str]]) -> None:
        self._display = display
        self._sections = sections
        self._started = time.monotonic()
        self._open: set[str] = set()
        self._scenarios = self._in_flight = self._exchanges = 0

    def watching(self, scenarios: Iterable[str]) -> AbstractAsyncContextManager[None]:
        """Show progress while the block runs, which sends these scenarios."""
        self._open = set(scenarios)
        self._scenarios = len(self._open)
        return self._watching()

    def sending(self, scenario: str) -> None:
        """Count a request that starts."""
        self._in_flight += 1

    def recorded(self, exchange: Exchange) -> None:
        """Count an exchange that has ended."""
        self._in_flight -= 1
        self._exchanges += 1

    def finished(self, scenario: str) -> None:
        """Count a finished scenario."""
        self._open.discard(scenario)

    @property
    def line(self) -> str:
        """The progress in one line."""
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
        """Show what the first requests wait for while the block runs.

        A live line is updated again and again. Otherwise `say` prints each reason once, in a pipe
        too, because nothing else is printed before the first response.
        """
        told: set[str] = set()

        def tell(reason: str, seconds: float) -> None:
            text = f"waiting: {reason}; about {seconds_words(seconds)} more"
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
    """The display for progress, or None where nobody wants one, as in a pipe."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None:
        return None
    in_ci = environ.get("CI", "").lower() not in ("", "0", "false")
    if reporter.isatty and not in_ci and environ.get("TERM") != "dumb":
        return LiveLine(lambda text: reporter.write(text, flush=True))
    if in_ci or config.get_verbosity() > 0:
        return PlainLines(say)
    return None
