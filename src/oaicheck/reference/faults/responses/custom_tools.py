"""Faults of tools of type custom: called as functions, left out, or with another kind of input."""

import json
from collections.abc import Callable

from ...deviation import EVENTS, ITEM, OUTPUT, RESPONSES_BODY, Object, Situation, fault
from ...editing import dropped, refused
from ...model.tokens import tokenize
from ...responses.editing import Events, of_type, without
from ...responses.items import Item
from ...responses.objects import Output


def _is_custom(item: Item) -> bool:
    return item.get("type") == "custom_tool_call"


def _offers_custom(body: Object) -> bool:
    return any(tool.get("type") == "custom" for tool in body.get("tools") or ())


@fault(
    "responses-custom-tool-as-function",
    OUTPUT,
    "A tool of type custom is called as a function, with JSON arguments.",
    "antirez/ds4#745",
)
def _as_function(output: list[Output], _: Situation) -> list[Output]:
    return [_function_call(made.item) if _is_custom(made.item) else made for made in output]


def _function_call(item: Item) -> Output:
    arguments = json.dumps({"input": item["input"]})
    kept = {name: held for name, held in item.items() if name != "input"}
    renamed = {"id": item["id"].replace("ctc_", "fc_"), "type": "function_call"}
    return Output({**kept, **renamed, "arguments": arguments}, tokenize(arguments))


@fault(
    "responses-custom-tool-left-out",
    RESPONSES_BODY,
    "A tool of type custom is accepted, and left out.",
    "decolua/9router#1371",
)
def _left_out(body: Object, _: Situation) -> Object:
    return dropped(body, "tools", "tool_choice") if _offers_custom(body) else body


@fault("responses-custom-tool-500", RESPONSES_BODY, "A tool of type custom gives a 500.")
def _crash(body: Object, _: Situation) -> Object:
    if _offers_custom(body):
        raise refused(500, "KeyError: 'parameters'", kind="server_error")
    return body


def _changing(change: Callable[[Item], Item]) -> Callable[[Object, Situation], Object]:
    return lambda item, _: change(item) if _is_custom(item) else item


for _name, _sentence, _change in (
    (
        "input-object",
        "The input of a custom call is an object.",
        lambda item: {**item, "input": {"text": item["input"]}},
    ),
    (
        "call-id-missing",
        "A custom call has no call_id.",
        lambda item: {name: held for name, held in item.items() if name != "call_id"},
    ),
    ("name-other", "A custom call has another name.", lambda item: {**item, "name": "custom"}),
):
    fault(f"responses-custom-{_name}", ITEM, _sentence)(_changing(_change))


@fault(
    "responses-custom-events-of-functions",
    EVENTS,
    "The input of a custom call is streamed by the events of function calls.",
)
def _events_of_functions(events: Events, _: Situation) -> Events:
    for event in of_type(events, "custom_tool_call_input.delta", "custom_tool_call_input.done"):
        event["type"] = event["type"].replace("custom_tool_call_input", "function_call_arguments")
        if "input" in event:
            event["arguments"] = event.pop("input")
    return events


@fault("responses-custom-done-missing", EVENTS, "No .done event ends the input of a custom call.")
def _no_done(events: Events, _: Situation) -> Events:
    return without(events, "custom_tool_call_input.done")


@fault("responses-custom-delta-lost", EVENTS, "The first delta of a custom call's input is lost.")
def _delta_lost(events: Events, _: Situation) -> Events:
    lost = of_type(events, "custom_tool_call_input.delta")[:1]
    return [event for event in events if event not in lost]
