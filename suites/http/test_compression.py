"""HTTP: compression, only if the client accepts it, and never by holding back a stream."""

from oaicheck.rules import MUST, Inconclusive, require, requirement
from oaicheck.views import ChatStream, Exchange, coding_of, decoded, delivery_of

_SECONDS = 0.3


@requirement(
    "http.compression.not-unasked",
    MUST,
    "The endpoint does not compress a response for a client that accepts only `identity`.",
    on=("chat/stream/text", "chat/whole/text", "models/list", "unknown/path"),
    source=("rfc9110#12.5.3", "rfc9110#8.4"),
    remedy="Compress only what the request's Accept-Encoding allows.",
)
def test_not_compressed_unasked(exchange: Exchange) -> None:
    coding = coding_of(exchange)
    require(
        coding is None,
        exchange,
        expected="no Content-Encoding",
        observed=f"Content-Encoding: {coding}",
    )


@requirement(
    "http.compression.as-accepted",
    MUST,
    "For a client that accepts gzip, the body is encoded as Content-Encoding says.",
    on=("concurrent/gzip", "http/gzip-models", "http/gzip-whole"),
    source=("rfc9110#8.4", "rfc9110#12.5.3", "github:open-webui/open-webui#23920"),
    remedy="Set Content-Encoding where you compress the body, and nowhere else.",
)
def test_content_encoding_is_true(exchange: Exchange) -> None:
    coding = coding_of(exchange)
    if coding is not None and exchange.body:
        require(
            coding in ("gzip", "x-gzip") and len(decoded(exchange).body) > 0,
            exchange,
            expected="a gzip body, or no Content-Encoding",
            observed=f"Content-Encoding: {coding}, and a body that is not gzip",
        )
    require(
        coding is not None or not exchange.body.startswith(b"\x1f\x8b"),
        exchange,
        expected="Content-Encoding: gzip",
        observed="a gzip body without Content-Encoding",
    )


@requirement(
    "http.compression.stream-flows",
    MUST,
    "Compression does not hold back a stream.",
    on="concurrent/gzip",
    against="chat/stream/long",
    source=(
        "openai:streaming-guide",
        "rfc9110#8.4",
        "github:tower-rs/tower-http#419",
        "github:Kludex/starlette#2753",
    ),
    remedy="Exclude text/event-stream from compression, or flush the compressor after each event.",
)
def test_a_compressed_stream_flows(exchange: Exchange, against: ChatStream) -> None:
    coding = coding_of(exchange)
    if coding is None:
        return
    pace = delivery_of(against)
    delivery = delivery_of(ChatStream(decoded(exchange)))
    takes = len(delivery.events) * pace.interval if pace.events else 0.0
    if takes < _SECONDS:
        raise Inconclusive("the model writes too fast or too little to judge this")
    require(
        delivery.span >= takes / 10,
        exchange,
        expected=f"{len(delivery.events)} events over about {takes:.2f} s",
        observed=f"Content-Encoding: {coding}, and all events within {delivery.span:.2f} s",
        beside=against.exchange,
    )
