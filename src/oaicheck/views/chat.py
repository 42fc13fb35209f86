"""Views of chat completions: the bytes of an exchange in the API's own terms.

A view never repairs and never judges. A value that is missing or has the wrong type stays that way,
and lists contain only what their names promise: an entry without an integer index belongs to no
choice, and an event that is not JSON is in `ChatStream.malformed`, not in `chunks`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

from oaicheck.views.refusal import error_in
from oaicheck.views.texts.words import word_count
from oaicheck.wire.alike import read
from oaicheck.wire.exchange import Exchange, Located
from oaicheck.wire.json_text import ABSENT, parse_json
from oaicheck.wire.sse import Event

SENTINEL = "[DONE]"

_FEW = 3
"""So many pieces of a text may be alike by chance."""
_SHORT = 12
"""So many characters may repeat by chance."""


def requested(exchange: Exchange, parameter: str, default: Any = None) -> Any:
    """A parameter of a request's body, or the default if the body does not have it."""
    body = exchange.request.json
    return body.get(parameter, default) if isinstance(body, dict) else default


def token_limit(exchange: Exchange) -> int | None:
    """The token limit of a request for one choice, or None if it set no limit."""
    for name in ("max_completion_tokens", "max_tokens"):
        limit = requested(exchange, name)
        if isinstance(limit, int):
            return limit
    return None


def offered_tools(exchange: Exchange) -> dict[str, Mapping[str, Any]]:
    """The functions that a request offered, by name."""
    return {tool["function"]["name"]: tool["function"] for tool in requested(exchange, "tools", [])}


@dataclass(frozen=True)
class Completion:
    """A chat completion that was not streamed."""

    exchange: Exchange
    root: Located

    def requested(self, parameter: str, default: Any = None) -> Any:
        """A parameter of the request, or the default if the request does not have it."""
        return requested(self.exchange, parameter, default)

    @property
    def token_limit(self) -> int | None:
        """The token limit of the request for one choice, or None if it set no limit."""
        return token_limit(self.exchange)

    @property
    def choices(self) -> list[Located]:
        """The elements of `choices`."""
        return list(self.root["choices"])

    @property
    def messages(self) -> list[Located]:
        """The message of each choice, including absent ones."""
        return [choice["message"] for choice in self.choices]

    @property
    def usage(self) -> Located:
        """The `usage` member."""
        return self.root["usage"]

    @property
    def completion_tokens(self) -> int | None:
        """How many tokens the model wrote according to usage."""
        return _integer(self.usage["completion_tokens"])

    @property
    def words(self) -> int:
        """The number of words in the content of all choices."""
        contents = [message["content"] for message in self.messages]
        return sum(word_count(content.value) for content in contents if content.is_string)

    @property
    def tool_calls(self) -> list[Located]:
        """The tool calls of all choices."""
        return [call for message in self.messages for call in message["tool_calls"]]


@dataclass(frozen=True)
class ToolCallDeltas:
    """The deltas of one streamed tool call, which share a choice and a tool call index."""

    index: int
    deltas: tuple[Located, ...]

    @property
    def ids(self) -> list[Located]:
        """Every `id` in its deltas that is not null."""
        return [delta["id"] for delta in self.deltas if delta["id"].given]

    @cached_property
    def others(self) -> list[Located]:
        """The deltas that begin another call under the same index, after a call with complete
        arguments.

        Such a delta has a new id and a name. As long as its arguments are incomplete a call goes
        on, whatever ids its deltas have.
        """
        found, arguments = [], ""
        for delta in self.deltas:
            if self._is_named_anew(delta) and parse_json(arguments) is not None:
                found.append(delta)
                arguments = ""
            fragment = delta["function"]["arguments"]
            arguments += fragment.value if fragment.is_string else ""
        return found

    @property
    def beginnings(self) -> list[Located]:
        """The deltas that begin a call: the first one, and those that begin another."""
        return [self.deltas[0], *self.others]

    @property
    def continuations(self) -> list[Located]:
        """The later deltas that do not begin another call."""
        return [delta for delta in self.deltas[1:] if delta not in self.others]

    def _is_named_anew(self, delta: Located) -> bool:
        named = delta["function"]["name"].is_text
        return delta["id"].is_text and named and delta["id"].value != self.deltas[0]["id"].value

    @property
    def names(self) -> list[Located]:
        """Every `function.name` in its deltas that is not null."""
        return [
            delta["function"]["name"] for delta in self.deltas if delta["function"]["name"].given
        ]

    @property
    def fragments(self) -> list[Located]:
        """Every `function.arguments` in its deltas that is not null."""
        return [
            delta["function"]["arguments"]
            for delta in self.deltas
            if delta["function"]["arguments"].given
        ]

    @property
    def arguments(self) -> str:
        """The fragments that are strings, joined."""
        return "".join(part.value for part in self.fragments if part.is_string)


