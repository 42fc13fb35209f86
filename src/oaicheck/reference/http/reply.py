"""What goes into the reference endpoint and what comes out of it.

Both are plain frozen values, so that a test can make an exchange without a socket and a fault
can rewrite an answer without knowing how it will be sent.
"""

from dataclasses import dataclass, replace
from typing import Literal

Ending = Literal["complete", "cut", "hang", "reset"]
"""How the connection ends after the last piece.

``complete``: properly. ``cut``: the body stops short. ``hang``: nothing more comes and the
connection stays open. ``reset``: TCP reset.
"""

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Request:
    """One HTTP request, its body complete. Header names are compared without regard to case.

    ``connection`` is the same for all requests of a connection; empty where that is not known.
    """

    method: str
    path: str
    query: str = ""
    headers: Headers = ()
    body: bytes = b""
    connection: str = ""

    def header(self, name: str) -> str | None:
        """The value of a header, or None when it was not sent."""
        return _find(self.headers, name)

    def with_header(self, name: str, value: str) -> "Request":
        """The same request with one header set."""
        return replace(self, headers=_put(self.headers, name, value))


@dataclass(frozen=True)
class Piece:
    """Bytes that leave together, after waiting ``delay`` seconds."""

    data: bytes
    delay: float = 0.0


@dataclass(frozen=True)
class Reply:
    """One HTTP response, with the pieces in which its body is to be sent.

    ``delay`` is how many seconds the status and the headers wait. ``surplus`` are bytes that follow
    the end of a body in chunks, where the next answer on the connection should begin.
    """

    status: int
    headers: Headers = ()
    pieces: tuple[Piece, ...] = ()
    ending: Ending = "complete"
    delay: float = 0.0
    surplus: bytes = b""

    @property
    def body(self) -> bytes:
        """All pieces joined."""
        return b"".join(piece.data for piece in self.pieces)

    def header(self, name: str) -> str | None:
        """The value of a header, or None when it is absent."""
        return _find(self.headers, name)

    def with_header(self, name: str, value: str) -> "Reply":
        """The same reply with one header set."""
        return replace(self, headers=_put(self.headers, name, value))

    def without_header(self, name: str) -> "Reply":
        """The same reply with one header removed."""
        kept = tuple(item for item in self.headers if item[0].lower() != name.lower())
        return replace(self, headers=kept)

    def with_body(self, data: bytes) -> "Reply":
        """The same reply with another body, in one piece, and a length that fits if it had one."""
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
