"""Decides how many requests run at the same time, and when the next one may start."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from oaicheck.engine.clock import MACHINE, Time
from oaicheck.target.target import Limits

_PATIENCE = 10
"""All pauses of a run together last at most this many times the longest allowed pause."""
_VAIN = 3
"""If this many requests also break when they run alone, other requests are not the cause."""
_CAUTION = 10
"""After a rate limit, the number of parallel requests grows this many times more slowly."""
_UNREACHED = 3
"""After this many scenarios that never reached the endpoint, waiting for it is pointless."""


@dataclass(eq=False, slots=True)
class Slot:
    """One request's turn, and whether other requests ran at the same time."""

    shared: bool = False


@dataclass(eq=False, slots=True)
class _Waiter:
    """A request that waits for room, and what tells it that there is some."""

    alone: bool
    ahead: bool
    admitted: asyncio.Future[None]


class Pace:
    """Lets requests start: a few in parallel, and fewer for a while after a rate limit.

    A rate limit halves the number. Afterwards it grows by about one for every ten full rounds of
    responses. A pause holds back every request, not only the refused one. After the pause, the
    refused requests go first.
    """

    def __init__(self, limits: Limits, time: Time = MACHINE) -> None:
        self._time = time
        self.at_once = float(limits.concurrency)
        self._most = float(limits.concurrency)
        self._growth = 1.0
        self._interval = 60 / limits.requests_per_minute if limits.requests_per_minute else 0.0
        self._patience = _PATIENCE * limits.retry_after_cap
        self._active = 0
        self._alone = 0
        self._ahead = 0
        self._waiting: list[_Waiter] = []
        self._unreached = 0
        self._under_way: set[Slot] = set()
        self._vain = 0
        # The warm-up was a request too.
        self._next_start = time.now() + self._interval
        self._paused_until = 0.0
        self._halved_at = 0.0

    @asynccontextmanager
    async def slot(self, *, alone: bool = False, ahead: bool = False) -> AsyncIterator[Slot]:
        """Wait until a request may start, and count it until the block ends.

        With `alone`, no other request runs at the same time, and none that waits starts before it.
        With `ahead`, it starts before all other requests. That is for refused ones, and for later
        turns: a server keeps a connection open for some seconds only.
        """
        slot = Slot()
        self._alone += alone
        try:
            await self._enter(alone=alone, ahead=ahead)
            try:
                await self._start()
                self._join(slot)
                yield slot
            finally:
                self._under_way.discard(slot)
                self._active -= 1
        finally:
            self._alone -= alone
            # Not at once: if this request was refused, it first takes its place before the others.
            asyncio.get_running_loop().call_soon(self._admit)

    @property
    def may_isolate(self) -> bool:
        """Whether to try a broken request again alone, to see if other requests were the cause."""
        return self._vain < _VAIN

    def isolated(self, *, helped: bool) -> None:
        """Note a request that was repeated alone.

        If that helped, requests run one at a time from now on.
        """
        if helped:
            self.one_at_a_time()
        else:
            self._vain += 1

    async def _enter(self, *, alone: bool, ahead: bool) -> None:
        """Wait until there is room for the request, and take it."""
        waiter = _Waiter(alone, ahead, asyncio.get_running_loop().create_future())
        self._waiting.append(waiter)
        self._ahead += ahead
        self._admit()
        try:
            await waiter.admitted
        except asyncio.CancelledError:
            if waiter in self._waiting:
                self._remove(waiter)
            else:
                self._active -= 1
            raise

    def _admit(self) -> None:
        """Let in those that wait, in their order, as far as there is room.

        Only they wake up: with a condition, every change would wake all of them.
        """
        for waiter in self._waiting.copy():
            if self._has_room(waiter) and not waiter.admitted.done():
                self._active += 1
                self._remove(waiter)
                waiter.admitted.set_result(None)

    def _remove(self, waiter: _Waiter) -> None:
        self._waiting.remove(waiter)
        self._ahead -= waiter.ahead

    def _join(self, slot: Slot) -> None:
        self._under_way.add(slot)
        if len(self._under_way) > 1:
            for each in self._under_way:
                each.shared = True

    def answered(self) -> None:
        """Note a response of any kind."""
        self._unreached = 0

    def one_at_a_time(self) -> None:
        """Run single requests from now on."""
        self.at_once = self._most = 1.0

    def unreached(self) -> None:
        """Note a scenario that never reached the endpoint."""
        self._unreached += 1

    def _has_room(self, waiter: _Waiter) -> bool:
        if waiter.alone:
            return not self._active
        if self._alone or self._active >= int(self.at_once):
            return False
        return waiter.ahead or not self._ahead

    def slow_down(self, pause: float, started: float) -> bool:
        """Note a rate limit. Returns False if the run has paused long enough.

        `started` is the Unix time at which the refused request was sent. A request that was already
        running when the number was last halved does not halve it again.
        """
        if started >= self._halved_at:
            self.at_once = max(1.0, self.at_once / 2)
            self._growth = 1 / _CAUTION
            self._halved_at = self._time.wall()
        return self._hold(pause)

    def wait(self, pause: float) -> bool:
        """Pause all requests for an unreachable endpoint. Returns False if that is pointless."""
        return self._unreached < _UNREACHED and self._hold(pause)

    def _hold(self, pause: float) -> bool:
        now = self._time.now()
        resumed = max(self._paused_until, now + pause)
        self._patience -= resumed - max(self._paused_until, now)
        if self._patience < 0:
            return False
        self._paused_until = resumed
        return True

    def speed_up(self) -> None:
        """Note a response that is not a rate limit."""
        self.at_once = min(self._most, self.at_once + self._growth / self.at_once)

    async def _start(self) -> None:
        """Wait for this request's turn under the requests-per-minute limit, and for any pause."""
        start = -1.0
        # A pause may begin or grow while requests wait for the end of another one. Then they get
        # new start times, so that they do not all start together at its end.
        while start < self._paused_until:
            start = max(self._time.now(), self._next_start, self._paused_until)
            self._next_start = start + self._interval
            await self._time.sleep(start - self._time.now())
