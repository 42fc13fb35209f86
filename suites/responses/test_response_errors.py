"""Refused requests for a response: the right status, before any stream begins."""

import re

from oaicheck.rules import (
    MUST,
    SHOULD,
    NotApplicable,
    header_line,
    require,
    requirement,
    status_line,
)
from oaicheck.views import ERROR_EVENT, Ending, Exchange, Refusal, ResponseStream

REFUSED = "responses/refused/*"
NO_INPUT = "responses/refused/no-input"
UNKNOWN = "responses/refused/unknown-previous"
UNKNOWN_STREAMED = "responses/refused/streamed-unknown-previous"
MALFORMED = ("responses/refused/bad-json", "responses/refused/limit-word")
MODEL = "responses/refused/unknown-model"
UNKNOWN_RESPONSE = "responses/refused/unknown-response"
OVERFLOW = "limits/overflow-response"
SCHEMA = "responses/refused/streamed-bad-schema"


@requirement(
    "responses.errors.no-input",
    MUST,
    "The endpoint refuses a streaming request for a response without `input` with a 4xx.",
    on=NO_INPUT,
    follows=("errors.refused.not-in-a-success",),
    source=("openai:errors", "openai:responses/create#input", "rfc9110#15.5"),
    remedy="Validate the body before anything else.",
)
def test_a_request_without_input_is_refused(exchange: Exchange) -> None:
    require(400 <= (exchange.status or 0) < 500, exchange, expected="a 4xx status")


@requirement(
    "responses.errors.no-input-status",
    SHOULD,
    "The status for a request for a response without `input` is 400 or 422.",
    on=NO_INPUT,
    source=("openai:errors", "rfc9110#15.5.1"),
    remedy="Answer 400 if `input` is missing.",
)
def test_the_status_is_400(client_error: Refusal) -> None:
    require(client_error.status in (400, 422), client_error.exchange, expected="HTTP 400 or 422")


@requirement(
    "responses.errors.not-a-stream",
    MUST,
    "If the endpoint refuses a streaming request, it does not answer with an event stream.",
    on=(NO_INPUT, UNKNOWN_STREAMED),
    source=("openai:errors", "openai:responses/streaming"),
    remedy="Answer with a 4xx status and a JSON body; send events only if there is a response.",
)
def test_a_refusal_is_not_a_stream(exchange: Exchange) -> None:
    if ResponseStream(exchange).of_type("response.completed", "response.incomplete"):
        raise NotApplicable("the request was not refused")
    require(
        exchange.media_type != "text/event-stream",
        exchange,
        expected="a JSON body",
        observed=header_line(exchange, "Content-Type"),
    )


@requirement(
    "responses.errors.names-input",
    SHOULD,
    "The error for a request for a response without `input` names `input`.",
    on=NO_INPUT,
    follows=("responses.errors.no-input", "errors.body.error-object"),
    source="openai:errors",
    remedy="Name `input` in `error.param` or in `error.message`.",
)
def test_the_parameter_is_named(error_body: Refusal) -> None:
    told = (error_body.error["param"].value, error_body.message.value)
    named = any(isinstance(text, str) and re.search(r"\binput\b", text) for text in told)
    require(named, error_body.error, expected="`input` in error.param or error.message")


@requirement(
    "responses.errors.unknown-previous",
    MUST,
    "The endpoint refuses a `previous_response_id` that does not exist with a 4xx, streaming or "
    "not.",
    on=(UNKNOWN, UNKNOWN_STREAMED),
    follows=("errors.refused.not-in-a-success",),
    source=(
        "openai:responses/state",
        "github:Blaizzy/mlx-vlm#1046",
        "github:vllm-project/vllm#22137",
    ),
    remedy="Refuse it: a client that gets an answer assumes that the model knows the conversation.",
)
def test_an_unknown_previous_response_is_refused(exchange: Exchange) -> None:
    require(400 <= (exchange.status or 0) < 500, exchange, expected="a 4xx status")


@requirement(
    "responses.errors.names-previous",
    SHOULD,
    "The error for an unknown `previous_response_id` names the parameter or the id.",
    on=(UNKNOWN, UNKNOWN_STREAMED),
    follows=("responses.errors.unknown-previous", "errors.body.error-object"),
    source="openai:errors",
    remedy="Name `previous_response_id` in `error.param` or in `error.message`.",
)
def test_the_previous_response_is_named(error_body: Refusal) -> None:
    error = error_body.error
    told = (error["param"].value, error["code"].value, error["message"].value)
    named = any(
        isinstance(text, str) and re.search(r"previous.response|resp_0123456789abcdef", text, re.I)
        for text in told
    )
    require(named, error, expected="previous_response_id, or the id itself, in the error")


