"""Sends one request and records the response: every byte, its arrival time, and the ending."""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

import httpx

from oaicheck.engine.ceilings import BodyCeiling
from oaicheck.engine.clock import MACHINE, Clock, Time
from oaicheck.engine.concealing import Concealer, RawHeaders
from oaicheck.engine.endings import NO_HANDSHAKE, Phase, Stop, explain
from oaicheck.engine.heads import headers_as_they_came
from oaicheck.engine.prepare import PreparedRequest
from oaicheck.engine.transport import open_transport, peer_of, proxy_of, proxy_origin
from oaicheck.target.target import Limits, Target
from oaicheck.wire.exchange import Ending, Exchange, Request, Segment
from oaicheck.wire.json_text import shortened

if TYPE_CHECKING:
    import httpcore

_SENTINEL = re.compile(rb"(?:\A|[\r\n])data: ?\[DONE\]")
_SENTINEL_LENGTH = len(b"\ndata: [DONE]")
_CHUNK = 16384
_AWAITED = 1.0
"""Seconds after which a client that is to hang up before the body does so."""
_LONGEST_DETAIL = 300
_MANY = 10_000
_TOGETHER = 0.001
_BREATH = 200
_MOST_LATENESS = 30.0
"""So many seconds at most, or the limit for the whole exchange, the lateness of this machine puts
off the limits of one exchange in all. A flood that keeps it busy must not put them off for ever."""


class Listener(Protocol):
    """Receives a response while it arrives, unchanged and with secrets."""

    async def begun(self, status: int, reason: bytes, headers: RawHeaders) -> None:
        """The response headers have arrived."""

    async def received(self, data: bytes) -> bool:
        """Bytes of the body have arrived. Return False to stop the transfer."""


async def send(
    target: Target,
    request: PreparedRequest,
    *,
    limits: Limits,
    ssl_context: ssl.SSLContext,
    kept: httpx.AsyncHTTPTransport | None = None,
    listener: Listener | None = None,
    time: Time = MACHINE,
) -> Exchange:
    """Send a request over its own connection, and return the exchange without secrets.

    With a transport in `kept`, it reuses the connection of the exchange before if that is still
    open, and leaves it open if the response is complete. The variable `connection` of the exchange
    is then `kept` or `new`. A `listener` receives the response as it arrives.

    Never raises because of the network or the endpoint: the exchange's ending describes that. If
    cancelled, it closes the connection and leaves nothing behind.
    """
    headers = [(name.encode("ascii"), value.encode("utf-8")) for name, value in request.headers]
    content = _in_chunks(request.body) if request.is_chunked else request.body
    http_request = httpx.Request(request.method, request.url, headers=headers, content=content)
    proxy = proxy_of(target)
    answer = _Answer()
    via = f"the proxy {peer_of(proxy)} (from {proxy_origin(target)})" if proxy else None
    watch = _Watch(limits, peer_of(request.url), via, time)
    transport = kept or open_transport(
        proxy, ssl_context, limits, http_version=request.http_version
    )
    try:
        async with watch.timeout:
            watch.wait_for(Phase.CONNECTION)
            http_request.extensions["trace"] = watch.trace
            await _receive(
                transport,
                http_request,
                watch,
                answer,
                limits=limits,
                hang_up=request.hang_up_after_bytes,
                listener=listener,
            )
    except TimeoutError:
        answer.ending, answer.detail = watch.expired(answer.total)
    except (httpx.RequestError, ssl.SSLError, Stop) as error:
        # httpx passes on an error of TLS in the middle of a response as it is.
        answer.ending, answer.detail = explain(error, watch.phase, watch.peer)
    finally:
        watch.stop()
        if kept is None or not answer.is_whole:
            await transport.aclose()
            await watch.close()
    if kept is not None:
        connection = "new" if watch.has_connected else "kept"
        request = replace(request, variables={**request.variables, "connection": connection})
    return _recorded(target, request, http_request, answer, watch, most=limits.bytes)


async def _in_chunks(body: bytes | None) -> AsyncIterator[bytes]:
    """The body in pieces, so that the HTTP library does not know its length."""
    data = body or b""
    for start in range(0, len(data), _CHUNK):
        yield data[start : start + _CHUNK]


@dataclass(slots=True)
class _Answer:
    """The part of the response that has arrived so far."""

    status: int | None = None
    reason: bytes = b""
    headers: RawHeaders = ()
    headers_at: float | None = None
    segments: list[Segment] = field(default_factory=list)
    total: int = 0
    ending: Ending = Ending.COMPLETE
    detail: str = ""
    is_whole: bool = False

    def add(self, at: float, data: bytes) -> None:
        """Add bytes of the body. Of very many pieces, those that come together are one."""
        if len(self.segments) > _MANY and at - self.segments[-1].at < _TOGETHER:
            at, before = self.segments.pop()
            data = before + data
        self.segments.append(Segment(at, data))


