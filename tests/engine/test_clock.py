"""What this process is too busy to notice is not held against the endpoint."""

import asyncio
import time

import pytest

from oaicheck.engine.clock import Clock
from oaicheck.wire.exchange import Ending
from support.loopback import Call, Serve, chunked, sent

pytestmark = pytest.mark.asyncio

STREAM = [b"data: 1\n\n", b"data: [DONE]\n\n"]


def kept_from_running(seconds: float) -> None:
    """Hold up the event loop, as a machine does that is too busy, or asleep."""
    time.sleep(seconds)


async def test_it_runs_with_the_loop() -> None:
    lost: list[float] = []
    clock = Clock(lost.append)
    began = clock.now()
    await asyncio.sleep(0.2)
    passed = clock.now() - began
    clock.stop()
    assert passed + sum(lost) >= 0.2


async def test_it_stands_still_with_the_loop() -> None:
    lost: list[float] = []
    clock = Clock(lost.append)
    began = clock.now()
    kept_from_running(0.5)
    at_once = clock.now()
    await asyncio.sleep(0)
    later = clock.now()
    clock.stop()
    assert at_once - began < 0.2
    assert sum(lost) > 0.3
    assert later >= at_once


@pytest.mark.parametrize(
    ("limit", "before"), [("first_byte", 0), ("gap", 2), ("linger", 3), ("total", 2)]
)
async def test_no_limit_runs_out_meanwhile(serve: Serve, limit: str, before: int) -> None:
    async def answer(call: Call) -> None:
        pieces = chunked(*STREAM)
        await call.write(*pieces[:before])
        asyncio.get_running_loop().call_later(0.05, kept_from_running, 0.6)
        await asyncio.sleep(0.1)
        await call.write(*pieces[before:])

    exchange = await sent((await serve(answer)).target(), **{limit: 0.4})
    assert (exchange.ending, exchange.body) == (Ending.COMPLETE, b"".join(STREAM))
    assert exchange.ended_at < 0.6


async def test_a_limit_that_is_really_overrun_still_runs_out(serve: Serve) -> None:
    async def stall(call: Call) -> None:
        await call.write(*chunked(b"some", end=False))
        kept_from_running(0.3)
        await call.gone()

    exchange = await sent((await serve(stall)).target(), gap=0.2)
    assert exchange.ending is Ending.STALLED
