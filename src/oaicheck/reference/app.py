"""Sends the replies of a reference endpoint over ASGI, piece by piece."""

import asyncio
import contextlib
import socket
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse
from starlette.types import Message, Receive, Scope, Send

from .endpoint import ReferenceEndpoint
from .http.reply import Piece, Reply, Request
from .network import Network

STATS_PATH = "/__reference__/stats"
_LONGEST_HANG = 600.0
_FLUSH = 0.02
_FRAMING = (b"content-length", b"transfer-encoding")
_LINE_END = b"\r\n"
_HEAD_END = b"\r\n\r\n"
_LAST_CHUNK = b"0\r\n\r\n"


class CutError(Exception):
    """Raised in the middle of a reply to make the server drop the connection."""


@dataclass
class Statistics:
    """Counts of the replies so far, by how they ended."""

    requests: int = 0
    completed: int = 0
    cut: int = 0
    disconnected: int = 0
    """Replies whose client disconnected early."""
    paths: dict[str, int] = field(default_factory=dict)

    def snapshot(self) -> Mapping[str, object]:
        """The numbers as a JSON object."""
        return {
            "requests": self.requests,
            "completed": self.completed,
            "cut": self.cut,
            "disconnected": self.disconnected,
            "paths": dict(self.paths),
        }


class ReferenceApp:
    """The ASGI application around one endpoint and a simulated network."""

    def __init__(self, endpoint: ReferenceEndpoint, network: Network | None = None) -> None:
        self._endpoint = endpoint
        self._network = network or Network()
        self._closing: set[asyncio.Event] = set()
        self.statistics = Statistics()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        if scope["type"] != "http":
            return
        if scope["path"] == STATS_PATH:
            await JSONResponse(self.statistics.snapshot())(scope, receive, send)
            return
        request = await _read(HttpRequest(scope, receive), self._endpoint)
        self.statistics.requests += 1
        path = request.path
        self.statistics.paths[path] = self.statistics.paths.get(path, 0) + 1
        reply = self._network.carried(self._endpoint.reply(request))
        gone = asyncio.Event()
        self._closing.add(gone)
        watcher = asyncio.create_task(_watch(receive, gone))
        try:
            await self._play(_framed_here(reply) if request.is_old else reply, send, gone)
        finally:
            self._closing.discard(gone)
            watcher.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await watcher

    def close(self) -> None:
        """Abort every reply that is still being sent. Call it in the event loop."""
        for gone in self._closing:
            gone.set()

    async def _play(self, reply: Reply, send: Send, gone: asyncio.Event) -> None:
        if reply.delay > 0:
            await _wait(gone, reply.delay)
        start, lines = _start(reply)
        if lines or reply.surplus:
            _add_below(send, lines, reply.surplus)
        await send(start)
        for piece in reply.pieces:
            if piece.delay > 0:
                await _wait(gone, piece.delay)
            if gone.is_set():
                self.statistics.disconnected += 1
                raise CutError
            await send({"type": "http.response.body", "body": piece.data, "more_body": True})
        if reply.ending == "complete":
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            self.statistics.completed += 1
            return
        if reply.ending == "hang":
            await _wait(gone, _LONGEST_HANG)
            self.statistics.disconnected += gone.is_set()
        else:
            await asyncio.sleep(_FLUSH)
            if reply.ending == "reset":
                _reset(send)
            self.statistics.cut += 1
        raise CutError


async def _read(http: HttpRequest, endpoint: ReferenceEndpoint) -> Request:
    """The request with its body, of which little more than the maximum size is kept."""
    body = bytearray()
    async for part in http.stream():
        if len(body) <= endpoint.settings.max_body_bytes:
            body += part
    headers = tuple(
        (name.decode("latin-1"), value.decode("latin-1")) for name, value in http.headers.raw
    )
    connection = f"{http.client.host}:{http.client.port}" if http.client else ""
    return Request(
        http.method,
        http.scope["path"],
        http.url.query,
        headers,
        bytes(body),
        connection,
        http.scope["http_version"],
    )


def _framed_here(reply: Reply) -> Reply:
    """The reply to a request in HTTP/1.0: chunked here if it has to be, since the server would not.

    The server would also drop the header.
    """
    if reply.header("transfer-encoding") is None:
        return reply
    framed = [
        replace(each, data=b"%x\r\n%s\r\n" % (len(each.data), each.data)) for each in reply.pieces
    ]
    return replace(reply, pieces=(*framed, Piece(_LAST_CHUNK)), is_framed=True)


def _start(reply: Reply) -> tuple[Message, bytes]:
    """The message that starts a reply, and header lines that the server would not send.

    The server accepts only one header that frames the body. A second one is added at the transport,
    and both if the pieces are framed already.
    """
    served = 0 if reply.is_framed else 1
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in reply.headers]
    framing = [item for item in headers if item[0].lower() in _FRAMING]
    framing.sort(key=lambda item: item[0].lower(), reverse=True)
    headers = [item for item in headers if item[0].lower() not in _FRAMING] + framing[:served]
    lines = b"".join(name + b": " + value + b"\r\n" for name, value in framing[served:])
    return {"type": "http.response.start", "status": reply.status, "headers": headers}, lines


async def _watch(receive: Receive, gone: asyncio.Event) -> None:
    """Set the event as soon as the client has disconnected."""
    while (await receive())["type"] != "http.disconnect":
        continue
    gone.set()


async def _wait(gone: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(gone.wait(), seconds)


class _Below:
    """A transport that writes more bytes than the server asks for."""

    def __init__(self, transport: asyncio.WriteTransport, lines: bytes, surplus: bytes) -> None:
        self._transport = transport
        self._lines = lines
        self._surplus = surplus

    def write(self, data: bytes) -> None:
        """Write the server's bytes, with extra headers, and extra bytes after the last chunk."""
        if self._lines and data.endswith(_HEAD_END):
            data = data[: -len(_LINE_END)] + self._lines + _LINE_END
            self._lines = b""
        if data == _LAST_CHUNK:
            data += self._surplus
        self._transport.write(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


def _add_below(send: Send, lines: bytes, surplus: bytes) -> None:
    """Add bytes to what the server writes, if its transport is accessible."""
    cycle = getattr(send, "__self__", None)
    transport = getattr(cycle, "transport", None)
    if isinstance(transport, asyncio.WriteTransport):
        setattr(cycle, "transport", _Below(transport, lines, surplus))  # noqa: B010


def _reset(send: Send) -> None:
    """Abort the connection with a TCP reset, if the server's transport is accessible."""
    transport = getattr(getattr(send, "__self__", None), "transport", None)
    if not isinstance(transport, asyncio.WriteTransport):
        return
    connection = transport.get_extra_info("socket")
    if connection is not None:
        linger = struct.pack("ii", 1, 0)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    transport.abort()
