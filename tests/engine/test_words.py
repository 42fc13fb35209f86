"""No word of the HTTP library reaches a reader: every message of it is said in our own."""

from __future__ import annotations

import ast
import importlib.util
import os
import random
import re
import ssl
from collections.abc import Iterator
from pathlib import Path

import anyio
import h11
import httpx
import pytest

from oaicheck.engine.endings import Phase, connection_failure, explain
from oaicheck.wire.exchange import Ending
from support.loopback import CERTIFICATE, Call, Serve, chunked, sent, tls_server

HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = chunked(end=False)[0]
CHUNK = b"2\r\n{}\r\n"

FOREIGN = re.compile(
    r"bytearray|\bb['\"]|status_code|role=|state=|SERVER|illegal|\[SSL|_ssl|Errno|Error\b|Response\b"
    r"|Sentinel|peer |None|Receive buffer|\(_|[A-Z]+_[A-Z]+"
)
"""What only programmers of the library would write."""


def said_by_h11(data: bytes) -> tuple[str, Phase]:
    """The message of h11 about a response, and what the client waits for meanwhile."""
    client = h11.Connection(h11.CLIENT, max_incomplete_event_size=100 * 1024)
    client.send(h11.Request(method="GET", target="/", headers=[("Host", "a")]))
    client.send(h11.EndOfMessage())
    client.receive_data(data)
    phase = Phase.HEADERS
    while True:
        try:
            event = client.next_event()
        except h11.RemoteProtocolError as error:
            return str(error), phase
        if event is h11.NEED_DATA:
            client.receive_data(b"")
        if isinstance(event, h11.Response):
            phase = Phase.BODY


@pytest.mark.parametrize(
    ("answer", "detail"),
    [
        (b"\r\nHTTP/1.1 200 OK\r\n\r\n", "the answer is not HTTP: it begins with an empty line"),
        (b"SSH-2.0-x\r\n\r\n", "the answer is not HTTP: it begins with the line SSH-2.0-x"),
        (
            b"\x15\x03\x01\x00\x02\x02\x16\r\n\r\n",
            "the answer is TLS, not plain HTTP; it may be an https:// address",
        ),
        (
            b"\x01\x02",
            "the answer is not HTTP: it begins with a space or a control character",
        ),
        (b"HTTP/1.1 20 OK\r\n\r\n", "the status line is malformed: HTTP/1.1 20 OK"),
        (
            b"HTTP/1.1 099 Early\r\n\r\n",
            "the status line is malformed: its status is 99, and HTTP begins at 100",
        ),
        (
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
            "it answered 101, a change of the protocol that nobody asked for",
        ),
        (
            b"x" * 200_000,
            "the answer is not HTTP: it begins with more than 100 KiB without a status",
        ),
        (HEAD + b"X : y\r\n\r\n", "the headers are malformed: invalid line: X : y"),
        (HEAD + b"no colon\r\n\r\n", "the headers are malformed: invalid line: no colon"),
        (HEAD + b'X: it\'s "y" \\ \x00\r\n\r\n', 'invalid line: X: it\'s "y" \\ \\x00'),
        (
            HEAD + b" X: y\r\n\r\n",
            "the headers are malformed: the first line begins with a space, like the rest of "
            "another",
        ),
        (
            HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n",
            "the headers are malformed: `Content-Length` has two different values",
        ),
        (
            HEAD + b"Content-Length: -1\r\n\r\n",
            "the headers are malformed: `Content-Length` is no whole number of at most 20 digits",
        ),
        (
            HEAD + b"Content-Length: " + b"1" * 21 + b"\r\n\r\n",
            "the headers are malformed: `Content-Length` is no whole number of at most 20 digits",
        ),
        (
            HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n",
            "the headers are malformed: `Transfer-Encoding` is not `chunked`",
        ),
        (
            HEAD + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip\r\n\r\n",
            "the headers are malformed: `Transfer-Encoding` occurs twice with different values",
        ),
        (
            CHUNKED + CHUNK + b"zz\r\n",
            "the body's framing is broken: `zz` stands where the size of a chunk should be",
        ),
        (
            CHUNKED + b"\r\n",
            "the body's framing is broken: an empty line stands where the size of a chunk should "
            "be",
        ),
        (
            CHUNKED + b"1\r\nabc",
            "the body's framing is broken: `bc` follows a chunk that should have ended: its size "
            "is wrong",
        ),
        (
            CHUNKED + b"0\r\nX : y\r\n\r\n",
            "the trailers after the body are malformed: invalid line: X : y",
        ),
        (
            CHUNKED + b"0\r\nContent-Length: x\r\n\r\n",
            "the trailers after the body are malformed: `Content-Length` is no whole number of at "
            "most 20 digits",
        ),
        (
            CHUNKED + b"0\r\nX: " + b"y" * 200_000,
            "the trailers after the body are longer than 100 KiB",
        ),
    ],
)
def test_each_message_of_h11_has_words_of_its_own(answer: bytes, detail: str) -> None:
    text, phase = said_by_h11(answer)
    ending, said = explain(httpx.RemoteProtocolError(text), phase, "host:1")
    assert said.endswith(detail)
    assert not FOREIGN.search(said)
    assert ending in (Ending.NOT_HTTP, Ending.TOO_LARGE)


