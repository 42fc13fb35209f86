"""Streaming: the answer is delivered while it is generated."""

from oaicheck.rules import MUST, SHOULD, Inconclusive, at_span, require, requirement
from oaicheck.views import (
    LONG_ANSWER,
    SHORTEST_GENERATION,
    ChatStream,
    Delivery,
    Exchange,
    arguments_of,
    delivery_of,
    require_as_generated,
    require_undisturbed,
    written_tokens,
)

_PER_ARRIVAL = 8
"""More deltas per arrival, on average, come from a buffer and not from the network."""

_FASTEST = 0.003
"""Seconds between deltas below which the network alone may deliver several at once."""


def _long_delivery(stream: ChatStream) -> Delivery:
    """The delivery of a long answer; raises Inconclusive if the answer is short."""
    delivery = delivery_of(stream)
    if (
        not delivery.events
        or written_tokens(stream) < LONG_ANSWER
        or delivery.characters < 2 * LONG_ANSWER
    ):
        raise Inconclusive(f"the answer is too short: {delivery.characters} characters")
    return delivery


@requirement(
    "chat.delivery.as-generated",
    MUST,
    "A long stream arrives while it is generated; it is not held back and sent all at once at the "
    "end.",
    on="chat/stream/long",
    against="chat/first-token",
    source=(
        "openai:streaming-guide",
        "github:dstackai/dstack#4269",
        "seed:opencode#Streaming (SSE)",
    ),
    remedy="Flush each event, and turn off buffering in every proxy on the way (for nginx: "
    "`proxy_buffering off;`, or the header `X-Accel-Buffering: no`).",
)
def test_delivered_as_generated(stream: ChatStream, against: ChatStream) -> None:
    require_as_generated(_long_delivery(stream), stream.completion_tokens or 0, against)


@requirement(
    "chat.delivery.in-pieces",
    MUST,
    "A long answer is streamed in several deltas, not in one.",
    on="chat/stream/long",
    source=("openai:streaming-guide", "openai:chat/create#stream"),
    remedy="Send each token, or every few tokens, as a separate delta as soon as it is generated.",
)
def test_in_pieces(stream: ChatStream) -> None:
    delivery = _long_delivery(stream)
    require(
        len(delivery.events) > 1,
        delivery.texts[0],
        expected="several deltas",
        observed="the whole answer in one delta",
    )


@requirement(
    "chat.delivery.not-in-bursts",
    SHOULD,
    "The deltas of a long stream arrive a few at a time, on average at most 8, not in large "
    "bursts.",
    on="chat/stream/long",
    source=("openai:streaming-guide", "github:dstackai/dstack#4269"),
    remedy="Flush after every event, so that no layer waits for its buffer to fill, and turn off "
    "buffering in every proxy on the way (for nginx: `proxy_buffering off;`, or the header "
    "`X-Accel-Buffering: no`).",
)
def test_not_in_bursts(stream: ChatStream) -> None:
    delivery = _long_delivery(stream)
    if delivery.interval < _FASTEST:
        raise Inconclusive(
            f"{len(delivery.events)} deltas arrived within {delivery.span:.2f} s: too fast to judge"
        )
    require(
        len(delivery.events) <= _PER_ARRIVAL * delivery.arrivals,
        stream.exchange,
        expected=f"at most {_PER_ARRIVAL} deltas per arrival, on average",
        observed=f"{len(delivery.events)} deltas in {delivery.arrivals} bursts",
    )


@requirement(
    "chat.delivery.calls-as-generated",
    SHOULD,
    "The deltas of a long tool call arrive while the call is generated, not all at once.",
    on="chat/stream/long-call",
    against="chat/stream/long",
    source=("openai:function-calling#streaming", "github:seaavey/SRouter#104"),
    remedy="Forward the deltas of a tool call as they are generated. A client that receives "
    "nothing for too long gives up.",
)
def test_calls_are_delivered_as_generated(calling_stream: ChatStream, against: ChatStream) -> None:
    arguments, text = arguments_of(calling_stream), delivery_of(against)
    if len(arguments.events) < 20:
        raise Inconclusive(
            f"the arguments came in only {len(arguments.events)} deltas, which is legal"
        )
    takes = len(arguments.events) * text.interval if text.events else 0.0
    if takes < SHORTEST_GENERATION:
        raise Inconclusive("the model generates too fast to judge")
    require(
        arguments.span >= takes / 10,
        arguments.texts[0],
        expected=f"{len(arguments.events)} deltas over about {takes:.2f} s",
        observed=f"all of them within {arguments.span:.2f} s",
        beside=against.exchange,
    )


@requirement(
    "chat.delivery.ends-promptly",
    SHOULD,
    "The response body ends within 1 second of its last event.",
    on="chat/stream/*",
    source=("client:ai-sdk", "rfc9112#7.1"),
    remedy="End the body right after `[DONE]`. Do accounting and logging afterwards.",
)
def test_ends_promptly(stream: ChatStream) -> None:
    last = stream.events[-1]
    waited = stream.exchange.ended_at - last.at
    require(
        waited <= 1,
        at_span(stream.exchange, last),
        expected="the end of the body within 1 s",
        observed=f"its end after {waited:.1f} s",
    )


@requirement(
    "chat.delivery.undisturbed",
    MUST,
    "The endpoint does not break off a response because other requests arrive.",
    on=("chat/stream/*", "chat/tools/stream/*", "chat/format/*", "chat/whole/*", "concurrent/*"),
    source=("rfc9110#3.3", "github:abetlen/llama-cpp-python#867"),
    remedy="Queue further requests, or refuse them with 429, until there is capacity.",
)
def test_other_requests_do_not_break_off_a_response(disturbed: list[Exchange]) -> None:
    require_undisturbed(disturbed)
