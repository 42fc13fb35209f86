"""A server on loopback whose every byte a test decides, and requests to send to it."""

import asyncio
import contextlib
import json
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from oaicheck.engine.client import Listener, send
from oaicheck.engine.clock import MACHINE, Time
from oaicheck.engine.concealing import RawHeaders
from oaicheck.engine.prepare import prepare
from oaicheck.engine.transport import tls_context
from oaicheck.scenarios.scenario import Answer, Credential, Scenario, Turn
from oaicheck.target.target import Limits, Target
from oaicheck.wire.exchange import Exchange

KEY = "sk-live-0123456789abcdefghijklmnop"
CERTIFICATE = Path(__file__).with_name("certificate.pem")
"""A certificate for localhost with its key, which nothing but these tests uses."""

LIMITS = Limits(connect=20, first_byte=20, gap=20, linger=2, total=60, retry_after_cap=0.05)


@dataclass
class Call:
    """One request that arrived, and the means to answer it."""

    head: bytes
    body: bytes
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    @property
    def headers(self) -> list[tuple[str, str]]:
        lines = self.head.decode("latin-1").split("\r\n")[1:]
        pairs = (line.partition(":") for line in lines if line)
        return [(name, value.strip()) for name, _, value in pairs]

    def header(self, name: str) -> str | None:
        return {key.lower(): value for key, value in self.headers}.get(name.lower())

    async def write(self, *pieces: bytes, pause: float = 0.02) -> None:
        """Write pieces so that each arrives by itself."""
        for piece in pieces:
            self.writer.write(piece)
            await self.writer.drain()
            await asyncio.sleep(pause if len(pieces) > 1 else 0)

    async def answer(
        self,
        body: bytes = b'{"object": "chat.completion", "choices": []}',
        status: int = 200,
        *headers: str,
        media_type: str = "application/json",
    ) -> None:
        head = [f"HTTP/1.1 {status} Word", f"Content-Length: {len(body)}", *headers]
        if media_type:
            head.append(f"Content-Type: {media_type}")
        await self.write("\r\n".join([*head, "", ""]).encode("latin-1") + body)

    def reset(self) -> None:
        """End the connection by a reset instead of an orderly close."""
        raw = self.writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()

    async def gone(self) -> None:
        """Wait until the client has closed the connection."""
        with contextlib.suppress(OSError):
            while await self.reader.read(65536):
                pass

    @property
    def json(self) -> Any:
        """The request's body."""
        return json.loads(self.body)


Handler = Callable[[Call], Awaitable[Any]]


@dataclass
class Server:
    """Where it listens, what arrived, and how much was open at once."""

    base_url: str = ""
    calls: list[Call] = field(default_factory=list)
    open: int = 0
    most_open: int = 0

    def target(self, **changes: Any) -> Target:
        return replace(Target(self.base_url, "a-model", KEY, limits=LIMITS), **changes)


Serve = Callable[..., Awaitable[Server]]


@contextlib.asynccontextmanager
async def listening(handler: Handler, tls: ssl.SSLContext | None = None) -> AsyncIterator[Server]:
    """A server that hands each request to `handler` and then closes the connection."""
    server = Server()
    tasks: set[asyncio.Task[Any] | None] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.current_task())
        server.open += 1
        server.most_open = max(server.open, server.most_open)
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            call = Call(head, b"", reader, writer)
            server.calls.append(call)
            call.body = await reader.readexactly(int(call.header("content-length") or 0))
            await handler(call)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            tasks.discard(asyncio.current_task())
            server.open -= 1
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    opened = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=tls)
    port = opened.sockets[0].getsockname()[1]
    server.base_url = f"http{'s' if tls else ''}://127.0.0.1:{port}/v1"
    try:
        yield server
    finally:
        opened.close()
        left = [task for task in tasks if task is not None]
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)


def tls_server() -> ssl.SSLContext:
    """The settings of a server with that certificate."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(CERTIFICATE)
    return context


BODY = {"model": "$model", "messages": [{"role": "user", "content": "Hello"}], "max_tokens": 8}


def turn(**changes: Any) -> Turn:
    plain = Turn("POST", "chat/completions", BODY, None, {}, Credential.OWN)
    return replace(plain, **changes)


def scenario(name: str, *turns: Turn, **changes: Any) -> Scenario:
    plain = Scenario(name, name, Answer.ANY, turns or (turn(),), (), None, (), False)
    return replace(plain, **changes)


async def until(condition: Callable[[], bool]) -> None:
    """Wait for what happens sooner or later; raise TimeoutError after a minute."""
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110 - what it looks at sets no event
            await asyncio.sleep(0.01)


class Arrivals:
    """Counts what has reached the client: first the headers, then each piece of the body."""

    pieces = 0

    async def have(self, count: int) -> None:
        """Wait until so much has come."""
        await until(lambda: self.pieces == count)

    async def begun(self, status: int, reason: bytes, headers: RawHeaders) -> None:
        self.pieces += 1

    async def received(self, data: bytes) -> bool:
        self.pieces += 1
        return True


async def sent(
    target: Target,
    a_turn: Turn | None = None,
    *,
    listener: Listener | None = None,
    time: Time = MACHINE,
    **limits: Any,
) -> Exchange:
    """Send one request and return the exchange."""
    return await send(
        target,
        prepare(target, a_turn or turn(), scenario="here"),
        limits=replace(target.limits, **limits),
        ssl_context=_tls_context(target.ca_bundle, target.client_cert),
        listener=listener,
        time=time,
    )


@cache
def _tls_context(ca_bundle: Path | None, client_cert: Path | None) -> ssl.SSLContext:
    return tls_context(Target("https://any", "", ca_bundle=ca_bundle, client_cert=client_cert))


def chunked(*pieces: bytes, end: bool = True) -> list[bytes]:
    """The head of a stream and its chunks, then its end."""
    head = (
        b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    chunks = [b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces]
    return [head, *chunks, *([b"0\r\n\r\n"] if end else [])]
