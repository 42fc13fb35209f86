"""Records the head of each response below the HTTP library, exactly as the server sent it.

The library merges two equal Content-Length headers and rejects a second Transfer-Encoding. Clients
differ in both, so the recording has to show the original. Only if two Transfer-Encoding headers
have the same value, one of them is hidden from the library: then it can read the body, and a check
can judge the head.

What the library would gather without an end, or could not say in plain words, ends here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import httpcore

from oaicheck.engine.ceilings import Chunks, HeadCeiling, WireCeiling, refuse_unreadable
from oaicheck.engine.endings import Stop, no_http
from oaicheck.scenarios.scenario import HTTP_1_1
from oaicheck.target.target import Limits

_PREFIX = b"HTTP/"
_END = re.compile(rb"\n\r?\n")
_REQUEST_LINE = re.compile(rb"\A((?!CONNECT )[A-Z]+ \S+ HTTP/)1\.1(?=\r\n)")
_LINE_END = re.compile(rb"\r?\n")
_CODING = b"transfer-encoding"
_CHUNKED = re.compile(rb"transfer-encoding:[ \t]*chunked[ \t]*", re.IGNORECASE)
_INTERIM = re.compile(rb"HTTP/\d\.\d 1(?!01)\d\d")

Lines = tuple[tuple[bytes, bytes], ...]


class HeadKeeper(httpcore.AsyncNetworkStream):
    """A connection that keeps the headers of the response to the last request.

    It hands on each head in one piece, and each interim one at once. Reading raises Stop if the
    response exceeds a limit, or if no client can read its head.
    """

    def __init__(
        self, stream: httpcore.AsyncNetworkStream, limits: Limits, http_version: str = HTTP_1_1
    ) -> None:
        self._stream = stream
        self._limits = limits
        self._http_version = http_version
        self._held = bytearray()
        self._searched = 0
        self._waits = False
        self.headers: Lines | None = None
        self._expect()

    def _expect(self) -> None:
        """Expect a response."""
        self._ceiling = HeadCeiling(self._limits)
        self._wire = WireCeiling(self._limits)
        self._chunks: Chunks | None = None
        self._stop: Stop | None = None

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109
        """Read bytes; empty at the end. Those of a head may be more than `max_bytes`."""
        ready = b""
        while not ready:
            if self._stop is not None:
                raise self._stop
            data = await self._stream.read(max_bytes, timeout)
            self._wire.received(len(data))
            if not data:
                return self._rest()
            if self._waits:
                self._held += data
                ready = self._heads()
            else:
                ready = self._of_body(data)
        return ready

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109
        """Send bytes of a request, and wait for the head of a response from then on."""
        self._waits, self.headers = True, None
        self._expect()
        if self._http_version != HTTP_1_1:
            # The library speaks HTTP/1.1 only.
            buffer = _REQUEST_LINE.sub(rb"\g<1>" + self._http_version.encode(), buffer)
        await self._stream.write(buffer, timeout)

    def _heads(self) -> bytes:
        """The heads that are complete, and what follows the final one."""
        ready = b""
        while self._waits:
            if not _PREFIX.startswith(self._held[: len(_PREFIX)]):
                raise no_http(bytes(self._held))
            end = _END.search(self._held, self._searched)
            if end is None:
                self._searched = max(0, len(self._held) - len(b"\n\r"))
                self._ceiling.begun(len(self._held))
                return ready
            head = bytes(self._held[: end.end()])
            del self._held[: end.end()]
            self._searched = 0
            self._ceiling.head(head)
            refuse_unreadable(head)
            if _INTERIM.match(head):
                self._ceiling.interim()
            else:
                self._waits, self.headers = False, _headers_in(head)
                if any(name.lower() == _CODING for name, _ in self.headers):
                    self._chunks = Chunks(self._limits)
            ready += _with_one_coding(head)
        return ready + self._of_body(self._rest())

    def _of_body(self, data: bytes) -> bytes:
        """The bytes of a body to hand on; if they are not all, the next read raises Stop."""
        if self._chunks is None:
            return data
        try:
            self._chunks.follow(data)
        except Stop as stop:
            self._stop = stop
            return data[: self._chunks.safe]
        return data

    def _rest(self) -> bytes:
        """What has arrived and was held back."""
        rest = bytes(self._held)
        self._held.clear()
        return rest

    async def aclose(self) -> None:
        """Close the connection."""
        await self._stream.aclose()

    async def start_tls(
        self,
        ssl_context: Any,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109
    ) -> httpcore.AsyncNetworkStream:
        """The same connection under TLS."""
        secured = await self._stream.start_tls(ssl_context, server_hostname, timeout)
        return HeadKeeper(secured, self._limits, self._http_version)

    def get_extra_info(self, info: str) -> Any:
        """Information about the connection."""
        return self._stream.get_extra_info(info)


class HeadKeeping(httpcore.AsyncNetworkBackend):
    """Opens connections that keep the heads of responses, and that hold to limits."""

    def __init__(self, limits: Limits, http_version: str = HTTP_1_1) -> None:
        self._limits = limits
        self._http_version = http_version
        self._backend = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Open a connection to a host."""
        stream = await self._backend.connect_tcp(host, port, timeout, local_address, socket_options)
        return HeadKeeper(stream, self._limits, self._http_version)

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await self._backend.sleep(seconds)


def headers_as_they_came(stream: object, read: Iterable[tuple[bytes, bytes]]) -> Lines:
    """The headers of the last response on a connection, or `read` if none were kept."""
    kept = stream.headers if isinstance(stream, HeadKeeper) else None
    return tuple(read) if kept is None else kept


def _headers_in(head: bytes) -> Lines:
    """The headers of a head, in their order and case. A folded line joins the one before."""
    lines: list[list[bytes]] = []
    for line in filter(None, _LINE_END.split(head)[1:]):
        if line[:1] in b" \t" and lines:
            lines[-1].append(line.strip(b" \t"))
        else:
            lines.append([line])
    parted = (b" ".join(each).partition(b":") for each in lines)
    return tuple((name, value.strip(b" \t")) for name, _, value in parted)


def _with_one_coding(head: bytes) -> bytes:
    """The head with only the first `Transfer-Encoding: chunked`."""
    lines, kept, seen = head.splitlines(keepends=True), [], False
    for line in lines:
        chunked = _CHUNKED.fullmatch(line.rstrip(b"\r\n")) is not None
        if not (chunked and seen):
            kept.append(line)
        seen = seen or chunked
    return b"".join(kept)
