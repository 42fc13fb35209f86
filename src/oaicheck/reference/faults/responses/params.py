"""Faults in handling a request for a response: valid ones refused or ignored, invalid accepted."""

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ...deviation import ERROR, REPLY, REQUEST, RESPONSES_BODY, Object, Refusal, Situation, fault
from ...editing import dropped, path_is, refused
from ...http.problem import ApiError
from ...http.reply import Reply, Request

_IGNORED = {
    "max_output_tokens": "max_output_tokens is ignored.",
    "instructions": "instructions are not passed to the model.",
    "stream": "stream true is answered with one JSON object.",
}
_FAILING = (
    "instructions", "metadata", "store", "text", "reasoning", "truncation", "user",
    "temperature", "top_p", "parallel_tool_calls", "previous_response_id", "tools",
    "max_output_tokens", "prompt_cache_key", "safety_identifier",
)  # fmt: skip


def _leaving_out(name: str) -> Callable[[Object, Situation], Object]:
    return lambda body, _: dropped(body, name)


for _name, _sentence in _IGNORED.items():
    fault(f"responses-{_name}-ignored", RESPONSES_BODY, _sentence)(_leaving_out(_name))


def _crashing_on(name: str) -> Callable[[Object, Situation], Object]:
    def alter(body: Object, _: Situation) -> Object:
        if body.get(name) is not None:
            raise _crash()
        return body

    return alter


def _crash() -> ApiError:
    return refused(500, "Internal server error.", kind="server_error")


for _name in _FAILING:
    fault(
        f"responses-params-{_name}-500",
        RESPONSES_BODY,
        f"A request for a response with {_name} gives a 500.",
    )(_crashing_on(_name))


@fault(
    "responses-tool-format-rejected",
    RESPONSES_BODY,
    "Tools in the shape of the Responses API are refused.",
    "ggml-org/llama.cpp#22389",
)
def _tool_format(body: Object, _: Situation) -> Object:
    if any("function" not in tool for tool in body.get("tools") or ()):
        raise refused(400, "'type' of tool must be 'function'")
    return body


def _refuses_references(value: object, what: str) -> None:
    if "$ref" in json.dumps(value):
        raise refused(400, f"Invalid schema for {what}: $ref is not supported.", what)


@fault(
    "responses-format-nested-rejected",
    RESPONSES_BODY,
    "A text.format with a schema that has $ref is refused.",
)
def _nested_format(body: Object, _: Situation) -> Object:
    _refuses_references(body.get("text"), "text.format")
    return body


@fault(
    "responses-tools-nested-rejected",
    RESPONSES_BODY,
    "A function with parameters that have $ref is refused.",
)
def _nested_tools(body: Object, _: Situation) -> Object:
    _refuses_references(body.get("tools"), "tools")
    return body


@fault("responses-input-list-rejected", RESPONSES_BODY, "input is refused if it is not a string.")
def _list_rejected(body: Object, _: Situation) -> Object:
    if isinstance(body.get("input"), list):
        raise refused(400, "'input' must be a string", "input")
    return body


@fault("responses-input-list-500", RESPONSES_BODY, "A list as input gives a 500.")
def _list_500(body: Object, _: Situation) -> Object:
    if isinstance(body.get("input"), list):
        raise _crash()
    return body


@fault("responses-input-parts-rejected", RESPONSES_BODY, "input_text parts are refused.")
def _parts_rejected(body: Object, _: Situation) -> Object:
    if any(isinstance(item.get("content"), list) for item in _items(body)):
        raise refused(400, "Unsupported content[].type: input_text", "input")
    return body


@fault(
    "responses-input-parts-first-only", RESPONSES_BODY, "Only the first of several parts is read."
)
def _first_part(body: Object, _: Situation) -> Object:
    for item in _items(body):
        if isinstance(item.get("content"), list):
            item["content"] = item["content"][:1]
    return body


@fault("responses-input-last-item-only", RESPONSES_BODY, "Only the last item of input is read.")
def _last_only(body: Object, _: Situation) -> Object:
    items = _items(body)
    if not items or items[-1].get("type") == "function_call_output":
        return body
    return {**body, "input": items[-1:]}


@fault(
    "responses-input-system-ignored",
    RESPONSES_BODY,
    "Messages with the role system or developer are dropped.",
)
def _system_ignored(body: Object, _: Situation) -> Object:
    roles = ("system", "developer")
    return _with_items(body, [item for item in _items(body) if item.get("role") not in roles])


