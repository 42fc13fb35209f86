"""Time that moves only when a test moves it.

A test can so assert the exact moment at which something happens, however slow the machine is.
"""

import asyncio
import heapq
import itertools
import math
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from oaicheck.engine.clock import Time
from oaicheck.engine.run import Watch
from oaicheck.wire.exchange import Exchange

_EPOCH = 1_700_000_000.0
_STEPS = 200
"""Steps of the event loop after which every task waits for time or for the network."""

Result = TypeVar("Result")


class VirtualTime(Time):
    """Begins at 0 and stands still until a test moves it, which wakes the tasks that sleep."""

    def __init__(self) -> None:
        self._now = 0.0
        self._sleeping: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = itertools.count()

    def now(self) -> float:
        return self._now

    def wall(self) -> float:
        return _EPOCH + self._now

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        woken = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleeping, (self._now + seconds, next(self._order), woken))
        await woken

    def jump(self, seconds: float) -> None:
        """Move on while no task can run, as if the whole process had been stopped meanwhile.

        A task that should have woken in between wakes late, when a test next moves the time.
        """
        self._now += seconds

    async def move(self, seconds: float) -> None:
        """Move on step by step, so that each task that wakes meanwhile sees its own moment."""
        end = self._now + seconds
        await _settle()
        while self._next <= end:
            self._wake()
            await _settle()
        self._now = end

    async def through(
        self, work: Coroutine[Any, Any, Result], busy: Callable[[], bool] = lambda: False
    ) -> Result:
        """Run work to its end, and move on whenever it only waits for time to pass.

        While `busy` says that a request is under way, time stands still: answers take no time.
        """
        running = asyncio.create_task(work)
        while True:
            await _settle()
            if running.done():
                return running.result()
            if not busy() and self._next < math.inf:
                self._wake()

    @property
    def _next(self) -> float:
        """When the next task wakes; infinity if none sleeps."""
        while self._sleeping and self._sleeping[0][2].done():
            heapq.heappop(self._sleeping)
        return self._sleeping[0][0] if self._sleeping else math.inf

    def _wake(self) -> None:
        moment, _, woken = heapq.heappop(self._sleeping)
        self._now = max(self._now, moment)
        woken.set_result(None)


async def _settle() -> None:
    for _ in range(_STEPS):
        await asyncio.sleep(0)


class Starts(Watch):
    """Notes when each request started, and whether one is under way."""

    def __init__(self, time: Time) -> None:
        self.at: list[float] = []
        self._time = time
        self._under_way = 0

    def sending(self, scenario: str) -> None:
        self.at.append(self._time.now())
        self._under_way += 1

    def recorded(self, exchange: Exchange) -> None:
        self._under_way -= 1

    def busy(self) -> bool:
        return self._under_way > 0
