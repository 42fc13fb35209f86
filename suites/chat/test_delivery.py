"""Streaming: the answer is delivered as it is generated, which is what a stream is for."""

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
"""So many pieces at once, on average, are a buffer and not a network."""

_FASTEST = 0.003
"""Seconds between pieces below which a network brings several at once by itself."""


def _long(stream: ChatStream) -> Delivery:
    delivery = delivery_of(stream)
    if (
        not delivery.events
        or written_tokens(stream) < LONG_ANSWER
        or delivery.characters < 2 * LONG_ANSWER
    ):
        raise Inconclusive(f"the answer is short: {delivery.characters} characters came")
    return delivery


@requirement(
    "chat.delivery.as-generated",
    MUST,
    "A long stream is delivered while it is generated, not held back and sent at its end.",
    on="chat/stream/long",
    against="chat/first-token",
    source=(
        "openai:streaming-guide",
        "github:dstackai/dstack#4269",
        "seed:opencode#Streaming (SSE)",
    ),
    remedy="Flush each event, and switch off buffering in every proxy on the way (for nginx: "
    "`proxy_buffering off;`, or the header `X-Accel-Buffering: no`).",
)
def test_delivered_as_generated(stream: ChatStream, against: ChatStream) -> None:
    require_as_generated(_long(stream), stream.completion_tokens or 0, against)


@requirement(
    "chat.delivery.in-pieces",
    MUST,
    "A long answer is streamed in several deltas.",
    on="chat/stream/long",
    source=("openai:streaming-guide", "openai:chat/create#stream"),
    remedy="Send each token, or a few of them, as a delta of its own, as soon as it is there.",
)
def test_in_pieces(stream: ChatStream) -> None:
    delivery = _long(stream)
    require(
        len(delivery.events) > 1,
        delivery.texts[0],
        expected="several deltas",
        observed="the whole answer in one",
    )


@requirement(
    "chat.delivery.not-in-bursts",
    SHOULD,
    "The deltas of a long stream arrive by and by, not in a few large bursts.",
    on="chat/stream/long",
    source=("openai:streaming-guide", "github:dstackai/dstack#4269"),
    remedy="Flush after every event, so that no layer waits until a buffer of its own is full, and "
    "switch off buffering in every proxy on the way (for nginx: `proxy_buffering off;`, or the "
    "header `X-Accel-Buffering: no`).",
)
def test_not_in_bursts(stream: ChatStream) -> None:
    delivery = _long(stream)
    if delivery.interval < _FASTEST:
        raise Inconclusive(
            f"{len(delivery.events)} pieces came within {delivery.span:.2f} s: too fast to tell"
        )
    require(
        len(delivery.events) <= _PER_ARRIVAL * delivery.arrivals,
        stream.exchange,
        expected=f"at most {_PER_ARRIVAL} deltas at once, on average",
        observed=f"{len(delivery.events)} deltas in {delivery.arrivals} bursts",
    )


@requirement(
    "chat.delivery.calls-as-generated",
    SHOULD,
    "The deltas of a long tool call are delivered while the call is generated.",
    on="chat/stream/long-call",
    against="chat/stream/long",
    source=("openai:function-calling#streaming", "github:seaavey/SRouter#104"),
    remedy="Pass the deltas of a call on as they come; a client that sees nothing gives up.",
)
def test_calls_are_delivered_as_generated(calling_stream: ChatStream, against: ChatStream) -> None:
    arguments, text = arguments_of(calling_stream), delivery_of(against)
    if len(arguments.events) < 20:
        raise Inconclusive(f"the arguments came in {len(arguments.events)} deltas, which is legal")
    takes = len(arguments.events) * text.interval if text.events else 0.0
    if takes < SHORTEST_GENERATION:
        raise Inconclusive("the model writes too fast to tell")
    require(
        arguments.span >= takes / 10,
        arguments.texts[0],
        expected=f"{len(arguments.events)} deltas over some {takes:.2f} s",
        observed=f"all of them within {arguments.span:.2f} s",
        beside=against.exchange,
    )


@requirement(
    "chat.delivery.ends-promptly",
    SHOULD,
    "The body ends within a second of its last event.",
    on="chat/stream/*",
    source=("client:ai-sdk", "rfc9112#7.1"),
    remedy="Close the body as soon as `[DONE]` is sent; do accounting and logging afterwards.",
)
def test_ends_promptly(stream: ChatStream) -> None:
    last = stream.events[-1]
    waited = stream.exchange.ended_at - last.at
    require(
        waited <= 1,
        at_span(stream.exchange, last),
        expected="the end of the body within 1 s",
        observed=f"{waited:.1f} s later",
    )


@requirement(
    "chat.delivery.undisturbed",
    MUST,
    "An answer that has begun is not broken off because other requests come in.",
    on=("chat/stream/*", "chat/tools/stream/*", "chat/whole/*", "concurrent/*"),
    source=("rfc9110#3.3", "github:abetlen/llama-cpp-python#867"),
    remedy="Let a further request wait, or refuse it with 429, until there is room for it.",
)
def test_no_answer_is_broken_off_for_another(disturbed: list[Exchange]) -> None:
    require_undisturbed(disturbed)
