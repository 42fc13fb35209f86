"""Views of the Responses API: the response object and its event stream.

A view never repairs and never judges. An event without an integer `output_index` belongs to no
item, and a delta without an integer `content_index` to no part. Events at the wrong time are in
separate lists: `unannounced`, `late`, `unopened`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from oaicheck.views.chat import SENTINEL, requested
from oaicheck.views.texts.words import beyond_limit, is_cut_count, word_count
from oaicheck.wire.exchange import Exchange, Located
from oaicheck.wire.json_text import ABSENT, parse_json
from oaicheck.wire.sse import Event

RESPONSE_CREATED = "response.created"
TERMINAL_EVENTS = ("response.completed", "response.incomplete", "response.failed")
LIFECYCLE = (RESPONSE_CREATED, "response.queued", "response.in_progress", *TERMINAL_EVENTS)
ITEM_ADDED = "response.output_item.added"
ITEM_DONE = "response.output_item.done"
ERROR_EVENT = "error"

_OPENING = {
    "response.content_part.added": "content",
    "response.reasoning_part.added": "content",
    "response.reasoning_summary_part.added": "summary",
}
_CLOSING = {
    "response.content_part.done": "content",
    "response.reasoning_part.done": "content",
    "response.reasoning_summary_part.done": "summary",
}
_DELTAS = {
    "response.output_text.delta": "content",
    "response.refusal.delta": "content",
    "response.reasoning_text.delta": "content",
    "response.reasoning.delta": "content",
    "response.reasoning_summary_text.delta": "summary",
    "response.function_call_arguments.delta": "arguments",
    "response.custom_tool_call_input.delta": "input",
}
_DONES = {
    "response.output_text.done": ("content", "text"),
    "response.refusal.done": ("content", "refusal"),
    "response.reasoning_text.done": ("content", "text"),
    "response.reasoning.done": ("content", "text"),
    "response.reasoning_summary_text.done": ("summary", "text"),
    "response.function_call_arguments.done": ("arguments", "arguments"),
    "response.custom_tool_call_input.done": ("input", "input"),
}
_PART_INDEX = {"content": "content_index", "summary": "summary_index"}

DELTA_EVENTS = tuple(_DELTAS)
"""The events with a piece of text."""
ITEM_EVENTS = (ITEM_ADDED, ITEM_DONE, *_OPENING, *_CLOSING, *_DELTAS, *_DONES)
"""The events that belong to an output item."""
PART_EVENTS = tuple(
    name
    for name, holder in {
        **_OPENING,
        **_CLOSING,
        **_DELTAS,
        **{name: where for name, (where, _) in _DONES.items()},
    }.items()
    if holder == "content"
)
"""The events that belong to a content part."""


@dataclass(frozen=True)
class ResponseObject:
    """A response object: the body, or the object in a stream's terminal event."""

    root: Located

    @property
    def exchange(self) -> Exchange:
        """The exchange that it belongs to."""
        return self.root.exchange

    def requested(self, parameter: str, default: Any = None) -> Any:
        """A parameter of the request, or the default if the request does not have it."""
        return requested(self.exchange, parameter, default)

    @property
    def status(self) -> Located:
        """The status."""
        return self.root["status"]

    @property
    def usage(self) -> Located:
        """The usage."""
        return self.root["usage"]

    @property
    def items(self) -> list[Located]:
        """The elements of `output`."""
        return list(self.root["output"])

    def of_type(self, kind: str) -> list[Located]:
        """The output items of one type."""
        return [item for item in self.items if item["type"].value == kind]

    @property
    def messages(self) -> list[Located]:
        """The output items that are messages."""
        return self.of_type("message")

    @property
    def function_calls(self) -> list[Located]:
        """The output items that are function calls."""
        return self.of_type("function_call")

    @property
    def parts(self) -> list[Located]:
        """The content parts of all messages."""
        return [part for message in self.messages for part in message["content"]]

    @property
    def texts(self) -> list[Located]:
        """The `text` of each output_text part, including absent ones."""
        return [part["text"] for part in self.parts if part["type"].value == "output_text"]

    @property
    def text(self) -> str:
        """The text, joined."""
        return "".join(text.value for text in self.texts if text.is_string)

    @property
    def refused(self) -> bool:
        """Whether the model refused to answer, in a `refusal` part."""
        return any(part["type"].value == "refusal" for part in self.parts)

    @property
    def token_limit(self) -> int | None:
        """The token limit of the request, or None if it set no limit."""
        limit = self.requested("max_output_tokens")
        return limit if isinstance(limit, int) else None

    @property
    def output_tokens(self) -> int | None:
        """How many tokens the model wrote according to usage."""
        counted = self.usage["output_tokens"]
        return counted.value if counted.is_integer else None

    @property
    def reached_limit(self) -> bool | None:
        """Whether the model reached the token limit; None if that is unknown."""
        if self.token_limit is None or self.output_tokens is None:
            return None
        return self.output_tokens >= self.token_limit

    @property
    def words(self) -> int:
        """The number of words in the text."""
        return word_count(self.text)

    @property
    def why_not_cut(self) -> str | None:
        """Why the limit may not have ended a count from 1 to 300; None if it surely did."""
        if self.beyond_limit is not None:
            return f"the limit of {self.token_limit} was not applied: {self.beyond_limit}"
        if not self.reached_limit:
            return "it is unknown whether the limit ended the response"
        if self.status.value != "incomplete" and not is_cut_count(self.text):
            return "the model may have stopped by itself, exactly at the limit"
        return None

    @property
    def cut_before_message(self) -> bool:
        """Whether thinking used up the token limit, so that the response has no message."""
        reason = self.root["incomplete_details"]["reason"]
        cut = self.status.value == "incomplete" and reason.value == "max_output_tokens"
        return cut and not self.messages

    @property
    def beyond_limit(self) -> str | None:
        """How the response exceeds the limit, in words; None if it does not, or if unknown."""
        return beyond_limit(self.token_limit, self.output_tokens, self.words)


