"""An incremental decoder of Server-Sent Events that never repairs what it reads.

It follows "Parsing an event stream" and "Interpreting an event stream" of the WHATWG HTML standard
(section 9.2, https://html.spec.whatwg.org/multipage/server-sent-events.html). The events are those
that a browser would dispatch. If the standard tolerates something worth reporting, such as invalid
UTF-8 or an event cut off by the end of the stream, a `Diagnostic` says so.

The way the bytes were split into reads does not affect events, spans or diagnostics.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

_BOM = b"\xef\xbb\xbf"
_LF, _CR, _SPACE = 0x0A, 0x0D, 0x20
_DATA, _BLANK = b"data:", b"\n\n"
_FIELDS = ("data", "event", "id", "retry")
_MOST_REMARKS = 1_000
"""Diagnostics of one kind: bytes that are no stream at all would have one for every line."""


class Span(NamedTuple):
    """A half-open range of byte offsets into the body."""

    start: int
    end: int


class Defect(StrEnum):
    """The problems that the decoder can report."""

    BOM = "bom"
    INVALID_UTF8 = "invalid-utf8"
    NUL_IN_ID = "nul-in-id"
    BAD_RETRY = "bad-retry"
    UNKNOWN_FIELD = "unknown-field"
    EVENT_WITHOUT_DATA = "event-without-data"
    BLANK_LINE_AFTER_ID = "blank-line-after-id"
    UNTERMINATED_EVENT = "unterminated-event"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One problem in the stream: its kind, its place, and a description that quotes the bytes."""

    defect: Defect
    span: Span
    detail: str


@dataclass(slots=True)
class Event:
    """One dispatched event.

    `number` counts dispatched events from 1. `span` runs from the first byte of the event's first
    line to the end of its last line, without the line end. `at` is when the byte that completed the
    event arrived, in seconds since the request was sent. `data_lines` is the number of `data`
    fields. `last_event_id` is the connection's last event ID, which stays set for later events.
    """

    number: int
    type: str
    data: str
    last_event_id: str
    span: Span
    data_lines: int
    at: float = field(compare=False, default=0.0)


@dataclass(frozen=True, slots=True)
class Comment:
    """One comment line, which servers send to keep a connection alive."""

    text: str
    span: Span


@dataclass(slots=True)
class _Block:
    """The fields read since the last blank line."""

    start: int
    end: int = 0
    type: str = ""
    data: list[str] = field(default_factory=list)