@pytest.mark.parametrize(
    "answer",
    [b"", HEAD, HEAD + b"Content-Length: 9\r\n\r\nx", CHUNKED + CHUNK, CHUNKED + b"9\r\nx"],
)
def test_too_early_an_end_is_a_cut(answer: bytes) -> None:
    text, phase = said_by_h11(answer)
    if phase is Phase.HEADERS:
        text = "Server disconnected without sending a response."
    ending, said = explain(httpx.RemoteProtocolError(text), phase, "host:1")
    assert ending is Ending.CUT
    assert said.startswith("the server closed the connection while the client waited for the ")


def messages_of(package: str) -> Iterator[str]:
    """The texts of all exceptions that a package raises, with `x` for what is filled in."""
    found = importlib.util.find_spec(package)
    assert found is not None
    assert found.origin is not None
    for path in sorted(Path(found.origin).parent.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
                for part in ast.walk(node.exc):
                    if isinstance(part, ast.Constant) and isinstance(part.value, str):
                        yield part.value.replace("{!r}", "bytearray(b'x')").replace("{}", "x")


@pytest.mark.parametrize("package", ["h11", "httpcore", "httpx", "anyio"])
@pytest.mark.parametrize("phase", list(Phase))
def test_no_message_of_a_library_comes_through(package: str, phase: Phase) -> None:
    messages = [message for message in messages_of(package) if len(message.split()) > 1]
    assert messages
    for message in messages:
        for error in (
            httpx.RemoteProtocolError(message),
            httpx.LocalProtocolError(message),
            httpx.UnsupportedProtocol(message),
            httpx.ConnectError(message),
            httpx.ReadError(message),
        ):
            _, said = explain(error, phase, "host:1")
            assert message not in said, message
            assert not FOREIGN.search(said), said
            assert said.isprintable(), said


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("TLSV13_ALERT_CERTIFICATE_REQUIRED", "the server wants a client certificate"),
        ("SSLV3_ALERT_HANDSHAKE_FAILURE", "or wants a client certificate"),
        ("TLSV1_ALERT_UNKNOWN_CA", "wants a client certificate from a CA that it knows"),
        ("TLSV1_ALERT_PROTOCOL_VERSION", "the server shares no TLS version with this client"),
        ("TLSV1_UNRECOGNIZED_NAME", "the server does not serve this host name"),
        ("NO_WORDS_FOR_THIS", "OpenSSL calls it `no words for this`"),
    ],
)
@pytest.mark.parametrize("phase", [Phase.TLS, Phase.HEADERS, Phase.BODY])
def test_each_error_of_tls_has_words_of_its_own(reason: str, words: str, phase: Phase) -> None:
    cause = ssl.SSLError(1, f"[SSL: {reason}] {reason.lower()} (_ssl.c:1006)")
    cause.reason = reason
    error = httpx.ReadError("x")
    error.__cause__ = cause
    _, said = explain(error, phase, "host:1")
    assert said.endswith(words)
    assert not FOREIGN.search(said)


