"""A recording relay on loopback between real clients and the endpoint.

A client gets the relay's own key and one address per task. The relay forwards its requests with the
target's key, headers and query, and without compression, so that the recording is readable. It
passes responses back as they arrive, including cuts and pauses. So a client needs no secret and no
network but loopback, and everything that it sends is recorded.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import ssl
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode, urlsplit

import h11

from oaicheck.engine.client import send
from oaicheck.engine.concealing import RawHeaders
from oaicheck.engine.prepare import PreparedRequest
from oaicheck.engine.transport import tls_context
from oaicheck.scenarios.scenario import Scenario
from oaicheck.target.target import Limits, Target
from oaicheck.wire.exchange import Ending, Exchange, Headers

KEY = "the-key-of-a-relay-on-loopback"
"""The key that clients get. The relay replaces it with the target's key."""

_HOST = "127.0.0.1"
_PATH = re.compile(r"/(\d+)(/.*)")
_OF_A_CONNECTION = frozenset(
    {"connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding"}
)
_OUR_OWN = frozenset({"accept-encoding", "authorization", "content-length", "host"})
_READ = 65536
_GRACE = 3.0


@dataclass(slots=True)
class Errand:
    """One task of one client: its address, and how many requests it has sent.

    `most` limits its requests. A task that sends more is looping: it gets no more responses, and
    `circling` is set.
    """

    scenario: Scenario
    base_url: str
    most: int
    sent: int = 0
    circling: bool = False


