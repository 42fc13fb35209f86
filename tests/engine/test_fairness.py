"""What the engine does so that limits and outages on the way are not taken for findings."""

import asyncio
import itertools
import json
from dataclasses import replace

import pytest

from oaicheck.engine.run import send_all
from oaicheck.wire.exchange import Ending
from oaicheck.wire.recording import RecordingWriter
from support.loopback import LIMITS, Call, Serve, Server, scenario, turn
from support.virtual_time import Starts, VirtualTime

pytestmark = pytest.mark.asyncio

NAMES = [f"s{number}" for number in range(40)]


def last_statuses(writer: RecordingWriter) -> dict[str, int | None]:
    return {exchange.scenario: exchange.status for exchange in writer.recording.exchanges}


@pytest.mark.parametrize("header", ["", "Retry-After: 0.02"])
async def test_who_serves_one_at_a_time_is_not_overwhelmed(
    serve: Serve, writer: RecordingWriter, header: str
) -> None:
    servers: list[Server] = []

    async def one_at_a_time(call: Call) -> None:
        busy = servers[0].open > 1
        await asyncio.sleep(0.01)
        if busy:
            await call.answer(b"busy", 503, *([header] if header else []))
        else:
            await call.answer()

    servers.append(await serve(one_at_a_time))
    target = servers[0].target(limits=replace(LIMITS, concurrency=4, retry_after_cap=5))
    await send_all(target, [scenario(name) for name in NAMES], writer)
    assert set(last_statuses(writer).values()) == {200}
    assert len(servers[0].calls) < len(NAMES) + 15


async def test_what_was_refused_goes_first(serve: Serve, writer: RecordingWriter) -> None:
    asked: list[str] = []

    async def refusing_once(call: Call) -> None:
        asked.append(call.json["user"])
        await call.answer(b"{}", 429 if asked == ["a"] else 200)

    server = await serve(refusing_once)
    target = server.target(limits=replace(LIMITS, concurrency=1))
    await send_all(target, [scenario(n, turn(body={"user": n})) for n in "abcd"], writer)
    assert asked == ["a", "a", "b", "c", "d"]


async def test_a_pause_does_not_bunch_requests_under_a_rate(
    serve: Serve, writer: RecordingWriter
) -> None:
    """The third of twelve requests is told to wait while others sleep until their own turn."""
    statuses = itertools.chain([200, 200, 429], itertools.repeat(200))
    server = await serve(lambda call: call.answer(b"{}", next(statuses), "Retry-After: 1"))
    limits = replace(LIMITS, concurrency=4, requests_per_minute=240, retry_after_cap=5)
    starts = Starts(time := VirtualTime())
    scenarios = [scenario(name) for name in NAMES[:12]]
    target = server.target(limits=limits)
    work = send_all(target, scenarios, writer, watch=starts, time=time)
    await time.through(work, starts.busy)
    assert starts.at == [0.25, 0.5, 0.75, *(1.75 + 0.25 * number for number in range(10))]


@pytest.mark.parametrize(
    ("status", "said", "calls"),
    [
        (429, "Request too large for m on tokens per min (TPM): Limit 30000", 1),
        (429, "Too many requests", 4),
        (502, "Bad Gateway", 4),
        (504, "Gateway Timeout", 1),
        (500, "Internal Server Error", 1),
    ],
)
async def test_what_is_worth_waiting_for(
    serve: Serve, writer: RecordingWriter, status: int, said: str, calls: int
) -> None:
    server = await serve(lambda call: call.answer(said.encode(), status))
    await send_all(server.target(), [scenario("s")], writer)
    assert len(server.calls) == calls


async def test_a_proxy_that_lost_its_server_for_a_while(
    serve: Serve, writer: RecordingWriter
) -> None:
    starts = Starts(time := VirtualTime())

    async def away_at_first(call: Call) -> None:
        await call.answer(b"<html>", 502 if time.now() < 0.2 else 200)

    server = await serve(away_at_first)
    target = server.target(limits=replace(LIMITS, retry_after_cap=1))
    scenarios = [scenario(name) for name in NAMES]
    work = send_all(target, scenarios, writer, watch=starts, time=time)
    await time.through(work, starts.busy)
    assert set(last_statuses(writer).values()) == {200}
    assert set(starts.at) == {0.0, 0.5}


