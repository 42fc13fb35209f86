"""Legal variations by Open Responses, and by what OpenAI sends since its reference was written."""

import copy

from ..deviation import EVENTS, OUTPUT, STARTED, Object, Situation, variation
from ..responses.editing import Events, items_of, placed
from ..responses.items import Item
from ..responses.objects import Output

_RENAMED = {
    "response.reasoning_summary_part.added": "response.content_part.added",
    "response.reasoning_summary_text.delta": "response.reasoning.delta",
    "response.reasoning_summary_text.done": "response.reasoning.done",
    "response.reasoning_summary_part.done": "response.content_part.done",
}


@variation(
    "responses-open-reasoning-events",
    EVENTS,
    "Raw reasoning is streamed as response.reasoning.delta and .done, as Open Responses names it.",
)
def _reasoning_events(events: Events, _: Situation) -> Events:
    for event in events:
        if event["type"] in _RENAMED:
            event["type"] = _RENAMED[event["type"]]
            event["content_index"] = event.pop("summary_index")
        if "part" in event and event["part"]["type"] == "summary_text":
            event["part"]["type"] = "reasoning_text"
        for item in items_of(event.get("response", {"output": [event.get("item")]}), "reasoning"):
            _raw(item)
    return events


def _raw(item: Item) -> None:
    """Turn the summary of a reasoning item into its content."""
    item["content"] = [{**part, "type": "reasoning_text"} for part in item["summary"]]
    item["summary"] = []


@variation(
    "responses-prefixed-events",
    EVENTS,
    "There are events of a vendor's own type, such as acme:trace.",
)
def _vendor_events(events: Events, _: Situation) -> Events:
    return placed(events, 2, {"type": "acme:trace", "phase": "prefill"})


@variation(
    "responses-prefixed-items",
    OUTPUT,
    "The first output item has a vendor's own type, such as acme:search_call.",
)
def _vendor_items(output: list[Output], _: Situation) -> list[Output]:
    return _after(output, {"type": "acme:search_call", "status": "completed", "hits": 3})


@variation(
    "responses-unknown-items",
    OUTPUT,
    "The first output item has a type that is newer than the suite.",
)
def _unknown_items(output: list[Output], _: Situation) -> list[Output]:
    return _after(output, {"type": "program", "code": "1 + 1"})


def _after(output: list[Output], item: Item) -> list[Output]:
    """The output after one more item, with an id of its own."""
    if not output:
        return output
    name = "item_" + output[0].item["id"].partition("_")[2]
    return [Output({"id": name, **item}, ()), *output]


@variation(
    "responses-new-values",
    STARTED,
    "service_tier is ultrafast, the effort xhigh, and the object has members that came later.",
)
def _new_values(response: Object, _: Situation) -> Object:
    later = {"moderation": None, "presence_penalty": 0.0, "frequency_penalty": 0.0}
    reasoning = {**copy.deepcopy(response["reasoning"]), "effort": "xhigh"}
    return {**response, **later, "service_tier": "ultrafast", "reasoning": reasoning}
