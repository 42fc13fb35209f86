"""Faults of the items in a streamed response: announcing, filling, closing and identifying them."""

import copy
from collections.abc import Callable

from ...deviation import EVENTS, Situation, fault
from ...responses.editing import Events, of_type, pairs, place_of, placed, so_far, without
from ...responses.events import numbered

_DELTAS = ("output_text.delta", "function_call_arguments.delta", "reasoning_summary_text.delta")


def _omitting(*kinds: str) -> Callable[[Events, Situation], Events]:
    return lambda events, _: without(events, *kinds)


def _losing(name: str, *kinds: str) -> Callable[[Events, Situation], Events]:
    def alter(events: Events, _: Situation) -> Events:
        for event in of_type(events, *kinds):
            del event[name]
        return events

    return alter


def _setting(name: str, value: object, *kinds: str) -> Callable[[Events, Situation], Events]:
    def alter(events: Events, _: Situation) -> Events:
        for event in of_type(events, *kinds):
            event[name] = value
        return events

    return alter


fault(
    "responses-item-added-missing",
    EVENTS,
    "Items are never announced with response.output_item.added.",
    "Oaklight/llm-rosetta#56",
)(_omitting("output_item.added"))
fault(
    "responses-item-done-missing",
    EVENTS,
    "Items are never closed by response.output_item.done.",
    "sgl-project/sglang#12652",
)(_omitting("output_item.done"))
fault("responses-part-added-missing", EVENTS, "Parts are never announced.")(
    _omitting("content_part.added")
)
fault(
    "responses-part-done-missing",
    EVENTS,
    "Parts are never closed by response.content_part.done.",
    "Oaklight/llm-rosetta#56",
)(_omitting("content_part.done"))
fault(
    "responses-output-text-done-missing",
    EVENTS,
    "response.output_text.done is never sent.",
    "ogx-ai/ogx#5309",
)(_omitting("output_text.done"))
fault(
    "responses-text-deltas-missing", EVENTS, "Text arrives only in the done event, not in deltas."
)(_omitting("output_text.delta"))
fault(
    "responses-arguments-done-missing",
    EVENTS,
    "response.function_call_arguments.done is never sent.",
)(_omitting("function_call_arguments.done"))
fault("responses-summary-part-added-missing", EVENTS, "Parts of a summary are never announced.")(
    _omitting("reasoning_summary_part.added")
)
fault("responses-summary-part-done-missing", EVENTS, "Parts of a summary are never closed.")(
    _omitting("reasoning_summary_part.done")
)
fault("responses-summary-text-done-missing", EVENTS, "The text of a summary is never finished.")(
    _omitting("reasoning_summary_text.done")
)
fault(
    "responses-delta-item-id-missing",
    EVENTS,
    "Deltas have no item_id.",
    "Oaklight/llm-rosetta#86",
)(_losing("item_id", *_DELTAS))
fault(
    "responses-output-index-missing",
    EVENTS,
    "Deltas have no output_index.",
    "ggml-org/llama.cpp#20607",
)(_losing("output_index", *_DELTAS))
fault("responses-item-output-index-missing", EVENTS, "output_item events have no output_index.")(
    _losing("output_index", "output_item.added", "output_item.done")
)
fault(
    "responses-content-index-missing",
    EVENTS,
    "Text deltas have no content_index.",
    "Oaklight/llm-rosetta#56",
)(_losing("content_index", "output_text.delta"))
fault("responses-part-content-index-missing", EVENTS, "Part events have no content_index.")(
    _losing("content_index", "content_part.added", "content_part.done")
)
fault("responses-summary-index-missing", EVENTS, "Summary events have no summary_index.")(
    _losing(
        "summary_index",
        "reasoning_summary_part.added",
        "reasoning_summary_text.delta",
        "reasoning_summary_text.done",
        "reasoning_summary_part.done",
    )
)
fault(
    "responses-content-index-differs",
    EVENTS,
    "Text deltas belong to a part that was never announced.",
)(_setting("content_index", 1, "output_text.delta"))
fault(
    "responses-delta-item-id-unknown", EVENTS, "Deltas belong to an item that was never announced."
)(_setting("item_id", "msg_unknown", *_DELTAS))
fault(
    "responses-output-index-zero",
    EVENTS,
    "output_index is 0 for every item.",
    "BerriAI/litellm#36375",
)(
    lambda events, _: [
        {**event, "output_index": 0} if "output_index" in event else event for event in events
    ]
)
fault("responses-output-index-from-one", EVENTS, "output_index begins at 1.")(
    lambda events, _: [
        {**event, "output_index": event["output_index"] + 1} if "output_index" in event else event
        for event in events
    ]
)
fault("responses-delta-null", EVENTS, "The delta of a text event is null.")(
    _setting("delta", None, "output_text.delta")
)
fault("responses-delta-missing", EVENTS, "Text events have text instead of delta.")(
    lambda events, _: [
        {("text" if key == "delta" else key): held for key, held in event.items()}
        for event in events
    ]
)
fault("responses-item-added-without-item", EVENTS, "output_item.added has no item.")(
    _losing("item", "output_item.added")
)
fault("responses-item-done-without-item", EVENTS, "output_item.done has no item.")(
    _losing("item", "output_item.done")
)
fault("responses-part-added-without-part", EVENTS, "content_part.added has no part.")(
    _losing("part", "content_part.added")
)
fault("responses-part-done-without-part", EVENTS, "content_part.done has no part.")(
    _losing("part", "content_part.done")
)
fault("responses-text-done-without-text", EVENTS, "output_text.done has no text.")(
    _losing("text", "output_text.done")
)
fault("responses-text-done-empty", EVENTS, "The text of output_text.done is empty.")(
    _setting("text", "", "output_text.done")
)
fault(
    "responses-arguments-done-empty",
    EVENTS,
    "arguments of function_call_arguments.done is empty.",
    "Oaklight/llm-rosetta#86",
)(_setting("arguments", "", "function_call_arguments.done"))
fault("responses-arguments-done-without", EVENTS, "function_call_arguments.done has no arguments.")(
    _losing("arguments", "function_call_arguments.done")
)