async def test_nobody_waits_for_what_is_gone(serve: Serve, writer: RecordingWriter) -> None:
    server = await serve(Call.answer)
    target = replace(server.target(), base_url="http://127.0.0.1:1/v1")
    await send_all(target, [scenario(name) for name in NAMES], writer)
    exchanges = writer.recording.exchanges
    assert {exchange.ending for exchange in exchanges} == {Ending.NOT_CONNECTED}
    assert {exchange.scenario for exchange in exchanges} == set(NAMES)
    assert len(exchanges) < 3 * len(NAMES)


async def test_an_endpoint_that_hangs_is_not_asked_on(
    serve: Serve, writer: RecordingWriter
) -> None:
    server = await serve(Call.gone)
    limits = replace(LIMITS, first_byte=0.05, concurrency=2)
    await send_all(server.target(limits=limits), [scenario(name) for name in NAMES], writer)
    assert len(server.calls) < 12


async def test_a_stream_without_a_byte_is_asked_for_once_more(
    serve: Serve, writer: RecordingWriter
) -> None:
    async def void(call: Call) -> None:
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 0\r\n\r\n"
        await call.write(head)

    server = await serve(void)
    await send_all(server.target(), [scenario("s", shows="text", rewordings=({"n": 2},))], writer)
    bodies = [call.json for call in server.calls]
    assert bodies[0] == bodies[1]


CALL = json.dumps({"choices": [{"message": {"tool_calls": [{"id": "a"}]}}]}).encode()
FORCED = {"tools": [], "tool_choice": "required"}


@pytest.mark.parametrize("calls_at_once", [True, False])
async def test_a_call_that_cannot_be_forced_is_asked_for(
    serve: Serve, writer: RecordingWriter, calls_at_once: bool
) -> None:
    async def thinking(call: Call) -> None:
        if call.json["tool_choice"] != "auto":
            await call.answer(b'{"error": {"message": "no such tool_choice"}}', 400)
        else:
            await call.answer(CALL if calls_at_once or "n" in call.json else b"{}")

    server = await serve(thinking)
    await send_all(
        server.target(),
        [scenario("s", turn(body=FORCED), shows="tool-call", rewordings=({"n": 1},))],
        writer,
    )
    choices = [call.json["tool_choice"] for call in server.calls]
    assert choices == ["required", "auto", *([] if calls_at_once else ["auto"])]


@pytest.mark.parametrize(
    ("choice", "said"), [("required", "no"), ("none", "no tool_choice"), ("auto", "tool_choice")]
)
async def test_other_refusals_stand(
    serve: Serve, writer: RecordingWriter, choice: str, said: str
) -> None:
    server = await serve(lambda call: call.answer(said.encode(), 400))
    body = {**FORCED, "tool_choice": choice}
    await send_all(server.target(), [scenario("s", turn(body=body), shows="tool-call")], writer)
    assert len(server.calls) == 1


@pytest.mark.parametrize(
    ("window", "asked"), [(60, [60]), (20, [60, 30, 15]), (1, [60, 30, 15, 7, 3])]
)
async def test_tools_that_exceed_the_context_window_become_fewer(
    serve: Serve, writer: RecordingWriter, window: int, asked: list[int]
) -> None:
    async def short(call: Call) -> None:
        if len(call.json["tools"]) > window:
            text = "This model's maximum context length is 2048 tokens."
            await call.answer(json.dumps({"error": {"message": text}}).encode(), 400)
        else:
            await call.answer(CALL)

    server = await serve(short)
    body = {**FORCED, "tools": list(range(60))}
    await send_all(server.target(), [scenario("s", turn(body=body), shows="tool-call")], writer)
    assert [len(call.json["tools"]) for call in server.calls] == asked
    assert all(call.json["tools"][0] == 0 for call in server.calls)


async def test_a_refusal_that_is_wanted_stands(serve: Serve, writer: RecordingWriter) -> None:
    server = await serve(lambda call: call.answer(b"no such tool_choice", 400))
    await send_all(server.target(), [scenario("s", turn(body=FORCED))], writer)
    assert len(server.calls) == 1
