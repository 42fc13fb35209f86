"""Says in words how an exchange ended, from the exception that ended it."""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Iterator
from enum import Enum

import httpx

from oaicheck.wire.exchange import Ending

_CLOSED = ("Server disconnected", "peer closed connection")
"""How httpcore's and h11's messages begin where the peer closed the connection too early."""

_TLS_RECORD = "\\x15\\x03"
_NO_TLS = ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG")

MALFORMED = "the headers are malformed"
"""What is said of an answer of HTTP that HTTP clients do not take."""

_OF_HEADERS = (
    "illegal header line",
    "bad Content-Length",
    "conflicting Content-Length",
    "multiple Transfer-Encoding",
    "Only Transfer-Encoding",
)
"""How h11's messages about headers begin."""
_LINE = re.compile(r"illegal (?:header|status) line: bytearray\(b(['\"])(.*)\1\)", re.DOTALL)
_EMPTY_LINE = "no response line received"

PLAIN_HTTP = "does not speak TLS"
"""What is said of a peer that answers a TLS handshake with plain HTTP."""


class Phase(Enum):
    """What an exchange is waiting for."""

    CONNECTION = "a connection"
    TLS = "the TLS handshake"
    HEADERS = "the response headers"
    BODY = "the body"
    CLOSE = "the end of the body after `data: [DONE]`"


def explain(error: httpx.RequestError, phase: Phase, peer: str) -> tuple[Ending, str]:
    """The ending that an exception of the HTTP client stands for, and a sentence about it."""
    if isinstance(error, httpx.LocalProtocolError):
        return Ending.NOT_CONNECTED, f"the request cannot be sent: {error}"
    if isinstance(error, httpx.ProxyError):
        return Ending.NOT_CONNECTED, f"the proxy {peer} refused to connect: {error}"
    if phase is Phase.TLS:
        return Ending.TLS_FAILED, _tls_failure(error, peer)
    if phase is Phase.CONNECTION:
        return Ending.NOT_CONNECTED, _connection_failure(error, peer)
    if isinstance(error, httpx.RemoteProtocolError):
        return _protocol_failure(error, phase)
    causes = [str(cause) for cause in _chain(error) if isinstance(cause, OSError)]
    reason = f": {causes[-1]}" if causes else ""
    return Ending.RESET, f"the connection broke while waiting for {phase.value}{reason}"


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An exception and everything that led to it."""
    yield error
    if isinstance(error, BaseExceptionGroup):
        for member in error.exceptions:
            yield from _chain(member)
    cause = error.__cause__ or error.__context__
    if cause is not None:
        yield from _chain(cause)


def _tls_failure(error: BaseException, peer: str) -> str:
    for cause in _chain(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"the certificate of {peer} is not trusted: {cause.verify_message}"
        if isinstance(cause, ssl.SSLError):
            if cause.reason in _NO_TLS:
                return f"{peer} {PLAIN_HTTP}; it may be an http:// address"
            return f"the TLS handshake with {peer} failed: {cause.reason or cause}"
    return f"{peer} closed the connection during the TLS handshake"


def _connection_failure(error: BaseException, peer: str) -> str:
    for cause in _chain(error):
        if isinstance(cause, socket.gaierror):
            return f"the name of {peer} cannot be resolved: {cause.strerror}"
        if isinstance(cause, ConnectionRefusedError):
            return f"{peer} refused the connection: nothing listens there"
        if isinstance(cause, OSError) and cause.strerror:
            return f"no connection to {peer}: {cause.strerror}"
    return f"no connection to {peer}: {error}"


def _protocol_failure(error: httpx.RemoteProtocolError, phase: Phase) -> tuple[Ending, str]:
    text = str(error)
    if text.startswith(_CLOSED):
        return Ending.CUT, f"the server closed the connection while {phase.value} was awaited"
    if phase is not Phase.HEADERS:
        return Ending.NOT_HTTP, f"the body's framing is broken: {text}"
    if _TLS_RECORD in text:
        return Ending.NOT_HTTP, "the answer is TLS, not plain HTTP; it may be an https:// address"
    line = _LINE.fullmatch(text)
    if text.startswith(_OF_HEADERS):
        flaw = f"HTTP has no such line: {line[2]}" if line else text
        return Ending.NOT_HTTP, f"{MALFORMED}: {flaw}"
    if line:
        text = f"it begins with the line {line[2]}"
    if text == _EMPTY_LINE:
        text = "it begins with an empty line"
    return Ending.NOT_HTTP, f"the answer is not HTTP: {text}"