@fault("responses-input-assistant-rejected", RESPONSES_BODY, "Output items are refused as input.")
def _assistant_rejected(body: Object, _: Situation) -> Object:
    for item in _items(body):
        parts = item.get("content") if isinstance(item.get("content"), list) else ()
        if any(part.get("type") == "output_text" for part in parts or ()):
            raise refused(400, "Unsupported content[].type: output_text", "input")
    return body


@fault("responses-call-output-rejected", RESPONSES_BODY, "function_call_output items are refused.")
def _output_rejected(body: Object, _: Situation) -> Object:
    if any(item.get("type") == "function_call_output" for item in _items(body)):
        raise refused(400, "Unsupported item type: function_call_output", "input")
    return body


@fault(
    "responses-call-output-empty-user",
    RESPONSES_BODY,
    "Calls and their results become empty user messages.",
    "NousResearch/hermes-agent#108713",
)
def _output_lost(body: Object, _: Situation) -> Object:
    kinds = ("function_call", "function_call_output")
    empty = {"role": "user", "content": ""}
    items = [empty if item.get("type") in kinds else item for item in _items(body)]
    return _with_items(body, items)


@fault("responses-input-missing-accepted", RESPONSES_BODY, "A request without input is served.")
def _input_missing(body: Object, _: Situation) -> Object:
    return body if body.get("input") else {**body, "input": "Hello"}


@fault("responses-input-missing-500", RESPONSES_BODY, "A request without input gives a 500.")
def _input_missing_500(body: Object, _: Situation) -> Object:
    if "input" not in body and "previous_response_id" not in body:
        raise _crash()
    return body


@fault(
    "responses-limit-one-too-many",
    RESPONSES_BODY,
    "One token more than max_output_tokens is written.",
)
def _one_too_many(body: Object, _: Situation) -> Object:
    limit = body.get("max_output_tokens")
    return {**body, "max_output_tokens": limit + 1} if type(limit) is int and limit > 0 else body


@fault(
    "responses-limit-ignored-in-stream",
    RESPONSES_BODY,
    "max_output_tokens is ignored when streaming.",
)
def _limit_in_stream(body: Object, situation: Situation) -> Object:
    return dropped(body, "max_output_tokens") if situation.streams else body


@fault(
    "responses-limit-renamed",
    RESPONSES_BODY,
    "max_output_tokens is refused as an unknown parameter.",
)
def _limit_renamed(body: Object, _: Situation) -> Object:
    if "max_output_tokens" in body:
        message = "Unrecognized request argument supplied: max_output_tokens"
        raise refused(400, message, "max_output_tokens", code="unknown_parameter")
    return body


@fault(
    "responses-stream-always",
    RESPONSES_BODY,
    "A request for a response without stream is answered with a stream.",
)
def _stream_always(body: Object, _: Situation) -> Object:
    return {**body, "stream": True}


@fault("responses-tools-ignored", RESPONSES_BODY, "tools are accepted but never used.")
def _tools_ignored(body: Object, _: Situation) -> Object:
    return _without_tools(body)


@fault("responses-choice-required-ignored", RESPONSES_BODY, "tool_choice required is ignored.")
def _required_ignored(body: Object, _: Situation) -> Object:
    return _without_tools(body) if body.get("tool_choice") == "required" else body


@fault("responses-choice-none-ignored", RESPONSES_BODY, "tool_choice none gives a call.")
def _none_ignored(body: Object, _: Situation) -> Object:
    return {**body, "tool_choice": "required"} if body.get("tool_choice") == "none" else body


@fault(
    "responses-parallel-false-ignored",
    RESPONSES_BODY,
    "There are several calls although parallel_tool_calls is false in the request.",
)
def _parallel_ignored(body: Object, _: Situation) -> Object:
    return dropped(body, "parallel_tool_calls")


@fault("responses-json-schema-any-json", RESPONSES_BODY, "A schema gives JSON of any shape.")
def _any_json(body: Object, _: Situation) -> Object:
    if body["text"]["format"]["type"] != "json_schema":
        return body
    shape = {"type": "object", "properties": {"answer": {"type": "string"}}}
    text = copy.deepcopy(body["text"])
    text["format"]["schema"] = shape
    return {**body, "text": text}


@fault(
    "responses-text-format-chat-shape",
    RESPONSES_BODY,
    "text.format must nest its schema as in chat completions.",
)
def _nested_schema(body: Object, _: Situation) -> Object:
    wanted = body["text"]["format"]
    if wanted["type"] == "json_schema" and "json_schema" not in wanted:
        raise refused(400, "Invalid request body: field required")
    return body


@fault("responses-always-500", REQUEST, "Every request for a response gives a 500.")
def _always_500(request: Request, situation: Situation) -> Request:
    if path_is(situation, "/responses"):
        raise _crash()
    return request


