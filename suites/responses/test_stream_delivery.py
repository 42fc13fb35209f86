"""The delivery of a streamed response: as it is generated, complete, and ended at once."""

from oaicheck.rules import MUST, SHOULD, Inconclusive, NotApplicable, at_span, require, requirement
from oaicheck.views import (
    LONG_ANSWER,
    ChatStream,
    Defect,
    ResponseStream,
    lacking,
    phrase_to_repeat,
    require_as_generated,
    require_whole_characters,
    response_delivery_of,
)

STREAMS = "responses/stream/*"


@requirement(
    "responses.stream.as-generated",
    MUST,
    "A long streamed response arrives while it is generated, not all at once at its end.",
    on="responses/stream/long",
    against="chat/first-token",
    source=("openai:responses/streaming-guide", "github:zenmux-ai/zenmux-doc#274"),
    remedy="Flush each event, and switch off buffering in every proxy in between (for nginx: "
    "`proxy_buffering off;`, or the header `X-Accel-Buffering: no`).",
)
def test_delivered_as_generated(response_stream: ResponseStream, against: ChatStream) -> None:
    delivery, counted = response_delivery_of(response_stream), response_stream.final.output_tokens
    tokens = max(len(delivery.events), counted or 0)
    if not delivery.events or tokens < LONG_ANSWER or delivery.characters < 2 * LONG_ANSWER:
        raise lacking(
            response_stream.final, f"the answer is short: {delivery.characters} characters"
        )
    if len(delivery.events) == 1:
        raise NotApplicable("the text arrived in one delta: responses.events.growing judges that")
    require_as_generated(delivery, counted or 0, against)


@requirement(
    "responses.stream.ends-promptly",
    SHOULD,
    "The body of a streamed response ends within one second of its last event.",
    on=STREAMS,
    source=("client:ai-sdk-openai", "rfc9112#7.1"),
    remedy="Close the body as soon as the response has ended; do accounting and logging "
    "afterwards.",
)
def test_ends_promptly(response_stream: ResponseStream) -> None:
    exchange = response_stream.exchange
    last = exchange.events[-1]
    waited = exchange.ended_at - last.at
    require(
        waited <= 1,
        at_span(exchange, last),
        expected="the end of the body within 1 s",
        observed=f"{waited:.1f} s later",
    )


@requirement(
    "responses.stream.no-empty-events",
    SHOULD,
    "Every event of a streamed response has data.",
    on=STREAMS,
    follows=("responses.stream.json",),
    source=("client:openai-python-responses", "github:openai/openai-python#2722"),
    remedy="Keep a connection alive with comment lines (`: ping`), not with events without data.",
)
def test_no_event_without_data(response_stream: ResponseStream) -> None:
    exchange = response_stream.exchange
    for found in exchange.diagnostics:
        if found.defect is Defect.EVENT_WITHOUT_DATA:
            require(
                False, at_span(exchange, found), expected="events with data", observed=found.detail
            )


@requirement(
    "responses.stream.text-intact",
    MUST,
    "Multi-byte characters arrive whole: the text has no U+FFFD, except where a limit cut it.",
    on="responses/stream/non-ascii",
    source=("whatwg:sse#parsing an event stream", "github:wecode-ai/Wegent#2271"),
    remedy="Use a decoder that keeps the bytes of an incomplete character until the rest arrives.",
)
def test_no_replacement_characters(response_stream: ResponseStream) -> None:
    deltas = response_stream.of_type("response.output_text.delta")
    pieces = [event["delta"] for event in deltas if event["delta"].is_string]
    if not pieces:
        raise lacking(response_stream.final, "there is no text")
    cut = response_stream.final.status.value == "incomplete"
    require_whole_characters(pieces, phrase_to_repeat(response_stream.exchange), cut=cut)
    if all(piece.value.isascii() for piece in pieces):
        raise Inconclusive("the model wrote no multi-byte characters")
