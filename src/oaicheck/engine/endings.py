"""Explains how an exchange ended, from the exception that ended it.

The messages of the HTTP library are for its programmers. Here each is said in words for those who
run an endpoint.
"""

from __future__ import annotations

import ast
import os
import re
import socket
import ssl
from collections.abc import Iterator
from enum import Enum

from oaicheck.wire.exchange import Ending
from oaicheck.wire.printable import printable

_CLOSED = ("Server disconnected", "peer closed connection", "peer unexpectedly closed")
"""How messages of httpcore and h11 begin if the peer closed the connection too early."""
_BYTES = re.compile(r"bytearray\((b(['\"]).*?(?<!\\)(?:\\\\)*\2)\)", re.DOTALL)
"""Bytes of the response in a message of h11."""
_TOO_LONG = "Receive buffer too long"
_LONGEST_PART = "100 KiB"
"""What httpcore lets h11 hold back."""
_OF_STATUS_RANGE = re.compile(r"status_code should be in range .* not (\d+)")

_TLS_RECORD = re.compile(rb"[\x14-\x17]\x03[\x00-\x04]")
_HTTP2_SETTINGS = re.compile(rb"\x00..\x04[\x00\x01]\x00{4}", re.DOTALL)
_HTTP = b"HTTP/"
_QUOTED = 4096
"""So many bytes are quoted. It is much more than is shown in the end: a secret is removed first,
and is not recognised if only a part of it is left."""

MALFORMED = "the headers are malformed"
"""Said of an HTTP response that HTTP clients reject."""
BAD_STATUS = "the status line is malformed"
"""Said of a response that begins like HTTP, but not with a status that clients can read."""
SWITCHED = "it answered 101, a change of the protocol that nobody asked for"
"""Said of an answer that ends HTTP on the connection."""
NOT_HTTP = "the answer is not HTTP"
"""Said of an answer in which no client finds a status."""
TLS_ANSWER = "the answer is TLS"
"""Said of a peer that answers plain HTTP with TLS."""
HTTP2_ANSWER = "the answer is HTTP/2"
"""Said of a peer that answers HTTP/1.1 with HTTP/2."""
INTERIM_FLOOD = "interim answers (1xx) came without end"
"""Said of a server that never sends the final answer."""
LONG_HEADERS = "the headers are longer"
"""Said of headers above the limit, which follows."""
_BAD_TRAILERS = "the trailers after the body are malformed"
_BAD_FRAMING = "the body's framing is broken"

PLAIN_HTTP = "does not speak TLS"
"""Said of a peer that answers a TLS handshake with plain HTTP."""
NO_HANDSHAKE = "no TLS handshake"
"""Said of a peer that does not answer a TLS handshake."""
HANDSHAKE_CLOSED = "closed the connection during the TLS handshake"
"""Said of a peer that closes the connection during a TLS handshake."""
OTHER_NAME = "is for another name"
"""Said of a certificate that does not name the host."""
REFUSED_TUNNEL = "refused to connect"
"""Said of a proxy that does not open a tunnel; its status follows."""
WANTS_CERTIFICATE = "wants a client certificate"
"""Said of a server that sends a TLS alert about the client's certificate. In TLS 1.3 it comes after
the handshake."""

_OF_HEADERS = {
    "conflicting Content-Length": "`Content-Length` has two different values",
    "bad Content-Length": "`Content-Length` is no whole number of at most 20 digits",
    "multiple Transfer-Encoding": "`Transfer-Encoding` occurs twice with different values",
    "Only Transfer-Encoding": "`Transfer-Encoding` is not `chunked`",
    "continuation line at start": "the first line begins with a space, like the rest of another",
}
"""What is wrong with headers or trailers, by how messages of h11 begin."""

_NO_TLS = ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG")
_OF_TLS = {
    "ALERT_HANDSHAKE_FAILURE": "the server shares no TLS settings with this client, or "
    + WANTS_CERTIFICATE,
    "CERTIFICATE_REQUIRED": f"the server {WANTS_CERTIFICATE}",
    "ALERT_BAD_CERTIFICATE": f"the server {WANTS_CERTIFICATE} that it accepts",
    "ALERT_UNSUPPORTED_CERTIFICATE": f"the server {WANTS_CERTIFICATE} of another kind",
    "ALERT_UNKNOWN_CA": f"the server {WANTS_CERTIFICATE} from a CA that it knows",
    "PROTOCOL_VERSION": "the server shares no TLS version with this client",
    "UNSUPPORTED_PROTOCOL": "the server shares no TLS version with this client",
    "UNRECOGNIZED_NAME": "the server does not serve this host name",
    "ALERT_ACCESS_DENIED": "the server denies access",
    "ALERT_INTERNAL_ERROR": "the server reports an error of its own",
    "BAD_RECORD": "what arrived is not intact TLS",
    "DECRYPTION_FAILED": "what arrived is not intact TLS",
    "KEY_TOO_SMALL": "the server's key is too weak",
}
"""What is wrong with TLS, by parts of OpenSSL's names."""