class SSEDecoder:
    """Turns bytes, in pieces of any size, into events, comments and diagnostics.

    Call `feed` for each piece and `finish` at the end, then read `events`, `comments` and
    `diagnostics`, of which there are at most 1,000 of each kind.
    """

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.comments: list[Comment] = []
        self.diagnostics: list[Diagnostic] = []
        self._line = bytearray()
        self._line_start = 0
        self._offset = 0
        self._after_cr = False
        self._block: _Block | None = None
        self._last_event_id = ""
        self._remarks: Counter[Defect] = Counter()

    def feed(self, data: bytes, at: float = 0.0) -> None:
        """Take the next bytes, which arrived `at` seconds after the request was sent."""
        position = 0
        if self._after_cr and data:
            self._after_cr = False
            if data[0] == _LF:
                position = 1
                self._line_start += 1
        ends = _LineEnds(data)
        while position < len(data):
            end = ends.next(position)
            if end < 0:
                self._line += data[position:]
                break
            if self._block is None and not self._line:
                after = self._plain_event(data, position, end, at)
                if after > position:
                    position = after
                    self._line_start = self._offset + position
                    continue
            line = data[position:end]
            if self._line:
                line = bytes(self._line) + line
                self._line.clear()
            self._end_line(line, at)
            position = end + 1
            if data[end] == _CR:
                if position == len(data):
                    self._after_cr = True
                elif data[position] == _LF:
                    position += 1
            self._line_start = self._offset + position
        self._offset += len(data)

    def _plain_event(self, data: bytes, position: int, end: int, at: float) -> int:
        """Take a complete event of one `data` line, as nearly all are. Returns where it ends.

        `end` is the end of the line. If there is no such event, it returns the position, and the
        event is taken line by line.
        """
        if not data.startswith(_DATA, position) or data[end : end + 2] != _BLANK:
            return position
        start = position + len(_DATA)
        try:
            text = data[start + (data[start] == _SPACE) : end].decode("utf-8")
        except UnicodeDecodeError:
            return position
        span = Span(self._offset + position, self._offset + end)
        self._add_event("message", text, span, 1, at)
        return end + len(_BLANK)

    def finish(self) -> None:
        """End the body. An unfinished event is discarded and reported as a diagnostic."""
        if self._line:
            self._end_line(bytes(self._line), at=0.0)
            self._line = bytearray()
        if self._block is not None:
            lost = "\n".join(self._block.data)
            self._remark(
                Defect.UNTERMINATED_EVENT,
                Span(self._block.start, self._offset),
                f"the stream ended inside an event, so clients drop it: {lost[:200]}",
            )
            self._block = None

    def _end_line(self, raw: bytes, at: float) -> None:
        span = Span(self._line_start, self._line_start + len(raw))
        if span.start == 0 and raw.startswith(_BOM):
            raw = raw[len(_BOM) :]
            self._remark(Defect.BOM, Span(0, len(_BOM)), "the body begins with a byte order mark")
        if not raw:
            self._dispatch(at, span)
            return
        line = self._decode(raw, span)
        if line.startswith(":"):
            self.comments.append(Comment(line[1:].removeprefix(" "), span))
            return
        if self._block is None:
            self._block = _Block(span.start)
        self._block.end = span.end
        # A body that is no stream may be one line of many megabytes: its value is not copied.
        colon = line.find(":")
        name = line if colon < 0 else line[:colon]
        known = name in _FIELDS and colon >= 0
        self._field(self._block, name, line[colon + 1 :].removeprefix(" ") if known else "", span)

    def _decode(self, raw: bytes, span: Span) -> str:
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError as error:
            where = Span(span.end - len(raw) + error.start, span.end - len(raw) + error.end)
            self._remark(
                Defect.INVALID_UTF8,
                where,
                f"bytes that are not UTF-8: {raw[error.start : error.end].hex(' ')}",
            )
            return raw.decode("utf-8", "replace")

    def _field(self, block: _Block, name: str, value: str, span: Span) -> None:
        if name == "data":
            block.data.append(value)
        elif name == "event":
            block.type = value
        elif name == "id":
            if "\0" in value:
                self._remark(Defect.NUL_IN_ID, span, "an id with a NUL, which clients ignore")
            else:
                self._last_event_id = value
        elif name == "retry":
            if not (value.isascii() and value.isdigit()):
                self._remark(Defect.BAD_RETRY, span, f"retry is not a number: {value[:80]}")
        else:
            self._remark(Defect.UNKNOWN_FIELD, span, f'a field that clients ignore: "{name[:80]}"')

    def _dispatch(self, at: float, blank: Span) -> None:
        block, self._block = self._block, None
        if block is None:
            if self._last_event_id:
                self._remark(
                    Defect.BLANK_LINE_AFTER_ID,
                    blank,
                    "an extra blank line, which ends no event, after events with ids",
                )
            return
        span = Span(block.start, block.end)
        if not block.data:
            self._remark(
                Defect.EVENT_WITHOUT_DATA, span, "an event without data, which clients drop"
            )
            return
        text = "\n".join(block.data)
        self._add_event(block.type or "message", text, span, len(block.data), at)

    def _add_event(self, type_: str, data: str, span: Span, data_lines: int, at: float) -> None:
        number = len(self.events) + 1
        self.events.append(Event(number, type_, data, self._last_event_id, span, data_lines, at))

    def _remark(self, defect: Defect, span: Span, detail: str) -> None:
        self._remarks[defect] += 1
        if self._remarks[defect] <= _MOST_REMARKS:
            self.diagnostics.append(Diagnostic(defect, span, detail))


class _LineEnds:
    """Finds the line ends in bytes, looking at each byte only once for each kind of end."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._lf = data.find(b"\n")
        self._cr = data.find(b"\r")

    def next(self, start: int) -> int:
        """The place of the first line end from here on, or -1. Call it with rising places."""
        if 0 <= self._lf < start:
            self._lf = self._data.find(b"\n", start)
        if 0 <= self._cr < start:
            self._cr = self._data.find(b"\r", start)
        if self._lf < 0 or self._cr < 0:
            return max(self._lf, self._cr)
        return min(self._lf, self._cr)
