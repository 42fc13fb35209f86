"""Errors: what a client did wrong is answered with a 4xx that fits."""

from oaicheck.rules import (
    MUST,
    SHOULD,
    Inconclusive,
    NotApplicable,
    require,
    requirement,
    status_line,
)
from oaicheck.views import Bench, Exchange, Refusal, Scenario, listed_ids

_AT_FAULT = {
    "refused/max-tokens-word": ("max_tokens", "max_completion_tokens"),
    "refused/messages-string": ("messages",),
    "refused/no-messages": ("messages",),
}
"""The names of the parameter at fault, by the scenario."""


@requirement(
    "errors.refused.client-error",
    MUST,
    "A request that is malformed is refused with a 4xx.",
    on="refused/*",
    source=("openai:errors", "rfc9110#15.5", "github:BerriAI/litellm#18690"),
    remedy="Validate the body before anything else; a 5xx makes clients try again for ever.",
)
def test_a_malformed_request_is_refused(exchange: Exchange) -> None:
    require(400 <= (exchange.status or 0) < 500, exchange, expected="a status from 400 to 499")


@requirement(
    "errors.refused.status-400",
    SHOULD,
    "The status for a malformed request is 400, or 422.",
    on="refused/*",
    source=("openai:errors", "rfc9110#15.5.1"),
    remedy="Answer 400; 422, as web frameworks send by default, is in use and tolerated.",
)
def test_the_status_is_400(client_error: Refusal) -> None:
    require(client_error.status in (400, 422), client_error.exchange, expected="HTTP 400, or 422")


@requirement(
    "errors.refused.names-the-parameter",
    SHOULD,
    "The refusal of a missing or mistyped parameter names it, in `error.param` or in words.",
    on=tuple(_AT_FAULT),
    source=("openai:errors", "client:opencode"),
    remedy="Name the parameter in `error.param` and in the message.",
)
def test_the_parameter_is_named(client_error: Refusal, scenario: Scenario) -> None:
    names = _AT_FAULT[scenario.name]
    require(
        any(name in client_error.words for name in names),
        client_error.exchange,
        expected=f"{' or '.join(names)} in the error",
        observed="an error that does not name it",
    )


@requirement(
    "errors.refused.not-in-a-success",
    MUST,
    "An answer that holds an `error` does not have status 200.",
    on=("models/*", "auth/*", "refused/*", "unknown/*", "responses/refused/*"),
    source=("openai:errors", "github:EpistasisLab/KRAGEN#90"),
    remedy="Let the status say that a request failed: clients read `error` only where it does.",
)
def test_no_error_in_a_success(exchange: Exchange) -> None:
    if exchange.json is None and (exchange.status or 0) >= 400:
        raise NotApplicable(f"the status already says that it failed: {status_line(exchange)}")
    if exchange.json is None and exchange.events:
        raise NotApplicable("the answer is a stream: its status is judged where it was asked for")
    if exchange.json is None:
        raise Inconclusive(f"the answer is not JSON: {status_line(exchange)}")
    error = exchange.json["error"]
    require(
        exchange.status != 200 or not error.given,
        error,
        expected="no error with status 200, or null",
    )


@requirement(
    "errors.unknown.path",
    MUST,
    "A path that does not exist is answered with 404.",
    on=("unknown/path", "unknown/path-get"),
    source=(
        "rfc9110#15.5.5",
        "seed:opencode#404 Not Found",
        "github:karakeep-app/karakeep#347",
    ),
    remedy="Answer 404 with a JSON error on every unknown path below the base URL; a page for "
    "browsers belongs elsewhere.",
)
def test_an_unknown_path_is_not_found(exchange: Exchange) -> None:
    require(exchange.status == 404, exchange, expected="HTTP 404")


@requirement(
    "errors.unknown.model",
    SHOULD,
    "A model that does not exist is answered with 404.",
    on="unknown/model",
    source=("openai:errors", "seed:opencode#Model Not Found"),
    remedy="Refuse an unknown model with 404 (400 is in use), so that a slip does not go unseen.",
)
def test_an_unknown_model_is_not_found(exchange: Exchange) -> None:
    require(exchange.status in (400, 404), exchange, expected="HTTP 404, or 400")


