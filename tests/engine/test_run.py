"""Each scenario is sent once, again only where that is called for, and never all at once."""

import asyncio
import itertools
import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from oaicheck.engine.plan import plan
from oaicheck.engine.run import send_all
from oaicheck.engine.watch import Watch
from oaicheck.scenarios.scenario import Answer, Scenario
from oaicheck.wire.exchange import Ending, Exchange
from oaicheck.wire.recording import RecordingWriter, load_recording
from support.loopback import (
    LIMITS,
    Call,
    Handler,
    Serve,
    Server,
    chunked,
    scenario,
    turn,
    until,
)
from support.virtual_time import Starts, VirtualTime

pytestmark = pytest.mark.asyncio

TOOL_CALL = {"choices": [{"message": {"tool_calls": [{"id": "a", "function": {}}]}}]}
TEXT = {"choices": [{"message": {"content": "no"}}]}


def answers(*each: tuple[int, Any, str] | Handler) -> Handler:
    """A handler that gives these answers one after the other, the last one for ever."""
    left = itertools.chain(each, itertools.repeat(each[-1]))

    async def handler(call: Call) -> None:
        given = next(left)
        if isinstance(given, tuple):
            status, body, header = given
            await call.answer(json.dumps(body).encode(), status, *([header] if header else []))
        else:
            await given(call)

    return handler


async def reset(call: Call) -> None:
    call.reset()


class Listener(Watch):
    def __init__(self) -> None:
        self.sent: list[str] = []
        self.seen: list[Exchange] = []
        self.over: list[str] = []

    def sending(self, scenario: str) -> None:
        self.sent.append(scenario)

    def recorded(self, exchange: Exchange) -> None:
        self.seen.append(exchange)

    def finished(self, scenario: str) -> None:
        self.over.append(scenario)


def outline(writer: RecordingWriter) -> list[tuple[str, int | None]]:
    return [(exchange.id, exchange.status) for exchange in writer.recording.exchanges]


async def test_each_scenario_is_sent_once(serve: Serve, writer: RecordingWriter) -> None:
    server = await serve(Call.answer)
    names = [f"s{number}" for number in range(10)]
    watch = Listener()
    await send_all(server.target(), [scenario(name) for name in names], writer, watch=watch)
    seen = watch.seen
    assert sorted(watch.sent) == sorted(watch.over) == names
    assert len(server.calls) == 10
    assert seen == writer.recording.exchanges
    assert sorted(exchange.id for exchange in seen) == [f"{name}#1" for name in names]
    assert len({exchange.variables["nonce"] for exchange in seen}) == 10


@pytest.mark.parametrize("concurrency", [1, 3])
async def test_no_more_at_once_than_allowed(
    serve: Serve, writer: RecordingWriter, concurrency: int
) -> None:
    all_there = asyncio.Barrier(concurrency)

    async def together(call: Call) -> None:
        await all_there.wait()
        await call.answer()

    server = await serve(together)
    target = server.target(limits=replace(LIMITS, concurrency=concurrency))
    await send_all(target, [scenario(str(n)) for n in range(9)], writer)
    assert server.most_open == concurrency


async def test_requests_per_minute(serve: Serve, writer: RecordingWriter) -> None:
    server = await serve(Call.answer)
    target = server.target(limits=replace(LIMITS, requests_per_minute=240))
    starts = Starts(time := VirtualTime())
    scenarios = [scenario(str(n)) for n in range(5)]
    await time.through(send_all(target, scenarios, writer, watch=starts, time=time), starts.busy)
    assert starts.at == [0.25, 0.5, 0.75, 1.0, 1.25]


async def test_alone_means_alone(serve: Serve, writer: RecordingWriter) -> None:
    open_at: dict[str, int] = {}
    servers: list[Server] = []
    all_there = asyncio.Barrier(3)

    async def slow(call: Call) -> None:
        name = call.json["user"]
        await (asyncio.sleep(0.02) if name.startswith("alone") else all_there.wait())
        open_at[name] = servers[0].open
        await call.answer()

    servers.append(await serve(slow))
    scenarios = [
        scenario(name, turn(body={"user": name}), alone=name.startswith("alone"))
        for name in ["alone1", "a", "alone2", "b", "c"]
    ]
    await send_all(servers[0].target(), scenarios, writer)
    assert open_at["alone1"] == open_at["alone2"] == 1
    assert max(open_at.values()) == 3
    assert [exchange.scenario for exchange in writer.recording.exchanges][-2:] == [
        "alone1",
        "alone2",
    ]


