"""The form of a streamed response: an event stream whose events are named JSON objects."""

from oaicheck.rules import (
    MUST,
    SHOULD,
    Unserved,
    at_span,
    clipped,
    header_line,
    json_flaw,
    require,
    requirement,
)
from oaicheck.views import (
    Exchange,
    Located,
    ResponseStream,
    event_types,
    is_of_a_vendor,
)

STREAMS = "responses/stream/*"


@requirement(
    "responses.stream.content-type",
    MUST,
    "A streamed response has the media type text/event-stream.",
    on=STREAMS,
    source=("openai:responses/streaming-guide", "whatwg:sse"),
    remedy="Send `Content-Type: text/event-stream`.",
)
def test_media_type(response_stream: ResponseStream) -> None:
    exchange = response_stream.exchange
    require(
        exchange.media_type == "text/event-stream",
        exchange,
        expected="Content-Type: text/event-stream",
        observed=header_line(exchange, "Content-Type"),
    )


@requirement(
    "responses.stream.is-a-stream",
    MUST,
    "The endpoint answers a request for a response with `stream: true` with events.",
    on=STREAMS,
    source=("openai:responses/create#stream", "openai:responses/streaming"),
    remedy="Send server-sent events, not one JSON document.",
)
def test_there_are_events(exchange: Exchange) -> None:
    if exchange.status != 200:
        raise Unserved("the endpoint did not serve the request", exchange)
    require(
        len(exchange.events) > 0,
        exchange,
        expected="server-sent events",
        observed=f"no event in {clipped(exchange.text)}",
    )


@requirement(
    "responses.stream.json",
    MUST,
    "The data of every event is a JSON object or `[DONE]`.",
    on=STREAMS,
    source=("openai:responses/streaming", "client:openai-python"),
    remedy="Send one complete JSON object in each event.",
)
def test_events_are_objects(response_stream: ResponseStream) -> None:
    for event in response_stream.malformed:
        require(
            False,
            at_span(response_stream.exchange, event),
            expected="a JSON object",
            observed=f"data: {json_flaw(event.data)}" if event.data else "empty data",
        )
    for payload in response_stream.payloads:
        require(payload.is_object, payload, expected="a JSON object")


@requirement(
    "responses.stream.type",
    MUST,
    "Every event has a `type`, a non-empty string.",
    on=STREAMS,
    source=("openai:responses/streaming", "client:codex", "client:ai-sdk-openai"),
    remedy="Send the event's type in its data: clients tell events apart by it.",
)
def test_type(response_stream: ResponseStream) -> None:
    for payload in response_stream.payloads:
        require(payload["type"].is_text, payload["type"], expected="a non-empty string")


@requirement(
    "responses.stream.known-type",
    SHOULD,
    "Every event has a documented `type`, or a vendor's own, such as `acme:trace`.",
    on=STREAMS,
    follows=("responses.stream.type",),
    source=("openai:responses/streaming", "openresponses:spec", "client:openai-node"),
    remedy="Send your own data in comments, in extra members of the documented events, or under "
    "your own prefix (`acme:`): most clients ignore an unknown type, but some raise an error.",
)
def test_types_are_documented(response_stream: ResponseStream) -> None:
    for payload in response_stream.payloads:
        kind = payload["type"]
        if kind.is_text and not is_of_a_vendor(kind.value):
            require(kind.value in event_types(), kind, expected="a documented type")


@requirement(
    "responses.stream.event-name",
    MUST,
    "If an event has an `event:` line, it equals the `type` in the data.",
    on=STREAMS,
    follows=("responses.stream.type",),
    source=("openai:responses/streaming-guide", "whatwg:sse"),
    remedy="Write the event's `type` into its `event:` line.",
)
def test_event_name(response_stream: ResponseStream) -> None:
    for payload in response_stream.payloads:
        name = _name(payload)
        if name and payload["type"].is_text:
            require(
                name == payload["type"].value,
                payload["type"],
                expected=f"{name}, as in the `event:` line",
            )


@requirement(
    "responses.stream.event-name-given",
    SHOULD,
    "Every event has an `event:` line.",
    on=STREAMS,
    source=("openai:responses/streaming-guide", "github:ranxianglei/billion-context#549"),
    remedy="Write `event: <type>` before each `data:`: some clients dispatch by it.",
)
def test_event_name_is_given(response_stream: ResponseStream) -> None:
    for payload in response_stream.payloads:
        require(
            bool(_name(payload)),
            payload,
            expected="an `event:` line with the type",
            observed="no `event:` line, or the default `event: message`",
        )


def _name(payload: Located) -> str:
    """The name in the `event:` line; empty for none and for `message`, the default."""
    name = payload.event.type if payload.event else "message"
    return "" if name == "message" else name
