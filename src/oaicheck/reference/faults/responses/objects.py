"""Faults of the response object: its fields, its output items, and repeated parameters."""

import copy
import json
from dataclasses import replace
from typing import Any

from ...deviation import ANSWER, ITEM, RESPONSE, WHOLE_RESPONSE, Object, Situation, fault
from ...editing import each_choice
from ...model.answer import Answer
from ...model.tokens import tokenize
from ...responses.editing import changing, items_of, losing, text_parts

_FIELDS = (
    "id", "object", "created_at", "status", "model", "output", "error", "incomplete_details",
    "instructions", "metadata", "parallel_tool_calls", "temperature", "tool_choice", "tools",
    "top_p", "usage", "text", "truncation", "previous_response_id", "max_output_tokens",
)  # fmt: skip
_REPEATED: dict[str, object] = {
    "instructions": None,
    "metadata": {},
    "previous_response_id": None,
    "max_output_tokens": None,
    "tools": [],
    "tool_choice": "auto",
    "text": {"format": {"type": "text"}},
    "temperature": 1.0,
    "top_p": 1.0,
    "parallel_tool_calls": True,
}
_MESSAGE_FIELDS = ("id", "type", "status", "role", "content")
_CALL_FIELDS = ("call_id", "name", "arguments", "status")
_PART_FIELDS = ("type", "text", "annotations")

for _name in _FIELDS:
    fault(f"responses-{_name}-missing", RESPONSE, f"A response has no {_name}.")(losing(_name))
for _name, _default in _REPEATED.items():
    fault(
        f"responses-{_name}-not-repeated",
        RESPONSE,
        f"A response has the default for {_name}, whatever was requested.",
    )(changing(**{_name: _default}))


def _item_without(kind: str, name: str) -> Any:
    def alter(item: Object, _: Situation) -> Object:
        if item.get("type") != kind:
            return item
        return {key: held for key, held in item.items() if key != name}

    return alter


for _name in _MESSAGE_FIELDS:
    fault(f"responses-message-{_name}-missing", ITEM, f"A message item has no {_name}.")(
        _item_without("message", _name)
    )
for _name in _CALL_FIELDS:
    fault(f"responses-call-{_name}-missing", ITEM, f"A function_call item has no {_name}.")(
        _item_without("function_call", _name)
    )


def _part_without(name: str) -> Any:
    def alter(item: Object, _: Situation) -> Object:
        for part in text_parts(item):
            del part[name]
        return item

    return alter


for _name in _PART_FIELDS:
    fault(f"responses-part-{_name}-missing", ITEM, f"A text part of a message has no {_name}.")(
        _part_without(_name)
    )

fault("responses-id-constant", RESPONSE, "All responses have the same id.")(
    changing(id="resp_000000000000000000000001")
)
fault("responses-id-empty", RESPONSE, "The id of a response is empty.")(changing(id=""))
fault("responses-id-number", RESPONSE, "The id of a response is a number.")(changing(id=17))
fault("responses-object-wrong", RESPONSE, "object of a response is chat.completion.")(
    changing(object="chat.completion")
)
fault("responses-model-unrelated", RESPONSE, "model is not the requested model.")(
    changing(model="gpt-3.5-turbo")
)
fault("responses-status-unknown", RESPONSE, "status is the undocumented word succeeded.")(
    changing(status="succeeded")
)
fault(
    "responses-status-in-progress", RESPONSE, "The status of a finished response is in_progress."
)(changing(status="in_progress"))
fault("responses-output-null", RESPONSE, "output of a response is null.")(changing(output=None))
fault("responses-output-empty", RESPONSE, "output is empty although an answer was written.")(
    changing(output=[])
)
fault(
    "responses-error-empty-object", RESPONSE, "error of a successful response is an empty object."
)(changing(error={}))
fault("responses-tools-null", RESPONSE, "tools of a response is null.")(changing(tools=None))
fault("responses-tool-choice-null", RESPONSE, "tool_choice of a response is null.")(
    changing(tool_choice=None)
)
fault("responses-parallel-tool-calls-null", RESPONSE, "parallel_tool_calls is null.")(
    changing(parallel_tool_calls=None)
)


@fault("responses-created-at-string", RESPONSE, "created_at is a string.")
def _created_string(response: Object, _: Situation) -> Object:
    return {**response, "created_at": str(response["created_at"])}


@fault("responses-created-at-milliseconds", RESPONSE, "created_at is in milliseconds.")
def _created_milliseconds(response: Object, _: Situation) -> Object:
    return {**response, "created_at": response["created_at"] * 1000}


@fault("responses-created-named-created", RESPONSE, "created_at is called created, as in chat.")
def _created_renamed(response: Object, _: Situation) -> Object:
    return {("created" if key == "created_at" else key): held for key, held in response.items()}


@fault("responses-output-object", RESPONSE, "output is one item instead of a list of items.")
def _output_object(response: Object, _: Situation) -> Object:
    return {**response, "output": response["output"][0] if response["output"] else {}}