@requirement(
    "errors.unknown.model-is-no-server-error",
    MUST,
    "A model that does not exist is never answered with a 5xx.",
    on=("unknown/model", "unknown/model-case", "unknown/model-entry"),
    source=("openai:errors", "rfc9110#15.5"),
    remedy="Look the model up before the request is routed; clients repeat a 5xx for ever.",
)
def test_an_unknown_model_is_no_server_error(exchange: Exchange) -> None:
    require((exchange.status or 0) < 500, exchange, expected="a status below 500")


@requirement(
    "errors.unknown.model-is-named",
    SHOULD,
    "The refusal of an unknown model says that it is about the model.",
    on="unknown/model",
    source=("openai:errors", "seed:opencode#Model Not Found"),
    remedy="Write the model's name into the message, and `model_not_found` into `error.code`.",
)
def test_the_unknown_model_is_named(refusal: Refusal) -> None:
    require(
        "model" in refusal.words.lower(),
        refusal.message,
        expected="the word model in the error",
    )


@requirement(
    "errors.unknown.model-code",
    SHOULD,
    "The refusal of an unknown model has an `error.code` that is not null.",
    on="unknown/model",
    source=("openai:errors", "seed:opencode#Model Not Found"),
    remedy="Send `model_not_found`, so that programs can tell this error from others.",
)
def test_the_unknown_model_has_a_code(error_body: Refusal) -> None:
    code = error_body.error["code"]
    require(code.given, code, expected="a code")


@requirement(
    "errors.unknown.model-case",
    SHOULD,
    "A model's name with upper and lower case swapped is not the model's name.",
    on="unknown/model-case",
    against="models/list",
    source=("openai:errors", "seed:opencode#Model Not Found"),
    remedy="Compare names of models letter by letter.",
)
def test_names_are_case_sensitive(exchange: Exchange, against: Exchange, bench: Bench) -> None:
    name = exchange.variables["model"]
    if name == name.swapcase() or name.swapcase() in listed_ids(against):
        raise NotApplicable(f"{name.swapcase()} is the name of a model too")
    nobody = bench.sent("unknown/model")
    if exchange.status == 200 and nobody is not None and nobody.turns[-1].status == 200:
        raise Inconclusive("any name is served: errors.unknown.model judges that")
    require(exchange.status in (400, 404), exchange, expected="HTTP 404, or 400")


@requirement(
    "errors.method.client-error",
    MUST,
    "PUT on the path of chat completions is refused with a 4xx, or with 501.",
    on="method/put-chat",
    source=("rfc9110#15.5.6", "rfc9110#15.6.2", "github:karakeep-app/karakeep#347"),
    remedy="Answer 405 to the methods that a path does not take, or 501 to those of no path.",
)
def test_a_wrong_method_is_refused(exchange: Exchange) -> None:
    status = exchange.status or 0
    require(400 <= status < 500 or status == 501, exchange, expected="HTTP 405, or 501")


@requirement(
    "errors.method.status",
    SHOULD,
    "PUT on the path of chat completions is answered with 405, or with 501.",
    on="method/put-chat",
    source=("rfc9110#15.5.6", "rfc9110#15.6.2"),
    remedy="Answer 405: a 404 sends people looking for a slip in the URL.",
)
def test_a_wrong_method_is_not_allowed(exchange: Exchange) -> None:
    require(exchange.status in (405, 501), exchange, expected="HTTP 405, or 501")


@requirement(
    "errors.method.allow",
    SHOULD,
    "A 405 names POST in an Allow header.",
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
    "The refusal of a wrong method has `error.message`, a string that is not empty.",
    on="method/put-chat",
    source="openai:errors",
    remedy="Give the framework's own 404 and 405 the form of every other error.",
)
def test_a_wrong_method_has_an_error(refusal: Refusal) -> None:
    require(refusal.message.is_text, refusal.message, expected="a string that is not empty")
