"""Faults in how request parameters are read: refused when valid, accepted when not, or ignored."""

import json
import re
from collections.abc import Callable
from itertools import pairwise
from typing import Any

from ...chat.messages import validated_messages
from ...chat.parameters import validated_parameters
from ...deviation import BODY, ERROR, REQUEST, Object, Refusal, Situation, fault
from ...editing import dropped, refused
from ...http.problem import ApiError
from ...http.reply import Request
from ...model.tokens import text_of

_LONE_SURROGATE = re.compile(rb"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])")
_IGNORED = {
    "n": "n is ignored: there is only one choice.",
    "logprobs": "logprobs are accepted but not sent.",
}
_RANGED = ("temperature", "top_p", "presence_penalty", "frequency_penalty")
_REJECTED_500 = (
    "temperature", "top_p", "seed", "stop", "user", "n", "logprobs", "response_format",
    "presence_penalty", "frequency_penalty", "stream_options", "logit_bias", "metadata",
)  # fmt: skip


def _leaving_out(name: str) -> Callable[[Object, Situation], Object]:
    return lambda body, _: dropped(body, name, *(("top_logprobs",) if name == "logprobs" else ()))


def _lenient_about(name: str) -> Callable[[Object, Situation], Object]:
    """Leave a parameter out when its value is invalid, as a careless server does."""

    def alter(body: Object, _: Situation) -> Object:
        try:
            validated_parameters({name: body.get(name)}, lenient=True)
        except ApiError:
            return dropped(body, name)
        return body

    return alter


def _crashing_on(name: str) -> Callable[[Object, Situation], Object]:
    def alter(body: Object, _: Situation) -> Object:
        if body.get(name) is not None:
            raise refused(500, f"Unsupported param: {name}", kind="server_error")
        return body

    return alter


for _name, _sentence in _IGNORED.items():
    fault(f"params-{_name}-ignored", BODY, _sentence)(_leaving_out(_name))
fault("params-max_tokens-invalid-accepted", BODY, "An invalid max_tokens is accepted.")(
    _lenient_about("max_tokens")
)
for _name in _REJECTED_500:
    fault(f"params-{_name}-500", BODY, f"A request with {_name} is answered with a 500.")(
        _crashing_on(_name)
    )


@fault("params-unknown-500", ERROR, "An unknown parameter is answered with a 500.")
def _unknown_500(refusal: Refusal, situation: Situation) -> Refusal:
    error = situation.error
    unknown = error is not None and error.code == "unknown_parameter"
    return Refusal(500, refusal.body, refusal.headers) if unknown else refusal


@fault("params-stream-options-rejected", BODY, "stream_options is refused.")
def _stream_options(body: Object, _: Situation) -> Object:
    if "stream_options" in body:
        raise refused(400, "Extra inputs are not permitted.", "stream_options")
    return body


@fault(
    "params-logprobs-without-top-errors",
    BODY,
    "logprobs without top_logprobs gives a 500.",
    "sgl-project/sglang#4440",
)
def _logprobs_alone(body: Object, _: Situation) -> Object:
    if body.get("logprobs") is True and "top_logprobs" not in body:
        raise refused(500, "KeyError: 'output_top_logprobs'", kind="server_error")
    return body


@fault(
    "params-null-optional-rejected",
    BODY,
    "An optional parameter that is null is refused.",
    "ggml-org/llama.cpp#25515",
)
def _null_rejected(body: Object, _: Situation) -> Object:
    for name, value in body.items():
        if value is None:
            raise refused(400, f"Field '{name}': type must be number, but is null", name)
    return body


@fault(
    "params-assistant-empty-content-rejected",
    BODY,
    "An assistant message with empty content is refused.",
    "tashfeenahmed/freellmapi#165",
)
def _empty_content(body: Object, _: Situation) -> Object:
    for message in _messages(body):
        if message.get("role") == "assistant" and message.get("content") == "":
            raise refused(400, "assistant messages must include non-empty content or tool_calls")
    return body


@fault(
    "params-content-array-rejected",
    BODY,
    "content is refused if it is an array of text parts.",
    "lemonade-sdk/lemonade#629",
)
def _array_rejected(body: Object, _: Situation) -> Object:
    if any(isinstance(message.get("content"), list) for message in _messages(body)):
        raise refused(400, "type must be string, but is array", "messages")
    return body


@fault(
    "params-content-array-first-part-only", BODY, "Only the first of several text parts is read."
)
def _first_part(body: Object, _: Situation) -> Object:
    cut = [
        {**message, "content": message["content"][:1]}
        if isinstance(message.get("content"), list)
        else message
        for message in _messages(body)
    ]
    return {**body, "messages": cut} if cut else body


@fault(
    "params-image-part-silently-dropped",
    BODY,
    "An image part is silently dropped.",
    "leonickson1/Swiftlet#38",
)
def _image_dropped(body: Object, _: Situation) -> Object:
    kept = [
        {**message, "content": [p for p in message["content"] if p.get("type") == "text"]}
        if isinstance(message.get("content"), list)
        else message
        for message in _messages(body)
    ]
    return {**body, "messages": kept} if kept else body