@requirement(
    "responses.errors.malformed",
    MUST,
    "The endpoint refuses a malformed request for a response with a 4xx.",
    on=MALFORMED,
    follows=("errors.refused.not-in-a-success",),
    source=("openai:errors", "openai:responses/create", "rfc9110#15.5"),
    remedy="Validate the body before anything else: clients keep retrying after a 5xx.",
)
def test_a_malformed_request_is_refused(exchange: Exchange) -> None:
    require(400 <= (exchange.status or 0) < 500, exchange, expected="a 4xx status")


@requirement(
    "responses.errors.malformed-status",
    SHOULD,
    "The status for a malformed request for a response is 400 or 422.",
    on=MALFORMED,
    source=("openai:errors", "rfc9110#15.5.1"),
    remedy="Answer 400 if the body is malformed.",
)
def test_the_status_of_a_malformed_request_is_400(client_error: Refusal) -> None:
    require(client_error.status in (400, 422), client_error.exchange, expected="HTTP 400 or 422")


@requirement(
    "responses.errors.names-limit",
    SHOULD,
    "The error for a `max_output_tokens` that is not a number names the parameter.",
    on="responses/refused/limit-word",
    follows=("errors.body.is-json",),
    source=("openai:errors", "openai:responses/create#max_output_tokens"),
    remedy="Name `max_output_tokens` in `error.param` or in `error.message`.",
)
def test_the_limit_is_named(client_error: Refusal) -> None:
    require(
        "max_output_tokens" in client_error.words,
        client_error.exchange,
        expected="max_output_tokens in the error",
    )


@requirement(
    "responses.errors.unknown-model-no-server-error",
    MUST,
    "A request for a response from an unknown model never causes a server error (5xx).",
    on=MODEL,
    source=("openai:errors", "rfc9110#15.5"),
    remedy="Look the model up before you route the request: clients keep retrying after a 5xx.",
)
def test_an_unknown_model_causes_no_server_error(exchange: Exchange) -> None:
    require((exchange.status or 0) < 500, exchange, expected="a status below 500")


@requirement(
    "responses.errors.unknown-model",
    SHOULD,
    "The endpoint answers 404 or 400 to a request for a response from an unknown model.",
    on=MODEL,
    follows=("errors.refused.not-in-a-success", "responses.errors.unknown-model-no-server-error"),
    source=("openai:errors", "seed:opencode#Model Not Found"),
    remedy="Refuse an unknown model with 404 (400 is accepted too), so that a typo in the name is "
    "noticed.",
)
def test_an_unknown_model_is_not_found(exchange: Exchange) -> None:
    require(exchange.status in (400, 404), exchange, expected="HTTP 404 or 400")


@requirement(
    "responses.errors.unknown-response-no-server-error",
    MUST,
    "A request for a response that does not exist never causes a server error (5xx), other than "
    "501 where responses cannot be retrieved.",
    on=UNKNOWN_RESPONSE,
    source=("openai:responses/get", "rfc9110#15.5.5"),
    remedy="Answer 404: clients repeat a request after a 5xx.",
    since="2026.2",
)
def test_an_unknown_response_causes_no_server_error(exchange: Exchange) -> None:
    status = exchange.status or 0
    require(status < 500 or status == 501, exchange, expected="a status below 500")


@requirement(
    "responses.errors.unknown-response",
    SHOULD,
    "The endpoint answers 404, or 405 if it retrieves no responses, to a request for a response "
    "that does not exist.",
    on=UNKNOWN_RESPONSE,
    source=("openai:responses/get", "rfc9110#15.5.5"),
    remedy="Answer 404: a client starts anew if a response is gone, and looks for its own mistake "
    "after a 400.",
    since="2026.2",
)
def test_an_unknown_response_is_not_found(exchange: Exchange) -> None:
    if (exchange.status or 0) >= 500:
        raise NotApplicable("responses.errors.unknown-response-no-server-error judges that")
    require(exchange.status in (404, 405), exchange, expected="HTTP 404")


@requirement(
    "responses.errors.key",
    MUST,
    "The endpoint answers 401 or 403 to a request for a response with a wrong key.",
    on="auth/responses",
    follows=("errors.refused.not-in-a-success",),
    source=("openai:errors", "openai:authentication", "seed:opencode#401 Unauthorized"),
    remedy="Check the key on every route.",
)
def test_a_wrong_key_is_refused(exchange: Exchange) -> None:
    require(exchange.status in (401, 403), exchange, expected="HTTP 401 or 403")


