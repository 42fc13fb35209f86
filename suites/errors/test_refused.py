"""Errors: the endpoint answers a wrong request with the 4xx status that fits."""

import re

from oaicheck.rules import (
    MUST,
    SHOULD,
    Inconclusive,
    NotApplicable,
    require,
    requirement,
    status_line,
)
from oaicheck.views import Bench, Exchange, Located, Refusal, Scenario, error_in, listed_ids

_NOT_FOUND = 404
_WORD = re.compile("[a-z]{3}", re.IGNORECASE)
_ANY_BAD_REQUEST = (
    *("invalid_request_error", "invalid_request", "bad_request", "badrequesterror"),
    *("bad_request_error", "error", "none", "null", "api_error"),
)
"""Types of errors that every wrong request gets, in lower case."""

_WRONG_PARAMETERS = {
    "refused/max-tokens-word": ("max_tokens", "max_completion_tokens"),
    "refused/messages-string": ("messages",),
    "refused/no-messages": ("messages",),
}
"""The names of the wrong parameter, by scenario."""


@requirement(
    "errors.refused.client-error",
    MUST,
    "The endpoint answers a malformed request with a 4xx.",
    on="refused/*",
    follows=("errors.streamed.before-the-first-byte", "errors.refused.not-in-a-success"),
    source=("openai:errors", "rfc9110#15.5", "github:BerriAI/litellm#18690"),
    remedy="Validate the body before anything else: clients keep retrying after a 5xx.",
)
def test_a_malformed_request_is_refused(exchange: Exchange) -> None:
    require(400 <= (exchange.status or 0) < 500, exchange, expected="a 4xx status")


@requirement(
    "errors.refused.status-400",
    SHOULD,
    "The status for a malformed request is 400 or 422.",
    on="refused/*",
    source=("openai:errors", "rfc9110#15.5.1"),
    remedy="Answer 400. 422, the default of some web frameworks, is accepted too.",
)
def test_the_status_is_400(client_error: Refusal) -> None:
    require(client_error.status in (400, 422), client_error.exchange, expected="HTTP 400 or 422")


@requirement(
    "errors.refused.names-the-parameter",
    SHOULD,
    "The error for a missing or mistyped parameter names the parameter.",
    on=tuple(_WRONG_PARAMETERS),
    follows=("errors.body.is-json",),
    source=("openai:errors", "client:opencode"),
    remedy="Name the parameter in `error.param` and in `error.message`.",
)
def test_the_parameter_is_named(client_error: Refusal, scenario: Scenario) -> None:
    names = _WRONG_PARAMETERS[scenario.name]
    require(
        any(name in client_error.words for name in names),
        client_error.exchange,
        expected=f"the word {' or '.join(names)} in the error",
        observed="an error that does not name it",
    )


@requirement(
    "errors.refused.not-in-a-success",
    MUST,
    "A response that contains an error, in `error` or in another member such as `detail`, does not "
    "have status 200.",
    on=(
        *("models/*", "auth/*", "refused/*", "unknown/*", "responses/refused/*"),
        *("chat/either/*", "chat/tools/history/*"),
    ),
    follows=("errors.streamed.before-the-first-byte",),
    source=(
        "openai:errors",
        "github:EpistasisLab/KRAGEN#90",
        "github:raullenchai/Rapid-MLX#471",
    ),
    remedy="Report a failed request by its HTTP status: clients read `error` only if the status "
    "says so.",
)
def test_no_error_in_a_success(exchange: Exchange) -> None:
    if exchange.json is None and (exchange.status or 0) >= 400:
        raise NotApplicable(f"the status already reports the failure: {status_line(exchange)}")
    if exchange.json is None and exchange.events:
        raise NotApplicable("the response is a stream: other requirements judge its status")
    if exchange.json is None:
        raise NotApplicable(f"the response is not JSON: {status_line(exchange)}")
    error = error_in(exchange.json)
    if exchange.status == 200 and error is not None:
        require(False, error, expected="no error with status 200")


@requirement(
    "errors.unknown.path",
    MUST,
    "The endpoint answers 404 for a path that does not exist.",
    on=("unknown/path", "unknown/path-get"),
    follows=("errors.refused.not-in-a-success",),
    source=(
        "rfc9110#15.5.5",
        "seed:opencode#404 Not Found",
        "github:karakeep-app/karakeep#347",
    ),
    remedy="Answer 404 with a JSON error for every unknown path below the base URL; serve web "
    "pages elsewhere.",
)
def test_an_unknown_path_is_not_found(exchange: Exchange) -> None:
    require(exchange.status == 404, exchange, expected="HTTP 404")