def _timed_and_refused(refused: int) -> list[Scenario]:
    names = [f"refused{number}" for number in range(refused)]
    return [
        scenario("served", turn(body={"user": "served"})),
        *(scenario(n, turn(body={"user": n}), answer=Answer.ERROR) for n in names),
        scenario("timed", turn(body={"user": "timed"}), alone=True, timed=True),
    ]


async def test_only_what_generates_nothing_runs_beside_a_timed_scenario(
    serve: Serve, writer: RecordingWriter
) -> None:
    under_way: set[str] = set()
    beside_timed: list[str] = []
    accompanied = asyncio.Event()

    async def answering(call: Call) -> None:
        name = call.json["user"]
        under_way.add(name)
        if "timed" in under_way and len(under_way) > 1:
            beside_timed.extend(under_way - {"timed"})
            accompanied.set()
        if name == "timed":
            await accompanied.wait()
        under_way.discard(name)
        await call.answer(b"{}", 400 if name.startswith("refused") else 200)

    server = await serve(answering)
    await send_all(server.target(), _timed_and_refused(6), writer)
    assert beside_timed
    assert all(name.startswith("refused") for name in beside_timed)
    sent = sorted(exchange.id for exchange in writer.recording.exchanges)
    assert sent == sorted(f"{each.name}#1" for each in _timed_and_refused(6))


async def test_a_timed_scenario_is_repeated_alone_if_what_ran_beside_it_was_served(
    serve: Serve, writer: RecordingWriter
) -> None:
    servers: list[Server] = []
    beside = asyncio.Event()
    open_at_timed: list[int] = []

    async def serving_all(call: Call) -> None:
        name = call.json["user"]
        if name.startswith("refused"):
            beside.set()
        elif name == "timed":
            await beside.wait()
            open_at_timed.append(servers[0].open)
        await call.answer(b"{}", 200)

    servers.append(await serve(serving_all))
    await send_all(servers[0].target(), _timed_and_refused(9), writer)
    timed = [each.id for each in writer.recording.exchanges if each.scenario == "timed"]
    assert timed == ["timed#1", "timed#1.2"]
    assert open_at_timed[0] > 1
    assert open_at_timed[1] == 1
    assert len(writer.recording.exchanges) == 12


async def test_a_conversation(serve: Serve, writer: RecordingWriter) -> None:
    server = await serve(answers((200, {"id": "one"}, ""), (200, {"id": "two"}, "")))
    second = turn(body={"previous": {"$answer": 1, "at": ["id"]}})
    await send_all(server.target(), [scenario("talk", turn(), second)], writer)
    assert outline(writer) == [("talk#1", 200), ("talk#2", 200)]
    assert server.calls[1].json == {"previous": "one"}


async def test_a_refusal_ends_a_conversation(serve: Serve, writer: RecordingWriter) -> None:
    server = await serve(answers((400, {}, "")))
    await send_all(
        server.target(), [scenario("talk", turn(), turn(), rewordings=({"n": 1},))], writer
    )
    assert outline(writer) == [("talk#1", 400)]


async def test_a_missing_value_ends_a_conversation(serve: Serve, writer: RecordingWriter) -> None:
    server = await serve(answers((200, {}, "")))
    second = turn(body={"previous": {"$answer": 1, "at": ["id"]}})
    await send_all(server.target(), [scenario("talk", turn(), second)], writer)
    assert outline(writer) == [("talk#1", 200)]


@pytest.mark.parametrize("status", [429, 503])
async def test_a_rate_limit_is_waited_for(
    serve: Serve, writer: RecordingWriter, status: int
) -> None:
    server = await serve(answers((200, {}, ""), (status, {}, "retry-after-ms: 250"), (200, {}, "")))
    target = server.target(limits=replace(LIMITS, retry_after_cap=5, concurrency=1))
    starts = Starts(time := VirtualTime())
    talk = scenario("talk", turn(), turn())
    await time.through(send_all(target, [talk], writer, watch=starts, time=time), starts.busy)
    assert starts.at == [0.0, 0.0, 0.25, 0.25]
    assert outline(writer) == [
        ("talk#1", 200),
        ("talk#2", status),
        ("talk#1.2", 200),
        ("talk#2.2", 200),
    ]


