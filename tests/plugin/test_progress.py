"""How far sending and judging are, by a clock that moves only when a test moves it."""

from __future__ import annotations

import asyncio
import re

import pytest

from oaicheck.plugin.progress import Progress, Tally, judging
from oaicheck.preflight.display import Display, LiveLine, PlainLines
from support.commands import DONE, Command
from support.virtual_time import VirtualTime


@pytest.mark.parametrize(
    ("seconds", "count", "total", "said"),
    [
        (0.5, 0, 163, "sent 0 of 163 scenarios in 0 s"),
        (30, 0, 1, "sent 0 of 1 scenario in 30 s"),
        (30, 4, 163, "sent 4 of 163 scenarios in 30 s"),
        (30, 5, 163, "sent 5 of 163 scenarios in 30 s, about 16 min left"),
        (90, 40, 163, "sent 40 of 163 scenarios in 1 min 30 s, about 5 min left"),
        (90, 162, 163, "sent 162 of 163 scenarios in 1 min 30 s, less than 10 s left"),
        (90, 82, 163, "sent 82 of 163 scenarios in 1 min 30 s, about 1 min left"),
        (300, 5, 163, "sent 5 of 163 scenarios in 5 min 0 s, about 2 h 38 min left"),
        (90, 163, 163, "sent 163 of 163 scenarios in 1 min 30 s"),
    ],
)
def test_the_pace_so_far_is_that_of_the_rest(
    seconds: float, count: int, total: int, said: str
) -> None:
    time = VirtualTime()
    tally = Tally("sent", "scenario", total, time)
    time.jump(seconds)
    assert tally.line(count) == said


@pytest.mark.asyncio
async def test_a_log_gets_a_line_every_thirty_seconds() -> None:
    said: list[str] = []
    time = VirtualTime()
    names = [str(number) for number in range(20)]
    progress = Progress(PlainLines(said.append), time)
    async with progress.watching(names):
        await time.move(29)
        assert said == []
        for name in names[:10]:
            progress.finished(name)
        await time.move(1)
        assert said == ["sent 10 of 20 scenarios in 30 s, about 30 s left"]
        await time.move(29)
        assert len(said) == 1
        await time.move(31)
    assert said[1:] == [
        "sent 10 of 20 scenarios in 1 min 0 s, about 1 min left",
        "sent 10 of 20 scenarios in 1 min 30 s, about 2 min left",
    ]
    await time.move(60)
    assert len(said) == 3


@pytest.mark.asyncio
async def test_a_live_line_leaves_nothing_behind() -> None:
    written: list[str] = []
    time = VirtualTime()
    async with Progress(LiveLine(written.append), time).watching(["x"]):
        await time.move(1)
    assert "sent 0 of 1 scenario in 1 s" in "".join(written)
    assert all(text.startswith("\r") and "\n" not in text for text in written)
    assert written[-1].strip() == ""
    assert written[-1].endswith("\r")


def a_minute_of_judging(display: Display) -> None:
    time = VirtualTime()
    with judging(display, 3_840, time) as progress:
        for _ in range(3_840):
            time.jump(1 / 64)
            progress.judged()


def test_judging_is_shown_like_sending() -> None:
    """Two lines in a log; on a terminal, a line that moves."""
    said: list[str] = []
    a_minute_of_judging(PlainLines(said.append))
    assert said == [
        "judged 1,920 of 3,840 checks in 30 s, about 30 s left",
        "judged 3,840 of 3,840 checks in 1 min 0 s",
    ]
    written: list[str] = []
    a_minute_of_judging(LiveLine(written.append))
    assert 250 < len(written) <= 301
    assert "\rjudged 1,9" in "".join(written)
    assert written[-1].strip() == ""


def test_who_watches_nothing_sees_nothing() -> None:
    async def run() -> None:
        async with Progress(None).watching(["x"]):
            await asyncio.sleep(0)

    asyncio.run(run())
    with judging(None, 1) as progress:
        progress.judged()


def test_a_short_run_is_quiet_in_a_pipe_and_in_ci(oaicheck: Command) -> None:
    for environ in ({}, {"CI": "true"}):
        piped = oaicheck(*DONE, "-k", "text", **environ)
        assert not re.search(r"^(sent|judged) \d", piped.stdout, re.MULTILINE)
        assert "\r" not in piped.stdout
