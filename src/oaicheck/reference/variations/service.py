"""Legal variations of the service: errors, keys, models, limits, and unsupported features."""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

from ..deviation import (
    ANSWER,
    BODY,
    ERROR,
    MODELS,
    REPLY,
    REQUEST,
    SETTINGS,
    Object,
    Refusal,
    Situation,
    variation,
)
from ..editing import path_is, refused
from ..http.problem import ApiError
from ..http.reply import Reply, Request
from ..model.answer import Answer
from ..settings import Settings

_UNSUPPORTED = (
    "n", "logprobs", "response_format", "tools", "temperature", "top_p", "presence_penalty",
    "frequency_penalty", "logit_bias", "store", "metadata", "seed", "reasoning_effort",
    "parallel_tool_calls", "service_tier", "max_completion_tokens", "stop", "user",
)  # fmt: skip


def _refusing(name: str) -> Callable[[Object, Situation], Object]:
    def alter(body: Object, _: Situation) -> Object:
        if body.get(name) is not None and (name != "n" or body[name] != 1):
            raise _unsupported(name)
        return body

    return alter


def _unsupported(name: str) -> ApiError:
    message = f"Unsupported parameter: '{name}' is not supported with this model."
    return refused(400, message, name, code="unsupported_parameter")


for _name in _UNSUPPORTED:
    variation(f"refuses-{_name}", BODY, f"{_name} is refused with a 400 that names it.")(
        _refusing(_name)
    )


@variation("refuses-named-tool-choice", BODY, "A tool_choice that names a function is refused.")
def _no_named_choice(body: Object, _: Situation) -> Object:
    if isinstance(body.get("tool_choice"), dict):
        raise _unsupported("tool_choice")
    return body


@variation(
    "refuses-forced-tool-choice",
    BODY,
    "Any tool_choice that forces a call is refused, as some reasoning models do.",
    "deepseek-ai/DeepSeek-V3#1376",
)
def _no_forced_choice(body: Object, _: Situation) -> Object:
    if body.get("tool_choice") not in (None, "auto", "none"):
        raise refused(400, "Thinking mode does not support this tool_choice.", "tool_choice")
    return body


@variation("refuses-developer-role", BODY, "The developer role is refused with a clear 400.")
def _no_developer(body: Object, _: Situation) -> Object:
    if any(message.get("role") == "developer" for message in body.get("messages") or ()):
        message = "Invalid value: 'developer'. Supported values are: 'system', 'user', 'assistant'."
        raise refused(400, message, "messages[0].role")
    return body


@variation("lenient-parameters", SETTINGS, "Unknown parameters are ignored.")
def _lenient(settings: Settings, _: Situation) -> Settings:
    return replace(settings, lenient_parameters=True)


@variation("no-key-needed", SETTINGS, "A local server needs no key.")
def _no_key(settings: Settings, _: Situation) -> Settings:
    return replace(settings, api_key=None)


@variation(
    "over-limit-400",
    SETTINGS,
    "max_tokens above the limit is refused with 400.",
    "lm-sys/FastChat#2544",
)
def _over_limit(settings: Settings, _: Situation) -> Settings:
    return replace(settings, over_limit="refuse")


@variation("limits-large-context", SETTINGS, "The context window has a million tokens.")
def _large_context(settings: Settings, _: Situation) -> Settings:
    return replace(settings, context_window=1_000_000)


@variation("no-reasoning-model", SETTINGS, "There is no reasoning model.")
def _nobody_thinks(settings: Settings, _: Situation) -> Settings:
    return replace(settings, reasoning_models=())


@variation(
    "single-model",
    BODY,
    "A single-model server ignores the name of the model.",
)
def _single_model(body: Object, situation: Situation) -> Object:
    if not isinstance(body.get("model"), str) or body["model"] in situation.settings.models:
        return body
    return {**body, "model": situation.settings.models[0]}


@variation("errors-422", ERROR, "An invalid request is answered with 422.")
def _status_422(refusal: Refusal, situation: Situation) -> Refusal:
    error = situation.error
    overflow = error is not None and error.code == "context_length_exceeded"
    return replace(refusal, status=422) if refusal.status == 400 and not overflow else refusal