@dataclass(frozen=True)
class ChoiceStream:
    """The choice with one index in a stream: its entries, in order."""

    index: int
    entries: tuple[Located, ...]

    @cached_property
    def deltas(self) -> list[Located]:
        """The `delta` of each entry, including absent and null ones."""
        return [entry["delta"] for entry in self.entries]

    @cached_property
    def finishes(self) -> list[Located]:
        """The finish reasons that are not null."""
        return [entry["finish_reason"] for entry in self.entries if entry.has("finish_reason")]

    @cached_property
    def contents(self) -> list[Located]:
        """The pieces of content that are non-empty strings."""
        return [delta["content"] for delta in self.deltas if delta.has_text("content")]

    @cached_property
    def content(self) -> str:
        """The content, joined."""
        return "".join(piece.value for piece in self.contents)

    @cached_property
    def accumulates(self) -> bool:
        """Whether each piece of content repeats the piece before it and adds more."""
        pieces = [piece.value for piece in self.contents]
        return len(pieces) > _FEW and all(
            len(later) > len(earlier) and later.startswith(earlier)
            for earlier, later in pairwise(pieces)
        )

    @cached_property
    def repetition(self) -> Located | None:
        """The first piece of content that repeats all content before it, or None."""
        so_far = ""
        for place, piece in enumerate(self.contents):
            if place >= _FEW and len(so_far) >= _SHORT and piece.value == so_far:
                return piece
            so_far += piece.value
        return None

    @cached_property
    def tool_call_deltas(self) -> list[Located]:
        """The elements of `delta.tool_calls` of all entries."""
        return [
            call for delta in self.deltas if delta.has("tool_calls") for call in delta["tool_calls"]
        ]

    @cached_property
    def tool_calls(self) -> list[ToolCallDeltas]:
        """The tool calls, by index. Deltas without an integer index belong to no call."""
        calls: dict[int, list[Located]] = {}
        for delta in self.tool_call_deltas:
            if delta["index"].is_integer:
                calls.setdefault(delta["index"].value, []).append(delta)
        return [ToolCallDeltas(index, tuple(deltas)) for index, deltas in calls.items()]

    def after_finish(self) -> list[Located]:
        """The entries after the first one with a finish reason."""
        for position, entry in enumerate(self.entries):
            if entry.has("finish_reason"):
                return list(self.entries[position + 1 :])
        return []


