"""Time as an endpoint can be held to it: without that in which this process could not run."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

_BEAT = 0.02
_TOLERANCE = 0.1
"""Seconds by which an event loop may be late before the machine is too busy to measure by it."""


class Clock:
    """Counts seconds, but stands still while the event loop does.

    On a machine that is too busy, or asleep, bytes that arrived in time are read late; that is no
    delay of the endpoint's. It runs from its making until `stop`, in the running event loop.
    `moved` is called with the seconds that were lost whenever some were, before anything that came
    due in the meantime; whoever has set a time limit can put it off by that.
    """

    def __init__(self, moved: Callable[[float], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._moved = moved
        self._lost = 0.0
        self._latest = 0.0
        self._due = time.perf_counter() + _BEAT
        self._timer: asyncio.TimerHandle | None = self._loop.call_later(_BEAT, self._beat)

    def now(self) -> float:
        """Seconds since some moment; never less than before."""
        # While it stands still, what rounding leaves of the difference goes either way.
        self._latest = max(self._latest, self._settled() - self._lost)
        return self._latest

    def stop(self) -> None:
        """Stand still no more, and put off no more limits."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _beat(self) -> None:
        self._due = self._settled() + _BEAT
        self._timer = self._loop.call_later(_BEAT, self._beat)

    def _settled(self) -> float:
        now = time.perf_counter()
        lost = now - self._due - _TOLERANCE
        if lost > 0 and self._timer is not None:
            self._lost += lost
            self._due += lost
            self._moved(lost)
        return now
