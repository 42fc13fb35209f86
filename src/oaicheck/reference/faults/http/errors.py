"""Faults of error replies: their status, their shape, and what they reveal."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ...deviation import (
    BODY,
    CHUNKS,
    COMPLETION,
    ERROR,
    REPLY,
    Object,
    Refusal,
    Situation,
    fault,
)
from ...editing import is_stream
from ...http.frames import DONE, frame
from ...http.problem import ApiError
from ...http.reply import Piece, Reply

_PAIR = re.compile(rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}")
_SURROGATE = re.compile(rb"\\u([dD][89a-fA-F][0-9a-fA-F]{2})")
_STREAM_TYPE = "text/event-stream; charset=utf-8"


@fault(
    "error-200-json-body-for-validation",
    REPLY,
    "An invalid parameter in a streaming request gets a 200 and an error string in an event.",
    "huggingface/text-generation-inference#1896",
)
def _bare_error_in_stream(reply: Reply, situation: Situation) -> Reply:
    if situation.error is None or situation.error.status != 400 or not situation.streams:
        return reply
    bare = {"error": situation.error.message, "error_type": "validation"}
    return _as_stream(reply, [frame(bare)])


@fault(
    "errors-200-then-context-overflow-in-stream",
    REPLY,
    "A prompt that is too long gets a 200 and an error in the stream.",
    "ggml-org/llama.cpp#14566",
)
def _overflow_in_stream(reply: Reply, situation: Situation) -> Reply:
    error = situation.error
    if error is None or error.code != "context_length_exceeded" or not situation.streams:
        return reply
    return _as_stream(reply, [frame(error.body()), DONE])


@fault("errors-in-stream-200", REPLY, "Every error in a streaming request has status 200.")
def _all_in_stream(reply: Reply, situation: Situation) -> Reply:
    if situation.error is None or not situation.streams:
        return reply
    return _as_stream(reply, [frame(situation.error.body()), DONE])


@fault("errors-always-200", ERROR, "Every error has status 200.")
def _always_200(refusal: Refusal, _: Situation) -> Refusal:
    return replace(refusal, status=200)


@fault("errors-validation-500", ERROR, "An invalid request is answered with a 500.")
def _validation_500(refusal: Refusal, _: Situation) -> Refusal:
    return replace(refusal, status=500) if refusal.status == 400 else refusal


@fault("errors-validation-403", ERROR, "An invalid request is answered with a 403.")
def _validation_403(refusal: Refusal, _: Situation) -> Refusal:
    return replace(refusal, status=403) if refusal.status == 400 else refusal


@fault("errors-validation-unanswered", REPLY, "The response to an invalid request never ends.")
def _validation_unanswered(reply: Reply, situation: Situation) -> Reply:
    error = situation.error
    if error is None or error.status != 400:
        return reply
    return replace(reply, pieces=(), ending="hang")


@fault(
    "errors-surrogates-quoted",
    REPLY,
    "An error quotes a lone surrogate from the request as bytes that are not UTF-8.",
)
def _surrogates_quoted(reply: Reply, situation: Situation) -> Reply:
    found = _SURROGATE.search(_PAIR.sub(b"", situation.request.body))
    if situation.error is None or found is None:
        return reply
    quoted = chr(int(found[1], 16)).encode("utf-8", "surrogatepass")
    return reply.with_body(reply.body.replace(b'"message":"', b'"message":"' + quoted))


@fault("errors-bad-json-500", ERROR, "A body that is not JSON is answered with a 500.")
def _bad_json_500(refusal: Refusal, situation: Situation) -> Refusal:
    unread = situation.route == "chat" and not situation.body
    return replace(refusal, status=500) if unread and refusal.status == 400 else refusal


@fault("errors-array-body-500", ERROR, "A body that is an array is answered with a 500.")
def _array_500(refusal: Refusal, situation: Situation) -> Refusal:
    array = situation.request.body.lstrip().startswith(b"[")
    return replace(refusal, status=500) if array and refusal.status == 400 else refusal


@fault("errors-empty-body-500", ERROR, "An empty body is answered with a 500.")
def _empty_500(refusal: Refusal, situation: Situation) -> Refusal:
    empty = situation.route == "chat" and not situation.request.body
    return replace(refusal, status=500) if empty and refusal.status == 400 else refusal


@fault(
    "errors-unknown-path-web-page",
    REPLY,
    "GET on an unknown path gives a 200 with a page of a web application.",
)
def _web_page(reply: Reply, situation: Situation) -> Reply:
    if situation.request.method != "GET" or situation.route or reply.status != 404:
        return reply
    page = reply.with_body(b"<!doctype html><title>Chat</title><div id='root'></div>")
    return replace(page.with_header("Content-Type", "text/html"), status=200)


@fault("errors-unknown-model-500", ERROR, "An unknown model is answered with a 500.")
def _unknown_model_500(refusal: Refusal, situation: Situation) -> Refusal:
    return replace(refusal, status=500) if _code(situation) == "model_not_found" else refusal


@fault(
    "errors-stream-status-differs-503-vs-400",
    ERROR,
    "An invalid parameter gives 400 without stream and 503 with it.",
    "BerriAI/litellm#18690",
)
def _status_differs(refusal: Refusal, situation: Situation) -> Refusal:
    if situation.streams and refusal.status == 400:
        return replace(refusal, status=503)
    return refusal


@fault("errors-stream-other-error", ERROR, "Errors have a different type and code when streaming.")
def _other_error(refusal: Refusal, situation: Situation) -> Refusal:
    return _with_error(refusal, type="stream_error", code="e1") if situation.streams else refusal


@fault(
    "errors-400-empty-message", ERROR, "The message of an error is empty.", "microsoft/autogen#5965"
)
def _empty_message(refusal: Refusal, _: Situation) -> Refusal:
    return _with_error(refusal, message="")


@fault("errors-message-missing", ERROR, "An error has no message.")
def _message_missing(refusal: Refusal, _: Situation) -> Refusal:
    fields = {key: value for key, value in refusal.body["error"].items() if key != "message"}
    return replace(refusal, body={"error": fields})


@fault("errors-message-object", ERROR, "The message of an error is an object.")
def _message_object(refusal: Refusal, _: Situation) -> Refusal:
    return _with_error(refusal, message={"text": refusal.body["error"]["message"]})


@fault("errors-error-string", ERROR, "error is a string instead of an object.")
def _error_string(refusal: Refusal, _: Situation) -> Refusal:
    return replace(refusal, body={"error": refusal.body["error"]["message"]})


@fault("errors-method-string", ERROR, "The error for a wrong method is a string.")
def _method_string(refusal: Refusal, situation: Situation) -> Refusal:
    if refusal.status != 405:
        return refusal
    return replace(refusal, body={"error": refusal.body["error"]["message"]})


@fault(
    "errors-code-int-type-missing",
    ERROR,
    "An error has an integer code and no type.",
    "OpenRouterTeam/ai-sdk-provider#50",
)
def _code_integer(refusal: Refusal, _: Situation) -> Refusal:
    error = {"message": refusal.body["error"]["message"], "code": refusal.status}
    return replace(refusal, body={"error": error, "user_id": "user_1"})


@fault("errors-param-missing", ERROR, "Errors never name the parameter, not even in the message.")
def _param_missing(refusal: Refusal, _: Situation) -> Refusal:
    return _with_error(refusal, message="Invalid request.", param=None, code=None)


@fault("errors-code-missing", ERROR, "Errors have no code, not even for an unknown model.")
def _code_missing(refusal: Refusal, _: Situation) -> Refusal:
    return _with_error(refusal, code=None)


@fault("errors-code-absent", ERROR, "Errors have no member code.")
def _code_absent(refusal: Refusal, _: Situation) -> Refusal:
    error = {name: value for name, value in refusal.body["error"].items() if name != "code"}
    return replace(refusal, body={"error": error})


@fault(
    "errors-fastapi-detail",
    ERROR,
    "Errors have only a detail member, as in FastAPI.",
    "ray-project/ray#64833",
)
def _detail(refusal: Refusal, _: Situation) -> Refusal:
    return replace(refusal, body={"detail": refusal.body["error"]["message"]})


@fault(
    "errors-flat-error-object",
    ERROR,
    "The fields of an error are at the top level.",
    "vllm-project/vllm#12886",
)
def _flat(refusal: Refusal, _: Situation) -> Refusal:
    error = refusal.body["error"]
    return replace(refusal, body={"object": "error", **error, "code": refusal.status})


@fault(
    "errors-nested-json-string-message",
    ERROR,
    "The message of an error is the JSON of another error.",
    "JohnnyZ93/oai-compatible-copilot#81",
)
def _nested(refusal: Refusal, _: Situation) -> Refusal:
    return _with_error(refusal, message=json.dumps({"type": "error", **refusal.body}))


@fault("errors-html-body", REPLY, "Errors are HTML pages.")
def _html(reply: Reply, situation: Situation) -> Reply:
    if situation.error is None:
        return reply
    page = f"<html><body><h1>{reply.status}</h1></body></html>".encode()
    return reply.with_body(page).with_header("Content-Type", "text/html")


@fault("errors-plain-text-body", REPLY, "Errors are plain text.")
def _plain_text(reply: Reply, situation: Situation) -> Reply:
    if situation.error is None:
        return reply
    text = situation.error.message.encode()
    return reply.with_body(text).with_header("Content-Type", "text/plain; charset=utf-8")


@fault("errors-content-type-wrong", REPLY, "The JSON of an error is labelled text/html.")
def _labelled_html(reply: Reply, situation: Situation) -> Reply:
    return reply if situation.error is None else reply.with_header("Content-Type", "text/html")


@fault("errors-empty-body", REPLY, "Errors have an empty body.")
def _empty_body(reply: Reply, situation: Situation) -> Reply:
    return reply if situation.error is None else reply.with_body(b"")


@fault(
    "errors-unknown-route-empty-404",
    REPLY,
    "An unknown route is answered with an empty 404.",
    "UOR-Foundation/uor-r4#764",
)
def _empty_404(reply: Reply, situation: Situation) -> Reply:
    if _code(situation) != "unknown_url":
        return reply
    return reply.with_body(b"").without_header("Content-Type")


@fault("errors-unknown-route-html-404", REPLY, "An unknown route is answered with an HTML page.")
def _html_404(reply: Reply, situation: Situation) -> Reply:
    if _code(situation) != "unknown_url":
        return reply
    return reply.with_body(b"<h1>Not Found</h1>").with_header("Content-Type", "text/html")


@fault("errors-code-object", ERROR, "The code of an error is an object.")
def _code_object(refusal: Refusal, _: Situation) -> Refusal:
    return _with_error(refusal, code={"name": refusal.body["error"]["code"]})


@fault("errors-type-number", ERROR, "The type of an error is a number.")
def _type_number(refusal: Refusal, _: Situation) -> Refusal:
    return _with_error(refusal, type=refusal.status)


@fault("errors-code-other-status", ERROR, "The code of an error is a different HTTP status.")
def _code_other_status(refusal: Refusal, _: Situation) -> Refusal:
    return _with_error(refusal, code=500)


@fault(
    "errors-upstream-address",
    ERROR,
    "The message of an error reveals the address of an internal server.",
)
def _upstream_address(refusal: Refusal, _: Situation) -> Refusal:
    message = "Error from http://10.4.17.3:8000/generate: " + refusal.body["error"]["message"]
    return _with_error(refusal, message=message)


@fault(
    "errors-upstream-page",
    ERROR,
    "The message of an error contains the HTML page of an upstream proxy.",
)
def _upstream_page(refusal: Refusal, _: Situation) -> Refusal:
    page = "<html><head><title>502 Bad Gateway</title></head></html>"
    return _with_error(refusal, message=f"Upstream said: {page}")


@fault("errors-whole-answer-200", COMPLETION, "A completion has status 200 and contains an error.")
def _error_beside_the_answer(value: Object, _: Situation) -> Object:
    return {**value, "error": {"message": "The safety filter was not reached.", "code": 502}}


@fault(
    "errors-n-two-detail-in-200",
    BODY,
    "More than one choice is refused by a bare detail under status 200.",
    "raullenchai/Rapid-MLX#471",
)
def _detail_in_a_success(body: Object, _: Situation) -> Object:
    if isinstance(body.get("n"), int) and body["n"] > 1:
        raise _InASuccess(200, "Only one choice is supported.", param="n")
    return body


@fault(
    "errors-detail-in-stream",
    CHUNKS,
    "A stream fails with a detail in place of a chunk.",
)
def _detail_in_a_stream(chunks: list[Object], _: Situation) -> list[Object]:
    return [*chunks[:3], {"detail": "The engine has stopped."}]


class _InASuccess(ApiError):
    """A refusal that only its body tells, under status 200."""

    def body(self) -> Mapping[str, Any]:
        return {"detail": self.message}


@fault(
    "errors-json-array",
    ERROR,
    "The body of an error is an array with the error object in it.",
    "securo-finance/securo#884",
)
def _json_array(refusal: Refusal, _: Situation) -> Refusal:
    error = {**refusal.body["error"], "code": refusal.status, "status": "INVALID_ARGUMENT"}
    return replace(refusal, body=[{"error": error}])


@fault(
    "errors-code-is-the-status",
    ERROR,
    "The code of every refusal is its status as a string; an unknown model is a 400 too.",
)
def _code_is_the_status(refusal: Refusal, situation: Situation) -> Refusal:
    unknown = situation.route == "chat" and _code(situation) == "model_not_found"
    status = 400 if unknown else refusal.status
    return replace(_with_error(refusal, code=str(status)), status=status)


@fault("errors-stack-trace", ERROR, "The message of an error is a stack trace with file names.")
def _stack_trace(refusal: Refusal, _: Situation) -> Refusal:
    trace = (
        'Traceback (most recent call last):\n  File "/srv/app/server/api.py", line 211, in '
        "create\n    params = parse(body)\nValueError: " + refusal.body["error"]["message"]
    )
    return _with_error(refusal, message=trace)


@fault(
    "errors-midstream-chunk-with-choices-and-error",
    REPLY,
    "A stream fails with a chunk that has both an error and finish_reason error.",
    "diegosouzapw/OmniRoute#8210",
)
def _error_with_choices(reply: Reply, _: Situation) -> Reply:
    failed = {
        "id": "chatcmpl-failed",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "reference-1",
        "error": {"code": 502, "message": "Provider disconnected"},
        "choices": [{"index": 0, "delta": {"content": ""}, "finish_reason": "error"}],
    }
    return _failing(reply, [frame(failed), DONE])


@fault(
    "errors-midstream-error-event-200",
    REPLY,
    "A stream fails with an error as data and then [DONE].",
    "vllm-project/guidellm#743",
)
def _error_event(reply: Reply, _: Situation) -> Reply:
    error = {"message": "TimeoutError", "type": "GatewayTimeout", "code": 504}
    return _failing(reply, [frame({"error": error}), DONE])


def _with_error(refusal: Refusal, **fields: Any) -> Refusal:
    return replace(refusal, body={"error": {**refusal.body["error"], **fields}})


def _code(situation: Situation) -> str | None:
    return None if situation.error is None else situation.error.code


def _as_stream(reply: Reply, frames: list[bytes]) -> Reply:
    streamed = reply.without_header("Content-Length").with_header("Content-Type", _STREAM_TYPE)
    return replace(streamed, status=200, pieces=tuple(map(Piece, frames)))


def _failing(reply: Reply, frames: list[bytes]) -> Reply:
    if not is_stream(reply):
        return reply
    kept = reply.pieces[: len(reply.pieces) // 2]
    return replace(reply, pieces=(*kept, *map(Piece, frames)))