_OTHER_NAME_CODES = (62, 64)
"""OpenSSL's codes for a certificate that does not name the host, or its IP address."""


class Phase(Enum):
    """What an exchange waits for."""

    CONNECTION = "a connection"
    TLS = "the TLS handshake"
    HEADERS = "the response headers"
    BODY = "the body"
    CLOSE = "the end of the body after `data: [DONE]`"


class Stop(Exception):
    """Ends an exchange because of what arrived. `detail` says why, in a part of a sentence."""

    def __init__(self, ending: Ending, detail: str) -> None:
        super().__init__(detail)
        self.ending = ending
        self.detail = detail


def explain(error: Exception, phase: Phase, peer: str) -> tuple[Ending, str]:
    """The ending for an exception of the HTTP client, and a sentence that explains it."""
    import httpx

    if isinstance(error, Stop):
        return error.ending, error.detail
    if isinstance(error, httpx.LocalProtocolError):
        return Ending.NOT_CONNECTED, f"the request cannot be sent: {_refusal_to_send(str(error))}"
    if isinstance(error, httpx.ProxyError):
        return Ending.NOT_CONNECTED, f"{peer} {REFUSED_TUNNEL}: {printable(str(error))}"
    if phase is Phase.TLS:
        return Ending.TLS_FAILED, _tls_failure(error, peer)
    if phase is Phase.CONNECTION:
        return Ending.NOT_CONNECTED, connection_failure(error, peer)
    if isinstance(error, httpx.RemoteProtocolError):
        text = str(error)
        if text.startswith(_CLOSED):
            waiting = f"the client waited for {phase.value}"
            return Ending.CUT, f"the server closed the connection while {waiting}"
        return _flaw_in_head(text) if phase is Phase.HEADERS else _flaw_in_body(text)
    reasons = [reason for cause in _chain(error) if (reason := _of_system(cause))]
    reason = f": {reasons[-1]}" if reasons else ""
    return Ending.RESET, f"the connection broke while waiting for {phase.value}{reason}"


def no_http(begun: bytes) -> Stop:
    """The end of an exchange whose answer does not begin like HTTP/1, but with these bytes."""
    if _TLS_RECORD.match(begun):
        detail = f"{TLS_ANSWER}, not plain HTTP; it may be an https:// address"
    elif _HTTP2_SETTINGS.match(begun):
        detail = f"{HTTP2_ANSWER}, but oaicheck speaks HTTP/1.1, as most clients do"
    else:
        line = begun.partition(b"\n")[0].rstrip(b"\r")
        begins = f"the line {quoted(line)}" if line else "an empty line"
        detail = f"{NOT_HTTP}: it begins with {begins}"
    return Stop(Ending.NOT_HTTP, detail)


def invalid_line(line: bytes, *, is_trailer: bool = False) -> Stop:
    """The end of an exchange with a line, among its headers or trailers, that no client accepts."""
    where = _BAD_TRAILERS if is_trailer else MALFORMED
    if not is_trailer and line.startswith(_HTTP):
        return Stop(Ending.NOT_HTTP, f"{BAD_STATUS}: {quoted(line)}")
    return Stop(Ending.NOT_HTTP, f"{where}: invalid line: {quoted(line)}")


def quoted(data: bytes) -> str:
    """Bytes of a response as text for a message: one line, and safe to print."""
    return printable(data[:_QUOTED].decode("utf-8", "replace").rstrip("\r\n"))


