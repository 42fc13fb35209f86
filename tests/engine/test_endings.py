"""Every way in which an exchange can end is told apart, and said in words."""

import asyncio
import socket
import ssl
import sys

import pytest

from oaicheck.engine import client
from oaicheck.engine.endings import MALFORMED
from oaicheck.target.target import Target
from oaicheck.wire.exchange import Ending
from support.loopback import (
    CERTIFICATE,
    LIMITS,
    Call,
    Serve,
    chunked,
    listening,
    sent,
    tls_server,
    turn,
    until,
)

pytestmark = pytest.mark.asyncio


def unused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


async def test_complete(serve: Serve) -> None:
    server = await serve(lambda call: call.answer(b'{"a": 1}'))
    exchange = await sent(server.target())
    assert (exchange.status, exchange.reason, exchange.ending) == (200, "Word", Ending.COMPLETE)
    assert exchange.body == b'{"a": 1}'
    assert exchange.detail == ""


async def test_complete_by_an_orderly_close(serve: Serve) -> None:
    server = await serve(lambda call: call.write(b"HTTP/1.1 200 OK\r\n\r\nall of it"))
    exchange = await sent(server.target())
    assert (exchange.ending, exchange.body) == (Ending.COMPLETE, b"all of it")


@pytest.mark.parametrize(
    "pieces",
    [
        [b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nnot all"],
        chunked(b"not all", end=False),
    ],
)
async def test_cut_in_the_body(serve: Serve, pieces: list[bytes]) -> None:
    server = await serve(lambda call: call.write(*pieces))
    exchange = await sent(server.target())
    assert (exchange.status, exchange.ending) == (200, Ending.CUT)
    assert exchange.body == b"not all"
    assert "closed the connection" in exchange.detail


@pytest.mark.parametrize("before", [b"", b"HTTP/1.1 200 OK\r\nContent-"])
async def test_cut_in_the_headers(serve: Serve, before: bytes) -> None:
    server = await serve(lambda call: call.write(before))
    exchange = await sent(server.target())
    assert (exchange.status, exchange.ending) == (None, Ending.CUT)


async def test_reset(serve: Serve) -> None:
    async def reset(call: Call) -> None:
        await call.write(*chunked(b"some", end=False))
        call.reset()

    exchange = await sent((await serve(reset)).target())
    assert (exchange.status, exchange.ending, exchange.body) == (200, Ending.RESET, b"some")
    assert "reset by peer" in exchange.detail


async def test_reset_before_the_headers(serve: Serve) -> None:
    async def reset(call: Call) -> None:
        call.reset()

    exchange = await sent((await serve(reset)).target())
    assert (exchange.status, exchange.ending) == (None, Ending.RESET)


async def test_no_first_byte(serve: Serve) -> None:
    server = await serve(Call.gone)
    exchange = await sent(server.target(), first_byte=0.1)
    assert (exchange.status, exchange.ending) == (None, Ending.NO_FIRST_BYTE)
    assert exchange.detail == "no response headers within 0.1 s"


async def test_headers_that_trickle_are_no_answer(serve: Serve) -> None:
    async def trickle(call: Call) -> None:
        await call.write(b"HTTP/1.1 200 OK\r\n")
        while True:
            await call.write(b"X: y\r\n")
            await asyncio.sleep(0.02)

    exchange = await sent((await serve(trickle)).target(), first_byte=0.1)
    assert exchange.ending is Ending.NO_FIRST_BYTE


async def test_stalled(serve: Serve) -> None:
    async def stall(call: Call) -> None:
        await call.write(b"".join(chunked(b"some", end=False)))
        await call.gone()

    exchange = await sent((await serve(stall)).target(), gap=0.1)
    assert (exchange.ending, exchange.body) == (Ending.STALLED, b"some")
    assert exchange.detail == "no byte for 0.1 s, after 4 bytes of the body"


async def endless(call: Call) -> None:
    await call.write(*chunked(end=False))
    while True:
        await call.write(b"5\r\n12345\r\n")
        await asyncio.sleep(0.001)


async def test_too_long(serve: Serve) -> None:
    exchange = await sent((await serve(endless)).target(), total=1)
    assert exchange.ending is Ending.TOO_LONG
    assert exchange.detail == "the response was not complete within 1 s"
    assert exchange.headers_at is not None
    assert exchange.headers_at < exchange.segments[-1].at <= exchange.ended_at


async def test_too_large(serve: Serve) -> None:
    exchange = await sent((await serve(endless)).target(), bytes=12)
    assert (exchange.ending, exchange.body) == (Ending.TOO_LARGE, b"123451234512")


async def test_exactly_as_large_as_allowed(serve: Serve) -> None:
    server = await serve(lambda call: call.answer(b"12345"))
    assert (await sent(server.target(), bytes=5)).ending is Ending.COMPLETE


async def test_hung_up(serve: Serve) -> None:
    left = asyncio.Event()

    async def stream(call: Call) -> None:
        await call.write(*chunked(b"data: 1\n\n", b"data: 2\n\n", end=False))
        await call.gone()
        left.set()

    exchange = await sent((await serve(stream)).target(), turn(hang_up_after_bytes=9))
    assert (exchange.ending, exchange.body) == (Ending.HUNG_UP, b"data: 1\n\n")
    await until(left.is_set)


async def test_hung_up_before_an_answer(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "_AWAITED", 0.05)
    left = asyncio.Event()

    async def think(call: Call) -> None:
        await call.gone()
        left.set()

    exchange = await sent((await serve(think)).target(), turn(hang_up_after_bytes=0))
    assert (exchange.ending, exchange.status, exchange.body) == (Ending.HUNG_UP, None, b"")
    assert exchange.detail == "the client hung up 0.05 s after its request, with no answer yet"
    await until(left.is_set)


async def test_hung_up_at_the_beginning_of_an_answer(serve: Serve) -> None:
    server = await serve(lambda call: call.answer(b"12345"))
    exchange = await sent(server.target(), turn(hang_up_after_bytes=0))
    assert (exchange.ending, exchange.status, exchange.body) == (Ending.HUNG_UP, 200, b"")


async def test_no_answer_in_time_is_no_hanging_up(serve: Serve) -> None:
    server = await serve(lambda call: call.gone())
    exchange = await sent(server.target(), turn(hang_up_after_bytes=0), first_byte=0.05)
    assert exchange.ending is Ending.NO_FIRST_BYTE


@pytest.mark.parametrize("sentinel", [b"data: [DONE]\n\n", b"data:[DONE]\r\n\r\n"])
@pytest.mark.parametrize("pinging", [False, True])
async def test_open_after_the_sentinel(serve: Serve, sentinel: bytes, pinging: bool) -> None:
    async def linger(call: Call) -> None:
        await call.write(*chunked(b"data: {}\n\n", sentinel[:6], sentinel[6:], end=False))
        while pinging:
            await call.write(b"7\r\n: ping\n\r\n")
            await asyncio.sleep(0.02)
        await call.gone()

    exchange = await sent((await serve(linger)).target(), linger=0.1)
    assert exchange.ending is Ending.STALLED
    assert "kept the connection open after `data: [DONE]`" in exchange.detail


async def test_a_quoted_sentinel_ends_nothing(serve: Serve) -> None:
    async def quote(call: Call) -> None:
        await call.write(*chunked(b'data: {"content": "data: [DONE]"}\n\n', end=False))
        await asyncio.sleep(0.3)
        await call.write(b"0\r\n\r\n")

    exchange = await sent((await serve(quote)).target(), linger=0.05)
    assert exchange.ending is Ending.COMPLETE


async def test_refused() -> None:
    target = Target(f"http://127.0.0.1:{unused_port()}/v1", "m", limits=LIMITS)
    exchange = await sent(target)
    assert (exchange.status, exchange.ending) == (None, Ending.NOT_CONNECTED)
    assert "refused the connection" in exchange.detail


async def test_unknown_name() -> None:
    exchange = await sent(Target("http://nowhere.invalid/v1", "m", limits=LIMITS))
    assert exchange.ending is Ending.NOT_CONNECTED
    assert "the name of nowhere.invalid:80 cannot be resolved" in exchange.detail


@pytest.mark.skipif(sys.platform != "linux", reason="only there can a backlog be filled this way")
async def test_no_connection_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        address = full.getsockname()
        waiting = [socket.socket() for _ in range(3)]
        for each in waiting:
            each.setblocking(False)
            each.connect_ex(address)
        target = Target(f"http://127.0.0.1:{address[1]}", "m", limits=LIMITS)
        exchange = await sent(target, connect=0.1)
        for each in waiting:
            each.close()
    assert exchange.ending is Ending.NOT_CONNECTED
    assert exchange.detail == f"no connection to 127.0.0.1:{address[1]} within 0.1 s"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"SSH-2.0-OpenSSH_9.6\r\n", "SSH-2.0"),
        (b"\x15\x03\x01\x00\x02\x02\x16", "it may be an https:// address"),
        (b"hello there, this is no HTTP at all\r\n\r\n", "not HTTP"),
    ],
)
async def test_not_http(serve: Serve, answer: bytes, said: str) -> None:
    exchange = await sent((await serve(lambda call: call.write(answer + b"\r\n" * 3))).target())
    assert (exchange.status, exchange.ending) == (None, Ending.NOT_HTTP)
    assert said in exchange.detail


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"X-Powered-By : x", "X-Powered-By : x"),
        (b"Content-Length: 1\r\nContent-Length: 2", "`Content-Length` has two different values"),
        (b"Content-Length: many", "`Content-Length` is no whole number of at most 20 digits"),
    ],
)
async def test_malformed_headers(serve: Serve, line: bytes, said: str) -> None:
    server = await serve(lambda call: call.write(b"HTTP/1.1 200 OK\r\n" + line + b"\r\n\r\n"))
    exchange = await sent(server.target())
    assert (exchange.status, exchange.ending) == (None, Ending.NOT_HTTP)
    assert exchange.detail.startswith(f"{MALFORMED}: ")
    assert said in exchange.detail
    assert "bytearray" not in exchange.detail


