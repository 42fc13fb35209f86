"""Errors: the body of a refusal, which clients show to a person."""

from oaicheck.judging import require
from oaicheck.refusal import Refusal
from oaicheck.requirement import MUST, SHOULD, requirement

REFUSALS = ("auth/*", "refused/*", "unknown/*")


@requirement(
    "errors.body.is-json",
    MUST,
    "A refusal's body is a JSON object.",
    on=REFUSALS,
    source=("openai:errors", "github:UOR-Foundation/uor-r4#764"),
    remedy='Answer `{"error": {"message": …}}`; no HTML, no empty body, no bare text.',
)
def test_json(refusal: Refusal) -> None:
    require(
        refusal.body.is_object,
        refusal.exchange,
        expected="a JSON object",
        observed=refusal.exchange.text[:120] or "an empty body",
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
        observed=f"Content-Type: {refusal.exchange.header('content-type')}",
    )


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
    remedy='Wrap the error: `{"error": {"message": "…", "type": "…", "param": …, "code": …}}`.',
)
def test_message(refusal: Refusal) -> None:
    require(refusal.message.is_text, refusal.message, expected="a string that is not empty")


@requirement(
    "errors.body.type",
    SHOULD,
    "A refusal has `error.type`, a string.",
    on=REFUSALS,
    source=("openai:errors", "github:OpenRouterTeam/ai-sdk-provider#50"),
    remedy="Name the kind of error, such as invalid_request_error.",
)
def test_type(refusal: Refusal) -> None:
    kind = refusal.error["type"]
    require(kind.is_text, kind, expected="a string that is not empty")