@fault(
    "responses-item-id-changes",
    EVENTS,
    "An item has a different id in output_item.done and in the final output.",
    "EricLBuehler/mistral.rs#1944",
)
def _id_changes(events: Events, _: Situation) -> Events:
    for event in of_type(events, "output_item.done"):
        event["item"]["id"] += "b"
    for event in of_type(events, "completed", "incomplete"):
        for item in event["response"]["output"]:
            item["id"] += "c"
    return events


@fault("responses-item-done-text-differs", EVENTS, "output_item.done has a different text.")
def _item_differs(events: Events, _: Situation) -> Events:
    for event in of_type(events, "output_item.done"):
        for part in event["item"].get("content") or ():
            part["text"] = part["text"][1:]
    return events


@fault("responses-item-done-content-empty", EVENTS, "output_item.done has no content.")
def _item_empty(events: Events, _: Situation) -> Events:
    for event in of_type(events, "output_item.done"):
        if event["item"].get("type") == "message":
            event["item"]["content"] = []
    return events


@fault("responses-item-done-in-progress", EVENTS, "output_item.done has status in_progress.")
def _item_in_progress(events: Events, _: Situation) -> Events:
    for event in of_type(events, "output_item.done"):
        event["item"]["status"] = "in_progress"
    return events


@fault("responses-item-added-completed", EVENTS, "output_item.added has status completed.")
def _item_completed(events: Events, _: Situation) -> Events:
    for event in of_type(events, "output_item.added"):
        event["item"]["status"] = "completed"
    return events


@fault("responses-item-added-full", EVENTS, "output_item.added already has the whole text.")
def _item_full(events: Events, _: Situation) -> Events:
    for event, done in pairs(events):
        if event["item"].get("type") == "message":
            event["item"]["content"] = copy.deepcopy(done["item"]["content"])
    return events


@fault("responses-item-added-twice", EVENTS, "Every item is announced twice.")
def _announced_twice(events: Events, _: Situation) -> Events:
    return _doubled(events, "output_item.added")


@fault("responses-item-done-twice", EVENTS, "Every item is closed twice.")
def _closed_twice(events: Events, _: Situation) -> Events:
    return _doubled(events, "output_item.done")


@fault("responses-text-done-twice", EVENTS, "The text of a part is finished twice.")
def _finished_twice(events: Events, _: Situation) -> Events:
    return _doubled(events, "output_text.done")


@fault("responses-part-added-late", EVENTS, "A part is announced after its first delta.")
def _part_late(events: Events, _: Situation) -> Events:
    for event in of_type(events, "content_part.added"):
        place = place_of(events, event)
        events[place : place + 2] = reversed(events[place : place + 2])
    return numbered(events)