@dataclass(frozen=True)
class StreamedText:
    """A text that is streamed in pieces: a content part, a summary, or what a call passes on."""

    holder: str
    """The member of the item that has the text: `content`, `summary`, `arguments` or `input`."""
    index: int
    opened: list[Located] = field(default_factory=list)
    deltas: list[Located] = field(default_factory=list)
    dones: list[Located] = field(default_factory=list)
    closed: list[Located] = field(default_factory=list)

    @property
    def pieces(self) -> list[Located]:
        """The `delta` of each delta event."""
        return [event["delta"] for event in self.deltas]

    @property
    def joined(self) -> str:
        """The pieces that are strings, joined."""
        return "".join(piece.value for piece in self.pieces if piece.is_string)

    @property
    def whole(self) -> list[Located]:
        """The complete text in each done event, from the member that this event type uses."""
        return [event[_DONES[event["type"].value][1]] for event in self.dones]

    @property
    def first(self) -> Located:
        """The event that announced the text, otherwise its first event."""
        return [*self.opened, *self.deltas, *self.dones, *self.closed][0]

    def within(self, item: Located) -> Located:
        """The same text within an output item."""
        if self.holder not in _PART_INDEX:
            return item[self.holder]
        return text_of_part(item[self.holder][self.index])


@dataclass(frozen=True)
class StreamedItem:
    """The output item with one index in a stream, with its events in order."""

    index: int
    added: Located
    """The event that announced the item."""
    events: list[Located] = field(default_factory=list)
    """All events of the item, including `added`."""
    done: list[Located] = field(default_factory=list)
    texts: dict[tuple[str, int], StreamedText] = field(default_factory=dict)

    @property
    def type(self) -> Located:
        """The item's type, as announced."""
        return self.added["item"]["type"]

    @property
    def id(self) -> Located:
        """The item's id, as announced."""
        return self.added["item"]["id"]

    @property
    def item(self) -> Located:
        """The item as in its done event, otherwise as announced."""
        return (self.done[-1] if self.done else self.added)["item"]

    @property
    def shown(self) -> list[StreamedText]:
        """The texts of the item."""
        return list(self.texts.values())


@dataclass(frozen=True)
class _Tracked:
    """The output items of a stream, and the events that do not fit."""

    items: dict[int, StreamedItem]
    repeated: list[Located]
    unannounced: list[Located]
    late: list[Located]
    unopened: list[Located]


