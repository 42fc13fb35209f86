"""The head of an answer is recorded as it came, also where an HTTP library takes it otherwise."""

from __future__ import annotations

import pytest

from oaicheck.engine.run import send_all
from oaicheck.wire.exchange import Ending, Exchange
from oaicheck.wire.recording import RecordingWriter
from support.loopback import Call, Serve, scenario, sent, turn

pytestmark = pytest.mark.asyncio

CHUNKS = b"2\r\n{}\r\n0\r\n\r\n"
CHUNKED = ("Transfer-Encoding", "chunked")


def answering(*pieces: bytes) -> object:
    return lambda call: call.write(*pieces)


def framing(exchange: Exchange) -> list[tuple[str, str]]:
    return [
        (name, value)
        for name, value in exchange.headers
        if name.lower() in ("content-length", "transfer-encoding")
    ]


@pytest.mark.parametrize(
    ("lines", "body", "recorded"),
    [
        (
            b"Content-Length: 2\r\ncontent-length: 2",
            b"{}",
            [("Content-Length", "2"), ("content-length", "2")],
        ),
        (b"Content-Length: 2, 2", b"{}", [("Content-Length", "2, 2")]),
        (
            b"Content-Length: 9\r\nTransfer-Encoding: chunked",
            CHUNKS,
            [("Content-Length", "9"), CHUNKED],
        ),
        (
            b"Transfer-Encoding: chunked\r\nX-A: b\r\ntransfer-encoding:Chunked ",
            CHUNKS,
            [CHUNKED, ("transfer-encoding", "Chunked")],
        ),
    ],
)
async def test_each_header_about_the_length_is_recorded(
    serve: Serve, lines: bytes, body: bytes, recorded: list[tuple[str, str]]
) -> None:
    head = b"HTTP/1.1 200 OK\r\n" + lines + b"\r\n\r\n"
    exchange = await sent((await serve(answering(head + body))).target())
    assert framing(exchange) == recorded
    assert (exchange.body, exchange.ending) == (b"{}", Ending.COMPLETE)


async def test_a_head_may_come_in_any_pieces(serve: Serve) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"
    pieces = [bytes([byte]) for byte in head + CHUNKS]
    target = (await serve(answering(*pieces))).target()
    exchange = await sent(target, first_byte=60, total=60)
    assert framing(exchange) == [CHUNKED, CHUNKED]
    assert exchange.body == b"{}"


async def test_the_head_after_an_interim_one_is_recorded(serve: Serve) -> None:
    early = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n{}"
    for pieces in ([early + head], [early, head], [early + head[:9], head[9:]]):
        exchange = await sent((await serve(answering(*pieces))).target())
        assert (exchange.status, exchange.body) == (200, b"{}")
        assert len(framing(exchange)) == 2
        assert exchange.header("link") is None


async def test_a_folded_header_belongs_to_the_line_before(serve: Serve) -> None:
    head = b"HTTP/1.1 200 OK\r\nX-Long: a\r\n  b\r\nContent-Length: 2\r\n\r\n{}"
    exchange = await sent((await serve(answering(head))).target())
    assert exchange.header("x-long") == "a b"


async def test_every_answer_on_a_connection_has_its_own_head(
    serve: Serve, writer: RecordingWriter
) -> None:
    async def twice(call: Call) -> None:
        await call.answer(b"{}", 200, "X-Number: 1", "Content-Length: 2")
        await call.reader.readuntil(b"\r\n\r\n")
        await call.answer(b"{}", 200, "X-Number: 2")

    plain = turn(method="GET", path="models", body=None)
    server = await serve(twice)
    await send_all(server.target(), [scenario("a", plain, plain, keep_alive=True)], writer)
    first, second = writer.recording.exchanges
    assert [each.header("x-number") for each in (first, second)] == ["1", "2"]
    assert [len(framing(each)) for each in (first, second)] == [2, 1]
    assert second.variables["connection"] == "kept"


async def test_a_request_in_chunks_has_no_length(serve: Serve) -> None:
    bodies: list[bytes] = []

    async def read(call: Call) -> None:
        bodies.append(await call.reader.readuntil(b"0\r\n\r\n"))
        await call.answer()

    server = await serve(read)
    exchange = await sent(server.target(), turn(headers={"Transfer-Encoding": "chunked"}))
    assert exchange.status == 200
    assert server.calls[0].header("content-length") is None
    assert server.calls[0].header("transfer-encoding") == "chunked"
    size, _, rest = bodies[0].partition(b"\r\n")
    assert rest[: int(size, 16)] == exchange.request.body
