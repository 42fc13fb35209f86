"""Whether the model did what a scenario needs to show. If not, oaicheck tries other words.

These functions only decide about a retry, so they are lenient: they read whole and streamed
responses, and never judge their form.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from oaicheck.wire.exchange import Exchange
from oaicheck.wire.json_text import parse_json

_LONG = 20
"""A stream with at least this many pieces of content is long."""

_PART = 4
"""A stream grows if its events arrive over at least 1/_PART of the time of the response."""


def cooperated(shows: str, turns: Sequence[Exchange]) -> bool:
    """Whether a conversation shows what the scenario's `shows` names.

    Raises ValueError for an unknown name.
    """
    if shows not in SHOWS:
        raise ValueError(f"shows: {shows!r} is not one of {', '.join(sorted(SHOWS))}")
    return SHOWS[shows](turns)


def _has_tool_call(turns: Sequence[Exchange]) -> bool:
    return any(_tool_calls(turn) for turn in turns)


def _has_two_tool_calls(turns: Sequence[Exchange]) -> bool:
    return any(len(_tool_calls(turn)) > 1 for turn in turns)


def _has_text(turns: Sequence[Exchange]) -> bool:
    return bool(turns) and any(_contents(turns[-1]))


def _has_length(turns: Sequence[Exchange]) -> bool:
    return bool(turns) and any(
        choice.get("finish_reason") == "length" for choice in _choices(turns[-1])
    )


def _is_long_stream(turns: Sequence[Exchange]) -> bool:
    return bool(turns) and len(list(_contents(turns[-1]))) >= _LONG


def _is_growing_stream(turns: Sequence[Exchange]) -> bool:
    """Whether a long stream arrives over a good part of the time that the response took."""
    if not _is_long_stream(turns) or not turns[-1].events:
        return False
    times = [event.at for event in turns[-1].events]
    return times[-1] - times[0] >= times[-1] / _PART


SHOWS: dict[str, Callable[[Sequence[Exchange]], bool]] = {
    "growing-stream": _is_growing_stream,
    "length": _has_length,
    "long-stream": _is_long_stream,
    "text": _has_text,
    "tool-call": _has_tool_call,
    "two-tool-calls": _has_two_tool_calls,
}
"""What a scenario may have to show, by the name in its `shows`."""


def _choices(exchange: Exchange) -> Iterator[dict[str, Any]]:
    """The choices of a completion, or of every chunk of a stream."""
    for text in [exchange.text, *(event.data for event in exchange.events)]:
        parsed = parse_json(text)
        answer = parsed.value if parsed is not None else None
        if isinstance(answer, dict):
            yield from _objects(answer.get("choices"))


def _messages(exchange: Exchange) -> Iterator[dict[str, Any]]:
    for choice in _choices(exchange):
        yield from _objects([choice.get("message"), choice.get("delta")])


def _contents(exchange: Exchange) -> Iterator[str]:
    for message in _messages(exchange):
        content = message.get("content")
        if isinstance(content, str) and content:
            yield content


def _tool_calls(exchange: Exchange) -> set[object]:
    """One key for each tool call of a response: its index, or its id if there is no index."""
    calls: set[object] = {
        str(item.get("call_id") or position)
        for position, item in enumerate(_output_items(exchange))
        if item.get("type") == "function_call"
    }
    for message in _messages(exchange):
        for position, call in enumerate(_objects(message.get("tool_calls"))):
            index = call.get("index")
            calls.add(index if isinstance(index, int) else str(call.get("id") or position))
    return calls


def _output_items(exchange: Exchange) -> Iterator[dict[str, Any]]:
    """The output items of a response object, or of the events of its stream."""
    for text in [exchange.text, *(event.data for event in exchange.events)]:
        parsed = parse_json(text)
        answer = parsed.value if parsed is not None else None
        if isinstance(answer, dict):
            yield from _objects(answer.get("output"))
            yield from _objects([answer.get("item")])


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        yield from (element for element in value if isinstance(element, dict))
