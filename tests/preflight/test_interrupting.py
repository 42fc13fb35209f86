"""A signal ends what runs in an event loop, and nothing is left of it."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator

import pytest

from oaicheck.preflight.interrupting import handling, ignore, interrupt, run_until_interrupted


@pytest.fixture(params=[signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def number(request: pytest.FixtureRequest) -> Iterator[signal.Signals]:
    """A signal that is not ignored, as SIGINT is in the background of a shell."""
    given: signal.Signals = request.param
    before = signal.signal(given, interrupt)
    yield given
    signal.signal(given, before)


def test_a_signal_cancels_all_tasks(number: signal.Signals) -> None:
    ended = []

    async def waits(name: str) -> None:
        try:
            await asyncio.sleep(600)
        finally:
            await asyncio.sleep(0)
            ended.append(name)

    async def work() -> None:
        async with asyncio.TaskGroup() as together:
            together.create_task(waits("one"))
            together.create_task(waits("two"))
            await asyncio.sleep(0)
            os.kill(os.getpid(), number)

    with pytest.raises(KeyboardInterrupt):
        run_until_interrupted(work())
    assert sorted(ended) == ["one", "two"]
    assert signal.getsignal(number) is interrupt


def test_what_fails_because_of_the_signal_is_no_error(number: signal.Signals) -> None:
    async def work() -> None:
        try:
            os.kill(os.getpid(), number)
            await asyncio.sleep(600)
        except asyncio.CancelledError as error:
            raise RuntimeError("the connection is closed") from error

    with pytest.raises(KeyboardInterrupt):
        run_until_interrupted(work())


def test_a_second_signal_ends_it_at_once(number: signal.Signals) -> None:
    async def work() -> None:
        try:
            os.kill(os.getpid(), number)
            await asyncio.sleep(600)
        finally:
            os.kill(os.getpid(), number)
            await asyncio.sleep(600)

    with pytest.raises(KeyboardInterrupt):
        run_until_interrupted(work())


def test_without_a_signal_it_is_as_if_it_ran_by_itself() -> None:
    async def work(fails: bool) -> int:
        if fails:
            raise LookupError
        return 7

    assert run_until_interrupted(work(fails=False)) == 7
    with pytest.raises(LookupError):
        run_until_interrupted(work(fails=True))


def test_what_is_ignored_stays_ignored() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with handling(interrupt):
            assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


def test_signals_can_wait_for_the_end(number: signal.Signals) -> None:
    with handling(ignore):
        os.kill(os.getpid(), number)
    assert signal.getsignal(number) is interrupt