async def test_broken_framing(serve: Serve) -> None:
    server = await serve(lambda call: call.write(*chunked(b"data: 1\n\n", end=False), b"zz\r\n"))
    exchange = await sent(server.target())
    assert (exchange.status, exchange.ending) == (200, Ending.NOT_HTTP)
    assert "framing is broken" in exchange.detail
    assert exchange.body == b"data: 1\n\n"


async def test_no_tls_there() -> None:
    async def plain(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(plain, "127.0.0.1", 0) as listening:
        port = listening.sockets[0].getsockname()[1]
        exchange = await sent(Target(f"https://127.0.0.1:{port}", "m", limits=LIMITS))
    assert exchange.ending is Ending.TLS_FAILED
    assert "does not speak TLS" in exchange.detail


async def test_no_tls_handshake_in_time(serve: Serve) -> None:
    server = await serve(Call.gone)
    target = server.target(base_url=server.base_url.replace("http:", "https:"))
    exchange = await sent(target, connect=0.5)
    peer = target.base_url.removeprefix("https://").removesuffix("/v1")
    assert exchange.ending is Ending.TLS_FAILED
    assert exchange.detail == f"no TLS handshake with {peer} within 0.5 s"


async def test_untrusted_certificate(serve: Serve) -> None:
    server = await serve(Call.answer, tls=tls_server())
    exchange = await sent(server.target())
    assert exchange.ending is Ending.TLS_FAILED
    assert "is not trusted: self-signed certificate" in exchange.detail


async def test_trusted_certificate(serve: Serve) -> None:
    server = await serve(Call.answer, tls=tls_server())
    exchange = await sent(server.target(ca_bundle=CERTIFICATE))
    assert (exchange.status, exchange.ending) == (200, Ending.COMPLETE)


async def test_a_certificate_for_another_name(serve: Serve) -> None:
    server = await serve(Call.answer, tls=tls_server())
    base_url = server.base_url.replace("127.0.0.1", "127.1")
    exchange = await sent(server.target(base_url=base_url, ca_bundle=CERTIFICATE))
    assert exchange.ending is Ending.TLS_FAILED
    assert "is for another name: Hostname mismatch" in exchange.detail


async def test_client_certificate(serve: Serve) -> None:
    demanding = tls_server()
    demanding.verify_mode = ssl.CERT_REQUIRED
    demanding.load_verify_locations(CERTIFICATE)
    server = await serve(Call.answer, tls=demanding)
    target = server.target(ca_bundle=CERTIFICATE)
    assert (await sent(target)).status is None
    assert (await sent(server.target(ca_bundle=CERTIFICATE, client_cert=CERTIFICATE))).status == 200


async def test_proxy(serve: Serve) -> None:
    proxy = await serve(Call.answer)
    address = proxy.base_url.removesuffix("/v1")
    target = Target("http://far.invalid/v1", "m", proxy=address, limits=LIMITS)
    assert (await sent(target)).status == 200
    assert proxy.calls[0].head.startswith(b"POST http://far.invalid/v1/chat/completions HTTP/1.1")


async def test_proxy_that_refuses(serve: Serve) -> None:
    proxy = await serve(lambda call: call.answer(b"", 407))
    address = proxy.base_url.removesuffix("/v1")
    exchange = await sent(Target("https://far.invalid/v1", "m", proxy=address, limits=LIMITS))
    assert exchange.ending is Ending.NOT_CONNECTED
    assert f"the proxy {address.removeprefix('http://')} (from --proxy)" in exchange.detail
    assert "407" in exchange.detail


async def test_a_proxy_that_is_not_there() -> None:
    proxy = f"127.0.0.1:{unused_port()}"
    target = Target("http://far.invalid/v1", "m", proxy=f"http://me:pass@{proxy}", limits=LIMITS)
    exchange = await sent(target)
    assert exchange.ending is Ending.NOT_CONNECTED
    assert f"the proxy {proxy} (from --proxy) refused the connection" in exchange.detail


async def test_a_certificate_behind_a_proxy_is_not_the_proxys(serve: Serve) -> None:
    """After CONNECT it is the endpoint that a TLS handshake is made with."""
    async with listening(Call.answer, tls_server()) as server:
        port = int(server.base_url.removesuffix("/v1").rpartition(":")[2])

        async def tunnel(call: Call) -> None:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            await call.write(b"HTTP/1.1 200 OK\r\n\r\n")
            writer.write(await call.reader.read(65536))
            await call.write(await reader.read(65536))
            writer.close()

        proxy = (await serve(tunnel)).base_url.removesuffix("/v1")
        exchange = await sent(Target("https://far.invalid/v1", "m", proxy=proxy, limits=LIMITS))
    assert exchange.ending is Ending.TLS_FAILED
    assert exchange.detail.startswith("the certificate of far.invalid:443 ")