@dataclass(slots=True)
class Relay:
    """Serves errands. `sending` is called for every request, `record` for every exchange."""

    target: Target
    record: Callable[[Exchange], None]
    limits: Limits
    tls: ssl.SSLContext
    sending: Callable[[str], None]
    port: int = 0
    _errands: list[Errand] = field(default_factory=list)
    _connections: set[asyncio.Task[None]] = field(default_factory=set)
    _answering: set[asyncio.Task[None]] = field(default_factory=set)

    def errand(self, scenario: Scenario, most: int) -> Errand:
        """Create the address for a task."""
        base_url = f"http://{_HOST}:{self.port}/{len(self._errands)}/v1"
        self._errands.append(Errand(scenario, base_url, most))
        return self._errands[-1]

    async def finish(self) -> None:
        """Wait for all responses to finish, and cancel those that do not.

        Connections without a request stay open: the client may use them for its next request.
        """
        if self._answering:
            _, endless = await asyncio.wait(self._answering, timeout=_GRACE)
            await _cancelled(endless)

    async def close(self) -> None:
        """Close all connections."""
        await _cancelled(self._connections)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection, which is closed after one response."""
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            asked = await _asked(reader)
            if asked is not None:
                self._answering.add(task)
                await self._answer(*asked, writer)
        except (OSError, h11.ProtocolError):
            writer.transport.abort()
        finally:
            self._answering.discard(task)
            self._connections.discard(task)
            writer.close()

    async def _answer(
        self, request: h11.Request, body: bytes, writer: asyncio.StreamWriter
    ) -> None:
        found = _PATH.fullmatch(request.target.decode("latin-1"))
        if found is None or int(found[1]) >= len(self._errands):
            return
        errand = self._errands[int(found[1])]
        if errand.sent >= errand.most:
            errand.circling = True
            return
        errand.sent += 1
        self.sending(errand.scenario.name)
        answer = _Answer(writer, request.method == b"HEAD")
        exchange = await send(
            self.target,
            self._prepared(errand, request, found[2].removeprefix("/v1"), body),
            limits=self.limits,
            ssl_context=self.tls,
            listener=answer,
        )
        self.record(exchange)
        await answer.end(exchange.ending)

    def _prepared(
        self, errand: Errand, request: h11.Request, path: str, body: bytes
    ) -> PreparedRequest:
        url = self.target.base_url + path
        if self.target.query:
            url += ("&" if urlsplit(path).query else "?") + urlencode(self.target.query)
        return PreparedRequest(
            scenario=errand.scenario.name,
            turn=errand.sent,
            attempt=1,
            method=request.method.decode("ascii"),
            url=url,
            headers=self._headers(request),
            body=body or None,
            variables={"model": self.target.model},
        )

    def _headers(self, request: h11.Request) -> Headers:
        """The client's headers, with the target's headers and the right key in their place."""
        own = {name.lower() for name in self.target.headers}
        left = _OF_A_CONNECTION | own | _OUR_OWN
        kept = [("Accept-Encoding", "identity")]
        kept += [
            (name.decode("latin-1"), value.decode("latin-1"))
            for name, value in request.headers.raw_items()
            if name.decode("latin-1").lower() not in left
        ]
        given = dict(request.headers).get(b"authorization", b"").decode("latin-1")
        key = given.partition(" ")[2]
        credentials = {"authorization", self.target.auth_header.lower()}
        if key == KEY:
            kept += self.target.headers.items()
            key = self.target.key or ""
        else:
            others = self.target.headers.items()
            kept += [item for item in others if item[0].lower() not in credentials]
        if key:
            kept.append((self.target.auth_header, f"{self.target.auth_scheme} {key}".strip()))
        return tuple(kept)


class _Answer:
    """Passes a response on to a client, with its original framing."""

    def __init__(self, writer: asyncio.StreamWriter, is_head: bool) -> None:
        self._writer = writer
        self._is_head = is_head
        self._chunked = False

    async def begun(self, status: int, reason: bytes, headers: RawHeaders) -> None:
        """Pass on the status and the headers, with the original Content-Length, right or wrong."""
        kept = [
            (name, value)
            for name, value in headers
            if name.decode("latin-1").lower() not in _OF_A_CONNECTION
        ]
        codings = [item for item in headers if item[0].lower() == b"transfer-encoding"]
        measured = any(name.lower() == b"content-length" for name, _ in kept)
        has_body = not self._is_head and status not in (204, 304)
        self._chunked = has_body and (bool(codings) or not measured)
        if self._chunked:
            kept += codings or [(b"Transfer-Encoding", b"chunked")]
        lines = [b"HTTP/1.1 %d %s" % (status, reason)]
        lines += [name + b": " + value for name, value in (*kept, (b"Connection", b"close"))]
        await self._write(b"\r\n".join(lines) + b"\r\n\r\n")

    async def received(self, data: bytes) -> bool:
        """Pass on bytes of the body. Returns False if the client has disconnected."""
        return await self._write(b"%x\r\n%s\r\n" % (len(data), data) if self._chunked else data)

    async def end(self, ending: Ending) -> None:
        """End the response as the endpoint did: if it was cut off, so is the client's."""
        if ending is not Ending.COMPLETE:
            self._writer.transport.abort()
        elif self._chunked:
            await self._write(b"0\r\n\r\n")

    async def _write(self, data: bytes) -> bool:
        try:
            self._writer.write(data)
            await self._writer.drain()
        except OSError:
            return False
        return not self._writer.is_closing()


async def _cancelled(tasks: Iterable[asyncio.Task[None]]) -> None:
    tasks = list(tasks)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _asked(reader: asyncio.StreamReader) -> tuple[h11.Request, bytes] | None:
    """The request of a connection with its complete body, or None if none arrives."""
    connection = h11.Connection(h11.SERVER, max_incomplete_event_size=_READ)
    request, body = None, b""
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            connection.receive_data(await reader.read(_READ))
        elif isinstance(event, h11.Request):
            request = event
        elif isinstance(event, h11.Data):
            body += event.data
        elif isinstance(event, h11.EndOfMessage) and request is not None:
            return request, body
        else:
            return None


@contextlib.asynccontextmanager
async def relaying(
    target: Target,
    record: Callable[[Exchange], None],
    seconds: float,
    sending: Callable[[str], None] = lambda scenario: None,
) -> AsyncIterator[Relay]:
    """A relay to a target on a free port, for tasks that may take `seconds` each.

    Raises TargetError if the target's TLS settings cannot be used.
    """
    limits = target.limits
    limits = replace(limits, linger=limits.gap, total=min(limits.total, seconds))
    relay = Relay(target, record, limits, tls_context(target), sending)
    server = await asyncio.start_server(relay.serve, _HOST, 0)
    relay.port = server.sockets[0].getsockname()[1]
    try:
        yield relay
    finally:
        server.close()
        await relay.close()
        await server.wait_closed()