class _Watch:
    """Knows what an exchange waits for, from which peer, since when, and until when."""

    def __init__(self, limits: Limits, peer: str, proxy: str | None, time: Time) -> None:
        self._time = time
        self.peer = proxy or peer
        self._behind_proxy = peer
        self.phase = Phase.CONNECTION
        self.started = time.wall()
        self.timeout = asyncio.timeout(None)
        self.patience: asyncio.Timeout | None = None
        """Ends the wait for the response's headers some time after the request was sent."""
        self._limits = limits
        self._connection: httpcore.AsyncNetworkStream | None = None
        self.has_connected = False
        self._last = asyncio.get_running_loop().time() + limits.total
        self._lateness_left = min(_MOST_LATENESS, limits.total)
        self._waits = True
        self.ended_at = 0.0
        # Reading the clock may put off the timeouts: the process may have stood still since then.
        self._clock = Clock(self._put_off, time)
        self._sent = self._clock.now()
        self._bounds = {
            Phase.CONNECTION: limits.connect,
            Phase.HEADERS: limits.first_byte,
            Phase.BODY: limits.gap,
            Phase.CLOSE: limits.linger,
        }

    @property
    def now(self) -> float:
        """Seconds since the request was sent."""
        return self._clock.now() - self._sent

    def wait_for(self, phase: Phase) -> None:
        """Start to wait for another phase. Connecting and its TLS handshake share one timeout."""
        self.phase = phase
        if phase is not Phase.TLS:
            bound = asyncio.get_running_loop().time() + self._bounds[phase]
            self.timeout.reschedule(min(bound, self._last))

    async def trace(self, event: str, info: Any) -> None:
        """Follow the events of the HTTP client."""
        if event.endswith(".connect_tcp.started"):
            self.has_connected = True
        elif event.endswith(".connect_tcp.complete"):
            self._connection = info["return_value"]
        elif event.endswith(".start_tls.started"):
            if event.startswith("proxy."):
                self.peer = self._behind_proxy
            self.wait_for(Phase.TLS)
        elif event.endswith(".send_request_headers.started"):
            self._sent, self.started = self._clock.now(), self._time.wall()
            self.wait_for(Phase.HEADERS)
        elif event.endswith(".send_request_body.complete") and self.patience is not None:
            self.patience.reschedule(asyncio.get_running_loop().time() + _AWAITED)

    def stop(self) -> None:
        """Stop waiting, and set `ended_at`."""
        self._waits = False
        self.ended_at = self.now
        self._clock.stop()

    def _put_off(self, seconds: float) -> None:
        """Extend the timeouts by the time in which this process could not run, within bounds."""
        seconds = min(seconds, self._lateness_left)
        self._lateness_left -= seconds
        self._last += seconds
        bound = self.timeout.when()
        if self._waits and bound is not None and not self.timeout.expired():
            self.timeout.reschedule(bound + seconds)

    async def close(self) -> None:
        """Close the connection. httpcore leaves it open if a TLS handshake is cancelled."""
        if self._connection is not None:
            await self._connection.aclose()

    def expired(self, received: int) -> tuple[Ending, str]:
        """The ending for the timeout that expired, and a sentence about it."""
        whole = asyncio.get_running_loop().time() >= self._last
        seconds = self._limits.total if whole else self._bounds.get(self.phase, 0.0)
        if self.phase is Phase.TLS:
            bound = f"{self._limits.connect:g} s"
            return Ending.TLS_FAILED, f"{NO_HANDSHAKE} with {self.peer} within {bound}"
        if self.phase is Phase.CONNECTION:
            return Ending.NOT_CONNECTED, f"no connection to {self.peer} within {seconds:g} s"
        if self.phase is Phase.HEADERS:
            return Ending.NO_FIRST_BYTE, f"no response headers within {seconds:g} s"
        if self.phase is Phase.CLOSE:
            return Ending.STALLED, (
                "the server kept the connection open after `data: [DONE]`, "
                f"for more than {self._limits.linger:g} s"
            )
        if whole:
            return Ending.TOO_LONG, f"the response was not complete within {seconds:g} s"
        return Ending.STALLED, f"no byte for {seconds:g} s, after {received} bytes of the body"


