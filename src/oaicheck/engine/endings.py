"""Explains how an exchange ended, from the exception that ended it."""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Iterator
from enum import Enum
from typing import TYPE_CHECKING

from oaicheck.wire.exchange import Ending

if TYPE_CHECKING:
    import httpx

_CLOSED = ("Server disconnected", "peer closed connection")
"""How messages of httpcore and h11 begin if the peer closed the connection too early."""

_TLS_RECORD = "\\x15\\x03"
_NO_TLS = ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG")

MALFORMED = "the headers are malformed"
"""Said of an HTTP response that HTTP clients reject."""

_OF_HEADERS = (
    "illegal header line",
    "bad Content-Length",
    "conflicting Content-Length",
    "multiple Transfer-Encoding",
    "Only Transfer-Encoding",
)
"""How messages of h11 about headers begin."""
_LINE = re.compile(r"illegal (?:header|status) line: bytearray\(b(['\"])(.*)\1\)", re.DOTALL)
_EMPTY_LINE = "no response line received"

PLAIN_HTTP = "does not speak TLS"
"""Said of a peer that answers a TLS handshake with plain HTTP."""
TLS_ANSWER = "the answer is TLS"
"""Said of a peer that answers plain HTTP with TLS."""
NO_HANDSHAKE = "no TLS handshake"
"""Said of a peer that does not answer a TLS handshake."""
HANDSHAKE_CLOSED = "closed the connection during the TLS handshake"
"""Said of a peer that closes the connection during a TLS handshake."""
OTHER_NAME = "is for another name"
"""Said of a certificate that does not name the host."""
REFUSED_TUNNEL = "refused to connect"
"""Said of a proxy that does not open a tunnel; its status follows."""
ALERT_FOR_CERTIFICATE = re.compile("CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE|BAD_CERTIFICATE")
"""OpenSSL's names of the alerts by which a server asks for a client certificate. In TLS 1.3 they
come after the handshake."""

_OTHER_NAME_CODES = (62, 64)
"""OpenSSL's codes for a certificate that does not name the host, or its IP address."""


class Phase(Enum):
    """What an exchange waits for."""

    CONNECTION = "a connection"
    TLS = "the TLS handshake"
    HEADERS = "the response headers"
    BODY = "the body"
    CLOSE = "the end of the body after `data: [DONE]`"


def explain(error: httpx.RequestError, phase: Phase, peer: str) -> tuple[Ending, str]:
    """The ending for an exception of the HTTP client, and a sentence that explains it."""
    import httpx

    if isinstance(error, httpx.LocalProtocolError):
        return Ending.NOT_CONNECTED, f"the request cannot be sent: {error}"
    if isinstance(error, httpx.ProxyError):
        return Ending.NOT_CONNECTED, f"{peer} {REFUSED_TUNNEL}: {error}"
    if phase is Phase.TLS:
        return Ending.TLS_FAILED, _tls_failure(error, peer)
    if phase is Phase.CONNECTION:
        return Ending.NOT_CONNECTED, connection_failure(error, peer)
    if isinstance(error, httpx.RemoteProtocolError):
        return _protocol_failure(error, phase)
    causes = [str(cause) for cause in _chain(error) if isinstance(cause, OSError)]
    reason = f": {causes[-1]}" if causes else ""
    return Ending.RESET, f"the connection broke while waiting for {phase.value}{reason}"


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An exception and all its causes."""
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
            if cause.verify_code in _OTHER_NAME_CODES:
                return f"the certificate of {peer} {OTHER_NAME}: {cause.verify_message}"
            return f"the certificate of {peer} is not trusted: {cause.verify_message}"
        if isinstance(cause, ssl.SSLError):
            if cause.reason in _NO_TLS:
                return f"{peer} {PLAIN_HTTP}; it may be an http:// address"
            return f"the TLS handshake with {peer} failed: {cause.reason or cause}"
    return f"{peer} {HANDSHAKE_CLOSED}"


def connection_failure(error: BaseException, peer: str) -> str:
    """A sentence about a connection that could not be opened."""
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
        waiting = f"the client waited for {phase.value}"
        return Ending.CUT, f"the server closed the connection while {waiting}"
    if phase is not Phase.HEADERS:
        return Ending.NOT_HTTP, f"the body's framing is broken: {text}"
    if _TLS_RECORD in text:
        return Ending.NOT_HTTP, f"{TLS_ANSWER}, not plain HTTP; it may be an https:// address"
    line = _LINE.fullmatch(text)
    if text.startswith(_OF_HEADERS):
        flaw = f"invalid line: {line[2]}" if line else text
        return Ending.NOT_HTTP, f"{MALFORMED}: {flaw}"
    if line:
        text = f"it begins with the line {line[2]}"
    if text == _EMPTY_LINE:
        text = "it begins with an empty line"
    return Ending.NOT_HTTP, f"the answer is not HTTP: {text}"
