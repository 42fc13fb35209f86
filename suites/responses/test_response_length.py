"""Responses that were cut: `incomplete`, and its reason."""

from oaicheck.rules import (
    MUST,
    NO_RESPONSE_STATUS,
    NO_RESPONSE_USAGE,
    SHOULD,
    Inconclusive,
    NotApplicable,
    require,
    requirement,
)
from oaicheck.views import (
    ResponseObject,
)

RESPONSES = ("responses/whole/*", "responses/stream/*", "responses/tools")
COMPLETED = (
    "responses/whole/messages",
    "responses/whole/json-schema",
    "responses/stream/text",
    "responses/stream/tool-call",
    "responses/stream/reasoning",
    "responses/tools",
)
LIMITED = ("responses/whole/length", "responses/stream/length")


@requirement(
    "responses.object.length",
    MUST,
    "A response that max_output_tokens cut off has the status `incomplete`.",
    on=LIMITED,
    source=(
        "openai:responses/reasoning",
        "github:jundot/omlx#2817",
        "github:ollama/ollama#17239",
    ),
    remedy="Send `incomplete` if the token limit ended the response: agents take `completed` for a "
    "finished answer.",
)
def test_a_cut_response_is_incomplete(response: ResponseObject) -> None:
    if response.why_not_cut is not None:
        raise Inconclusive(response.why_not_cut, told_by=NO_RESPONSE_USAGE, anywhere=True)
    require(
        response.status.value == "incomplete",
        response.status,
        expected='"incomplete"',
        observed=f"{response.status.shown} after {response.output_tokens} of "
        f"{response.token_limit} tokens",
    )


@requirement(
    "responses.object.length-reason",
    MUST,
    "A response that max_output_tokens cut off has `max_output_tokens` as "
    "`incomplete_details.reason`.",
    on=LIMITED,
    follows=("responses.object.length",),
    source=("openai:responses/object", "client:ai-sdk-openai", "github:vllm-project/vllm#24561"),
    remedy='Send `"incomplete_details": {"reason": "max_output_tokens"}`.',
)
def test_a_cut_response_says_why(response: ResponseObject) -> None:
    reason = response.root["incomplete_details"]["reason"]
    if response.status.value != "incomplete" or reason.value == "content_filter":
        raise NotApplicable(
            "the limit did not make the response incomplete: responses.object.length judges that"
        )
    require(reason.value == "max_output_tokens", reason, expected='"max_output_tokens"')


@requirement(
    "responses.object.length-only",
    SHOULD,
    "A response with fewer output tokens than the limit is not `incomplete`, unless a content "
    "filter ended it.",
    on=COMPLETED,
    source="openai:responses/object",
    remedy="Send `incomplete` only if a limit ended the response, and count every token.",
)
def test_only_a_cut_response_says_so(response: ResponseObject) -> None:
    if response.reached_limit is None:
        raise Inconclusive(
            "it is not known whether the limit was reached",
            told_by=NO_RESPONSE_USAGE,
            anywhere=True,
        )
    if not response.reached_limit:
        reason = response.root["incomplete_details"]["reason"]
        require(
            response.status.value != "incomplete" or reason.value == "content_filter",
            response.status,
            expected='"completed"',
            observed=f"{response.status.shown} after {response.output_tokens} of "
            f"{response.token_limit} tokens",
        )


@requirement(
    "responses.object.cut-after-output",
    MUST,
    "A response that the token limit ended has output, or its usage counts output tokens.",
    on=(*RESPONSES, "responses/calls/cut"),
    source=("openai:responses/object", "github:raullenchai/Rapid-MLX#831"),
    remedy="Answer 500, or send the status `failed` with an `error`, if the engine fails: a client "
    "takes `incomplete` for a limit that was too small.",
    since="2026.2",
)
def test_a_failure_is_no_limit(response: ResponseObject) -> None:
    reason = response.root["incomplete_details"]["reason"]
    if response.status.value != "incomplete" or reason.value != "max_output_tokens":
        raise NotApplicable("the token limit did not end the response")
    if response.output_tokens is None:
        raise Inconclusive("usage does not say how many tokens the model wrote")
    require(
        response.output_tokens > 0 or bool(response.items),
        response.usage["output_tokens"],
        expected="more than 0, because a limit ends a response only after some output",
        beside=reason,
    )


@requirement(
    "responses.object.not-incomplete",
    MUST,
    "The `incomplete_details` of a completed response is null or absent.",
    on=COMPLETED,
    source="openai:responses/object",
    remedy="Send `incomplete_details: null` unless the status is incomplete.",
)
def test_a_completed_response_has_no_details(response: ResponseObject) -> None:
    if response.status.value != "completed":
        raise Inconclusive("the response did not complete", told_by=NO_RESPONSE_STATUS)
    details = response.root["incomplete_details"]
    require(not details.given, details, expected="null")


@requirement(
    "responses.object.incomplete-details-null",
    SHOULD,
    "A response has the member `incomplete_details`, even if it is null.",
    on=RESPONSES,
    source="openai:responses/object",
    remedy="Send `incomplete_details: null` with every response that is not incomplete.",
)
def test_incomplete_details_are_there(response: ResponseObject) -> None:
    details = response.root["incomplete_details"]
    require(not details.absent, details, expected="an object or null")