@fault("responses-item-added-late", EVENTS, "An item is announced after its first part.")
def _item_late(events: Events, _: Situation) -> Events:
    for event in of_type(events, "output_item.added"):
        place = place_of(events, event)
        events[place : place + 2] = reversed(events[place : place + 2])
    return numbered(events)


@fault("responses-item-done-before-part-done", EVENTS, "An item is closed before its part.")
def _closed_first(events: Events, _: Situation) -> Events:
    for event in of_type(events, "content_part.done"):
        place = place_of(events, event)
        events[place : place + 2] = reversed(events[place : place + 2])
    return numbered(events)


@fault("responses-delta-lost", EVENTS, "One text delta is lost.")
def _delta_lost(events: Events, _: Situation) -> Events:
    deltas = of_type(events, "output_text.delta")
    lost = deltas[len(deltas) // 2 :][:1]
    return numbered(event for event in events if not any(event is gone for gone in lost))


@fault("responses-delta-repeated", EVENTS, "One text delta is sent twice.")
def _delta_repeated(events: Events, _: Situation) -> Events:
    for event in of_type(events, "output_text.delta")[:1]:
        events = placed(events, place_of(events, event), copy.deepcopy(event))
    return events


@fault("responses-delta-after-done", EVENTS, "The last text delta follows output_text.done.")
def _delta_late(events: Events, _: Situation) -> Events:
    for event in of_type(events, "output_text.done"):
        place = place_of(events, event)
        if events[place - 1]["type"] == "response.output_text.delta":
            events[place - 1 : place + 1] = reversed(events[place - 1 : place + 1])
    return numbered(events)


@fault("responses-deltas-swapped", EVENTS, "Two text deltas are swapped.")
def _swapped(events: Events, _: Situation) -> Events:
    deltas = of_type(events, "output_text.delta")[1:3]
    if len(deltas) == 2:
        deltas[0]["delta"], deltas[1]["delta"] = deltas[1]["delta"], deltas[0]["delta"]
    return events


@fault("responses-delta-cumulative", EVENTS, "Every text delta repeats all text so far.")
def _cumulative(events: Events, _: Situation) -> Events:
    return so_far(events, "output_text.delta")


@fault(
    "responses-text-done-differs", EVENTS, "The text of output_text.done differs from the deltas."
)
def _done_differs(events: Events, _: Situation) -> Events:
    for event in of_type(events, "output_text.done"):
        event["text"] = event["text"].strip() + "\n"
    return events


@fault("responses-part-done-differs", EVENTS, "content_part.done has a different text.")
def _part_differs(events: Events, _: Situation) -> Events:
    for event in of_type(events, "content_part.done"):
        event["part"] = {**event["part"], "text": event["part"]["text"][:-1]}
    return events


@fault("responses-part-added-full", EVENTS, "content_part.added already has the whole text.")
def _part_full(events: Events, _: Situation) -> Events:
    texts = [event["text"] for event in of_type(events, "output_text.done")]
    for event, text in zip(of_type(events, "content_part.added"), texts, strict=False):
        event["part"]["text"] = text
    return events


@fault("responses-items-interleaved", EVENTS, "Deltas of an item follow its output_item.done.")
def _interleaved(events: Events, _: Situation) -> Events:
    late = [copy.deepcopy(event) for event in of_type(events, *_DELTAS)[:1]]
    for event in of_type(events, "output_item.done")[:1]:
        events = placed(events, place_of(events, event) + 1, *late)
    return events


@fault("responses-summary-delta-lost", EVENTS, "One delta of a summary is lost.")
def _summary_lost(events: Events, _: Situation) -> Events:
    lost = of_type(events, "reasoning_summary_text.delta")[1:2]
    return numbered(event for event in events if not any(event is gone for gone in lost))


@fault(
    "responses-summary-text-done-differs", EVENTS, "The finished summary differs from its deltas."
)
def _summary_differs(events: Events, _: Situation) -> Events:
    for event in of_type(events, "reasoning_summary_text.done"):
        event["text"] = event["text"].upper()
    return events


@fault(
    "responses-reasoning-as-text-deltas",
    EVENTS,
    "The model's thoughts are streamed as output text.",
)
def _thoughts_as_text(events: Events, _: Situation) -> Events:
    for event in of_type(events, "reasoning_summary_text.delta"):
        event["type"] = "response.output_text.delta"
        event["content_index"] = event.pop("summary_index")
    return events


def _doubled(events: Events, kind: str) -> Events:
    for event in of_type(events, kind):
        events.insert(place_of(events, event), copy.deepcopy(event))
    return numbered(events)