@requirement(
    "responses.errors.schema-told",
    MUST,
    "If a streaming request has a schema that does not compile, the endpoint refuses it with a "
    "4xx, or the stream ends with a terminal event or an error event.",
    on=SCHEMA,
    source=("openai:responses/streaming", "openai:errors"),
    remedy="Compile the schema before you send the first byte. If it fails later, send "
    "response.failed: a client takes a stream that breaks off for a network error, and retries.",
    since="2026.2",
)
def test_a_bad_schema_is_told(exchange: Exchange) -> None:
    require((exchange.status or 0) < 500, exchange, expected="a 4xx, or a stream with an end")
    stream = _streamed(exchange)
    require(
        bool(stream.terminals or stream.of_type(ERROR_EVENT)),
        exchange,
        expected="a terminal event, an error event, or a 4xx",
        observed=f"{_ENDING[exchange.ending is Ending.COMPLETE]} after "
        f"{len(stream.payloads)} events, none of which says why",
    )


@requirement(
    "responses.errors.schema-status",
    SHOULD,
    "The endpoint refuses a schema that does not compile by the status, before any stream begins.",
    on=SCHEMA,
    source=("openai:errors", "openai:responses/structured-outputs"),
    remedy="Compile the schema before you answer, and refuse it with a 400 as without streaming.",
    since="2026.2",
)
def test_a_bad_schema_is_refused_by_the_status(exchange: Exchange) -> None:
    stream = _streamed(exchange)
    for event in stream.of_type(ERROR_EVENT, "response.failed"):
        require(False, event["type"], expected="HTTP 400 instead of a stream")


@requirement(
    "responses.errors.overflow",
    MUST,
    "A streaming request with a prompt longer than the context window gets a 4xx, or a stream that "
    "ends with a terminal event or an error event.",
    on=OVERFLOW,
    source=("openai:errors", "openai:responses/streaming"),
    remedy="Count the tokens of the prompt before you send the first byte, and refuse it with 400: "
    "a client retries after a 5xx or a broken stream.",
    since="2026.2",
)
def test_an_overflow_is_told(exchange: Exchange) -> None:
    require((exchange.status or 0) < 500, exchange, expected="a 4xx, or a stream with an end")
    if exchange.status != 200:
        return
    stream = _streamed(exchange)
    require(
        bool(stream.terminals or stream.of_type(ERROR_EVENT)),
        exchange,
        expected="a terminal event, an error event, or a 4xx",
        observed=f"{_ENDING[exchange.ending is Ending.COMPLETE]} after "
        f"{len(stream.payloads)} events, none of which says why",
    )


@requirement(
    "responses.errors.overflow-recognised",
    SHOULD,
    "Clients can recognise a context overflow by a refusal that says so, or by response.failed "
    "with the code `context_length_exceeded`.",
    on=OVERFLOW,
    follows=("responses.errors.overflow", "errors.body.is-json", "errors.body.error-object"),
    source=("openai:errors", "client:codex"),
    remedy='Refuse the prompt with 400 and `"code": "context_length_exceeded"`. If the stream has '
    "begun, send response.failed with that code: agents then compact the conversation instead of "
    "sending it again.",
    since="2026.2",
)
def test_an_overflow_is_recognisable(exchange: Exchange) -> None:
    if 400 <= (exchange.status or 0) < 500:
        refusal = Refusal(exchange)
        require(
            refusal.is_context_overflow,
            refusal.error if refusal.error.given else exchange,
            expected="HTTP 413, the code context_length_exceeded, or a message about the context",
        )
        return
    stream = _streamed(exchange)
    if stream.of_type("response.completed", "response.incomplete"):
        raise NotApplicable("the prompt was served")
    for event in (*stream.of_type("response.failed"), *stream.of_type(ERROR_EVENT)):
        code = event["response"]["error"]["code"]
        require(
            code.value == "context_length_exceeded",
            code if event["response"].given else event["type"],
            expected="response.failed with the code context_length_exceeded",
        )
        return


_ENDING = {True: "the end of the body", False: "a broken connection"}


def _streamed(exchange: Exchange) -> ResponseStream:
    """The stream. Raises NotApplicable if the request was refused or served without one."""
    if exchange.status != 200 or not exchange.events:
        raise NotApplicable(f"there is no stream: {status_line(exchange)}")
    return ResponseStream(exchange)