@variation("errors-unknown-model-400", ERROR, "An unknown model is answered with 400.")
def _model_400(refusal: Refusal, situation: Situation) -> Refusal:
    error = situation.error
    unknown = error is not None and error.code == "model_not_found" and situation.route == "chat"
    return replace(refusal, status=400) if unknown else refusal


@variation("errors-integer-code", ERROR, "code of an error is an integer.")
def _integer_code(refusal: Refusal, situation: Situation) -> Refusal:
    error = situation.error
    if error is not None and error.code == "context_length_exceeded":
        return refusal
    return _with_error(refusal, code=refusal.status)


@variation("errors-other-vocabulary", ERROR, "Errors have types that OpenAI does not use.")
def _vocabulary(refusal: Refusal, _: Situation) -> Refusal:
    return _with_error(refusal, type="BadRequestError")


@variation("errors-optional-keys-absent", ERROR, "Errors without a parameter have no param key.")
def _no_param(refusal: Refusal, _: Situation) -> Refusal:
    kept = {key: value for key, value in refusal.body["error"].items() if value is not None}
    return replace(refusal, body={"error": kept})


@variation("errors-extra-keys", ERROR, "Errors have members that the API does not define.")
def _error_extras(refusal: Refusal, _: Situation) -> Refusal:
    body = {"error": {**refusal.body["error"], "metadata": {"provider": "Somebody"}}}
    return replace(refusal, body={**body, "user_id": "user_1"})


@variation(
    "models-only-id",
    MODELS,
    "Models have only an id.",
    "jamesrochabrun/SwiftOpenAI#162",
)
def _only_id(value: Object, _: Situation) -> Object:
    if "data" not in value:
        return {"id": value["id"]}
    return {**value, "data": [{"id": entry["id"]} for entry in value["data"]]}


@variation("models-extra-keys", MODELS, "Models have members that the API does not define.")
def _model_extras(value: Object, _: Situation) -> Object:
    for entry in value.get("data", [value]):
        entry.update(context_length=8192, permission=[], pricing={"prompt": "0"})
    return value


@variation(
    "models-context-length-too-small",
    MODELS,
    "The list of models tells a context length that is far too small.",
)
def _small_context(value: Object, _: Situation) -> Object:
    for entry in value.get("data", [value]):
        entry.update(context_length=512)
    return value


@variation("models-extra-entries", MODELS, "The list of models also has models for other purposes.")
def _extra_entries(value: Object, _: Situation) -> Object:
    if "data" not in value:
        return value
    extra = {"id": "org/embedding-1", "object": "model", "created": 1, "owned_by": "org"}
    return {**value, "data": [*value["data"], extra]}


@variation("http-content-type-charset", REPLY, "JSON is labelled with its charset.")
def _charset(reply: Reply, _: Situation) -> Reply:
    if reply.header("content-type") != "application/json":
        return reply
    return reply.with_header("Content-Type", "application/json; charset=utf-8")


@variation("http-json-line-end", REPLY, "JSON is followed by a line end.")
def _line_end(reply: Reply, _: Situation) -> Reply:
    if reply.header("content-type") != "application/json":
        return reply
    return reply.with_body(reply.body + b"\n")


@variation("http-extra-headers", REPLY, "Replies have headers that a proxy added.")
def _proxy_headers(reply: Reply, _: Situation) -> Reply:
    named = reply.with_header("Server", "nginx").with_header("Via", "1.1 proxy")
    return named.with_header("X-RateLimit-Remaining-Requests", "59")


@variation(
    "http-gzip-request-body-400",
    REQUEST,
    "A gzip-compressed request body is treated as invalid JSON.",
    "BerriAI/litellm#41567",
)
def _gzip_request(request: Request, _: Situation) -> Request:
    if request.header("content-encoding") == "gzip":
        raise ApiError(400, "The body of the request is not valid JSON.")
    return request


