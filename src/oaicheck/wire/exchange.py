"""An exchange: one request and its response, byte for byte.

Only bytes are stored. Events, text and JSON values are derived from them, in a live run and in a
replay alike.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any, NoReturn, TypeVar

from oaicheck.wire.huge_number import HugeNumber
from oaicheck.wire.json_text import (
    ABSENT,
    parse_json,
    shortened,
    shown,
    without_lone_surrogates,
)
from oaicheck.wire.laid_aside import LaidAside, Segment
from oaicheck.wire.packing import in_pieces, packed, unpacked
from oaicheck.wire.sse import Comment, Diagnostic, Event, SSEDecoder

__all__ = ["RUN", "Ending", "Exchange", "Headers", "Located", "Request", "Segment"]

RUN = "RUN"
"""The method of an exchange that is not a request but the output of a real client."""

_LONGEST_PATH = 300
"""The names in a path come from the endpoint, and may be of any length."""

Headers = tuple[tuple[str, str], ...]
T = TypeVar("T")
_ENCODER = json.JSONEncoder(separators=(",", ":"))


class Ending(StrEnum):
    """How an exchange ended, as seen by the client."""

    COMPLETE = "complete"
    """The body ended as its framing says, or by an orderly close if the framing allows that."""
    CUT = "cut"
    """The peer closed the connection in the middle of the headers or the body."""
    RESET = "reset"
    """The connection was reset."""
    NO_FIRST_BYTE = "no-first-byte"
    """No response headers within the limit."""
    STALLED = "stalled"
    """No byte for longer than the limit, in the middle of the body."""
    TOO_LONG = "too-long"
    """Bytes were still arriving when the time limit for the whole exchange expired."""
    TOO_LARGE = "too-large"
    """More than a limit allows: bytes, headers, interim answers, events; the rest was not read."""
    NOT_CONNECTED = "not-connected"
    """No connection: the name did not resolve, or the host refused, was unreachable or timed out.
    """
    TLS_FAILED = "tls-failed"
    """The TLS handshake failed."""
    NOT_HTTP = "not-http"
    """The response is not HTTP."""
    HUNG_UP = "hung-up"
    """The client closed the connection on purpose, because the scenario asks for it."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it was sent, without secrets."""

    method: str
    url: str
    headers: Headers
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON, or None if it is not JSON."""
        parsed = parse_json(self.body)
        return None if parsed is None else parsed.value


@dataclass(frozen=True)
class Exchange:
    """One request and its response.

    `turn` and `attempt` count from 1 within the scenario. Times are seconds since the request was
    sent, minus the time in which our own process could not run; `started` is a Unix timestamp.
    `status` is None if no response headers arrived. A long body is laid aside once it is recorded:
    then it is read when it is asked for, and forgotten when others are.
    """

    scenario: str
    turn: int
    attempt: int
    request: Request
    status: int | None
    reason: str
    headers: Headers
    segments: Sequence[Segment]
    ending: Ending
    detail: str = ""
    started: float = 0.0
    headers_at: float | None = None
    ended_at: float = 0.0
    variables: Mapping[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """A unique name within a run, such as `stream/text#1` or `tools/round-trip#2.1`."""
        attempt = f".{self.attempt}" if self.attempt > 1 else ""
        return f"{self.scenario}#{self.turn}{attempt}"

    def derived(self, make: Callable[[Exchange], T]) -> T:
        """What a function derives from this exchange, computed once and cached."""
        if make not in self._derived:
            self._derived[make] = make(self)
            self._note_use()
        derived: T = self._derived[make]
        return derived

    @cached_property
    def _derived(self) -> dict[Callable[[Exchange], Any], Any]:
        return {}

    @cached_property
    def notes(self) -> dict[Callable[[Exchange], Any], Any]:
        """What was derived and is small. It stays in memory when the body does not."""
        return {}

    def lay_aside(self, segments: LaidAside) -> None:
        """Let go of the body, which can be read from these segments from now on."""
        object.__setattr__(self, "segments", segments)
        self.forget()

    @property
    def is_laid_aside(self) -> bool:
        """Whether the body is not in memory until it is asked for."""
        return isinstance(self.segments, LaidAside)

    def forget(self) -> None:
        """Let go of a body that can be read again, and of all that was derived from it."""
        derived = self.__dict__.get("_derived", {})
        for name in _FORGOTTEN:
            self.__dict__.pop(name, None)
        for found in derived.values():
            # A decompressed copy and the views of it refer to one another.
            if isinstance(found, Exchange) and found is not self:
                found.forget()

    def _note_use(self) -> None:
        if isinstance(self.segments, LaidAside):
            copies = (each for each in self._derived.values() if isinstance(each, Exchange))
            held = [each.__dict__.get("_decoded") for each in (self, *copies)]
            counts = (len(read.events) + len(read.comments) for read in held if read)
            self.segments.used_by(self, sum(counts))

    def precedes(self, other: Exchange) -> bool:
        """Whether this exchange ended before the other began."""
        return self.started + self.ended_at < other.started

    def overlaps(self, other: Exchange) -> bool:
        """Whether both were under way at the same time."""
        return not (self.precedes(other) or other.precedes(self))

    @property
    def is_account(self) -> bool:
        """Whether this is the output of a real client: it has a body, but no request or status."""
        return self.request.method == RUN

    @property
    def answered(self) -> bool:
        """Whether response headers arrived."""
        return self.status is not None

    @cached_property
    def body(self) -> bytes:
        """The whole body, unchanged."""
        self._note_use()
        if isinstance(self.segments, LaidAside):
            return b"".join(self.segments.pieces())
        return b"".join(segment.data for segment in self.segments)

    @property
    def size(self) -> int:
        """The length of the body in bytes."""
        if isinstance(self.segments, LaidAside):
            return self.segments.size
        return sum(len(segment.data) for segment in self.segments)

    def arrivals(self) -> Iterator[tuple[float, int]]:
        """When each segment arrived, and how many bytes it has."""
        if isinstance(self.segments, LaidAside):
            return self.segments.arrivals()
        return ((segment.at, len(segment.data)) for segment in self.segments)

    def pieces(self) -> Iterator[bytes]:
        """The body in pieces that are neither tiny nor huge."""
        if isinstance(self.segments, LaidAside):
            return self.segments.pieces()
        return in_pieces(segment.data for segment in self.segments)

    @cached_property
    def text(self) -> str:
        """The body decoded as UTF-8, with U+FFFD for invalid bytes."""
        return self.body.decode("utf-8", "replace")

    def header(self, name: str) -> str | None:
        """A header's value, several joined by commas (RFC 9110, section 5.2); None if absent."""
        values = [value for key, value in self.headers if key.lower() == name.lower()]
        return ", ".join(values) if values else None

    @property
    def media_type(self) -> str:
        """The media type of the response, lower case, without parameters; empty if absent."""
        return (self.header("content-type") or "").split(";")[0].strip().lower()

    @cached_property
    def json(self) -> Located | None:
        """The body as one located JSON value, or None if it is not JSON."""
        value = parse_json(self.body)
        return None if value is None else Located(value.value, (), self)

    @cached_property
    def _decoded(self) -> SSEDecoder:
        decoder = SSEDecoder()
        segments = self.segments
        for segment in segments.cut(self.body) if isinstance(segments, LaidAside) else segments:
            decoder.feed(segment.data, segment.at)
        decoder.finish()
        return decoder

    @property
    def events(self) -> list[Event]:
        """The Server-Sent Events in the body."""
        return self._decoded.events

    @property
    def comments(self) -> list[Comment]:
        """The SSE comment lines in the body."""
        return self._decoded.comments

    @property
    def diagnostics(self) -> list[Diagnostic]:
        """The problems that the SSE decoder reported."""
        return self._decoded.diagnostics

    def to_json(self) -> str:
        """This exchange as one line of JSON."""
        before, after = self.json_around_body()
        return before + _ENCODER.encode(packed(self.body)) + after

    def json_around_body(self) -> tuple[str, str]:
        """The parts of that line before and after the body, which is a JSON object."""
        before = {
            "id": self.id,
            "scenario": self.scenario,
            "turn": self.turn,
            "attempt": self.attempt,
            "started": self.started,
            "request": {
                "method": self.request.method,
                "url": self.request.url,
                "headers": self.request.headers,
                "body": packed(self.request.body),
            },
            "status": self.status,
            "reason": self.reason,
            "headers": self.headers,
            "headers_at": self.headers_at,
        }
        after = {
            "segments": [[size, at] for at, size in self.arrivals()],
            "ending": self.ending,
            "detail": self.detail,
            "ended_at": self.ended_at,
            "variables": dict(self.variables),
        }
        return _ENCODER.encode(before)[:-1] + ',"body":', "," + _ENCODER.encode(after)[1:]

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> Exchange:
        """The exchange whose `to_json` this was. Raises KeyError, TypeError or ValueError.

        The record's body is removed, so that a huge one is not in memory twice.
        """
        request, body = record["request"], unpacked(record.pop("body"))
        return cls(
            scenario=record["scenario"],
            turn=record["turn"],
            attempt=record["attempt"],
            started=record["started"],
            request=Request(
                request["method"],
                request["url"],
                _headers(request["headers"]),
                unpacked(request["body"]),
            ),
            status=record["status"],
            reason=record["reason"],
            headers=_headers(record["headers"]),
            headers_at=record["headers_at"],
            segments=tuple(_cut(body, record["segments"])),
            ending=Ending(record["ending"]),
            detail=record["detail"],
            ended_at=record["ended_at"],
            variables=record["variables"],
        )


