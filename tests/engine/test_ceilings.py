"""Whatever an endpoint sends without end, an exchange ends, and says what there was too much of."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from oaicheck.engine.ceilings import BodyCeiling
from oaicheck.target.target import Limits
from oaicheck.wire.exchange import Ending
from support.loopback import LIMITS, Call, Handler, Serve, chunked, sent
from support.virtual_time import VirtualTime

pytestmark = pytest.mark.asyncio

INTERIM = b"HTTP/1.1 102 Processing\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = chunked(end=False)[0]
KIB = 1024


def without_end(first: bytes, more: bytes) -> Handler:
    """Sends the same bytes again and again, as fast as they are read."""

    async def handler(call: Call) -> None:
        await call.write(first)
        while True:
            await call.write(more * 1000)

    return handler


def once(*pieces: bytes) -> Handler:
    return lambda call: call.write(*pieces)


@pytest.mark.parametrize(
    ("handler", "said"),
    [
        (without_end(b"", INTERIM), "interim answers (1xx) came without end: more than 20, "),
        (
            without_end(b"", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"),
            "interim answers (1xx) came without end: more than 20, ",
        ),
        (without_end(HEAD, b"X: y\r\n"), "the headers are longer than 262144 "),
        (without_end(HEAD + b"X: ", b"y" * 9), "the headers are longer than 262144 "),
        (once(HEAD + b"X:\r\n" * 2050 + b"\r\n"), "the headers are longer than 2048 lines"),
        (without_end(INTERIM[:-2], b"X: y\r\n"), "the headers are longer than 262144 bytes"),
        (without_end(b"HTTP/1.1 200 " + b"O" * 9, b"K"), "the headers are longer than 262144 "),
    ],
)
async def test_before_the_body(serve: Serve, handler: Handler, said: str) -> None:
    exchange = await sent((await serve(handler)).target())
    assert (exchange.status, exchange.ending) == (None, Ending.TOO_LARGE)
    assert exchange.detail.startswith(said)
    assert exchange.detail.endswith("; the rest was not read")


@pytest.mark.parametrize(
    ("handler", "limits", "said"),
    [
        (
            without_end(CHUNKED, b"9\r\ndata: 1\n\n\r\n"),
            {"events": 300},
            "the body has more than 300 events",
        ),
        (
            without_end(CHUNKED, b"5\r\n: p\r\n\r\n"),
            {"events": 300},
            "the body has more than 1200 lines",
        ),
        (
            without_end(CHUNKED, b"1\r\nx\r\n"),
            {"events": 300},
            "the body comes in more than 1200 pieces",
        ),
        (without_end(CHUNKED, b"1\r\nx\r\n"), {"bytes": 99}, "the body is longer than 99 bytes"),
        (
            without_end(CHUNKED + b"0\r\n", b"X: y\r\n"),
            {"header_bytes": 5000},
            "the trailers after the body are longer than 5000 bytes",
        ),
        (
            without_end(CHUNKED + b"0\r\n", b"X: y\r\n"),
            {},
            "the trailers after the body are longer than 100 KiB",
        ),
        (
            without_end(CHUNKED + b"1;", b"x"),
            {},
            "the line with the size of a chunk is longer than 4096 bytes",
        ),
        (
            without_end(CHUNKED, b"1;" + b"x" * 999 + b"\r\ny\r\n"),
            {"bytes": 50_000, "header_bytes": 1000},
            "the response takes more than 402000 bytes, chunk sizes and headers included",
        ),
    ],
)
async def test_in_and_after_the_body(
    serve: Serve, handler: Handler, limits: dict[str, Any], said: str
) -> None:
    exchange = await sent((await serve(handler)).target(), **limits)
    assert (exchange.status, exchange.ending) == (200, Ending.TOO_LARGE)
    assert exchange.detail.startswith(said)


@pytest.mark.parametrize(
    ("pieces", "limits"),
    [
        ([INTERIM * 3, INTERIM[:9], INTERIM[9:] + OK], {"interim": 4}),
        ([INTERIM * 20 + OK], {}),
        ([HEAD + b"X: " + b"y" * 200 * KIB + b"\r\nContent-Length: 2\r\n\r\n{}"], {}),
        ([b"".join(chunked(b"{}", end=False)), b"0\r\nX: " + b"y" * 90 * KIB + b"\r\n\r\n"], {}),
        (chunked(b"{}"), {"events": 1}),
        (chunked(b"data: 1\n\n", b"data: 2\n", b"\n", b"data: 3\r\n\r\n"), {"events": 3}),
    ],
)
async def test_as_much_as_is_allowed(
    serve: Serve, pieces: list[bytes], limits: dict[str, Any]
) -> None:
    exchange = await sent((await serve(once(*pieces))).target(), **limits)
    assert (exchange.status, exchange.ending) == (200, Ending.COMPLETE)


async def test_a_limit_holds_for_each_exchange_on_a_connection(serve: Serve) -> None:
    """Interim answers are counted anew, in each answer that a proxy opens a tunnel with too."""
    server = await serve(once(INTERIM * 2 + OK))
    for _ in range(2):
        assert (await sent(server.target(), interim=2)).ending is Ending.COMPLETE


@pytest.mark.parametrize("pieces", [1, 2, 7])
@pytest.mark.parametrize(
    ("text", "events"),
    [
        (b"data: 1\n\ndata: 2\n\n", 2),
        (b"data: 1\r\n\r\ndata: 2\r\n\r\n", 2),
        (b"data: 1\r\rdata: 2\r\r:", 2),
        (b"event: a\ndata: 1\n\n", 1),
        (b": ping\n: ping\n", 0),
        (b"{}", 0),
    ],
)
async def test_the_count_does_not_depend_on_the_pieces(
    text: bytes, events: int, pieces: int
) -> None:
    def exceeds(most: int) -> bool:
        ceiling = BodyCeiling(Limits(events=most))
        parts = [text[at : at + pieces] for at in range(0, len(text), pieces)]
        return any(ceiling.exceeded(part).endswith("events") for part in parts)

    assert not exceeds(events)
    assert not events or exceeds(events - 1)


async def test_very_many_pieces_that_come_together_are_one(serve: Serve) -> None:
    async def answer(call: Call) -> None:
        await call.write(CHUNKED + b"1\r\nx\r\n" * 12_000 + b"0\r\n\r\n")

    exchange = await sent((await serve(answer)).target(), time=VirtualTime())
    assert (exchange.ending, exchange.body) == (Ending.COMPLETE, b"x" * 12_000)
    assert len(exchange.segments) < 10_010


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (
            HEAD + b"X: a\x0bb\r\n\r\n",
            "the headers are malformed: invalid line: X: a",
        ),
        (HEAD + b"X: a\rb\r\n\r\n", "the headers are malformed: invalid line: X: a"),
        (
            CHUNKED + b"2\r\n{}\r\n0\r\nX: a\x00\r\n\r\n",
            "the trailers after the body are malformed: invalid line: X:",
        ),
        (
            CHUNKED + b"1;" + b"x" * 5 * KIB + b"\r\nx\r\n",
            "the line with the size of a chunk is longer than 4096 bytes",
        ),
    ],
)
async def test_what_is_refused_before_the_library_reads_it(
    serve: Serve, answer: bytes, said: str
) -> None:
    exchange = await sent((await serve(once(answer))).target())
    assert exchange.ending in (Ending.NOT_HTTP, Ending.TOO_LARGE)
    assert exchange.detail.startswith(said)


@pytest.mark.parametrize(
    "flood", [b"1\r\nx\r\n", b"1000\r\n" + b"x" * 4096 + b"\r\n", b"9\r\n: ping\n\n\n\r\n"]
)
async def test_a_flood_does_not_outlast_the_time_limit(serve: Serve, flood: bytes) -> None:
    high = {"bytes": 10**12, "events": 10**9, "header_bytes": 10**9}
    target = (await serve(without_end(CHUNKED, flood))).target()
    exchange = await sent(target, total=0.5, **high)
    assert exchange.ending is Ending.TOO_LONG


@pytest.mark.parametrize("before", [b"", CHUNKED])
async def test_lateness_without_end_puts_a_limit_off_only_so_far(
    serve: Serve, before: bytes
) -> None:
    """The process misses a second again and again, and more than the limit in all."""
    time = VirtualTime()

    async def stall(call: Call) -> None:
        await call.write(before)
        while True:
            time.jump(1)
            await asyncio.sleep(0.03)

    exchange = await sent((await serve(stall)).target(), total=0.3, time=time)
    assert exchange.ending in (Ending.NO_FIRST_BYTE, Ending.TOO_LONG)


@pytest.mark.parametrize("make", [lambda: LIMITS, Limits])
async def test_the_bytes_on_the_wire_have_room_for_the_smallest_chunks(
    make: Callable[[], Limits],
) -> None:
    limits = make()
    assert limits.wire_bytes >= limits.bytes * len(b"1\r\nx\r\n") + 2 * limits.header_bytes


async def test_what_came_before_the_end_is_recorded(serve: Serve) -> None:
    answer = b"".join(chunked(b"data: 1\n\n", end=False)) + b"0\r\nX: \x00\r\n\r\n"
    exchange = await sent((await serve(once(answer))).target())
    assert (exchange.status, exchange.ending) == (200, Ending.NOT_HTTP)
    assert exchange.body == b"data: 1\n\n"