def connection_failure(error: BaseException, peer: str) -> str:
    """A sentence about a connection that could not be opened."""
    for cause in _chain(error):
        if isinstance(cause, socket.gaierror):
            return f"the name of {peer} cannot be resolved: {cause.strerror}"
        if isinstance(cause, ConnectionRefusedError):
            return f"{peer} refused the connection: nothing listens there"
        if reason := _of_system(cause):
            return f"no connection to {peer}: {reason}"
    return f"no connection to {peer}"


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An exception and all its causes."""
    yield error
    if isinstance(error, BaseExceptionGroup):
        for member in error.exceptions:
            yield from _chain(member)
    cause = error.__cause__ or error.__context__
    if cause is not None:
        yield from _chain(cause)


def _of_system(error: BaseException) -> str:
    """What the operating system or OpenSSL says; empty if the error is not theirs."""
    if isinstance(error, ssl.SSLError):
        return _of_tls(error)
    if isinstance(error, OSError) and error.errno:
        return os.strerror(error.errno)
    return ""


def _of_tls(error: ssl.SSLError) -> str:
    name = error.reason or ""
    for part, words in _OF_TLS.items():
        if part in name:
            return words
    return f"OpenSSL calls it `{name.lower().replace('_', ' ')}`" if name else "TLS failed"


def _tls_failure(error: BaseException, peer: str) -> str:
    for cause in _chain(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            if cause.verify_code in _OTHER_NAME_CODES:
                return f"the certificate of {peer} {OTHER_NAME}: {cause.verify_message}"
            return f"the certificate of {peer} is not trusted: {cause.verify_message}"
        if isinstance(cause, ssl.SSLEOFError):
            return f"{peer} {HANDSHAKE_CLOSED}"
        if isinstance(cause, ssl.SSLError):
            if cause.reason in _NO_TLS:
                return f"{peer} {PLAIN_HTTP}; it may be an http:// address"
            return f"the TLS handshake with {peer} failed: {_of_tls(cause)}"
    return f"{peer} {HANDSHAKE_CLOSED}"


def _refusal_to_send(text: str) -> str:
    if text.startswith(("Illegal header name", "Illegal header value")):
        return "HTTP does not allow the name or the value of a header; check --header"
    if text.startswith("Illegal target"):
        return "HTTP does not allow a character in its URL; check the base URL and --query"
    return "HTTP does not allow it in this form"


def _flaw_in_head(text: str) -> tuple[Ending, str]:
    """What is wrong before the body, from a message of h11."""
    flaw = _flaw_in_lines(text)
    if flaw:
        return Ending.NOT_HTTP, f"{MALFORMED}: {flaw}"
    if status := _OF_STATUS_RANGE.search(text):
        return Ending.NOT_HTTP, f"{BAD_STATUS}: its status is {status[1]}, and HTTP begins at 100"
    if "_SWITCH_UPGRADE" in text:
        return Ending.NOT_HTTP, SWITCHED
    line = _bytes_in(text)
    if line is not None and line.startswith(_HTTP):
        return Ending.NOT_HTTP, f"{BAD_STATUS}: {quoted(line)}"
    if line is not None:
        stop = no_http(line)
        return stop.ending, stop.detail
    if text.startswith("no response line"):
        begins = "an empty line"
    elif text.startswith("illegal request line"):
        begins = "a space or a control character"
    elif text.startswith(_TOO_LONG):
        begins = f"more than {_LONGEST_PART} without a status"
    else:
        return Ending.NOT_HTTP, f"{NOT_HTTP}: no client finds a status and headers in it"
    return Ending.NOT_HTTP, f"{NOT_HTTP}: it begins with {begins}"


def _flaw_in_body(text: str) -> tuple[Ending, str]:
    """What is wrong in or after the body, from a message of h11."""
    flaw = _flaw_in_lines(text)
    if flaw:
        return Ending.NOT_HTTP, f"{_BAD_TRAILERS}: {flaw}"
    if text.startswith(_TOO_LONG):
        return Ending.TOO_LARGE, f"the trailers after the body are longer than {_LONGEST_PART}"
    found = quoted(_bytes_in(text) or b"")
    found = f"`{found}`" if found else "an empty line"
    if text.startswith("illegal chunk header"):
        flaw = f"{found} stands where the size of a chunk should be"
    elif text.startswith("malformed chunk footer"):
        flaw = f"{found} follows a chunk that should have ended: its size is wrong"
    elif text.startswith("Got data"):
        flaw = "more bytes follow after its end"
    else:
        flaw = "no client finds out where it ends"
    return Ending.NOT_HTTP, f"{_BAD_FRAMING}: {flaw}"


def _flaw_in_lines(text: str) -> str:
    """What is wrong with a header or a trailer, from a message of h11; empty if nothing is."""
    if text.startswith("illegal header line"):
        return f"invalid line: {quoted(_bytes_in(text) or b'')}"
    return next((words for begin, words in _OF_HEADERS.items() if text.startswith(begin)), "")


def _bytes_in(text: str) -> bytes | None:
    """The bytes of the response that a message of h11 quotes, or None if it quotes none."""
    found = _BYTES.search(text)
    return None if found is None else ast.literal_eval(found[1])