@dataclass(slots=True)
class Located:
    """A JSON value, or its absence, together with its place in the response.

    It never raises on a value of an unexpected type. So a check can read like its rule, and its
    message can name the place.
    """

    value: Any
    steps: tuple[str | int, ...]
    exchange: Exchange
    event: Event | None = None

    def __getitem__(self, step: str | int) -> Located:
        """The member of that name or the element at that index; absent if there is none."""
        found = self.value
        value: Any = ABSENT
        if isinstance(step, str):
            if isinstance(found, dict):
                value = found.get(step, ABSENT)
        elif isinstance(found, list) and -len(found) <= step < len(found):
            value = found[step]
            step %= len(found)
        return Located(value, (*self.steps, step), self.exchange, self.event)

    def __iter__(self) -> Iterator[Located]:
        """The elements of an array; nothing if this is not an array."""
        if isinstance(self.value, list):
            for index, value in enumerate(self.value):
                yield Located(value, (*self.steps, index), self.exchange, self.event)

    def __len__(self) -> int:
        """The number of elements or members; 0 if this is not an array or object."""
        return len(self.value) if isinstance(self.value, list | dict) else 0

    def __bool__(self) -> NoReturn:
        raise TypeError("a located value has no truth value: use .given, .absent or .value")

    def members(self) -> Iterator[tuple[str, Located]]:
        """The members of an object; nothing if this is not an object."""
        if isinstance(self.value, dict):
            for name in self.value:
                yield name, self[name]

    def has(self, name: str) -> bool:
        """Whether this is an object with a member of that name that is not null."""
        return isinstance(self.value, dict) and self.value.get(name) is not None

    def has_text(self, name: str) -> bool:
        """Whether this is an object with a member of that name that is a non-empty string."""
        if not isinstance(self.value, dict):
            return False
        member = self.value.get(name)
        return isinstance(member, str) and member != ""

    @property
    def path(self) -> str:
        """The path within its JSON text, such as `choices[0].delta.role`."""
        text = ""
        for step in self.steps:
            text += f"[{step}]" if isinstance(step, int) else f".{step}"
        text = without_lone_surrogates(shortened(text.removeprefix("."), _LONGEST_PATH))
        return text or ("the event" if self.event else "the body")

    @property
    def absent(self) -> bool:
        """The member is absent."""
        return self.value is ABSENT

    @property
    def null(self) -> bool:
        """The member is present and null."""
        return self.value is None

    @property
    def given(self) -> bool:
        """The member is present and not null."""
        return self.value is not None and self.value is not ABSENT

    @property
    def is_string(self) -> bool:
        """A string, possibly empty."""
        return isinstance(self.value, str)

    @property
    def is_text(self) -> bool:
        """A non-empty string."""
        return isinstance(self.value, str) and self.value != ""

    @property
    def is_integer(self) -> bool:
        """A number written without a fraction or an exponent."""
        value = self.value
        if isinstance(value, HugeNumber):
            return value.written_as_integer
        return isinstance(value, int) and not isinstance(value, bool)

    @property
    def is_number(self) -> bool:
        """Any number."""
        return isinstance(self.value, int | float) and not isinstance(self.value, bool)

    @property
    def is_array(self) -> bool:
        """An array, possibly empty."""
        return isinstance(self.value, list)

    @property
    def is_object(self) -> bool:
        """An object, possibly empty."""
        return isinstance(self.value, dict)

    def is_one_of(self, values: Container[object]) -> bool:
        """The value is among these; False for an array or object, which no set can contain."""
        return not isinstance(self.value, list | dict) and self.value in values

    @property
    def shown(self) -> str:
        """The value as shown in a message, shortened."""
        return shown(self.value)


def _headers(pairs: Iterable[Iterable[str]]) -> Headers:
    return tuple((name, value) for name, value in pairs)


def _cut(body: bytes, lengths: Sequence[tuple[int, float]]) -> Iterable[Segment]:
    if len(lengths) == 1:
        yield Segment(lengths[0][1], body)
        return
    position = 0
    for length, at in lengths:
        yield Segment(at, body[position : position + length])
        position += length


_FORGOTTEN = ("body", "text", "json", "_decoded", "_derived")
"""The cached properties of an exchange that may be as long as its body, or longer."""
