"""Shows how far sending and judging are, and about how long the rest will take."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager

from oaicheck.engine.clock import MACHINE, Time
from oaicheck.engine.watch import Watch
from oaicheck.preflight.display import Display
from oaicheck.report.wording import counted, seconds_words

_ENOUGH = 5
"""Fewer things than this say too little about the pace of the rest."""


class Tally:
    """Counts things that are done, out of a known number, from its creation on.

    `done` is the word for what happens to them, such as "sent"; `noun` says what they are.
    """

    def __init__(self, done: str, noun: str, total: int, time: Time = MACHINE) -> None:
        self._done = done
        self._noun = noun
        self._total = total
        self._time = time
        self._started = time.now()

    def line(self, count: int) -> str:
        """The progress in one line: how many of how many, in what time, and what is left."""
        took = self._time.now() - self._started
        words = f"{self._done} {count:,} of {counted(self._total, self._noun)}"
        words += f" in {f'{took:.0f} s' if took < 60 else seconds_words(took)}"
        if _ENOUGH <= count < self._total:
            words += f", {_rough(took / count * (self._total - count))} left"
        return words


class Progress(Watch):
    """Counts the scenarios that are sent, and shows the number from time to time."""

    def __init__(self, display: Display | None, time: Time = MACHINE) -> None:
        self._display = display
        self._time = time
        self._open: set[str] = set()

    def watching(self, scenarios: Iterable[str]) -> AbstractAsyncContextManager[None]:
        """Show progress while the block runs, which sends these scenarios."""
        self._open = set(scenarios)
        return self._watching()

    def finished(self, scenario: str) -> None:
        """Count a finished scenario."""
        self._open.discard(scenario)

    @property
    def unfinished(self) -> frozenset[str]:
        """The scenarios that may still send something."""
        return frozenset(self._open)

    @asynccontextmanager
    async def _watching(self) -> AsyncIterator[None]:
        ticking = asyncio.create_task(self._tick(len(self._open)))
        try:
            yield
        finally:
            ticking.cancel()
            if self._display is not None:
                self._display.close()

    async def _tick(self, total: int) -> None:
        tally = Tally("sent", "scenario", total, self._time)
        while self._display is not None:
            await self._time.sleep(self._display.interval)
            self._display.show(tally.line(total - len(self._open)))


@contextmanager
def judging(display: Display | None, checks: int, time: Time = MACHINE) -> Iterator[Judging]:
    """Show progress while the block judges this many checks."""
    try:
        yield Judging(display, checks, time)
    finally:
        if display is not None:
            display.close()


class Judging:
    """Counts the checks that are judged, and shows the number from time to time."""

    def __init__(self, display: Display | None, checks: int, time: Time) -> None:
        self._display = display
        self._tally = Tally("judged", "check", checks, time)
        self._time = time
        self._count = 0
        self._due = time.now() + (display.interval if display is not None else 0)

    def judged(self) -> None:
        """Count a check that is judged."""
        self._count += 1
        if self._display is not None and self._time.now() >= self._due:
            self._due = self._time.now() + self._display.interval
            self._display.show(self._tally.line(self._count))


def _rough(seconds: float) -> str:
    """An estimate, no more exact than it can be: `about 30 s`, `about 1 h 20 min`."""
    if seconds < 10:
        return "less than 10 s"
    if seconds < 55:
        return f"about {10 * round(seconds / 10)} s"
    minutes = round(seconds / 60)
    return (
        f"about {minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"about {minutes} min"
    )
