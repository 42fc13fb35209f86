"""Tells a person what is waited for, where that takes long, so that no log is silent meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

Waiting = Callable[[str, float], None]
"""Is told again and again what is waited for, and about how many seconds longer."""

PATIENCE = 5.0
"""So many seconds are waited without a word."""

_OFTEN = 1.0


def unheard(reason: str, seconds: float) -> None:
    """Nobody listens."""


class Wait:
    """What is waited for now, and until when."""

    def __init__(self, tell: Waiting) -> None:
        self._tell = tell
        self._reason = ""
        self._until = 0.0

    def goes_on(self, reason: str, seconds: float) -> None:
        """Wait for something from now on, for about so many seconds."""
        self._reason = reason
        self._until = asyncio.get_running_loop().time() + seconds

    async def tick(self) -> None:
        """Tell it, now and then, until cancelled."""
        await asyncio.sleep(PATIENCE)
        while True:
            left = self._until - asyncio.get_running_loop().time()
            if left > 0:
                self._tell(self._reason, left)
            await asyncio.sleep(_OFTEN)


@asynccontextmanager
async def telling(tell: Waiting) -> AsyncIterator[Wait]:
    """As long as the block runs, tell what it waits for."""
    wait = Wait(tell)
    ticking = asyncio.create_task(wait.tick())
    try:
        yield wait
    finally:
        ticking.cancel()
