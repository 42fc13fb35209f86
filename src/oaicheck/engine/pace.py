"""How many requests run at once, and how soon the next one may start."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from oaicheck.target import Limits

_PATIENCE = 10
"""All pauses of a run together last at most this many times the longest single one."""
_VAIN = 3
"""So many requests that break alone as well, and company is not to blame."""


@dataclass(eq=False, slots=True)
class Slot:
    """The time of one request, and whether others were under way in it."""

    shared: bool = False


class Pace:
    """Lets requests start: few at once, and fewer for a while when the endpoint asks for a pause.

    The number is halved by a rate limit and grows again by about one for each full round of
    answers. A pause holds every request back, not only the one that was refused.
    """

    def __init__(self, limits: Limits) -> None:
        self.at_once = float(limits.concurrency)
        self._most = float(limits.concurrency)
        self._interval = 60 / limits.requests_per_minute if limits.requests_per_minute else 0.0
        self._patience = _PATIENCE * limits.retry_after_cap
        self._active = 0
        self._alone = 0
        self._under_way: set[Slot] = set()
        self._vain = 0
        self._changed = asyncio.Condition()
        self._next_start = 0.0
        self._paused_until = 0.0
        self._halved_at = 0.0

    @asynccontextmanager
    async def slot(self, *, alone: bool = False) -> AsyncIterator[Slot]:
        """Wait until a request may start, and count it until the block ends.

        With `alone` no other is under way in it, and none starts before it that waits for a slot.
        """
        slot = Slot()
        self._alone += alone
        try:
            async with self._changed:
                await self._changed.wait_for(lambda: self._has_room(alone=alone))
                self._active += 1
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

    def _join(self, slot: Slot) -> None:
        self._under_way.add(slot)
        if len(self._under_way) > 1:
            for each in self._under_way:
                each.shared = True

    def _has_room(self, *, alone: bool) -> bool:
        if alone:
            return not self._active
        return not self._alone and self._active < int(self.at_once)

    def slow_down(self, pause: float, started: float) -> bool:
        """Take account of a rate limit; False where the run's patience is at an end.

        `started` is the Unix time at which the refused request was sent: what was under way when
        the number was last halved says nothing new.
        """
        if started >= self._halved_at:
            self.at_once = max(1.0, self.at_once / 2)
            self._halved_at = time.time()
        now = asyncio.get_running_loop().time()
        resumed = max(self._paused_until, now + pause)
        self._patience -= resumed - max(self._paused_until, now)
        if self._patience < 0:
            return False
        self._paused_until = resumed
        return True

    def speed_up(self) -> None:
        """Take account of an answer that was no rate limit."""
        self.at_once = min(self._most, self.at_once + 1 / self.at_once)

    async def _start(self) -> None:
        """Wait for this request's turn under the requests-per-minute limit, and for any pause."""
        loop = asyncio.get_running_loop()
        start = max(loop.time(), self._next_start)
        self._next_start = start + self._interval
        # A pause may be prolonged while it is slept through.
        while (wait := max(start, self._paused_until) - loop.time()) > 0:  # noqa: ASYNC110
            await asyncio.sleep(wait)