@requirement(
    "errors.unknown.model",
    SHOULD,
    "The endpoint answers 404 or 400 to a request for a model that does not exist.",
    on="unknown/model",
    follows=("errors.refused.not-in-a-success", "errors.unknown.model-is-no-server-error"),
    source=("openai:errors", "seed:opencode#Model Not Found"),
    remedy="Refuse an unknown model with 404 (400 is accepted too), so that a typo in the name is "
    "noticed.",
)
def test_an_unknown_model_is_not_found(exchange: Exchange) -> None:
    require(exchange.status in (400, 404), exchange, expected="HTTP 404 or 400")


@requirement(
    "errors.unknown.model-is-no-server-error",
    MUST,
    "A request for a model that does not exist, or for none, never causes a server error (5xx).",
    on=(
        *("unknown/model", "unknown/model-case", "unknown/model-entry"),
        *("unknown/no-model", "unknown/empty-model"),
    ),
    source=("openai:errors", "rfc9110#15.5"),
    remedy="Look the model up before you route the request: clients keep retrying after a 5xx.",
)
def test_an_unknown_model_causes_no_server_error(exchange: Exchange) -> None:
    require((exchange.status or 0) < 500, exchange, expected="a status below 500")


@requirement(
    "errors.unknown.empty-model",
    SHOULD,
    "The endpoint refuses an empty string as the model with a 4xx.",
    on="unknown/empty-model",
    follows=("errors.refused.not-in-a-success",),
    source=("openai:chat/create#model", "github:raullenchai/Rapid-MLX#415"),
    remedy="Return 400 or 404: an empty name is a setting that the client has lost, and a model "
    "that nobody chose answers and is billed.",
    since="2026.2",
)
def test_an_empty_model_is_refused(decided: Exchange, bench: Bench) -> None:
    _require_a_refusal(decided, bench)


@requirement(
    "errors.unknown.no-model",
    SHOULD,
    "The endpoint refuses a request without a model with a 4xx.",
    on="unknown/no-model",
    follows=("errors.refused.not-in-a-success",),
    source="openai:chat/create#model",
    remedy="Return 400: `model` is required, and a model that nobody chose answers and is billed.",
    since="2026.2",
)
def test_no_model_is_refused(decided: Exchange, bench: Bench) -> None:
    _require_a_refusal(decided, bench)


def _require_a_refusal(decided: Exchange, bench: Bench) -> None:
    nobody = bench.sent("unknown/model")
    if nobody is not None and nobody.turns[-1].status == 200:
        raise NotApplicable("the endpoint serves any model name: errors.unknown.model judges that")
    require((decided.status or 0) >= 400, decided, expected="a 4xx")


@requirement(
    "errors.unknown.model-is-named",
    SHOULD,
    "The error for an unknown model contains the word `model`.",
    on="unknown/model",
    follows=(
        "errors.body.is-json",
        "errors.unknown.model-is-no-server-error",
    ),
    source=("openai:errors", "seed:opencode#Model Not Found"),
    remedy="Say in `error.message` that the model does not exist, and send `model_not_found` as "
    "`error.code`.",
)
def test_the_unknown_model_is_named(refusal: Refusal) -> None:
    require(
        "model" in refusal.words.lower(),
        refusal.message,
        expected="the word `model` in the error",
    )


@requirement(
    "errors.unknown.model-code",
    SHOULD,
    "The error for an unknown model has an `error.code` that is not null.",
    on="unknown/model",
    follows=("errors.unknown.model-is-no-server-error", "errors.body.error-object"),
    source=("openai:errors", "seed:opencode#Model Not Found"),
    remedy="Send `model_not_found` as `error.code`, so that programs can tell this error from "
    "others.",
)
def test_the_unknown_model_has_a_code(error_body: Refusal) -> None:
    code = error_body.error["code"]
    require(code.given, code, expected="a code that is not null")


