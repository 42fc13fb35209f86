"""Ctrl-C and SIGTERM: both end what a run does at the moment, in good order."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, NoReturn, TypeVar

T = TypeVar("T")

Handler = Callable[[int, FrameType | None], object]


def run_until_interrupted(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine in an event loop of its own. A signal cancels it.

    Raises KeyboardInterrupt after a signal, when no task and no connection is left; after a second
    signal at once.
    """
    # It takes long to import, and a wrong flag does not need it.
    import asyncio

    received: list[int] = []

    async def working() -> T:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task is not None

        def stop(number: int, frame: FrameType | None) -> None:
            received.append(number)
            if len(received) > 1:
                interrupt(number, frame)
            loop.call_soon_threadsafe(task.cancel)

        with handling(stop):
            return await work

    try:
        result = asyncio.run(working())
    except (Exception, asyncio.CancelledError) as error:
        if not received:
            raise
        # What fails because it is cancelled is no fault of its own.
        raise KeyboardInterrupt from error
    if received:
        raise KeyboardInterrupt
    return result


def interrupt(_: int, __: FrameType | None) -> NoReturn:
    """A handler that makes of any signal what Ctrl-C is."""
    raise KeyboardInterrupt


def ignore(_: int, __: FrameType | None) -> None:
    """A handler for when there is nothing to end."""


@contextmanager
def handling(handler: Handler) -> Iterator[None]:
    """Call a handler for SIGINT and SIGTERM while the block runs.

    A signal that is ignored stays ignored: a shell does that for what runs in the background.
    """
    if threading.current_thread() is not threading.main_thread():
        # Only the main thread receives signals.
        yield
        return
    ours = [
        number
        for number in (signal.SIGINT, signal.SIGTERM)
        if signal.getsignal(number) not in (signal.SIG_IGN, None)
    ]
    before = [(number, signal.signal(number, handler)) for number in ours]
    try:
        yield
    finally:
        for number, earlier in before:
            signal.signal(number, earlier)
