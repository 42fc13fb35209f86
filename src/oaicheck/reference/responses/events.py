"""The events of a streamed response, in order."""

import copy
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from .asked import ResponseAsk
from .items import Item
from .objects import Output, logprobs, text_part

Event = dict[str, Any]


def event_objects(
    asked: ResponseAsk,
    started: dict[str, Any],
    output: Sequence[Output],
    finished: dict[str, Any],
    ending: str,
) -> list[Event]:
    """All events from ``response.created`` to ``response.<ending>``, numbered."""
    events: list[Event] = [
        {"type": "response.created", "response": started},
        {"type": "response.in_progress", "response": started},
    ]
    for place, made in enumerate(output):
        events += _item_events(asked, place, made)
    events.append({"type": f"response.{ending}", "response": finished})
    return [copy.deepcopy(event) for event in numbered(events)]


def numbered(events: Iterable[Event]) -> list[Event]:
    """The events with their sequence numbers, placed right after the type."""
    return [
        {"type": event["type"], "sequence_number": number, **_without_number(event)}
        for number, event in enumerate(events)
    ]


def _without_number(event: Event) -> Event:
    return {key: held for key, held in event.items() if key not in ("type", "sequence_number")}


def _item_events(asked: ResponseAsk, place: int, made: Output) -> Iterator[Event]:
    item = made.item
    yield {
        "type": "response.output_item.added",
        "output_index": place,
        "item": {**item, "status": "in_progress", **_nothing_yet(item)},
    }
    at = {"item_id": item["id"], "output_index": place}
    if item["type"] == "message":
        yield from _text_events(asked, {**at, "content_index": 0}, made)
    elif item["type"] == "function_call":
        for fragment in made.fragments:
            yield {"type": "response.function_call_arguments.delta", **at, "delta": fragment}
        yield {
            "type": "response.function_call_arguments.done",
            **at,
            "name": item["name"],
            "arguments": item["arguments"],
        }
    elif item["type"] == "custom_tool_call":
        for fragment in made.fragments:
            yield {"type": "response.custom_tool_call_input.delta", **at, "delta": fragment}
        yield {"type": "response.custom_tool_call_input.done", **at, "input": item["input"]}
    elif item.get("content"):
        yield from _thought_events({**at, "content_index": 0}, made)
    elif item.get("summary"):
        yield from _summary_events({**at, "summary_index": 0}, made)
    yield {"type": "response.output_item.done", "output_index": place, "item": item}


def _nothing_yet(item: Item) -> Item:
    """An item as it is before its first delta."""
    if item["type"] == "message":
        return {"content": []}
    if item["type"] == "function_call":
        return {"arguments": ""}
    if item["type"] == "custom_tool_call":
        return {"input": ""}
    return {key: [] for key in ("summary", "content") if key in item}


def _text_events(asked: ResponseAsk, at: Event, made: Output) -> Iterator[Event]:
    part = made.item["content"][0]
    empty = {key: held for key, held in text_part(asked, ()).items() if key in part}
    yield {"type": "response.content_part.added", **at, "part": empty}
    for token in made.fragments:
        yield {
            "type": "response.output_text.delta",
            **at,
            "delta": token,
            "logprobs": logprobs(asked, (token,)),
        }
    yield {
        "type": "response.output_text.done",
        **at,
        "text": part["text"],
        "logprobs": logprobs(asked, made.fragments),
    }
    yield {"type": "response.content_part.done", **at, "part": part}


def _summary_events(at: Event, made: Output) -> Iterator[Event]:
    part = made.item["summary"][0]
    empty = {"type": "summary_text", "text": ""}
    yield {"type": "response.reasoning_summary_part.added", **at, "part": empty}
    for token in made.fragments:
        yield {"type": "response.reasoning_summary_text.delta", **at, "delta": token}
    yield {"type": "response.reasoning_summary_text.done", **at, "text": part["text"]}
    yield {"type": "response.reasoning_summary_part.done", **at, "part": part}


def _thought_events(at: Event, made: Output) -> Iterator[Event]:
    """Events for reasoning text that is not summarised, as with open models."""
    part = made.item["content"][0]
    yield {"type": "response.content_part.added", **at, "part": {**part, "text": ""}}
    for token in made.fragments:
        yield {"type": "response.reasoning_text.delta", **at, "delta": token}
    yield {"type": "response.reasoning_text.done", **at, "text": part["text"]}
    yield {"type": "response.content_part.done", **at, "part": part}