@fault("params-image-part-500", BODY, "An image part is answered with a 500.")
def _image_500(body: Object, _: Situation) -> Object:
    for message in _messages(body):
        content = message.get("content")
        if isinstance(content, list) and any(part.get("type") != "text" for part in content):
            raise refused(500, "KeyError: 'text'", kind="server_error")
    return body


@fault("params-developer-role-500", BODY, "The developer role is answered with a 500.")
def _developer_500(body: Object, _: Situation) -> Object:
    if any(message.get("role") == "developer" for message in _messages(body)):
        raise refused(500, "Unexpected message role.", kind="server_error")
    return body


@fault("params-system-role-ignored", BODY, "System messages are not passed to the model.")
def _system_ignored(body: Object, _: Situation) -> Object:
    kept = [m for m in _messages(body) if m.get("role") not in ("system", "developer")]
    return {**body, "messages": kept} if kept else body


@fault("params-system-role-rejected", BODY, "A system message is refused.")
def _system_rejected(body: Object, _: Situation) -> Object:
    if any(message.get("role") == "system" for message in _messages(body)):
        raise refused(400, "Conversation roles must alternate user/assistant/user.", "messages")
    return body


@fault("params-history-ignored", BODY, "Only the last message reaches the model.")
def _history_ignored(body: Object, _: Situation) -> Object:
    messages = _messages(body)
    if not messages or messages[-1].get("role") != "user":
        return body
    return {**body, "messages": messages[-1:]}


@fault("params-name-rejected", BODY, "A message with a name is refused.")
def _name_rejected(body: Object, _: Situation) -> Object:
    if any("name" in message for message in _messages(body)):
        raise refused(422, "Extra inputs are not permitted.", "messages")
    return body


@fault("params-missing-messages-accepted", BODY, "A request without messages is accepted.")
def _missing_accepted(body: Object, _: Situation) -> Object:
    return body if "messages" in body else {**body, "messages": _ANYTHING}


@fault("params-messages-type-accepted", BODY, "messages is accepted whatever its type.")
def _type_accepted(body: Object, _: Situation) -> Object:
    if not body.get("messages"):
        return body
    try:
        validated_messages(body["messages"])
    except ApiError:
        return {**body, "messages": _ANYTHING}
    return body


@fault("params-unknown-model-accepted", BODY, "A request for an unknown model is served.")
def _unknown_model(body: Object, situation: Situation) -> Object:
    if not isinstance(body.get("model"), str) or body["model"] in situation.settings.models:
        return body
    return {**body, "model": situation.settings.models[0]}


@fault(
    "params-model-case-ignored",
    BODY,
    "Upper and lower case in a model's name are not distinguished.",
)
def _model_case(body: Object, _: Situation) -> Object:
    return {**body, "model": body["model"].lower()} if isinstance(body.get("model"), str) else body


@fault("params-two-choices-by-default", BODY, "Without n there are two choices.")
def _two_by_default(body: Object, _: Situation) -> Object:
    return {**body, "n": 2} if body.get("n") is None else body


@fault("params-logprobs-by-default", BODY, "Log probabilities are sent without being requested.")
def _logprobs_by_default(body: Object, _: Situation) -> Object:
    return {**body, "logprobs": True} if body.get("logprobs") is None else body


@fault("params-null-stream-streams", BODY, "stream null is answered with a stream.")
def _null_streams(body: Object, _: Situation) -> Object:
    return {**body, "stream": True} if body.get("stream", False) is None else body


@fault("params-null-logprobs-given", BODY, "logprobs null gives log probabilities.")
def _null_logprobs(body: Object, _: Situation) -> Object:
    return {**body, "logprobs": True} if body.get("logprobs", False) is None else body


@fault("params-ranges-unchecked", BODY, "Values out of range are accepted.")
def _ranges_unchecked(body: Object, situation: Situation) -> Object:
    for name in _RANGED:
        body = _lenient_about(name)(body, situation)
    given = body.get("stop")
    return {**body, "stop": given[:4]} if isinstance(given, list) else body


@fault("params-one-range-checked", BODY, "A temperature out of range is refused, others accepted.")
def _one_range_checked(body: Object, situation: Situation) -> Object:
    checked = {name: value for name, value in body.items() if name == "temperature"}
    return {**_ranges_unchecked(body, situation), **checked}


@fault("params-out-of-range-500", BODY, "A temperature out of range gives a 500.")
def _out_of_range_500(body: Object, _: Situation) -> Object:
    if isinstance(body.get("temperature"), int | float) and body["temperature"] > 2:
        raise refused(500, "AssertionError", kind="server_error")
    return body


@fault(
    "params-roles-must-alternate",
    BODY,
    "Two messages in a row with the same role are refused.",
    "microsoft/autogen#1037",
)
def _must_alternate(body: Object, _: Situation) -> Object:
    if _repeats_a_role(body):
        raise refused(400, "Conversation roles must alternate user/assistant/user", "messages")
    return body