async def _receive(
    transport: httpx.AsyncHTTPTransport,
    http_request: httpx.Request,
    watch: _Watch,
    answer: _Answer,
    *,
    limits: Limits,
    hang_up: int | None,
    listener: Listener | None,
) -> None:
    response = await _begun(transport, http_request, watch, hang_up)
    if response is None:
        answer.ending = Ending.HUNG_UP
        answer.detail = f"the client hung up {_AWAITED:g} s after its request, with no answer yet"
        return
    answer.headers_at = watch.now
    answer.status = response.status_code
    answer.reason = response.extensions.get("reason_phrase", b"")
    answer.headers = headers_as_they_came(
        response.extensions.get("network_stream"), response.headers.raw
    )
    watch.wait_for(Phase.BODY)
    if listener is not None:
        await listener.begun(answer.status, answer.reason, answer.headers)
    try:
        await _receive_body(response, watch, answer, limits, hang_up, listener)
    finally:
        await response.aclose()
    answer.is_whole = answer.ending is Ending.COMPLETE


async def _begun(
    transport: httpx.AsyncHTTPTransport,
    http_request: httpx.Request,
    watch: _Watch,
    hang_up: int | None,
) -> httpx.Response | None:
    """The response, as soon as its headers are here.

    None if the client is to hang up before the body, and has waited for a while.
    """
    if hang_up != 0:
        return await transport.handle_async_request(http_request)
    try:
        async with asyncio.timeout(None) as patience:
            watch.patience = patience
            return await transport.handle_async_request(http_request)
    except TimeoutError:
        if not patience.expired():
            raise
        return None


async def _receive_body(
    response: httpx.Response,
    watch: _Watch,
    answer: _Answer,
    limits: Limits,
    hang_up: int | None,
    listener: Listener | None,
) -> None:
    most = limits.bytes
    enough = most if hang_up is None else min(most, hang_up)
    ceiling = BodyCeiling(limits)
    tail, pieces = b"", 0
    try:
        async for data in response.aiter_raw():
            if answer.ending is not Ending.COMPLETE:
                # The closed connection ends the loop, so that all inner generators finish.
                continue
            answer.add(watch.now, data[: enough - answer.total])
            answer.total += len(data)
            exceeded = ceiling.exceeded(data)
            if watch.phase is Phase.BODY:
                tail += data
                watch.wait_for(Phase.CLOSE if _SENTINEL.search(tail) else Phase.BODY)
                tail = tail[-_SENTINEL_LENGTH:]
            if hang_up is not None and answer.total >= hang_up:
                answer.ending = Ending.HUNG_UP
                answer.detail = f"the client hung up after {hang_up} bytes, as the scenario demands"
                await response.aclose()
            elif answer.total > most:
                answer.ending = Ending.TOO_LARGE
                answer.detail = f"the body is longer than {most} bytes; the rest was not read"
                await response.aclose()
            elif exceeded:
                answer.ending, answer.detail = (
                    Ending.TOO_LARGE,
                    f"{exceeded}; the rest was not read",
                )
                await response.aclose()
            elif listener is not None and not await listener.received(data):
                answer.ending, answer.detail = Ending.HUNG_UP, "the client hung up"
                await response.aclose()
            pieces += 1
            if pieces % _BREATH == 0:
                # One read may hold thousands of chunks, and taking them from it never waits.
                await asyncio.sleep(0)
    except (httpx.RequestError, ssl.SSLError, Stop):
        if answer.ending is Ending.COMPLETE:
            raise


def _recorded(
    target: Target,
    request: PreparedRequest,
    http_request: httpx.Request,
    answer: _Answer,
    watch: _Watch,
    *,
    most: int,
) -> Exchange:
    concealer = Concealer(target)
    headers = concealer.received_headers(answer.headers)
    encodings = [value for name, value in headers if name.lower() == "content-encoding"]
    encoding = encodings[-1].strip().lower() if encodings else ""
    segments, remark = concealer.segments(answer.segments, encoding, most)
    detail = shortened(concealer.text(answer.detail), _LONGEST_DETAIL)
    return Exchange(
        scenario=request.scenario,
        turn=request.turn,
        attempt=request.attempt,
        request=Request(
            method=request.method,
            url=concealer.text(str(http_request.url)),
            headers=concealer.sent_headers(http_request.headers.raw),
            body=concealer.data(request.body or b""),
        ),
        status=answer.status,
        reason=concealer.data(answer.reason).decode("latin-1"),
        headers=headers,
        segments=segments,
        ending=answer.ending,
        detail="; ".join(part for part in (detail, remark) if part),
        started=watch.started,
        headers_at=answer.headers_at,
        ended_at=watch.ended_at,
        variables=request.variables,
    )
