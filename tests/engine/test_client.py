"""What is sent is what is meant, and what comes back is kept as it came."""

import asyncio
import gzip
import json
import zlib

import pytest

from oaicheck import __version__
from oaicheck.engine.prepare import WRONG_KEY
from oaicheck.scenarios.scenario import Credential
from oaicheck.wire.exchange import Ending, Exchange
from oaicheck.wire.secrets import echoes
from support.loopback import KEY, Arrivals, Call, Serve, chunked, sent, turn, until
from support.spellings import CHANGES, CHARSETS, ESCAPES, PACKINGS, Spelling
from support.virtual_time import VirtualTime

pytestmark = pytest.mark.asyncio


async def test_headers_that_are_sent(serve: Serve) -> None:
    server = await serve(Call.answer)
    await sent(server.target(headers={"X-Team": "red"}))
    (call,) = server.calls
    assert call.headers == [
        ("Host", server.base_url.removeprefix("http://").removesuffix("/v1")),
        ("User-Agent", f"oaicheck/{__version__}"),
        ("Accept", "*/*"),
        ("Accept-Encoding", "identity"),
        ("Content-Type", "application/json"),
        ("X-Team", "red"),
        ("Authorization", f"Bearer {KEY}"),
        ("Content-Length", str(len(call.body))),
    ]


@pytest.mark.parametrize(
    ("version", "line"),
    [
        ("1.1", b"POST /v1/chat/completions HTTP/1.1"),
        ("1.0", b"POST /v1/chat/completions HTTP/1.0"),
    ],
)
async def test_the_version_of_a_request(serve: Serve, version: str, line: bytes) -> None:
    server = await serve(Call.answer)
    exchange = await sent(server.target(), turn(http_version=version))
    (call,) = server.calls
    assert call.head.startswith(line + b"\r\n")
    assert exchange.status == 200


async def test_a_body_without_a_length_ends_with_the_connection(serve: Serve) -> None:
    server = await serve(lambda call: call.write(b"HTTP/1.0 200 OK\r\n\r\n", b"{}"))
    exchange = await sent(server.target(), turn(http_version="1.0"))
    assert (exchange.body, exchange.ending) == (b"{}", Ending.COMPLETE)


async def test_headers_that_come_keep_order_and_case(serve: Serve) -> None:
    head = b"HTTP/1.1 200 OK\r\nX-Zebra: 1\r\nx-APE: 2\r\nX-Zebra: 3\r\nContent-Length: 0\r\n\r\n"
    server = await serve(lambda call: call.write(head))
    exchange = await sent(server.target())
    assert exchange.headers == (
        ("X-Zebra", "1"),
        ("x-APE", "2"),
        ("X-Zebra", "3"),
        ("Content-Length", "0"),
    )


async def test_a_redirect_is_not_followed(serve: Serve) -> None:
    server = await serve(lambda call: call.answer(b"", 307, "Location: /elsewhere"))
    exchange = await sent(server.target())
    assert (exchange.status, exchange.header("location")) == (307, "/elsewhere")
    assert len(server.calls) == 1


async def test_segments_have_their_times(serve: Serve) -> None:
    time = VirtualTime()
    arrived = Arrivals()

    async def in_steps(call: Call) -> None:
        for number, piece in enumerate(chunked(b"data: 1\n\n", b"data: 2\n\n")):
            await arrived.have(number)
            time.jump(0.02)
            await call.write(piece)

    exchange = await sent((await serve(in_steps)).target(), listener=arrived, time=time)
    assert [segment.data for segment in exchange.segments] == [b"data: 1\n\n", b"data: 2\n\n"]
    times = [exchange.headers_at, *(each.at for each in exchange.segments), exchange.ended_at]
    assert times == pytest.approx([0.02, 0.04, 0.06, 0.08])


async def test_surplus_bytes_do_not_reach_the_next_exchange(serve: Serve) -> None:
    async def more_than_said(call: Call) -> None:
        await call.answer(b"{}")
        await call.write(b"HTTP/1.1 500 Surplus\r\nContent-Length: 0\r\n\r\n")
        await call.gone()

    target = (server := await serve(more_than_said)).target()
    assert [(await sent(target)).status for _ in range(3)] == [200, 200, 200]
    assert len(server.calls) == 3