def test_the_system_says_why_there_is_no_connection() -> None:
    error = OSError("All connection attempts failed")
    error.__cause__ = OSError(113, "Connect call failed ('10.0.0.1', 80)")
    assert connection_failure(error, "host:1") == f"no connection to host:1: {os.strerror(113)}"
    assert connection_failure(anyio.EndOfStream(), "host:1") == "no connection to host:1"


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("answer", "detail"),
    [
        (b"\x15\x03\x01\x00\x02\x02\x16", "the answer is TLS, not plain HTTP"),
        (b"\x00\x00\x06\x04\x00\x00\x00\x00\x00\x00\x04\x00", "the answer is HTTP/2, but oaicheck"),
        (b"220 mail ready", "the answer is not HTTP: it begins with the line 220 mail ready"),
        (b"\r\n", "the answer is not HTTP: it begins with an empty line"),
        (b"HTTP/1.1 20 OK\r\n\r\n", "the status line is malformed: HTTP/1.1 20 OK"),
        (b"HTTP/1.1 200 \x00\r\n\r\n", "the status line is malformed: HTTP/1.1 200 \\x00"),
        (b"HTTP/1.1 099 x\r\n\r\n", "the status line is malformed: its status is 99"),
        (b"HTTP/1.1 101 x\r\n\r\n", "it answered 101, a change of the protocol"),
    ],
)
async def test_what_is_no_answer_is_quoted(serve: Serve, answer: bytes, detail: str) -> None:
    """The first bytes show it, without a line end, and before the connection closes."""

    async def handler(call: Call) -> None:
        await call.write(answer)
        await call.gone()

    exchange = await sent((await serve(handler)).target())
    assert (exchange.status, exchange.ending) == (None, Ending.NOT_HTTP)
    assert exchange.detail.startswith(detail)
    assert not FOREIGN.search(exchange.detail)


@pytest.mark.asyncio
@pytest.mark.parametrize("before", [b"", CHUNKED + CHUNK])
async def test_broken_tls_is_told(serve: Serve, before: bytes) -> None:
    async def spoil(call: Call) -> None:
        await call.write(before, b"")
        os.write(call.writer.get_extra_info("socket").fileno(), b"\x17\x03\x03\x00\x20" + b"x" * 32)
        await call.gone()

    server = await serve(spoil, tls=tls_server())
    exchange = await sent(server.target(ca_bundle=CERTIFICATE))
    assert exchange.ending is Ending.RESET
    assert exchange.body == (b"{}" if before else b"")
    assert exchange.detail.endswith(": what arrived is not intact TLS")
    assert exchange.detail.startswith("the connection broke while waiting for the ")


ANSWERS = (
    b"".join(chunked(b"data: 1\n\n", b"data: 2\n\n")),
    HEAD + b"Content-Length: 2\r\nX: y\r\n\r\n{}",
    b"HTTP/1.1 102 x\r\n\r\n" + b"".join(chunked(b"{}", end=False)) + b"0\r\nA: b\r\n\r\n",
)
PARTS = (
    *(b"\r", b"\n", b"\r\n", b"\r\n\r\n", b" ", b"\t", b"\x0b", b":", b";x", b"\x00", b"\xff"),
    *(b"0\r\n", b"1", b"999", b"100", b"101", b"204", b"HTTP/1.1 ", b"HTTP/3.0", b"\x15\x03\x01"),
    *(b"Transfer-Encoding: gzip\r\n", b"Content-Length: 5\r\n", b"Content-Length: -1\r\n"),
    b"Connection: close\r\n",
)


@pytest.mark.asyncio
async def test_no_spoiled_answer_raises_or_is_told_in_foreign_words(serve: Serve) -> None:
    chance = random.Random(14)
    answer = b""

    async def handler(call: Call) -> None:
        await call.write(answer)

    target = (await serve(handler)).target()
    for _ in range(200):
        answer = chance.choice(ANSWERS)
        for _ in range(chance.randint(1, 4)):
            at, gone = chance.randrange(len(answer)), chance.choice([0, 0, 3])
            answer = answer[:at] + chance.choice(PARTS) + answer[at + gone :]
        exchange = await sent(target)
        assert not FOREIGN.search(exchange.detail), answer
        assert exchange.detail or exchange.ending is Ending.COMPLETE, answer