@dataclass(frozen=True)
class ChatStream:
    """A streamed chat completion."""

    exchange: Exchange

    @property
    def events(self) -> list[Event]:
        """All events."""
        return self.exchange.events

    @property
    def sentinels(self) -> list[Event]:
        """The events that are exactly the sentinel."""
        return [event for event in self.events if event.data == SENTINEL]

    def requested(self, parameter: str, default: Any = None) -> Any:
        """A parameter of the request, or the default if the request does not have it."""
        return requested(self.exchange, parameter, default)

    @property
    def token_limit(self) -> int | None:
        """The token limit of the request for one choice, or None if it set no limit."""
        return token_limit(self.exchange)

    @cached_property
    def payloads(self) -> list[Located]:
        """The JSON value of every event that has one."""
        values = self.exchange.derived(read).values
        return [
            Located(parsed.value, (), self.exchange, event)
            for event, parsed in zip(self.events, values, strict=True)
            if parsed is not None
        ]

    @cached_property
    def malformed(self) -> list[Event]:
        """The events that are neither JSON nor the sentinel."""
        fine = {payload.event.number for payload in self.payloads if payload.event}
        return [
            event for event in self.events if event.data != SENTINEL and event.number not in fine
        ]

    @cached_property
    def errors(self) -> list[Located]:
        """The error of every payload that tells one."""
        return [error for error in self._told if error is not None]

    @cached_property
    def _told(self) -> list[Located | None]:
        return [error_in(payload) for payload in self.payloads]

    @cached_property
    def chunks(self) -> list[Located]:
        """The payloads that are objects without an error."""
        return [
            payload
            for payload, error in zip(self.payloads, self._told, strict=True)
            if error is None and payload.is_object
        ]

    @cached_property
    def generation_chunks(self) -> list[Located]:
        """The chunks with at least one choice, which make up the model's output.

        Chunks with nothing but content filter results are left out: Azure sends them in addition to
        the model's output, with an empty id and model.
        """
        return [
            chunk
            for chunk, entries in zip(self.chunks, self._entries_of_chunks, strict=True)
            if not all(map(_is_annotation, entries))
        ]

    @cached_property
    def plain_chunks(self) -> list[Located]:
        """The chunks with an empty `choices`, such as the one with usage, up to the sentinel.

        Azure's first chunk, with the results for the prompt, is left out.
        """
        end = min((event.number for event in self.sentinels), default=len(self.events) + 1)
        return [
            chunk
            for chunk in self.chunks
            if chunk.value.get("choices") == []
            and not chunk.has("prompt_filter_results")
            and (chunk.event is None or chunk.event.number < end)
        ]

    @cached_property
    def entries(self) -> list[Located]:
        """The elements of `choices` of all chunks."""
        return [entry for entries in self._entries_of_chunks for entry in entries]

    @cached_property
    def _entries_of_chunks(self) -> list[list[Located]]:
        return [list(chunk["choices"]) for chunk in self.chunks]

    @cached_property
    def choices(self) -> list[ChoiceStream]:
        """The choices by index, in the order in which they first appear."""
        entries: dict[int, list[Located]] = {}
        for entry in self.entries:
            index = entry["index"]
            if index.is_integer:
                entries.setdefault(index.value, []).append(entry)
        return [ChoiceStream(index, tuple(found)) for index, found in entries.items()]

    @property
    def tool_call_deltas(self) -> list[Located]:
        """The tool call deltas of all choices."""
        return [delta for choice in self.choices for delta in choice.tool_call_deltas]

    @property
    def tool_calls(self) -> list[ToolCallDeltas]:
        """The tool calls of all choices."""
        return [call for choice in self.choices for call in choice.tool_calls]

    @cached_property
    def usages(self) -> list[Located]:
        """Every `usage` that is not null."""
        return [chunk["usage"] for chunk in self.chunks if chunk.has("usage")]

    @property
    def usage(self) -> Located:
        """The last `usage` that is not null, which is the one that clients keep; may be absent."""
        return self.usages[-1] if self.usages else Located(ABSENT, ("usage",), self.exchange)

    @property
    def completion_tokens(self) -> int | None:
        """How many tokens the model wrote according to usage."""
        return _integer(self.usage["completion_tokens"])

    @cached_property
    def words(self) -> int:
        """The number of words in the content of all choices."""
        return sum(word_count(choice.content) for choice in self.choices)


def _integer(located: Located) -> int | None:
    return located.value if located.is_integer else None


def _is_annotation(choice: Located) -> bool:
    members = choice.value if choice.is_object else {}
    return (
        "delta" not in members
        and not choice.has("finish_reason")
        and any(name.startswith("content_filter") for name in members)
    )