@fault("responses-output-string", RESPONSE, "output is the text instead of a list of items.")
def _output_string(response: Object, _: Situation) -> Object:
    return {**response, "output": "".join(part["text"] for part in text_parts(response))}


@fault("responses-whole-is-chat", WHOLE_RESPONSE, "A non-streamed response is a chat completion.")
def _chat(response: Object, _: Situation) -> Object:
    text = "".join(part["text"] for part in text_parts(response))
    message = {"role": "assistant", "content": text}
    return {
        "id": response["id"],
        "object": "chat.completion",
        "created": response["created_at"],
        "model": response["model"],
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": response["usage"],
    }


@fault(
    "responses-metadata-null",
    RESPONSE,
    "metadata of a response is null although the request had some.",
)
def _metadata_null(response: Object, _: Situation) -> Object:
    return {**response, "metadata": None}


@fault(
    "responses-tools-chat-shape",
    RESPONSE,
    "The tools of a response have the shape of chat's tools.",
)
def _tools_nested(response: Object, _: Situation) -> Object:
    tools = [
        {
            "type": "function",
            "function": {key: held for key, held in tool.items() if key != "type"},
        }
        for tool in response["tools"]
    ]
    return {**response, "tools": tools}


@fault(
    "responses-incomplete-as-completed",
    RESPONSE,
    "A response that was cut off has status completed.",
)
def _cut_as_completed(response: Object, _: Situation) -> Object:
    for item in response["output"]:
        item["status"] = "completed"
    return {**response, "status": "completed", "incomplete_details": None}


@fault(
    "responses-incomplete-details-null",
    RESPONSE,
    "incomplete_details is null in a response that was cut off.",
)
def _no_reason(response: Object, _: Situation) -> Object:
    return {**response, "incomplete_details": None}


@fault(
    "responses-incomplete-reason-chat",
    RESPONSE,
    "incomplete_details.reason of a response that was cut off is length.",
)
def _reason_length(response: Object, _: Situation) -> Object:
    details = response["incomplete_details"]
    return {**response, "incomplete_details": details and {"reason": "length"}}


@fault("responses-incomplete-details-string", RESPONSE, "incomplete_details is a string.")
def _reason_string(response: Object, _: Situation) -> Object:
    details = response["incomplete_details"]
    return {**response, "incomplete_details": details and details["reason"]}


@fault(
    "responses-incomplete-details-when-completed",
    RESPONSE,
    "A completed response has incomplete_details too.",
)
def _reason_when_complete(response: Object, _: Situation) -> Object:
    return {**response, "incomplete_details": {"reason": "max_output_tokens"}}


@fault(
    "responses-cut-item-completed",
    ITEM,
    "The item that the token limit cut off has status completed.",
)
def _cut_item(item: Object, _: Situation) -> Object:
    cut = item.get("status") == "incomplete"
    return {**item, "status": "completed"} if cut else item


@fault("responses-completed-as-incomplete", RESPONSE, "A complete response has status incomplete.")
def _as_incomplete(response: Object, _: Situation) -> Object:
    return {**response, "status": "incomplete"}


@fault("responses-item-ids-same", ITEM, "All output items have the same id.")
def _same_ids(item: Object, _: Situation) -> Object:
    return {**item, "id": "msg_1"}


@fault("responses-item-id-null", ITEM, "The id of an output item is null.")
def _null_ids(item: Object, _: Situation) -> Object:
    return {**item, "id": None}


@fault(
    "responses-item-status-unknown", ITEM, "The status of an item is the undocumented word done."
)
def _status_done(item: Object, _: Situation) -> Object:
    return {**item, "status": "done"} if item.get("status") == "completed" else item


@fault("responses-message-role-user", ITEM, "The model's message has the role user.")
def _role_user(item: Object, _: Situation) -> Object:
    return {**item, "role": "user"} if "role" in item else item


@fault("responses-message-content-string", ITEM, "The content of a message is a string.")
def _content_string(item: Object, _: Situation) -> Object:
    if item.get("type") != "message":
        return item
    return {**item, "content": "".join(part["text"] for part in text_parts(item))}


@fault(
    "responses-part-type-text",
    ITEM,
    "The text parts of a message have the type text.",
    "sgl-project/sglang#12652",
)
def _part_type(item: Object, _: Situation) -> Object:
    for part in text_parts(item):
        part["type"] = "text"
    return item


@fault("responses-part-text-null", ITEM, "The text of a part is null.")
def _part_null(item: Object, _: Situation) -> Object:
    for part in text_parts(item):
        part["text"] = None
    return item


@fault("responses-part-annotations-null", ITEM, "The annotations of a part are null.")
def _annotations_null(item: Object, _: Situation) -> Object:
    for part in text_parts(item):
        part["annotations"] = None
    return item


@fault("responses-call-type-tool-call", ITEM, "A call is an item of type tool_call.")
def _call_type(item: Object, _: Situation) -> Object:
    return {**item, "type": "tool_call"} if item.get("type") == "function_call" else item


