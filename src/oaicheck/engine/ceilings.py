"""The most that one exchange may bring: interim answers, headers, trailers, bytes, lines, pieces.

An endpoint that never stops ends its exchange here, whatever it sends, and no run fills up.
"""

from __future__ import annotations

import re

from oaicheck.engine.endings import INTERIM_FLOOD, LONG_HEADERS, Stop, invalid_line
from oaicheck.target.target import Limits
from oaicheck.wire.exchange import Ending

_LINES_OF_AN_EVENT = 4
"""An event has about so many lines: comments and blank lines count too, as they fill memory."""
_SHORT_LINE = 128
"""Headers have so many bytes on average, or there are more of them than anything can handle."""
_LONGEST_SIZE_LINE = 4096
"""No server needs a longer one."""
_SIZE = re.compile(rb"[0-9A-Fa-f]{1,20}")
_LAST_LINE = re.compile(rb"\A\r?\n|\n\r?\n")
_UNREADABLE = re.compile(rb"[\x00\x0b\x0c]|\r(?!\n)")
"""What no header may contain. The library would refuse it too, but not always soon."""


def refuse_unreadable(lines: bytes, *, are_trailers: bool = False) -> None:
    """Raise Stop if headers or trailers contain a character that HTTP clients reject."""
    found = _UNREADABLE.search(lines)
    if found is not None:
        start = lines.rfind(b"\n", 0, found.start()) + 1
        line = lines[start:].partition(b"\n")[0]
        raise invalid_line(line.removesuffix(b"\r"), is_trailer=are_trailers)


class HeadCeiling:
    """Counts what comes before the body: interim answers, and the bytes and lines of all heads."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._interim = 0
        self._bytes = self._lines = 0

    def interim(self) -> None:
        """Count an interim answer. Raises Stop if there are too many."""
        self._interim += 1
        most = self._limits.interim
        if self._interim > most:
            raise Stop(
                Ending.TOO_LARGE,
                f"{INTERIM_FLOOD}: more than {most}, and no final one; the rest was not read",
            )

    def head(self, head: bytes) -> None:
        """Count a head. Raises Stop if the heads are too long together."""
        self.begun(len(head))
        self._bytes += len(head)
        self._lines += head.count(b"\n")
        most = max(100, self._limits.header_bytes // _SHORT_LINE)
        if self._lines > most:
            raise Stop(Ending.TOO_LARGE, f"{LONG_HEADERS} than {most} lines; the rest was not read")

    def begun(self, length: int) -> None:
        """Look at a head that has this many bytes so far. Raises Stop if it is too long."""
        most = self._limits.header_bytes
        if self._bytes + length > most:
            raise Stop(Ending.TOO_LARGE, f"{LONG_HEADERS} than {most} bytes; the rest was not read")


class WireCeiling:
    """Counts the bytes on the wire, framing included, which may be far more than the body's."""

    def __init__(self, limits: Limits) -> None:
        self._most = limits.wire_bytes
        self._bytes = 0

    def received(self, length: int) -> None:
        """Count bytes. Raises Stop if there are too many."""
        self._bytes += length
        if self._bytes > self._most:
            raise Stop(
                Ending.TOO_LARGE,
                f"the response takes more than {self._most} bytes, chunk sizes and headers "
                "included; the rest was not read",
            )


class BodyCeiling:
    """Counts the events, the lines and the pieces of a body."""

    def __init__(self, limits: Limits) -> None:
        self._events_left = limits.events
        self._lines_left = self._pieces_left = _LINES_OF_AN_EVENT * limits.events
        self._limits = limits
        self._tail = b""

    def exceeded(self, data: bytes) -> str:
        """Count the next piece. Returns what there is too much of, or an empty text."""
        held = data[-1:] if data[-1:] == b"\r" else b""
        text = self._tail + (data[:-1] if held else data)
        lines = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        # A line end from the piece before takes part in the next blank line, but counts no more.
        self._lines_left -= lines.count(b"\n") - self._tail.startswith(b"\n")
        self._events_left -= lines.count(b"\n\n")
        self._tail = (b"\n" if lines.endswith(b"\n") else b"") + held
        self._pieces_left -= 1
        if self._events_left < 0:
            return f"the body has more than {self._limits.events} events"
        most = _LINES_OF_AN_EVENT * self._limits.events
        if self._lines_left < 0:
            return f"the body has more than {most} lines"
        return f"the body comes in more than {most} pieces" if self._pieces_left < 0 else ""


class Chunks:
    """Follows the framing of a chunked body, and bounds its size lines and its trailers.

    It leaves everything else to the HTTP library, which refuses what is not well-formed. `safe` is
    how many of the bytes taken last come before the line or the trailers that it is about.
    """

    def __init__(self, limits: Limits) -> None:
        self._most = limits.header_bytes
        self._left = 0
        self._begun = bytearray()
        self._searched = 0
        self._in_trailers = self._is_over = False
        self.safe = 0

    def follow(self, data: bytes) -> None:
        """Take the next bytes after the head. Raises Stop if a line or the trailers are too long,
        or if the trailers contain what no client reads.
        """
        position = self.safe = 0
        while position < len(data) and not self._is_over:
            if not self._begun:
                self.safe = position
            if self._in_trailers:
                self._follow_trailers(data[position:])
                return
            if self._left:
                step = min(self._left, len(data) - position)
                self._left -= step
                position += step
            else:
                position = self._follow_size(data, position)

    def _follow_size(self, data: bytes, position: int) -> int:
        """Read on in a size line. Returns how far it has read."""
        before = len(self._begun)
        self._begun += data[position : position + _LONGEST_SIZE_LINE]
        end = self._begun.find(b"\r\n", max(0, before - 1))
        if end < 0 and len(self._begun) <= _LONGEST_SIZE_LINE:
            return position + len(self._begun) - before
        if not 0 <= end <= _LONGEST_SIZE_LINE:
            raise Stop(
                Ending.TOO_LARGE,
                f"the line with the size of a chunk is longer than {_LONGEST_SIZE_LINE} bytes; "
                "the rest was not read",
            )
        size = _SIZE.match(self._begun)
        if size is None:
            self._is_over = True
            return len(data)
        length = int(size[0], 16)
        self._begun.clear()
        self._in_trailers = length == 0
        self._left = length + len(b"\r\n") if length else 0
        return position + end + len(b"\r\n") - before

    def _follow_trailers(self, data: bytes) -> None:
        self._begun += data
        end = _LAST_LINE.search(self._begun, self._searched)
        length = len(self._begun) if end is None else end.end()
        if length > self._most:
            raise Stop(
                Ending.TOO_LARGE,
                f"the trailers after the body are longer than {self._most} bytes; the rest was "
                "not read",
            )
        if end is None:
            self._searched = max(0, len(self._begun) - len(b"\n\r"))
            return
        self._is_over = True
        refuse_unreadable(bytes(self._begun[:length]), are_trailers=True)