@requirement(
    "errors.unknown.model-told",
    SHOULD,
    "Programs can tell the error for an unknown model from others: by status 404, or by a word in "
    "`error.code` or `error.type`.",
    on="unknown/model",
    follows=(
        "errors.body.error-object",
        "errors.unknown.model-code",
    ),
    source=("openai:errors", "client:opencode"),
    remedy="Answer 404, and send `model_not_found` as `error.code`: the status, repeated in the "
    "code, says no more than the status.",
    since="2026.2",
)
def test_an_unknown_model_can_be_told(error_body: Refusal) -> None:
    error = error_body.error
    code, kind = error["code"], error["type"]
    told = _is_a_word(code) or (_is_a_word(kind) and kind.value.lower() not in _ANY_BAD_REQUEST)
    require(
        error_body.status == _NOT_FOUND or told,
        code,
        expected="a code such as model_not_found, or HTTP 404",
        observed=f"HTTP {error_body.status}, code {code.shown}, type {kind.shown}",
    )


def _is_a_word(member: Located) -> bool:
    return member.is_text and _WORD.search(member.value) is not None


@requirement(
    "errors.unknown.model-case",
    SHOULD,
    "The endpoint does not accept a model's name with upper and lower case swapped.",
    on="unknown/model-case",
    against="models/list",
    follows=("errors.refused.not-in-a-success", "errors.unknown.model-is-no-server-error"),
    source=("openai:errors", "seed:opencode#Model Not Found"),
    remedy="Compare model names case-sensitively.",
)
def test_names_are_case_sensitive(exchange: Exchange, against: Exchange, bench: Bench) -> None:
    name = exchange.variables["model"]
    if name == name.swapcase() or name.swapcase() in listed_ids(against):
        raise NotApplicable(f"{name.swapcase()} is also the name of a model")
    nobody = bench.sent("unknown/model")
    if exchange.status == 200 and nobody is not None and nobody.turns[-1].status == 200:
        raise Inconclusive(
            "the endpoint serves any model name: errors.unknown.model judges that",
            told_by=("errors.unknown.model",),
            anywhere=True,
        )
    require(exchange.status in (400, 404), exchange, expected="HTTP 404 or 400")


@requirement(
    "errors.method.client-error",
    MUST,
    "The endpoint refuses PUT on the path of chat completions with a 4xx or 501.",
    on="method/put-chat",
    source=("rfc9110#15.5.6", "rfc9110#15.6.2", "github:karakeep-app/karakeep#347"),
    remedy="Answer 405 to a method that the path does not support, or 501 to a method that no path "
    "supports.",
)
def test_a_wrong_method_is_refused(exchange: Exchange) -> None:
    status = exchange.status or 0
    require(400 <= status < 500 or status == 501, exchange, expected="a 4xx status or HTTP 501")


@requirement(
    "errors.method.status",
    SHOULD,
    "The endpoint answers 405 or 501 to PUT on the path of chat completions.",
    on="method/put-chat",
    follows=("errors.method.client-error",),
    source=("rfc9110#15.5.6", "rfc9110#15.6.2"),
    remedy="Answer 405: a 404 sends people looking for a typo in the URL.",
)
def test_a_wrong_method_is_not_allowed(exchange: Exchange) -> None:
    require(exchange.status in (405, 501), exchange, expected="HTTP 405 or 501")


@requirement(
    "errors.method.allow",
    SHOULD,
    "A 405 names POST in its Allow header.",
    on="method/put-chat",
    source="rfc9110#15.5.6",
    remedy="Send `Allow: POST` with the 405.",
)
def test_a_405_names_what_is_allowed(refusal: Refusal) -> None:
    if refusal.status != 405:
        raise NotApplicable(f"the status is not 405: {status_line(refusal.exchange)}")
    allowed = refusal.exchange.header("allow")
    require(
        "POST" in (allowed or ""),
        refusal.exchange,
        expected="Allow: POST",
        observed=f"Allow: {allowed}" if allowed is not None else "no Allow header",
    )


@requirement(
    "errors.method.body",
    SHOULD,
    "The error response to a wrong method has `error.message`, a non-empty string.",
    on="method/put-chat",
    follows=("errors.body.is-json", "errors.body.error-object", "errors.body.message"),
    source="openai:errors",
    remedy="Give the framework's own 404 and 405 the same error body as every other error.",
)
def test_a_wrong_method_has_an_error(refusal: Refusal) -> None:
    require(refusal.message.is_text, refusal.message, expected="a non-empty string")
