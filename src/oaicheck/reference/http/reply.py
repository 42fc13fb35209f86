"""The requests and replies of the reference endpoint.

Both are plain frozen values. So a test can make an exchange without a socket, and a fault can
change a reply without knowing how it will be sent.
"""

from dataclasses import dataclass, replace
from typing import Literal

Ending = Literal["complete", "cut", "hang", "reset"]
"""How the connection ends after the last piece.

``complete``: properly. ``cut``: the body is cut off. ``hang``: no more bytes are sent and the
connection stays open. ``reset``: TCP reset.
"""

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Request:
    """One HTTP request with its complete body. Header names are case-insensitive.

    ``connection`` is the same for all requests on a connection; empty if it is not known.
    ``http_version`` is 1.1 or 1.0.
    """

    method: str
    path: str
    query: str = ""
    headers: Headers = ()
    body: bytes = b""
    connection: str = ""
    http_version: str = "1.1"

    @property
    def is_old(self) -> bool:
        """Whether the client speaks HTTP/1.0."""
        return self.http_version == "1.0"

    def header(self, name: str) -> str | None:
        """The value of a header, or None if it was not sent."""
        return _find(self.headers, name)

    def with_header(self, name: str, value: str) -> "Request":
        """The same request with one header set."""
        return replace(self, headers=_put(self.headers, name, value))


@dataclass(frozen=True)
class Piece:
    """Bytes that are sent together, after a delay of ``delay`` seconds."""

    data: bytes
    delay: float = 0.0


@dataclass(frozen=True)
class Reply:
    """One HTTP response, with its body in the pieces in which to send it.

    ``delay`` is the time in seconds before the status and the headers. ``surplus`` are bytes after
    the end of a chunked body, where the next response on the connection should begin. With
    ``is_framed`` the pieces contain the framing of the body, such as chunk sizes.
    """

    status: int
    headers: Headers = ()
    pieces: tuple[Piece, ...] = ()
    ending: Ending = "complete"
    delay: float = 0.0
    surplus: bytes = b""
    is_framed: bool = False

    @property
    def body(self) -> bytes:
        """All pieces joined."""
        return b"".join(piece.data for piece in self.pieces)

    def header(self, name: str) -> str | None:
        """The value of a header, or None if it is absent."""
        return _find(self.headers, name)

    def with_header(self, name: str, value: str) -> "Reply":
        """The same reply with one header set."""
        return replace(self, headers=_put(self.headers, name, value))

    def without_header(self, name: str) -> "Reply":
        """The same reply without one header."""
        kept = tuple(item for item in self.headers if item[0].lower() != name.lower())
        return replace(self, headers=kept)

    def with_body(self, data: bytes) -> "Reply":
        """The same reply with another body, in one piece, and a matching Content-Length if any."""
        changed = replace(self, pieces=(Piece(data),))
        if self.header("content-length") is None:
            return changed
        return changed.with_header("content-length", str(len(data)))


def _find(headers: Headers, name: str) -> str | None:
    wanted = name.lower()
    return next((value for key, value in headers if key.lower() == wanted), None)


def _put(headers: Headers, name: str, value: str) -> Headers:
    kept = tuple(item for item in headers if item[0].lower() != name.lower())
    return (*kept, (name, value))
