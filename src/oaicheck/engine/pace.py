"""How many requests run at once, and how soon the next one may start."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from oaicheck.target.target import Limits

_PATIENCE = 10
"""All pauses of a run together last at most this many times the longest single one."""
_VAIN = 3
"""So many requests that break alone as well, and company is not to blame."""
_CAUTION = 10
"""So many times more slowly the number at once grows after an endpoint has said what is too many.
"""
_UNREACHED = 3
"""So many scenarios that never reached the endpoint, and waiting for it is in vain."""
_SILENT = 8
"""So many scenarios without a first byte, and the endpoint is taken to hang."""


@dataclass(eq=False, slots=True)
class Slot:
    """The time of one request, and whether others were under way in it."""

    shared: bool = False


class Pace:
    """Lets requests start: few at once, and fewer for a while when the endpoint asks for a pause.

    The number is halved by a rate limit, and grows again by about one for every ten full rounds of
    answers. A pause holds every request back, not only the one that was refused, and what was
    refused goes first after it.
    """

    def __init__(self, limits: Limits) -> None:
        self.at_once = float(limits.concurrency)
        self._most = float(limits.concurrency)
        self._growth = 1.0
        self._interval = 60 / limits.requests_per_minute if limits.requests_per_minute else 0.0
        self._patience = _PATIENCE * limits.retry_after_cap
        self._active = 0
        self._alone = 0
        self._again = 0
        self._unreached = 0
        self._silent = 0
        self._under_way: set[Slot] = set()
        self._vain = 0
        self._changed = asyncio.Condition()
        # The warm-up was a request too.
        self._next_start = time.monotonic() + self._interval
        self._paused_until = 0.0
        self._halved_at = 0.0

    @asynccontextmanager
    async def slot(self, *, alone: bool = False, again: bool = False) -> AsyncIterator[Slot]:
        """Wait until a request may start, and count it until the block ends.

        With `alone` no other is under way in it, and none starts before it that waits for a slot.
        With `again` it starts before all that were not refused before.
        """
        slot = Slot()
        self._alone += alone
        try:
            await self._enter(alone=alone, again=again)
            try:
                await self._start()
                self._join(slot)
                yield slot
            finally:
                self._under_way.discard(slot)
                self._active -= 1
        finally:
            self._alone -= alone
            async with self._changed:
                self._changed.notify_all()

    @property
    def may_isolate(self) -> bool:
        """Whether it is worth finding out if a request that broke beside others does so alone."""
        return self._vain < _VAIN

    def isolated(self, *, helped: bool) -> None:
        """Take account of a request that was repeated alone.

        Where that helped, no two requests are under way at once any more.
        """
        if helped:
            self.at_once = self._most = 1.0
        else:
            self._vain += 1

    async def _enter(self, *, alone: bool, again: bool) -> None:
        """Wait for room, and take it."""
        self._again += again
        try:
            async with self._changed:
                await self._changed.wait_for(lambda: self._has_room(alone=alone, again=again))
                self._active += 1
        finally:
            self._again -= again

    def _join(self, slot: Slot) -> None:
        self._under_way.add(slot)
        if len(self._under_way) > 1:
            for each in self._under_way:
                each.shared = True

    @property
    def hangs(self) -> bool:
        """Whether the endpoint has been silent for so long that it is not worth asking on."""
        return self._silent >= _SILENT

    def answered(self) -> None:
        """Take account of an answer, whatever it says."""
        self._unreached = self._silent = 0

    def silent(self) -> None:
        """Take account of a scenario to which not one byte came in time."""
        self._silent += 1

    def unreached(self) -> None:
        """Take account of a scenario that never reached the endpoint."""
        self._unreached += 1

    def _has_room(self, *, alone: bool, again: bool) -> bool:
        if alone:
            return not self._active
        return not self._alone and (again or not self._again) and self._active < int(self.at_once)

    def slow_down(self, pause: float, started: float) -> bool:
        """Take account of a rate limit; False where the run's patience is at an end.

        `started` is the Unix time at which the refused request was sent: what was under way when
        the number was last halved says nothing new.
        """
        if started >= self._halved_at:
            self.at_once = max(1.0, self.at_once / 2)
            self._growth = 1 / _CAUTION
            self._halved_at = time.time()
        return self._hold(pause)

    def wait(self, pause: float) -> bool:
        """Hold everything back for an endpoint that is not there; False where that is in vain."""
        return self._unreached < _UNREACHED and self._hold(pause)

    def _hold(self, pause: float) -> bool:
        now = asyncio.get_running_loop().time()
        resumed = max(self._paused_until, now + pause)
        self._patience -= resumed - max(self._paused_until, now)
        if self._patience < 0:
            return False
        self._paused_until = resumed
        return True

    def speed_up(self) -> None:
        """Take account of an answer that was no rate limit."""
        self.at_once = min(self._most, self.at_once + self._growth / self.at_once)

    async def _start(self) -> None:
        """Wait for this request's turn under the requests-per-minute limit, and for any pause."""
        loop = asyncio.get_running_loop()
        start = -1.0
        # A pause may begin, or be prolonged, while another is slept through: then all that it held
        # back take turns anew, and do not start together at its end.
        while start < self._paused_until:
            start = max(loop.time(), self._next_start, self._paused_until)
            self._next_start = start + self._interval
            await asyncio.sleep(start - loop.time())