@fault("responses-no-key-needed", REQUEST, "Responses are served without a valid key.")
def _open(request: Request, situation: Situation) -> Request:
    if not path_is(situation, "/responses") or situation.settings.api_key is None:
        return request
    return request.with_header("Authorization", f"Bearer {situation.settings.api_key}")


def _about_responses(situation: Situation) -> bool:
    return "/responses" in situation.request.path


def _error_with(change: Callable[[Refusal], Refusal]) -> Callable[[Refusal, Situation], Refusal]:
    return lambda refusal, situation: change(refusal) if _about_responses(situation) else refusal


def _fields(refusal: Refusal, **fields: Any) -> Refusal:
    return replace(refusal, body={"error": {**refusal.body["error"], **fields}})


for _name, _alter, _sentence in (
    (
        "always-200",
        lambda r: replace(r, status=200),
        "Errors of the Responses API have status 200.",
    ),
    (
        "validation-500",
        lambda r: replace(r, status=500) if r.status == 400 else r,
        "An invalid request for a response gives a 500.",
    ),
    (
        "not-found-500",
        lambda r: replace(r, status=500) if r.status == 404 else r,
        "An unknown response or model gives a 500.",
    ),
    (
        "not-found-200",
        lambda r: replace(r, status=200) if r.status == 404 else r,
        "An unknown response gives a 200 with an error in it.",
    ),
    ("message-empty", lambda r: _fields(r, message=""), "The message of an error is empty."),
    (
        "param-lost",
        lambda r: _fields(r, message="Invalid request.", param=None),
        "Errors of the Responses API do not name the parameter.",
    ),
    (
        "detail",
        lambda r: replace(r, body={"detail": r.body["error"]["message"]}),
        "Errors of the Responses API have only a detail member.",
    ),
    (
        "string",
        lambda r: replace(r, body={"error": r.body["error"]["message"]}),
        "error is a string in errors of the Responses API.",
    ),
):
    fault(f"responses-errors-{_name}", ERROR, _sentence)(_error_with(_alter))


def _is_about_the_model(situation: Situation) -> bool:
    error = situation.error
    unknown = error is not None and error.code == "model_not_found"
    return unknown and situation.route == "responses"


def _is_about_the_json(situation: Situation) -> bool:
    return situation.route == "responses" and not situation.body


def _with_status(
    status: int, fits: Callable[[Situation], bool]
) -> Callable[[Refusal, Situation], Refusal]:
    return lambda refusal, situation: (
        replace(refusal, status=status) if fits(situation) else refusal
    )


for _name, _status, _sentence in (
    ("500", 500, "A request for a response from an unknown model gives a 500."),
    ("200", 200, "A request for a response from an unknown model gives a 200 with an error in it."),
    ("403", 403, "A request for a response from an unknown model gives a 403."),
):
    fault(f"responses-unknown-model-{_name}", ERROR, _sentence)(
        _with_status(_status, _is_about_the_model)
    )

for _name, _status, _sentence in (
    ("500", 500, "A request for a response with a body that is not JSON gives a 500."),
    ("404", 404, "A request for a response with a body that is not JSON gives a 404."),
):
    fault(f"responses-bad-json-{_name}", ERROR, _sentence)(
        _with_status(_status, _is_about_the_json)
    )


@fault(
    "responses-limit-word-accepted",
    RESPONSES_BODY,
    "A max_output_tokens that is not a number is ignored.",
)
def _limit_word(body: Object, _: Situation) -> Object:
    word = isinstance(body.get("max_output_tokens"), str)
    return dropped(body, "max_output_tokens") if word else body


@fault(
    "responses-errors-as-failed-stream",
    REPLY,
    "An invalid streaming request gives a 200 and response.failed.",
)
def _failed_stream(reply: Reply, situation: Situation) -> Reply:
    error = situation.error
    if error is None or situation.route != "responses" or not situation.streams:
        return reply
    data = (
        b'event: response.failed\ndata: {"type":"response.failed","sequence_number":0,'
        b'"response":{"id":"resp_1","object":"response","status":"failed","output":[]}}\n\n'
    )
    failed = replace(reply, status=200).with_body(data).without_header("Content-Length")
    return failed.with_header("Content-Type", "text/event-stream; charset=utf-8")


def _items(body: Object) -> list[Object]:
    given = body.get("input")
    items = given if isinstance(given, list) else []
    return [item for item in items if isinstance(item, dict)]


def _with_items(body: Object, items: list[Object]) -> Object:
    return {**body, "input": items} if _items(body) else body


def _without_tools(body: Object) -> Object:
    return dropped(body, "tools", "tool_choice")
