"""Records the head of each response below the HTTP library, exactly as the server sent it.

The library merges two equal Content-Length headers and rejects a second Transfer-Encoding. Clients
differ in both, so the recording has to show the original. Only if two Transfer-Encoding headers
have the same value, one of them is hidden from the library: then it can read the body, and a check
can judge the head.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import httpcore

_PREFIX = b"HTTP/"
_END = re.compile(rb"\n\r?\n")
_LINE_END = re.compile(rb"\r?\n")
_CHUNKED = re.compile(rb"transfer-encoding:[ \t]*chunked[ \t]*", re.IGNORECASE)
_INTERIM = re.compile(rb"HTTP/1\.\d 1(?!01)\d\d")
_LONGEST = 256 * 1024
"""A longer head goes to the library unchanged, which rejects it."""

Lines = tuple[tuple[bytes, bytes], ...]


class HeadKeeper(httpcore.AsyncNetworkStream):
    """A connection that keeps the headers of the response to the last request."""

    def __init__(self, stream: httpcore.AsyncNetworkStream) -> None:
        self._stream = stream
        self._waits = False
        self.headers: Lines | None = None

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109
        """Read bytes. A head is returned in one piece."""
        data = await self._stream.read(max_bytes, timeout)
        if not self._waits:
            return data
        passed, held = b"", data
        while True:
            while held.startswith(_PREFIX) and (end := _END.search(held)):
                head, held = held[: end.end()], held[end.end() :]
                passed += _with_one_coding(head)
                if not _INTERIM.match(head):
                    self._waits, self.headers = False, _headers_in(head)
                    return passed + held
            if not data or not _may_be_a_head(held):
                return passed + held
            data = await self._stream.read(max_bytes, timeout)
            held += data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109
        """Send bytes of a request, and wait for the head of a response from then on."""
        self._waits, self.headers = True, None
        await self._stream.write(buffer, timeout)

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
        return HeadKeeper(await self._stream.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:
        """Information about the connection."""
        return self._stream.get_extra_info(info)


class HeadKeeping(httpcore.AsyncNetworkBackend):
    """Opens connections that keep the heads of responses."""

    def __init__(self) -> None:
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
        return HeadKeeper(stream)

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await self._backend.sleep(seconds)


def headers_as_they_came(stream: object, read: Iterable[tuple[bytes, bytes]]) -> Lines:
    """The headers of the last response on a connection, or `read` if none were kept."""
    kept = stream.headers if isinstance(stream, HeadKeeper) else None
    return tuple(read) if kept is None else kept


def _may_be_a_head(begun: bytes) -> bool:
    return bool(begun) and len(begun) <= _LONGEST and begun[: len(_PREFIX)] == _PREFIX[: len(begun)]


def _headers_in(head: bytes) -> Lines:
    """The headers of a head, in their order and case. A folded line joins the one before."""
    headers: list[tuple[bytes, bytes]] = []
    for line in filter(None, _LINE_END.split(head)[1:]):
        if line[:1] in b" \t" and headers:
            name, value = headers.pop()
            headers.append((name, value + b" " + line.strip(b" \t")))
        else:
            name, _, value = line.partition(b":")
            headers.append((name, value.strip(b" \t")))
    return tuple(headers)


def _with_one_coding(head: bytes) -> bytes:
    """The head with only the first `Transfer-Encoding: chunked`."""
    lines, kept, seen = head.splitlines(keepends=True), [], False
    for line in lines:
        chunked = _CHUNKED.fullmatch(line.rstrip(b"\r\n")) is not None
        if not (chunked and seen):
            kept.append(line)
        seen = seen or chunked
    return b"".join(kept)
