"""What this process is too busy to notice is not held against the endpoint."""

import asyncio

import pytest

from oaicheck.engine.clock import Clock
from oaicheck.wire.exchange import Ending
from support.loopback import Arrivals, Call, Serve, chunked, sent
from support.virtual_time import VirtualTime

pytestmark = pytest.mark.asyncio

STREAM = [b"data: 1\n\n", b"data: [DONE]\n\n"]


async def test_it_runs_with_the_loop() -> None:
    lost: list[float] = []
    clock = Clock(lost.append, time := VirtualTime())
    for _ in range(5):
        time.jump(0.1)
        await asyncio.sleep(0.05)
    passed = clock.now()
    clock.stop()
    assert passed == pytest.approx(0.5)
    assert lost == []


async def test_it_stands_still_with_the_loop() -> None:
    lost: list[float] = []
    clock = Clock(lost.append, time := VirtualTime())
    time.jump(0.5)
    at_once = clock.now()
    await asyncio.sleep(0)
    later = clock.now()
    clock.stop()
    assert at_once == later == pytest.approx(0.12)
    assert lost == [pytest.approx(0.38)]


@pytest.mark.parametrize(
    ("limit", "before"), [("first_byte", 0), ("gap", 2), ("linger", 3), ("total", 2)]
)
async def test_no_limit_runs_out_meanwhile(serve: Serve, limit: str, before: int) -> None:
    """The process misses a minute, in which the limit would have run out a hundred times."""
    time, arrived = VirtualTime(), Arrivals()

    async def answer(call: Call) -> None:
        pieces = chunked(*STREAM)
        await call.write(b"".join(pieces[:before]))
        await arrived.have(before)
        time.jump(60)
        await asyncio.sleep(0.6)
        await call.write(b"".join(pieces[before:]))

    target = (await serve(answer)).target()
    exchange = await sent(target, listener=arrived, time=time, **{limit: 0.5})
    assert (exchange.ending, exchange.body) == (Ending.COMPLETE, b"".join(STREAM))
    assert exchange.ended_at == pytest.approx(0.12)


class LateFromTheStart(VirtualTime):
    """Misses a minute between the first two looks at it."""

    _looked = False

    def now(self) -> float:
        seen = super().now()
        if not self._looked:
            self._looked = True
            self.jump(60)
        return seen


async def test_a_process_may_stand_still_before_it_sends(serve: Serve) -> None:
    target = (await serve(Call.answer)).target()
    exchange = await sent(target, time=LateFromTheStart(), total=0.5)
    assert (exchange.ending, exchange.status) == (Ending.COMPLETE, 200)


async def test_a_limit_that_is_really_overrun_still_runs_out(serve: Serve) -> None:
    time, arrived = VirtualTime(), Arrivals()

    async def stall(call: Call) -> None:
        await call.write(b"".join(chunked(b"some", end=False)))
        await arrived.have(2)
        time.jump(0.3)
        await call.gone()

    target = (await serve(stall)).target()
    exchange = await sent(target, listener=arrived, time=time, gap=0.2)
    assert exchange.ending is Ending.STALLED