@fault(
    "params-roles-must-alternate-500",
    BODY,
    "Two messages in a row with the same role give a 500.",
    "predibase/lorax#215",
)
def _must_alternate_500(body: Object, _: Situation) -> Object:
    if _repeats_a_role(body):
        raise refused(500, "TemplateError: roles must alternate", kind="server_error")
    return body


@fault(
    "params-lone-surrogate-500",
    REQUEST,
    "A lone surrogate in a string gives a 500.",
    "raullenchai/Rapid-MLX#730",
)
def _surrogate_500(request: Request, _: Situation) -> Request:
    if _LONE_SURROGATE.search(request.body):
        raise refused(500, "'utf-8' codec can't encode character", kind="server_error")
    return request


@fault("params-nul-500", BODY, "A NUL in a message gives a 500.")
def _nul_500(body: Object, _: Situation) -> Object:
    if any("\0" in str(message.get("content")) for message in _messages(body)):
        raise refused(500, "embedded null byte", kind="server_error")
    return body


@fault("params-astral-characters-400", BODY, "Text with an emoji is refused.")
def _astral_400(body: Object, _: Situation) -> Object:
    for message in _messages(body):
        if any(ord(character) > 0xFFFF for character in text_of(message)):
            raise refused(400, "Incorrect string value.", "messages")
    return body


@fault(
    "params-arguments-not-json-500",
    BODY,
    "A call in the history with arguments that are not JSON gives a 500.",
)
def _arguments_500(body: Object, _: Situation) -> Object:
    for message in _messages(body):
        for call in message.get("tool_calls") or ():
            try:
                json.loads(call["function"]["arguments"])
            except ValueError as error:
                raise refused(500, f"JSONDecodeError: {error}", kind="server_error") from error
    return body


@fault("params-image-part-415", BODY, "An image part is refused with 415.")
def _image_415(body: Object, _: Situation) -> Object:
    for message in _messages(body):
        content = message.get("content")
        if isinstance(content, list) and any(part.get("type") != "text" for part in content):
            raise refused(415, "Unsupported media.", "messages")
    return body


@fault("params-image-unexplained", BODY, "An image part is refused without a message.")
def _image_unexplained(body: Object, _: Situation) -> Object:
    for message in _messages(body):
        content = message.get("content")
        if isinstance(content, list) and any(part.get("type") != "text" for part in content):
            raise refused(400, "", "messages")
    return body


@fault(
    "params-metadata-unexplained", BODY, "A request with `metadata` is refused without a message."
)
def _metadata_unexplained(body: Object, _: Situation) -> Object:
    if body.get("metadata"):
        raise refused(400, "", "metadata")
    return body


@fault(
    "params-defaults-rejected",
    BODY,
    "Unsupported parameters are refused even if they have their default values.",
    "lmstudio-ai/lmstudio-bug-tracker#307",
)
def _defaults_rejected(body: Object, _: Situation) -> Object:
    if body.get("response_format") == {"type": "text"}:
        message = "'response_format.type' must be 'json_schema'"
        raise refused(400, message, "response_format")
    return body


@fault("params-logprobs-false-500", BODY, "logprobs false gives a 500.")
def _logprobs_false_500(body: Object, _: Situation) -> Object:
    if body.get("logprobs") is False:
        raise refused(500, "Unsupported param: logprobs", kind="server_error")
    return body


@fault(
    "params-null-tools-500",
    BODY,
    "tools null gives a 500.",
    "vllm-project/vllm#39741",
)
def _null_tools_500(body: Object, _: Situation) -> Object:
    if "tools" in body and body["tools"] is None:
        raise refused(500, "'NoneType' object is not iterable", kind="server_error")
    return body


@fault("params-empty-stop-500", BODY, "An empty array of stop strings gives a 500.")
def _empty_stop_500(body: Object, _: Situation) -> Object:
    if body.get("stop") == []:
        raise refused(500, "max() arg is an empty sequence", kind="server_error")
    return body


@fault(
    "params-message-members-rejected",
    BODY,
    "An assistant message with unexpected members is refused.",
    "MoonshotAI/kimi-code#3056",
)
def _members_rejected(body: Object, _: Situation) -> Object:
    for place, message in enumerate(_messages(body)):
        for name in message:
            if message.get("role") == "assistant" and name not in _OF_ASSISTANT:
                where = f"messages[{place}].{name}"
                raise refused(422, f"Extra inputs are not permitted: {where}", where)
    return body


_OF_ASSISTANT = ("role", "content", "name", "tool_calls", "reasoning_content")
_ANYTHING = [{"role": "user", "content": "Hello"}]


def _messages(body: Object) -> list[dict[str, Any]]:
    """The messages of an unvalidated body, as far as they are usable."""
    found = body.get("messages")
    if not isinstance(found, list) or not all(isinstance(message, dict) for message in found):
        return []
    return found


def _repeats_a_role(body: Object) -> bool:
    roles = [message.get("role") for message in _messages(body)]
    return any(first == second != "tool" for first, second in pairwise(roles))