@pytest.mark.parametrize(
    "header",
    ["Retry-After: 60", "Retry-After: Sun, 22 Nov 2099 00:00:00 GMT", "Retry-After: soon", ""],
)
async def test_a_rate_limit_is_not_waited_for_for_ever(
    serve: Serve, writer: RecordingWriter, header: str
) -> None:
    server = await serve(answers((429, {}, header)))
    await send_all(server.target(limits=replace(LIMITS, retries=2)), [scenario("s")], writer)
    assert outline(writer) == [("s#1", 429), ("s#1.2", 429), ("s#1.3", 429)]


async def test_a_run_does_not_wait_for_ever(serve: Serve, writer: RecordingWriter) -> None:
    server = await serve(answers((429, {}, "Retry-After: 60")))
    target = server.target(limits=replace(LIMITS, retries=3, retry_after_cap=0.01, concurrency=1))
    await send_all(target, [scenario(str(n)) for n in range(30)], writer)
    assert len(server.calls) < 30 + 15


async def test_concurrency_is_halved_by_a_rate_limit(serve: Serve, writer: RecordingWriter) -> None:
    """One 429 among eight at once: from then on four at once, slowly more."""
    at_once: list[int] = []
    servers: list[Server] = []
    all_there = asyncio.Barrier(8)
    numbers = itertools.count(1)
    listener = Listener()

    async def limited(call: Call) -> None:
        number = next(numbers)
        if number <= 8:
            await all_there.wait()
        if number == 1:
            await call.answer(b"{}", 429, "Retry-After: 0.1")
            return
        await until(lambda: bool(listener.seen))
        if number > 8:
            await asyncio.sleep(0.02)
            at_once.append(servers[0].open)
        await call.answer()

    servers.append(await serve(limited))
    target = servers[0].target(limits=replace(LIMITS, concurrency=8, retry_after_cap=1))
    await send_all(target, [scenario(str(n)) for n in range(30)], writer, watch=listener)
    assert listener.seen[0].status == 429
    assert at_once[0] <= 5
    assert max(at_once) <= 8
    assert len(servers[0].calls) == 31


async def test_a_broken_connection_is_tried_once_more(
    serve: Serve, writer: RecordingWriter
) -> None:
    server = await serve(answers(reset, (200, {}, "")))
    await send_all(server.target(), [scenario("s")], writer)
    assert outline(writer) == [("s#1", None), ("s#1.2", 200)]


async def test_a_connection_that_stays_broken(serve: Serve, writer: RecordingWriter) -> None:
    server = await serve(reset)
    await send_all(server.target(), [scenario("s", rewordings=({"n": 2},))], writer)
    assert outline(writer) == [("s#1", None), ("s#1.2", None)]


async def test_a_cut_body_is_a_finding(serve: Serve, writer: RecordingWriter) -> None:
    server = await serve(lambda call: call.write(*chunked(b"data: 1\n\n", end=False)))
    await send_all(server.target(), [scenario("s")], writer)
    (exchange,) = writer.recording.exchanges
    assert exchange.ending is Ending.CUT


async def test_an_answer_that_breaks_off_beside_others_is_asked_for_alone(
    serve: Serve, writer: RecordingWriter
) -> None:
    """And from then on all are asked for alone."""
    server = await serve(leaving_off := LeavingOff())
    leaving_off.server = server
    target = server.target(limits=replace(LIMITS, concurrency=3))
    await send_all(target, [scenario(name) for name in "abcdefgh"], writer)
    endings: dict[str, list[Ending]] = {}
    for exchange in writer.recording.exchanges:
        endings.setdefault(exchange.scenario, []).append(exchange.ending)
    assert all(found[-1] is Ending.COMPLETE for found in endings.values())
    assert [Ending.CUT, Ending.COMPLETE] in endings.values()
    assert [endings[name] for name in "efgh"] == [[Ending.COMPLETE]] * 4


