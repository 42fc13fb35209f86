"""Errors: the refusal of requests that ask for a stream."""

from oaicheck.rules import MUST, SHOULD, Inconclusive, require, requirement
from oaicheck.views import Conversation, Exchange, Refusal, error_within

_RATE_LIMITED = 429


@requirement(
    "errors.streamed.before-the-first-byte",
    MUST,
    "The endpoint does not answer a malformed streaming request with status 200 and an error in "
    "the body.",
    on="refused/streamed-*",
    source=(
        "openai:errors",
        "github:huggingface/text-generation-inference#1896",
        "github:ggml-org/llama.cpp#14566",
    ),
    remedy="Validate the request before the response begins, while you can still choose the "
    "status.",
)
def test_a_refusal_comes_before_the_first_byte(exchange: Exchange) -> None:
    if exchange.status == 200:
        error = error_within(exchange)
        if error is None:
            raise Inconclusive(
                "the request was served: errors.refused.client-error judges that",
                told_by=("errors.refused.client-error",),
            )
        require(False, error, expected="a 4xx status with this error")


@requirement(
    "errors.streamed.same-class",
    MUST,
    "If the endpoint refuses a request with a 4xx, it refuses the same streaming request with a "
    "4xx.",
    on="refused/streamed-no-messages",
    against="refused/no-messages",
    follows=("errors.streamed.before-the-first-byte",),
    source=("openai:errors", "github:BerriAI/litellm#18690"),
    remedy="Validate streaming requests in the same place as all others: clients keep retrying "
    "after a 5xx.",
)
def test_a_streaming_request_is_refused_too(conversation: Conversation, against: Refusal) -> None:
    streamed = _refused(conversation, against)
    require(
        400 <= (streamed.status or 0) < 500,
        streamed,
        expected=f"a 4xx status, like the {against.status} without streaming",
        beside=against.exchange,
    )


@requirement(
    "errors.streamed.same-status",
    SHOULD,
    "The endpoint refuses a streaming request with the same status as without streaming.",
    on="refused/streamed-no-messages",
    against="refused/no-messages",
    follows=("errors.streamed.before-the-first-byte",),
    source=("openai:errors", "github:BerriAI/litellm#18690"),
    remedy="Validate streaming requests in the same place as all others.",
)
def test_the_status_is_the_same(conversation: Conversation, against: Refusal) -> None:
    streamed = _refused(conversation, against)
    require(
        streamed.status == against.status,
        streamed,
        expected=f"HTTP {against.status}, as without streaming",
        beside=against.exchange,
    )


@requirement(
    "errors.streamed.same-error",
    SHOULD,
    "The error for a streaming request has the same `type` and `code` as without streaming.",
    on="refused/streamed-no-messages",
    against="refused/no-messages",
    follows=(
        "errors.streamed.before-the-first-byte",
        "errors.streamed.same-class",
        "errors.body.error-object",
    ),
    source="openai:errors",
    remedy="Build the error object in the same place for streaming requests and all others.",
)
def test_the_error_is_the_same(error_body: Refusal, against: Refusal) -> None:
    if not against.body.is_object:
        raise Inconclusive(
            f"{against.exchange.id}: the body is not a JSON object",
            told_by=("errors.body.is-json",),
        )
    for member in ("type", "code"):
        streamed, whole = error_body.error[member], against.error[member]
        require(
            streamed.value == whole.value,
            streamed,
            expected=f"{whole.shown}, as without streaming",
            beside=whole,
        )


def _refused(conversation: Conversation, against: Refusal) -> Exchange:
    """The response to the streaming request; a 503 too, since the other request got a 4xx."""
    streamed = conversation.turns[-1]
    if streamed.status == _RATE_LIMITED or against.status >= 500:
        raise Inconclusive("there are not two error responses to compare")
    return streamed
