"""Helpers for faults and variations to find and change parts of responses and events."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ..deviation import Situation
from .events import Event, numbered
from .items import Item

Response = dict[str, Any]
Events = list[Event]

TERMINAL = ("response.completed", "response.incomplete", "response.failed")


def items_of(response: Response, kind: str) -> list[Item]:
    """The output items of one type."""
    output = response.get("output")
    found = output if isinstance(output, list) else []
    return [item for item in found if isinstance(item, dict) and item.get("type") == kind]


def text_parts(value: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The text parts of a response, or of a message."""
    messages = items_of(dict(value), "message") if "output" in value else [value]
    parts = [part for message in messages for part in message.get("content") or ()]
    return [part for part in parts if part.get("type") == "output_text"]


def of_type(events: Events, *kinds: str) -> Events:
    """The events with one of these types, given without the prefix ``response.``."""
    wanted = {f"response.{kind}" for kind in kinds}
    return [event for event in events if event.get("type") in wanted]


def without(events: Events, *kinds: str) -> Events:
    """The events without those of some types, renumbered so that nothing else is wrong."""
    lost = of_type(events, *kinds)
    return numbered(event for event in events if not any(event is gone for gone in lost))


def placed(events: Events, place: int, *more: Event) -> Events:
    """The events with others inserted before a place, renumbered."""
    return numbered([*events[:place], *more, *events[place:]])


def place_of(events: Events, wanted: Event) -> int:
    """The position of an event."""
    return next(place for place, event in enumerate(events) if event is wanted)


def responses_in(events: Events) -> Iterator[Response]:
    """Every response object in the events."""
    for event in events:
        if isinstance(found := event.get("response"), dict):
            yield found


def final(events: Events) -> Response:
    """The response object of the terminal event; an empty one if there is none."""
    ends = [event for event in events if event.get("type") in TERMINAL]
    found: Response = ends[-1].get("response", {}) if ends else {}
    return found


def changing(**fields: object) -> Callable[[Response, Situation], Response]:
    """A deviation that sets some fields of an object."""
    return lambda value, _: {**value, **fields}


def losing(*names: str) -> Callable[[Response, Situation], Response]:
    """A deviation that removes some fields of an object."""
    return lambda value, _: {key: held for key, held in value.items() if key not in names}


def pairs(events: Events) -> Iterator[tuple[Event, Event]]:
    """The event that announces an item and the one that closes it, for every item."""
    return zip(
        of_type(events, "output_item.added"), of_type(events, "output_item.done"), strict=False
    )


def so_far(events: Events, kind: str) -> Events:
    """The events, with each delta of a type repeating all text of its item so far."""
    said: dict[str, str] = {}
    for event in of_type(events, kind):
        said[event["item_id"]] = said.get(event["item_id"], "") + event["delta"]
        event["delta"] = said[event["item_id"]]
    return events
