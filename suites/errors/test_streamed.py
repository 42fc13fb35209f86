"""Errors: requests that ask for a stream."""

from oaicheck.rules import MUST, SHOULD, Inconclusive, require, requirement
from oaicheck.views import Conversation, Exchange, Refusal, error_within

_RATE_LIMITED = 429


@requirement(
    "errors.streamed.before-the-first-byte",
    MUST,
    "A streaming request that is malformed is not answered with status 200 and an error inside.",
    on="refused/streamed-*",
    source=(
        "openai:errors",
        "github:huggingface/text-generation-inference#1896",
        "github:ggml-org/llama.cpp#14566",
    ),
    remedy="Validate the request before the response begins, while the status can still be chosen.",
)
def test_a_refusal_comes_before_the_first_byte(exchange: Exchange) -> None:
    if exchange.status == 200:
        error = error_within(exchange)
        if error is None:
            raise Inconclusive("the request was served: errors.refused.client-error judges that")
        require(False, error, expected="a status from 400 to 499 with this error")


@requirement(
    "errors.streamed.same-class",
    MUST,
    "A streaming request is refused with a 4xx where the same request without it is.",
    on="refused/streamed-no-messages",
    against="refused/no-messages",
    source=("openai:errors", "github:BerriAI/litellm#18690"),
    remedy="Validate streaming requests in the same place as others; clients repeat a 5xx.",
)
def test_a_streaming_request_is_refused_too(conversation: Conversation, against: Refusal) -> None:
    streamed = _refused(conversation, against)
    require(
        400 <= (streamed.status or 0) < 500,
        streamed,
        expected=f"a status from 400 to 499, as the {against.status} without stream",
        beside=against.exchange,
    )


@requirement(
    "errors.streamed.same-status",
    SHOULD,
    "A streaming request is refused with the same status as the same request without it.",
    on="refused/streamed-no-messages",
    against="refused/no-messages",
    source=("openai:errors", "github:BerriAI/litellm#18690"),
    remedy="Validate streaming requests in the same place as others.",
)
def test_the_status_is_the_same(conversation: Conversation, against: Refusal) -> None:
    streamed = _refused(conversation, against)
    require(
        streamed.status == against.status,
        streamed,
        expected=f"HTTP {against.status}, as without stream",
        beside=against.exchange,
    )


@requirement(
    "errors.streamed.same-error",
    SHOULD,
    "A streaming request is refused with the same `type` and `code` as without it.",
    on="refused/streamed-no-messages",
    against="refused/no-messages",
    source="openai:errors",
    remedy="Make the error object in the same place for streaming requests and others.",
)
def test_the_error_is_the_same(error_body: Refusal, against: Refusal) -> None:
    if not against.body.is_object:
        raise Inconclusive(f"{against.exchange.id}: the body is no JSON object")
    for member in ("type", "code"):
        streamed, whole = error_body.error[member], against.error[member]
        require(
            streamed.value == whole.value,
            streamed,
            expected=f"{whole.shown}, as without stream",
            beside=whole,
        )


def _refused(conversation: Conversation, against: Refusal) -> Exchange:
    """The streamed answer, a 503 included: it is no overload where the other one got a 4xx."""
    streamed = conversation.turns[-1]
    if streamed.status == _RATE_LIMITED or against.status >= 500:
        raise Inconclusive("there are no two refusals to compare")
    return streamed
