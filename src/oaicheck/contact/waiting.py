"""Reports what oaicheck is waiting for, so that the log is not silent during a long wait."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from oaicheck.engine.clock import MACHINE, Time

Waiting = Callable[[str, float], None]
"""Is called again and again with the reason for waiting, and about how many seconds are left."""

PATIENCE = 5.0
"""Seconds of waiting before the first report."""

_OFTEN = 1.0


def unheard(reason: str, seconds: float) -> None:
    """Ignore the report."""


class Wait:
    """The reason for waiting now, and its end."""

    def __init__(self, tell: Waiting, time: Time = MACHINE) -> None:
        self._tell = tell
        self._time = time
        self._reason = ""
        self._until = 0.0

    def goes_on(self, reason: str, seconds: float) -> None:
        """Set the reason for waiting from now on, for about this many seconds."""
        self._reason = reason
        self._until = self._time.now() + seconds

    async def tick(self) -> None:
        """Report it now and then, until cancelled."""
        await self._time.sleep(PATIENCE)
        while True:
            left = self._until - self._time.now()
            if left > 0:
                self._tell(self._reason, left)
            await self._time.sleep(_OFTEN)


@asynccontextmanager
async def telling(tell: Waiting, time: Time = MACHINE) -> AsyncIterator[Wait]:
    """Report what the block is waiting for while it runs."""
    wait = Wait(tell, time)
    ticking = asyncio.create_task(wait.tick())
    try:
        yield wait
    finally:
        ticking.cancel()