@fault("responses-call-nested", ITEM, "Name and arguments of a call are nested in function.")
def _call_nested(item: Object, _: Situation) -> Object:
    if item.get("type") != "function_call":
        return item
    function = {"name": item["name"], "arguments": item["arguments"]}
    kept = {key: held for key, held in item.items() if key not in function}
    return {**kept, "function": function}


@fault("responses-call-arguments-object", ITEM, "The arguments of a call are an object.")
def _arguments_object(item: Object, _: Situation) -> Object:
    if item.get("type") != "function_call" or item.get("status") != "completed":
        return item
    return {**item, "arguments": json.loads(item["arguments"])}


@fault("responses-call-ids-same", ITEM, "All calls have the same call_id.")
def _same_call_ids(item: Object, _: Situation) -> Object:
    return {**item, "call_id": "call_1"} if item.get("type") == "function_call" else item


@fault("responses-call-id-empty", ITEM, "The call_id of a call is empty.")
def _empty_call_id(item: Object, _: Situation) -> Object:
    return {**item, "call_id": ""} if item.get("type") == "function_call" else item


@fault(
    "responses-calls-lost-from-output",
    RESPONSE,
    "The calls are missing from output; there is an empty message instead.",
    "sgl-project/sglang#12652",
)
def _calls_lost(response: Object, _: Situation) -> Object:
    calls = items_of(response, "function_call")
    if not calls:
        return response
    empty = {"type": "output_text", "text": "", "annotations": [], "logprobs": []}
    message = {
        "id": calls[0]["id"],
        "type": "message",
        "status": "completed",
        "role": "assistant",
        "content": [empty],
    }
    return {**response, "output": [message]}


@fault("responses-call-as-text", RESPONSE, "A call is sent as the text of a message.")
def _call_as_text(response: Object, _: Situation) -> Object:
    output = [
        {
            "id": item["id"],
            "type": "message",
            "status": item["status"],
            "role": "assistant",
            "content": [
                {
                    "type": "output_text",
                    "text": json.dumps({"name": item["name"], "arguments": item["arguments"]}),
                    "annotations": [],
                    "logprobs": [],
                }
            ],
        }
        if item.get("type") == "function_call"
        else item
        for item in response["output"]
    ]
    return {**response, "output": output}


@fault("responses-reasoning-summary-string", ITEM, "The summary of a reasoning item is a string.")
def _summary_string(item: Object, _: Situation) -> Object:
    if item.get("type") != "reasoning":
        return item
    return {**item, "summary": "".join(part["text"] for part in item["summary"])}


@fault("responses-reasoning-summary-missing", ITEM, "A reasoning item has no summary.")
def _summary_missing(item: Object, _: Situation) -> Object:
    if item.get("type") != "reasoning":
        return item
    return {key: held for key, held in item.items() if key != "summary"}


@fault("responses-reasoning-id-missing", ITEM, "A reasoning item has no id.")
def _reasoning_id(item: Object, _: Situation) -> Object:
    if item.get("type") != "reasoning":
        return item
    return {key: held for key, held in item.items() if key != "id"}


@fault("responses-reasoning-part-type", ITEM, "The parts of a summary have the type text.")
def _summary_part_type(item: Object, _: Situation) -> Object:
    if item.get("type") == "reasoning":
        item["summary"] = [{**part, "type": "text"} for part in item["summary"]]
    return item


@fault(
    "responses-reasoning-after-message",
    RESPONSE,
    "The reasoning item follows the answer in output.",
)
def _thoughts_last(response: Object, _: Situation) -> Object:
    thoughts = items_of(response, "reasoning")
    rest = [item for item in response["output"] if item not in thoughts]
    return {**response, "output": [*rest, *thoughts]}


@fault(
    "responses-reasoning-repeated",
    RESPONSE,
    "The reasoning item is in output twice, with the same id.",
)
def _thoughts_twice(response: Object, _: Situation) -> Object:
    thoughts = copy.deepcopy(items_of(response, "reasoning"))
    return {**response, "output": [*thoughts, *response["output"]]}


@fault(
    "format-responses-text-format-ignored",
    ANSWER,
    "The Responses API ignores text.format and gives fenced JSON; chat completions honour it.",
    "jundot/omlx#613",
)
def _text_format_ignored(answer: Answer, situation: Situation) -> Answer:
    wanted = situation.ask is not None and situation.ask.schema is not None
    if situation.route != "responses" or not wanted:
        return answer
    fenced = tokenize("```json\n{}\n```")
    return each_choice(answer, lambda c: replace(c, content=fenced) if c.content else c)


@fault("responses-call-markup-left", ANSWER, "A call's raw markup is also left in the text.")
def _call_markup_left(answer: Answer, situation: Situation) -> Answer:
    if situation.route != "responses":
        return answer
    markup = tokenize('<tool_call>{"name": "get_weather"}</tool_call>')
    return each_choice(answer, lambda c: replace(c, content=markup) if c.calls else c)