async def test_a_compressed_body_is_not_decoded(serve: Serve) -> None:
    body = gzip.compress(b"x" * 100)
    server = await serve(lambda call: call.answer(body, 200, "Content-Encoding: gzip"))
    exchange = await sent(server.target())
    assert (exchange.body, exchange.detail) == (body, "")


def assert_no_secret(exchange: Exchange, *secrets: str) -> None:
    line = exchange.to_json()
    for secret in secrets:
        assert secret not in line
    assert Exchange.from_record(json.loads(line)) == exchange


async def test_an_echoed_key_is_not_recorded(serve: Serve) -> None:
    async def echo(call: Call) -> None:
        body = json.dumps({"error": f"no key {KEY}"}).encode()
        await call.answer(body, 401, f"X-Echo: {KEY}")

    exchange = await sent((await serve(echo)).target())
    assert_no_secret(exchange, KEY)
    assert echoes(exchange.body)
    assert len(exchange.body) == len(json.dumps({"error": f"no key {KEY}"}))
    assert echoes((exchange.header("x-echo") or "").encode())


@pytest.mark.parametrize("spelling", [*CHANGES, *ESCAPES, *CHARSETS, *PACKINGS], ids=repr)
async def test_a_key_that_is_written_in_another_way_is_not_recorded(
    serve: Serve, spelling: Spelling
) -> None:
    form = spelling.write(KEY.encode())
    # A header and a reason can have neither line breaks nor control characters.
    short = form.translate(None, bytes(range(32)))
    head = b"HTTP/1.1 401 No %b\r\nX-Echo: %b\r\nContent-Length: %d\r\n\r\n"
    answer = head % (short, short, len(form)) + form
    exchange = await sent((await serve(lambda call: call.write(answer))).target())
    assert len(exchange.body) == len(form)
    for data in (
        exchange.body,
        exchange.reason.encode(),
        (exchange.header("x-echo") or "").encode(),
    ):
        assert echoes(data)
        assert KEY.lower().encode()[:12] not in spelling.read(data).lower()


async def test_what_is_no_secret_is_recorded(serve: Serve) -> None:
    server = await serve(Call.answer)
    host = server.base_url.removeprefix("http://")
    target = server.target(
        headers={"X-Author": "somebody-0815", "X-Host": host, "X-Tenant": "tenant-0815"},
        referenced=frozenset({"x-host", "x-tenant"}),
    )
    exchange = await sent(target, turn(body={"author": "somebody-0815", "tenant": "tenant-0815"}))
    headers = dict(exchange.request.headers)
    assert exchange.request.url.startswith(server.base_url)
    assert headers["X-Author"] == "somebody-0815"
    assert echoes(headers["X-Tenant"].encode())
    assert b"somebody-0815" in exchange.request.body
    assert b"tenant-0815" not in exchange.request.body


async def test_a_key_over_two_segments_is_not_recorded(serve: Serve) -> None:
    half = len(KEY) // 2
    pieces = chunked(b"data: " + KEY[:half].encode(), KEY[half:].encode() + b"\n\n")
    exchange = await sent((await serve(lambda call: call.write(*pieces))).target())
    assert_no_secret(exchange, KEY, KEY[:half], KEY[half:])
    assert [len(each.data) for each in exchange.segments] == [6 + half, len(KEY) - half + 2]


