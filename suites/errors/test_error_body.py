"""Errors: the body of an error response, which clients show to their users."""

import re

from oaicheck.rules import MUST, SHOULD, NotApplicable, header_line, json_flaw, require, requirement
from oaicheck.views import Refusal, parse_json, shown

_HTTP_STATUS = re.compile("[2-5][0-9][0-9]")
REFUSALS = ("auth/*", "refused/*", "unknown/*", "responses/refused/*")


@requirement(
    "errors.body.is-json",
    MUST,
    "The body of an error response is a JSON object.",
    on=REFUSALS,
    source=("openai:errors", "github:UOR-Foundation/uor-r4#764"),
    remedy='Send `{"error": {"message": …}}` instead of HTML, plain text or an empty body. If a '
    "proxy replaces errors with its own pages, switch that off (for nginx: `proxy_intercept_errors "
    "off;`).",
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
    "The media type of an error response is application/json, or another that ends in +json.",
    on=REFUSALS,
    follows=("errors.body.is-json",),
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
    "An error response has an object `error`, not a string, a `detail` or members at the top "
    "level.",
    on=REFUSALS,
    follows=("errors.body.is-json",),
    source=(
        "openai:errors",
        "client:ai-sdk",
        "github:vllm-project/vllm#12886",
        "github:ray-project/ray#64833",
    ),
    remedy='Wrap the error: `{"error": {"message": "…", "type": "…", "param": …, "code": …}}`.',
)
def test_error_object(error_body: Refusal) -> None:
    error, names = error_body.error, [name for name, _ in error_body.body.members()]
    require(
        error.is_object,
        error,
        expected="an object",
        observed=f"error is absent; the body has {', '.join(map(shown, names)) or 'no members'}"
        if error.absent
        else None,
    )


@requirement(
    "errors.body.message",
    MUST,
    "An error response has `error.message`, a non-empty string.",
    on=REFUSALS,
    follows=("errors.body.error-object",),
    source=(
        "openai:errors",
        "client:ai-sdk",
        "github:vllm-project/vllm#12886",
        "github:ray-project/ray#64833",
        "github:microsoft/autogen#5965",
    ),
    remedy="Say in `error.message` what is wrong: most clients show nothing else.",
)
def test_message(error_body: Refusal) -> None:
    require(error_body.message.is_text, error_body.message, expected="a non-empty string")


@requirement(
    "errors.body.message-is-plain",
    SHOULD,
    "The `error.message` of an error response is plain text, not the JSON of another error.",
    on=REFUSALS,
    follows=("errors.body.error-object",),
    source=("openai:errors", "github:JohnnyZ93/oai-compatible-copilot#81"),
    remedy="Take the message, the type and the code out of an upstream error, and send each in its "
    "own member.",
)
def test_the_message_is_plain(error_body: Refusal) -> None:
    _require_a_message(error_body)
    parsed = parse_json(error_body.message.value)
    require(
        parsed is None or not isinstance(parsed.value, dict | list),
        error_body.message,
        expected="plain text",
    )


@requirement(
    "errors.body.type",
    SHOULD,
    "An error response has `error.type`, a non-empty string.",
    on=REFUSALS,
    follows=("errors.body.error-object",),
    source=("openai:errors", "github:OpenRouterTeam/ai-sdk-provider#50"),
    remedy="Name the kind of error, such as `invalid_request_error`.",
)
def test_type(error_body: Refusal) -> None:
    kind = error_body.error["type"]
    require(kind.is_text, kind, expected="a non-empty string")


@requirement(
    "errors.body.type-kind",
    MUST,
    "If an error response has an `error.type` that is not null, it is a string.",
    on=REFUSALS,
    follows=("errors.body.error-object",),
    source=("openai:errors", "client:ai-sdk"),
    remedy="Send `error.type` as a string: clients that expect a string fail to parse anything "
    "else and lose the message.",
)
def test_type_is_a_string(error_body: Refusal) -> None:
    kind = error_body.error["type"]
    require(not kind.given or kind.is_string, kind, expected="a string, null, or no `type`")


@requirement(
    "errors.body.code",
    SHOULD,
    "An error response has `error.code`, which may be null.",
    on=REFUSALS,
    follows=("errors.body.error-object",),
    source="openai:errors",
    remedy="Send `error.code` with every error, so that programs can tell errors apart.",
)
def test_code(error_body: Refusal) -> None:
    code = error_body.error["code"]
    require(not code.absent, code, expected="a code or null")


@requirement(
    "errors.body.code-kind",
    MUST,
    "If an error response has an `error.code` that is not null, it is a string or an integer.",
    on=REFUSALS,
    follows=("errors.body.error-object",),
    source=("openai:errors", "client:ai-sdk"),
    remedy="Send `error.code` as a string: clients that expect a string or a number fail to parse "
    "anything else and lose the message.",
)
def test_code_is_a_string_or_an_integer(error_body: Refusal) -> None:
    code = error_body.error["code"]
    require(
        not code.given or code.is_string or code.is_integer,
        code,
        expected="a string, an integer, null, or no `code`",
    )


@requirement(
    "errors.body.code-fits-the-status",
    SHOULD,
    "If `error.code` is an HTTP status, it equals the status of the response.",
    on=REFUSALS,
    follows=("errors.body.error-object",),
    source=("openai:errors", "github:OpenRouterTeam/ai-sdk-provider#50"),
    remedy="Send the response's own status as a number in `error.code`, or send a word instead.",
)
def test_the_code_fits_the_status(error_body: Refusal) -> None:
    code = error_body.error["code"]
    require(
        str(code.value) == str(error_body.status) or not _HTTP_STATUS.fullmatch(str(code.value)),
        code,
        expected=f"{error_body.status}, which is the HTTP status, or a word",
    )


@requirement(
    "errors.body.param",
    SHOULD,
    "The error response to a malformed request has `error.param`, a string or null.",
    on="refused/*",
    follows=("errors.body.error-object",),
    source="openai:errors",
    remedy="Send `error.param` with every error: the name of the wrong parameter, or null.",
)
def test_param(error_body: Refusal) -> None:
    param = error_body.error["param"]
    require(param.is_string or param.null, param, expected="a string or null")


def _require_a_message(error_body: Refusal) -> None:
    if not error_body.message.is_text:
        raise NotApplicable("there is no error.message: errors.body.message judges that")
