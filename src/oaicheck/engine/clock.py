"""The time of the machine, and the time that counts against an endpoint."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from time import perf_counter
from time import time as unix_time

_BEAT = 0.02
_TOLERANCE = 0.1
"""An event loop that is later than this many seconds shows that the machine is too busy."""


class Time:
    """The time of this machine. Tests pass one that moves only when they move it."""

    def now(self) -> float:
        """Seconds since some fixed moment. It never goes back."""
        return perf_counter()

    def wall(self) -> float:
        """Seconds since 1970."""
        return unix_time()

    async def sleep(self, seconds: float) -> None:
        """Wait for this long."""
        await asyncio.sleep(seconds)


MACHINE = Time()


class Clock:
    """Counts seconds, but pauses while the event loop cannot run.

    On a busy or sleeping machine, bytes that arrived in time are read late. That is not a delay of
    the endpoint. The clock runs from its creation until `stop`, in the running event loop. Whenever
    seconds are lost, it calls `moved` with their number, before anything that became due in the
    meantime. So a caller with a timeout can extend it.
    """

    def __init__(self, moved: Callable[[float], None], time: Time = MACHINE) -> None:
        self._time = time
        self._loop = asyncio.get_running_loop()
        self._moved = moved
        self._lost = 0.0
        self._latest = 0.0
        self._due = time.now() + _BEAT
        self._timer: asyncio.TimerHandle | None = self._loop.call_later(_BEAT, self._beat)

    def now(self) -> float:
        """Seconds since some fixed moment. It never goes back."""
        # While the clock pauses, rounding could move the difference in either direction.
        self._latest = max(self._latest, self._settled() - self._lost)
        return self._latest

    def stop(self) -> None:
        """Stop pausing and stop calling `moved`."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _beat(self) -> None:
        self._due = self._settled() + _BEAT
        self._timer = self._loop.call_later(_BEAT, self._beat)

    def _settled(self) -> float:
        now = self._time.now()
        lost = now - self._due - _TOLERANCE
        if lost > 0 and self._timer is not None:
            self._lost += lost
            self._due += lost
            self._moved(lost)
        return now
