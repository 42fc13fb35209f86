"""Faults of the events of function calls in a streamed response."""

import json

from ...deviation import EVENTS, Situation, fault
from ...responses.editing import Events, of_type, pairs, so_far
from ...responses.events import numbered


@fault("responses-arguments-doubled", EVENTS, "output_item.added already has the arguments.")
def _arguments_doubled(events: Events, _: Situation) -> Events:
    for event, done in pairs(events):
        if "arguments" in event["item"]:
            event["item"]["arguments"] = done["item"]["arguments"]
    return events


@fault(
    "responses-arguments-cumulative", EVENTS, "Every arguments delta repeats all arguments so far."
)
def _arguments_cumulative(events: Events, _: Situation) -> Events:
    return so_far(events, "function_call_arguments.delta")


@fault("responses-arguments-delta-object", EVENTS, "The delta of arguments is an object.")
def _arguments_delta_object(events: Events, _: Situation) -> Events:
    for event in of_type(events, "function_call_arguments.delta"):
        event["delta"] = {"text": event["delta"]}
    return events


@fault("responses-arguments-done-object", EVENTS, "The finished arguments are an object.")
def _arguments_done_object(events: Events, _: Situation) -> Events:
    for event in of_type(events, "function_call_arguments.done"):
        try:
            event["arguments"] = json.loads(event["arguments"])
        except ValueError:
            event["arguments"] = {}
    return events


@fault("responses-arguments-done-differs", EVENTS, "The finished arguments differ from the deltas.")
def _arguments_differ(events: Events, _: Situation) -> Events:
    for event in of_type(events, "function_call_arguments.done"):
        event["arguments"] = event["arguments"].replace('": ', '":  ') + " "
    return events


@fault("responses-arguments-delta-lost", EVENTS, "One delta of arguments is lost.")
def _arguments_lost(events: Events, _: Situation) -> Events:
    lost = of_type(events, "function_call_arguments.delta")[1:2]
    return numbered(event for event in events if not any(event is gone for gone in lost))


@fault("responses-call-added-nameless", EVENTS, "A call is announced without a name.")
def _nameless(events: Events, _: Situation) -> Events:
    for event in of_type(events, "output_item.added"):
        if event["item"].get("type") == "function_call":
            del event["item"]["name"]
    return events


@fault("responses-call-added-without-call-id", EVENTS, "A call is announced without its call_id.")
def _no_call_id(events: Events, _: Situation) -> Events:
    for event in of_type(events, "output_item.added"):
        event["item"].pop("call_id", None)
    return events


@fault("responses-call-id-changes", EVENTS, "A call has a different call_id in output_item.done.")
def _call_id_changes(events: Events, _: Situation) -> Events:
    for event in of_type(events, "output_item.done"):
        if "call_id" in event["item"]:
            event["item"]["call_id"] += "b"
    return events


@fault(
    "responses-arguments-without-deltas-skip-item",
    EVENTS,
    "A call appears only in output_item.done and is never announced.",
    "vllm-project/vllm#48274",
)
def _call_unannounced(events: Events, _: Situation) -> Events:
    calls = [
        event["item"]["id"]
        for event in of_type(events, "output_item.added")
        if event["item"].get("type") == "function_call"
    ]
    return numbered(
        event
        for event in events
        if event.get("item_id") not in calls
        and not (event["type"].endswith("item.added") and event["item"].get("id") in calls)
    )