@pytest.mark.parametrize(
    ("encoding", "compress"),
    [
        ("gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("deflate", lambda data: zlib.compress(data)[2:-4]),
    ],
)
async def test_a_key_in_a_compressed_body_is_not_recorded(
    serve: Serve, encoding: str, compress: object
) -> None:
    assert callable(compress)
    body = compress(f"no key {KEY}, sorry".encode())
    server = await serve(lambda call: call.answer(body, 200, f"Content-Encoding: {encoding}"))
    exchange = await sent(server.target())
    assert exchange.body.startswith(b"no key #REDACTED#")
    assert "recorded decoded" in exchange.detail
    assert_no_secret(exchange, KEY)


async def test_a_key_in_a_message_of_the_client_is_not_recorded(serve: Serve) -> None:
    exchange = await sent(
        (await serve(lambda call: call.write(f"{KEY}\r\n\r\n".encode()))).target()
    )
    assert exchange.ending is Ending.NOT_HTTP
    assert_no_secret(exchange, KEY)


@pytest.mark.parametrize("before", range(0, 600, 29))
async def test_no_part_of_a_key_in_a_shortened_message_is_recorded(
    serve: Serve, before: int
) -> None:
    line = "x" * before + KEY + "y" * 600
    exchange = await sent((await serve(lambda call: call.write(line.encode()))).target())
    assert len(exchange.detail) < 350
    assert_no_secret(exchange, KEY, KEY[:8])


async def test_secrets_that_are_sent_are_not_recorded(serve: Serve) -> None:
    target = (server := await serve(Call.answer)).target(
        headers={"X-Api-Token": "tok"}, query={"sig": "signature-1"}
    )
    body = {"model": "$model", "user": KEY}
    exchange = await sent(target, turn(body=body))
    assert server.calls[0].header("x-api-token") == "tok"
    assert b"sig=signature-1" in server.calls[0].head
    assert KEY.encode() in server.calls[0].body
    assert_no_secret(exchange, KEY, "signature-1", '"tok"')
    assert dict(exchange.request.headers)["Authorization"].startswith("Bearer #REDACTED#")


@pytest.mark.parametrize("key", ["x", "EMPTY", KEY])
@pytest.mark.parametrize(
    ("auth_header", "auth_scheme"), [("Authorization", "Bearer"), ("api-key", "")]
)
async def test_the_credential_is_never_recorded(
    serve: Serve, key: str, auth_header: str, auth_scheme: str
) -> None:
    server = await serve(Call.answer)
    target = server.target(key=key, auth_header=auth_header, auth_scheme=auth_scheme)
    credentials = (Credential.OWN, Credential.TRUNCATED, Credential.LONGER, Credential.BASIC)
    for credential in (*credentials, Credential.WRONG):
        exchange = await sent(target, turn(credential=credential))
        recorded = dict(exchange.request.headers)[auth_header]
        sent_value = server.calls[-1].header(auth_header) or ""
        assert len(recorded) == len(sent_value)
        assert recorded.split(" ")[-1] == "#REDACTED#KEY"[: len(sent_value.split(" ")[-1])] or (
            recorded.split(" ")[-1].startswith("#REDACTED#KEY#")
        )
        assert recorded.split(" ")[:-1] == sent_value.split(" ")[:-1]


async def test_an_echo_of_the_wrong_key_is_seen(serve: Serve) -> None:
    server = await serve(lambda call: call.answer(f"no key {WRONG_KEY}".encode(), 401))
    assert echoes((await sent(server.target(), turn(credential=Credential.WRONG))).body)


async def test_a_cancelled_request_leaves_nothing(serve: Serve) -> None:
    left = asyncio.Event()

    async def stall(call: Call) -> None:
        await call.write(*chunked(b"some", end=False))
        await call.gone()
        left.set()

    server = await serve(stall)
    before = asyncio.all_tasks()
    task = asyncio.create_task(sent(server.target(), listener=(arrived := Arrivals())))
    await arrived.have(2)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await until(left.is_set)
    await until(lambda: asyncio.all_tasks() == before)
    assert server.open == 0


@pytest.mark.parametrize("limits", [{"bytes": 3}, {"gap": 0.05}, {"total": 0.1}])
async def test_a_bounded_request_leaves_nothing(serve: Serve, limits: dict[str, float]) -> None:
    async def stall(call: Call) -> None:
        await call.write(*chunked(b"some", end=False))
        await call.gone()

    server = await serve(stall)
    before = asyncio.all_tasks()
    await sent(server.target(), **limits)
    assert {task for task in asyncio.all_tasks() if "connected" not in repr(task)} == before
    await until(lambda: server.open == 0)


async def test_a_request_cancelled_in_its_tls_handshake_leaves_nothing(serve: Serve) -> None:
    server = await serve(Call.gone)
    task = asyncio.create_task(
        sent(server.target(base_url=server.base_url.replace("http:", "https:")))
    )
    await until(lambda: server.open == 1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await until(lambda: server.open == 0)