class LeavingOff:
    """Leaves off what it is at when the next request comes in."""

    server: Server

    async def __call__(self, call: Call) -> None:
        for piece in chunked(*[b"data: 1\n\n"] * 5):
            if self.server.calls[-1] is not call:
                return
            await call.write(piece)
            await asyncio.sleep(0.01)


async def test_what_breaks_alone_too_keeps_others_waiting_no_longer(
    serve: Serve, writer: RecordingWriter
) -> None:
    """Four at once until it breaks, one while it is sent again, then four at once again."""
    servers: list[Server] = []
    listener = Listener()
    all_there = asyncio.Barrier(4)
    open_when_repeated: list[int] = []

    async def one_breaks(call: Call) -> None:
        breaks = call.json["user"] == "broken"
        if breaks and listener.seen:
            open_when_repeated.append(servers[0].open)
            await asyncio.sleep(0.02)
            open_when_repeated.append(servers[0].open)
        else:
            await all_there.wait()
        if breaks:
            await call.write(*chunked(b"data: 1\n\n", end=False))
        else:
            await until(lambda: bool(listener.seen))
            await asyncio.sleep(0.05)
            await call.answer()

    names = ["broken", *(str(number) for number in range(3 + 8))]
    scenarios = [scenario(name, turn(body={"user": name})) for name in names]
    servers.append(await serve(one_breaks))
    target = servers[0].target(limits=replace(LIMITS, concurrency=4))
    await send_all(target, scenarios, writer, watch=listener)
    assert listener.seen[0].scenario == "broken"
    assert open_when_repeated == [1, 1]
    assert servers[0].most_open == 4
    assert {exchange.status for exchange in listener.seen} == {200}


async def test_in_vain_few_requests_are_repeated_alone(
    serve: Serve, writer: RecordingWriter
) -> None:
    server = await serve(lambda call: call.write(*chunked(b"data: 1\n\n", end=False)))
    await send_all(server.target(), [scenario(str(number)) for number in range(9)], writer)
    attempts = Counter(exchange.scenario for exchange in writer.recording.exchanges)
    assert set(attempts.values()) == {1, 2}
    assert sum(attempts.values()) <= 9 + 3 + LIMITS.concurrency


async def test_a_request_that_is_alone_under_a_rate_was_not_disturbed(
    serve: Serve, writer: RecordingWriter
) -> None:
    server = await serve(lambda call: call.write(*chunked(b"data: 1\n\n", end=False), pause=0))
    target = server.target(limits=replace(LIMITS, requests_per_minute=600))
    starts = Starts(time := VirtualTime())
    scenarios = [scenario(name) for name in "abc"]
    await time.through(send_all(target, scenarios, writer, watch=starts, time=time), starts.busy)
    assert sorted(exchange.id for exchange in writer.recording.exchanges) == ["a#1", "b#1", "c#1"]


async def test_a_run_sends_no_more_than_its_plan_says(
    serve: Serve, writer: RecordingWriter
) -> None:
    server = await serve(reset)
    target = server.target(limits=replace(LIMITS, retries=0))
    scenarios = [scenario(name) for name in "ab"]
    await send_all(target, scenarios, writer)
    planned = plan(scenarios, target.limits)
    assert len(server.calls) == planned.most_requests - planned.scenarios[0].most_requests


async def test_an_uncooperative_model_is_asked_in_other_words(
    serve: Serve, writer: RecordingWriter
) -> None:
    server = await serve(answers((200, TEXT, ""), (429, {}, ""), (200, TEXT, "")))
    wordings = ({"seed": 1}, {"seed": 2})
    await send_all(server.target(), [scenario("s", shows="tool-call", rewordings=wordings)], writer)
    assert [call.json.get("seed") for call in server.calls] == [None, 1, 1, 2]
    assert [exchange.attempt for exchange in writer.recording.exchanges] == [1, 2, 3, 4]


async def test_a_cooperative_model_is_asked_once(serve: Serve, writer: RecordingWriter) -> None:
    server = await serve(answers((200, TOOL_CALL, ""), (200, TEXT, "")))
    second = turn(body={"was": {"$answer": 1, "at": ["choices", 0, "message"]}})
    talk = scenario("talk", turn(), second, shows="tool-call", rewordings=({"seed": 1},))
    await send_all(server.target(), [talk], writer)
    assert outline(writer) == [("talk#1", 200), ("talk#2", 200)]


