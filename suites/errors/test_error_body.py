"""Errors: the body of a refusal, which clients show to a person."""

import re

from oaicheck.rules import MUST, SHOULD, NotApplicable, header_line, json_flaw, require, requirement
from oaicheck.views import Refusal, parse_json

_HTTP_STATUS = re.compile("[2-5][0-9][0-9]")
REFUSALS = ("auth/*", "refused/*", "unknown/*", "responses/refused/*")


@requirement(
    "errors.body.is-json",
    MUST,
    "A refusal's body is a JSON object.",
    on=REFUSALS,
    source=("openai:errors", "github:UOR-Foundation/uor-r4#764"),
    remedy='Answer `{"error": {"message": …}}`; no HTML, no empty body, no bare text. Where a '
    "proxy puts pages of its own in the place of errors, switch that off (for nginx: "
    "`proxy_intercept_errors off;`).",
)
def test_json(refusal: Refusal) -> None:
    require(
        refusal.body.is_object,
        refusal.exchange,
        expected="a JSON object",
        observed=json_flaw(refusal.exchange.text) if refusal.exchange.body else "an empty body",
    )


@requirement(
    "errors.body.content-type",
    SHOULD,
    "A refusal's media type is application/json.",
    on=REFUSALS,
    source=("openai:errors", "rfc8259#11"),
    remedy="Send `Content-Type: application/json` with errors too.",
)
def test_media_type(refusal: Refusal) -> None:
    kind = refusal.exchange.media_type
    require(
        kind == "application/json" or kind.endswith("+json"),
        refusal.exchange,
        expected="Content-Type: application/json",
        observed=header_line(refusal.exchange, "Content-Type"),
    )


@requirement(
    "errors.body.error-object",
    MUST,
    "A refusal holds an object `error`: not a `detail`, not a string, not members at the top.",
    on=REFUSALS,
    source=(
        "openai:errors",
        "client:ai-sdk",
        "github:vllm-project/vllm#12886",
        "github:ray-project/ray#64833",
    ),
    remedy='Wrap the error: `{"error": {"message": "…", "type": "…", "param": …, "code": …}}`.',
)
def test_error_object(error_body: Refusal) -> None:
    require(error_body.error.is_object, error_body.error, expected="an object")


@requirement(
    "errors.body.message",
    MUST,
    "A refusal has `error.message`, a string that is not empty.",
    on=REFUSALS,
    source=(
        "openai:errors",
        "client:ai-sdk",
        "github:vllm-project/vllm#12886",
        "github:ray-project/ray#64833",
        "github:microsoft/autogen#5965",
    ),
    remedy="Say in `error.message` what is wrong: it is all that most clients show.",
)
def test_message(error_body: Refusal) -> None:
    require(error_body.message.is_text, error_body.message, expected="a string that is not empty")


@requirement(
    "errors.body.message-is-plain",
    SHOULD,
    "A refusal's `error.message` is a sentence, and not the JSON of another error.",
    on=REFUSALS,
    source=("openai:errors", "github:JohnnyZ93/oai-compatible-copilot#81"),
    remedy="Take the message, the type and the code out of an upstream error, and pass them on.",
)
def test_the_message_is_plain(error_body: Refusal) -> None:
    _require_a_message(error_body)
    parsed = parse_json(error_body.message.value)
    require(
        parsed is None or not isinstance(parsed.value, dict | list),
        error_body.message,
        expected="words",
    )


@requirement(
    "errors.body.type",
    SHOULD,
    "A refusal has `error.type`, a string that is not empty.",
    on=REFUSALS,
    source=("openai:errors", "github:OpenRouterTeam/ai-sdk-provider#50"),
    remedy="Name the kind of error, such as invalid_request_error.",
)
def test_type(error_body: Refusal) -> None:
    kind = error_body.error["type"]
    require(kind.is_text, kind, expected="a string that is not empty")


@requirement(
    "errors.body.type-kind",
    MUST,
    "A refusal's `error.type`, where it is given and not null, is a string.",
    on=REFUSALS,
    source=("openai:errors", "client:ai-sdk"),
    remedy="Send `error.type` as a string: clients that parse another kind lose the message.",
)
def test_the_kind_of_type(error_body: Refusal) -> None:
    kind = error_body.error["type"]
    require(not kind.given or kind.is_string, kind, expected="a string, null, or nothing")


@requirement(
    "errors.body.code",
    SHOULD,
    "A refusal has `error.code`, null where there is nothing to say.",
    on=REFUSALS,
    source="openai:errors",
    remedy="Send `code` with every error, so that programs can tell errors apart.",
)
def test_code(error_body: Refusal) -> None:
    code = error_body.error["code"]
    require(not code.absent, code, expected="a code, or null")


@requirement(
    "errors.body.code-kind",
    MUST,
    "A refusal's `error.code`, where it is given and not null, is a string or an integer.",
    on=REFUSALS,
    source=("openai:errors", "client:ai-sdk"),
    remedy="Send `error.code` as a string: clients that parse another kind lose the message.",
)
def test_the_kind_of_code(error_body: Refusal) -> None:
    code = error_body.error["code"]
    require(
        not code.given or code.is_string or code.is_integer,
        code,
        expected="a string, an integer, null, or nothing",
    )


@requirement(
    "errors.body.code-fits-the-status",
    SHOULD,
    "A refusal's `error.code` names no other HTTP status than the response has.",
    on=REFUSALS,
    source=("openai:errors", "github:OpenRouterTeam/ai-sdk-provider#50"),
    remedy="Let the status of the response and a number in `error.code` say the same.",
)
def test_the_code_fits_the_status(error_body: Refusal) -> None:
    code = error_body.error["code"]
    require(
        str(code.value) == str(error_body.status) or not _HTTP_STATUS.fullmatch(str(code.value)),
        code,
        expected=f"{error_body.status}, as the HTTP status, or a word",
    )


@requirement(
    "errors.body.param",
    SHOULD,
    "The refusal of a malformed request has `error.param`, a string or null.",
    on="refused/*",
    source="openai:errors",
    remedy="Send `param` with every error: the parameter at fault, or null.",
)
def test_param(error_body: Refusal) -> None:
    param = error_body.error["param"]
    require(param.is_string or param.null, param, expected="a string, or null")


def _require_a_message(error_body: Refusal) -> None:
    if not error_body.message.is_text:
        raise NotApplicable("there is no message, which is another requirement's matter")
