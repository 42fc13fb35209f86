"""Faults of forced calls: another function is called, or a cut-off call counts as completed."""

import re
from dataclasses import replace

from ...deviation import ANSWER, RESPONSE, RESPONSES_BODY, STARTED, Object, Situation, fault
from ...editing import dropped, each_call, refused
from ...model.answer import Answer, ToolCall
from ...responses.editing import items_of


def _names_a_function(body: Object) -> bool:
    return isinstance(body.get("tool_choice"), dict)


@fault(
    "responses-choice-named-any",
    RESPONSES_BODY,
    "A tool_choice that names a function lets the model call any function.",
    "BerriAI/litellm#29812",
)
def _any_function(body: Object, _: Situation) -> Object:
    return {**body, "tool_choice": "required"} if _names_a_function(body) else body


@fault(
    "responses-choice-named-ignored",
    RESPONSES_BODY,
    "A tool_choice that names a function is answered with text.",
    "BerriAI/litellm#29812",
)
def _no_function(body: Object, _: Situation) -> Object:
    return dropped(body, "tools", "tool_choice") if _names_a_function(body) else body


@fault(
    "responses-cut-call-as-text",
    RESPONSE,
    "A function call that the token limit cut off is the text of a completed response.",
    "vllm-project/vllm#58228",
)
def _cut_as_text(response: Object, _: Situation) -> Object:
    calls = items_of(response, "function_call")
    if response["status"] != "incomplete" or not calls:
        return response
    call = calls[-1]
    text = f'<tool_call>{{"name": "{call["name"]}", "arguments": {call["arguments"]}'
    message = {
        "id": call["id"].replace("fc_", "msg_"),
        "type": "message",
        "status": "completed",
        "role": "assistant",
        "content": [{"type": "output_text", "text": text, "annotations": [], "logprobs": []}],
    }
    kept = [item for item in response["output"] if item is not call]
    ended = {"status": "completed", "incomplete_details": None}
    return {**response, **ended, "output": [*kept, message]}


@fault(
    "responses-call-strings-as-numbers",
    ANSWER,
    "Arguments that look like numbers become numbers, whatever the schema says.",
)
def _guessed(answer: Answer, situation: Situation) -> Answer:
    if situation.route != "responses":
        return answer

    def guessed(call: ToolCall) -> ToolCall:
        arguments = re.sub(r': "(\d+)"', r": \1", call.arguments)
        return replace(call, fragments=(arguments,))

    return each_call(answer, guessed)


@fault(
    "responses-choice-forced-501",
    RESPONSES_BODY,
    "A tool_choice that forces a function call gives a 501 that names it.",
    "vllm-project/vllm#53626",
)
def _forced_is_not_implemented(body: Object, _: Situation) -> Object:
    if body.get("tool_choice") not in (None, "auto", "none"):
        raise refused(501, "tool_choice is not implemented.", "tool_choice", kind="server_error")
    return body


@fault(
    "responses-cut-call-completed",
    RESPONSE,
    "A response with a function call that the token limit cut off has status completed.",
    "vllm-project/vllm#58228",
)
def _completed(response: Object, _: Situation) -> Object:
    if response["status"] != "incomplete" or not items_of(response, "function_call"):
        return response
    return {**response, "status": "completed", "incomplete_details": None}


@fault(
    "responses-tool-choice-none-unasked",
    STARTED,
    "tool_choice of a response is none if the request has none.",
)
def _none_unasked(response: Object, situation: Situation) -> Object:
    asked = situation.body.get("tool_choice") is not None
    return response if asked else {**response, "tool_choice": "none"}