async def test_a_cancelled_run_keeps_what_it_has(serve: Serve, tmp_path: Path) -> None:
    async def first_then_stall(call: Call) -> None:
        if call.json["user"] == "quick":
            await call.answer()
        await call.gone()

    server = await serve(first_then_stall)
    listener = Listener()
    names = ["quick", "slow", "slower"]
    scenarios = [scenario(name, turn(body={"user": name})) for name in names]
    before = asyncio.all_tasks()
    with RecordingWriter(tmp_path / "exchanges.jsonl", {}) as writer:
        run = asyncio.create_task(send_all(server.target(), scenarios, writer, watch=listener))
        await until(lambda: bool(listener.seen) and len(server.calls) == 3)
        run.cancel()
        with pytest.raises(asyncio.CancelledError):
            await run
    await until(lambda: asyncio.all_tasks() == before)
    assert server.open == 0
    recording = load_recording(tmp_path / "exchanges.jsonl")
    assert [exchange.scenario for exchange in recording.exchanges] == ["quick"]


async def test_a_recording_that_cannot_be_written_ends_the_run(
    serve: Serve, tmp_path: Path
) -> None:
    class Full(RecordingWriter):
        def add(self, exchange: Exchange) -> None:
            raise OSError(28, "No space left on device")

    server = await serve(Call.answer)
    with Full(tmp_path / "full.jsonl", {}) as full, pytest.raises(OSError, match="No space left"):
        await send_all(server.target(), [scenario("a"), scenario("b")], full)


def serving(count: int, *headers: str) -> Handler:
    """A handler that answers as many requests of a connection and then closes it."""

    async def handler(call: Call) -> None:
        for number in range(count):
            if number:
                await call.reader.readuntil(b"\r\n\r\n")
            await call.answer(b"{}", 200, *headers)

    return handler


def twice(**changes: Any) -> Any:
    get = turn(method="GET", path="models", body=None)
    return scenario("twice", get, get, **changes)


async def test_the_turns_share_a_connection(serve: Serve, writer: RecordingWriter) -> None:
    server = await serve(serving(2))
    await send_all(server.target(), [twice(keep_alive=True)], writer)
    assert outline(writer) == [("twice#1", 200), ("twice#2", 200)]
    assert [each.variables["connection"] for each in writer.recording.exchanges] == ["new", "kept"]
    assert len(server.calls) == 1


async def test_without_keep_alive_they_do_not(serve: Serve, writer: RecordingWriter) -> None:
    server = await serve(serving(1))
    await send_all(server.target(), [twice()], writer)
    assert outline(writer) == [("twice#1", 200), ("twice#2", 200)]
    assert len(server.calls) == 2


async def test_a_closed_connection_is_replaced(serve: Serve, writer: RecordingWriter) -> None:
    server = await serve(serving(1, "Connection: close"))
    await send_all(server.target(), [twice(keep_alive=True)], writer)
    assert [each.variables["connection"] for each in writer.recording.exchanges] == ["new", "new"]
    assert len(server.calls) == 2


async def test_a_second_request_that_is_not_answered(serve: Serve, writer: RecordingWriter) -> None:
    async def once(call: Call) -> None:
        await call.answer(b"{}")
        await call.reader.readuntil(b"\r\n\r\n")

    server = await serve(once)
    await send_all(server.target(), [twice(keep_alive=True)], writer)
    last = writer.recording.exchanges[-1]
    assert (last.turn, last.ending, last.variables["connection"]) == (2, Ending.CUT, "kept")
    assert server.open == 0


async def test_surplus_bytes_spoil_the_next_answer(serve: Serve, writer: RecordingWriter) -> None:
    async def surplus(call: Call) -> None:
        await call.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}\nand more\r\n\r\n")
        await call.gone()

    server = await serve(surplus)
    await send_all(server.target(), [twice(keep_alive=True)], writer)
    last = writer.recording.exchanges[-1]
    assert (last.turn, last.ending, last.variables["connection"]) == (2, Ending.NOT_HTTP, "kept")
