"""At the ceiling of a run nothing more is sent, and a conversation that has begun goes on."""

from dataclasses import replace

import pytest

from oaicheck.engine import run_ceiling
from oaicheck.engine.run import send_all
from oaicheck.engine.run_ceiling import RunCeiling, peak_memory
from oaicheck.target.target import Limits
from oaicheck.wire.recording import RecordingWriter
from support.loopback import LIMITS, Call, Serve, scenario, turn


class Hands(run_ceiling.Time):
    """A time that moves when the test moves it."""

    seconds = 0.0

    def now(self) -> float:
        return self.seconds


def test_each_ceiling_says_what_was_reached_and_what_allows_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hands = Hands()
    limits = Limits(run_bytes=3 * 1024**2, run_time=60, run_memory=10 * 1024**3)
    fine, late = RunCeiling(limits, hands), RunCeiling(limits, hands)
    assert not fine.is_reached(3 * 1024**2 - 1)
    assert fine.is_reached(3 * 1024**2)
    assert fine.remark(7) == (
        "stopped sending: 3 MiB of answers were recorded; 7 scenarios not sent; "
        "--max-run-bytes allows more"
    )
    hands.seconds = 60.0
    assert late.is_reached(0)
    assert "the run had taken 60 s" in late.remark(1)
    large = RunCeiling(limits, hands)
    monkeypatch.setattr(run_ceiling, "peak_memory", lambda: 10 * 1024**3)
    assert large.is_reached(0)
    assert (large.reason, large.option) == (
        "oaicheck had used 10 GiB of memory",
        "--max-run-memory",
    )


def test_the_peak_of_this_process_is_plausible() -> None:
    assert 10 * 1024**2 < peak_memory() < 100 * 1024**3


@pytest.mark.asyncio
async def test_no_scenario_begins_beyond_the_ceiling(serve: Serve, writer: RecordingWriter) -> None:
    server = await serve(lambda call: Call.answer(call, b'{"a": 1}'))
    limits = replace(LIMITS, concurrency=1, run_bytes=10)
    sent = [scenario("a"), scenario("b", turn(), turn()), scenario("c")]
    await send_all(server.target(limits=limits), sent, writer)
    assert writer.size == sum(len(each.body) for each in writer.recording.exchanges)
    names = [exchange.id for exchange in writer.recording.exchanges]
    assert names == ["b#1", "b#2"]