@dataclass(frozen=True)
class ResponseStream:
    """A streamed response."""

    exchange: Exchange

    @property
    def raw(self) -> list[Event]:
        """All events except `[DONE]`, which some servers add."""
        return [event for event in self.exchange.events if event.data != SENTINEL]

    @cached_property
    def payloads(self) -> list[Located]:
        """The JSON value of every event that has one."""
        return [
            Located(parsed.value, (), self.exchange, event)
            for event in self.raw
            if (parsed := parse_json(event.data)) is not None
        ]

    @cached_property
    def malformed(self) -> list[Event]:
        """The events that are not JSON."""
        fine = {event_number(payload) for payload in self.payloads}
        return [event for event in self.raw if event.number not in fine]

    def of_type(self, *types: str) -> list[Located]:
        """The events of these types."""
        return [payload for payload in self.payloads if payload["type"].value in types]

    @property
    def terminals(self) -> list[Located]:
        """The events that end the response."""
        return self.of_type(*TERMINAL_EVENTS)

    @property
    def lifecycle(self) -> list[Located]:
        """The events that contain the response object."""
        return self.of_type(*LIFECYCLE)

    @property
    def beginnings(self) -> list[Located]:
        """The response objects before the end."""
        return [event["response"] for event in self.of_type(*LIFECYCLE[:3])]

    @property
    def final(self) -> ResponseObject:
        """The object in the first terminal event; absent if there is none."""
        ends = self.terminals
        absent = Located(ABSENT, ("response",), self.exchange)
        return ResponseObject(ends[0]["response"] if ends else absent)

    @cached_property
    def _tracked(self) -> _Tracked:
        return _track(self.payloads)

    @property
    def items(self) -> list[StreamedItem]:
        """The announced output items, in the order of their announcement."""
        return list(self._tracked.items.values())

    @property
    def repeated(self) -> list[Located]:
        """The events that announce an item with an index that is already taken."""
        return self._tracked.repeated

    @property
    def unannounced(self) -> list[Located]:
        """The events with an index for which no item was announced before."""
        return self._tracked.unannounced

    @property
    def late(self) -> list[Located]:
        """The events of an item that was already done."""
        return self._tracked.late

    @property
    def unopened(self) -> list[Located]:
        """The events of a message's content part that was not added before."""
        return self._tracked.unopened

    @property
    def calls(self) -> list[StreamedItem]:
        """The announced items that are function calls."""
        return [item for item in self.items if item.type.value == "function_call"]

    @property
    def reasoning(self) -> list[StreamedItem]:
        """The announced items that are reasoning."""
        return [item for item in self.items if item.type.value == "reasoning"]


def event_number(payload: Located) -> int:
    """The number of the event that contains a payload, or -1 for a body."""
    return payload.event.number if payload.event else -1


def text_of_part(part: Located) -> Located:
    """The text of a content part or a summary; for a refusal it is in `refusal`."""
    return part["refusal" if part["type"].value == "refusal" else "text"]


def input_count(usage: Located) -> int | None:
    """The number of input tokens, or None if usage does not say.

    If there are more cached tokens than input tokens, the endpoint counts the two separately.
    """
    read, cached = usage["input_tokens"], usage["input_tokens_details"]["cached_tokens"]
    count: int | None = read.value if read.is_integer else None
    if count is not None and cached.is_integer and cached.value > count:
        count += cached.value
    return count


def _track(payloads: list[Located]) -> _Tracked:
    found = _Tracked({}, [], [], [], [])
    for event in payloads:
        kind, index = event["type"].value, event["output_index"]
        if kind not in ITEM_EVENTS or not index.is_integer:
            continue
        item = found.items.get(index.value)
        if kind == ITEM_ADDED:
            if item is None:
                found.items[index.value] = StreamedItem(index.value, event, [event])
            else:
                found.repeated.append(event)
        elif item is None:
            found.unannounced.append(event)
        elif item.done:
            found.late.append(event)
        else:
            item.events.append(event)
            _take(item, kind, event, found.unopened)
    return found


def _take(item: StreamedItem, kind: str, event: Located, unopened: list[Located]) -> None:
    """Assign an event to its text within an announced item."""
    if kind == ITEM_DONE:
        item.done.append(event)
        return
    holder = _holder(kind)
    position = event[_PART_INDEX[holder]] if holder in _PART_INDEX else None
    if position is not None and not position.is_integer:
        return
    key = holder, position.value if position is not None else 0
    text = item.texts.setdefault(key, StreamedText(*key))
    if kind in _OPENING:
        text.opened.append(event)
    elif holder == "content" and item.type.value == "message" and not text.opened:
        unopened.append(event)
    if kind in _CLOSING:
        text.closed.append(event)
    elif kind in _DELTAS:
        text.deltas.append(event)
    elif kind in _DONES:
        text.dones.append(event)


def _holder(kind: str) -> str:
    for table in (_OPENING, _CLOSING, _DELTAS):
        if kind in table:
            return table[kind]
    return _DONES[kind][0]