@variation(
    "http-body-leading-space",
    REPLY,
    "White space, sent to keep the connection alive, precedes the JSON of a response.",
    "jundot/omlx#2072",
)
def _leading_space(reply: Reply, _: Situation) -> Reply:
    json_body = (reply.header("content-type") or "").startswith("application/json")
    return reply.with_body(b"\n  \n" + reply.body) if json_body else reply


@variation("http-rate-limited", REQUEST, "Every second chat request is answered with 429.")
def _rate_limited(request: Request, situation: Situation) -> Request:
    if not path_is(situation, "/chat/completions"):
        return request
    seen = situation.memory["rate"] = situation.memory.get("rate", 0) + 1
    if seen % 2 == 0:
        retry = (("Retry-After", "0"),)
        raise ApiError(429, "Rate limit reached.", code="rate_limit_exceeded", headers=retry)
    return request


@variation(
    "reasoning-input-field-dropped",
    BODY,
    "reasoning_content in the history is silently dropped.",
    "anomalyco/opencode#30477",
)
def _input_dropped(body: Object, _: Situation) -> Object:
    if not isinstance(body.get("messages"), list):
        return body
    kept = [
        {key: value for key, value in message.items() if key != "reasoning_content"}
        for message in body["messages"]
    ]
    return {**body, "messages": kept}


@variation(
    "params-tool-after-user-rejected",
    BODY,
    "A tool result is refused unless it follows the assistant message directly.",
    "charmbracelet/crush#279",
)
def _tool_after_user(body: Object, _: Situation) -> Object:
    roles = [message.get("role") for message in body.get("messages") or ()]
    if any(pair == ("user", "tool") for pair in pairwise(roles)):
        raise refused(400, "Unexpected role 'tool' after role 'user'")
    return body


def _with_error(refusal: Refusal, **fields: object) -> Refusal:
    return replace(refusal, body={"error": {**refusal.body["error"], **fields}})


@variation("method-501", ERROR, "A method that no path supports gives a 501.")
def _not_implemented(refusal: Refusal, situation: Situation) -> Refusal:
    nowhere = situation.request.method == "PUT"
    return replace(refusal, status=501, headers=()) if nowhere else refusal


@variation(
    "cut-call-400",
    ANSWER,
    "A tool call that max_tokens cuts off is not delivered; a 400 says so.",
)
def _cut_call_refused(answer: Answer, _: Situation) -> Answer:
    if any(choice.calls and choice.finish_reason == "length" for choice in answer.choices):
        raise refused(400, "Could not finish the message because max_tokens was reached.")
    return answer


@variation(
    "null-tools-refused",
    BODY,
    "A null tools or tool_choice, or an empty stop, is refused with a clear 400.",
)
def _null_tools_refused(body: Object, _: Situation) -> Object:
    for name, empty in (("tools", None), ("tool_choice", None), ("stop", [])):
        if name in body and body[name] == empty:
            raise _unsupported(name)
    return body


@variation("http-chunked-body-411", REQUEST, "A chunked request body is refused with 411.")
def _length_required(request: Request, _: Situation) -> Request:
    if request.header("transfer-encoding") is not None:
        raise ApiError(411, "A Content-Length is required.")
    return request


@variation(
    "http-cors-origin-echoed", REPLY, "CORS allows the origin of the request instead of any origin."
)
def _origin_echoed(reply: Reply, situation: Situation) -> Reply:
    origin = situation.request.header("origin")
    if origin is None:
        return reply.without_header("Access-Control-Allow-Origin")
    return reply.with_header("Access-Control-Allow-Origin", origin).with_header("Vary", "Origin")


@variation(
    "overload-retry-after-date",
    BODY,
    "The first chat request is answered with a 429 and a Retry-After date.",
)
def _busy_until(body: Object, situation: Situation) -> Object:
    seen = situation.memory["busy until"] = situation.memory.get("busy until", 0) + 1
    if seen == 1:
        until = (("Retry-After", "Thu, 01 Jan 2026 00:00:01 GMT"),)
        raise ApiError(429, "Rate limit reached.", code="rate_limit_exceeded", headers=until)
    return body
