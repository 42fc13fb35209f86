"""Streaming: the frame of Server-Sent Events around the chunks."""

from oaicheck.rules import (
    MUST,
    SHOULD,
    at_span,
    clipped,
    header_line,
    json_flaw,
    require,
    requirement,
)
from oaicheck.views import ChatStream, Defect, Ending, Exchange

_NO_BYTE = (
    "an empty body: nothing was sent, or a proxy lost its connection to the server (its log says "
    "so)"
)


@requirement(
    "chat.framing.status",
    MUST,
    "A valid streaming request is answered with status 200.",
    on="chat/stream/*",
    source="openai:chat/create",
    remedy="Answer a request that you serve with 200; refuse one that you do not with a 4xx.",
)
def test_a_stream_is_answered_with_200(exchange: Exchange) -> None:
    require(exchange.status == 200, exchange, expected="HTTP 200")


@requirement(
    "chat.framing.content-type",
    MUST,
    "A stream's media type is text/event-stream.",
    on="chat/stream/*",
    source=("whatwg:sse#parsing an event stream", "github:openclaw/openclaw#97474"),
    remedy="Send `Content-Type: text/event-stream; charset=utf-8` with every stream.",
)
def test_media_type(stream: ChatStream) -> None:
    require(
        stream.exchange.media_type == "text/event-stream",
        stream.exchange,
        expected="Content-Type: text/event-stream",
        observed=header_line(stream.exchange, "Content-Type"),
    )


@requirement(
    "chat.framing.charset",
    SHOULD,
    "A charset named for a stream is utf-8.",
    on="chat/stream/text",
    source="whatwg:sse#parsing an event stream",
    remedy="Send `charset=utf-8` or no charset: an event stream is always UTF-8.",
)
def test_charset(stream: ChatStream) -> None:
    named = (stream.exchange.header("content-type") or "").lower().replace('"', "")
    require(
        "charset=" not in named or "charset=utf-8" in named,
        stream.exchange,
        expected="charset=utf-8, or none",
        observed=f"Content-Type: {named}",
    )


@requirement(
    "chat.framing.is-a-stream",
    MUST,
    "A request with `stream: true` is answered with events, not with one JSON document or text.",
    on="chat/stream/*",
    source="openai:chat/create#stream",
    remedy="Honour `stream: true`: send each chunk as `data: {…}` followed by a blank line.",
)
def test_events_are_sent(exchange: Exchange) -> None:
    if exchange.status == 200:
        require(
            len(exchange.events) > 0,
            exchange,
            expected="at least one event",
            observed="a body without any event" if exchange.body else _NO_BYTE,
        )


@requirement(
    "chat.framing.data-is-json",
    MUST,
    "The data of every event is a JSON text or exactly `[DONE]`.",
    on="chat/stream/*",
    source=("openai:streaming-guide", "client:ai-sdk", "github:openai/openai-python#2722"),
    remedy="Put one whole JSON object into each event, and spell the sentinel `[DONE]`.",
)
def test_every_event_is_json_or_the_sentinel(stream: ChatStream) -> None:
    for event in stream.malformed:
        require(
            False,
            at_span(stream.exchange, event),
            expected="JSON, or [DONE]",
            observed=f"data: {json_flaw(event.data)}" if event.data else "empty data",
        )


@requirement(
    "chat.framing.done-is-sent",
    MUST,
    "A stream contains the sentinel `data: [DONE]`.",
    on="chat/stream/*",
    source=(
        "openai:chat/create#stream",
        "seed:opencode#Streaming (SSE)",
        "github:huggingface/text-generation-inference#1896",
    ),
    remedy="Send `data: [DONE]` and a blank line after the last chunk.",
)
def test_done_is_sent(stream: ChatStream) -> None:
    last = stream.events[-1]
    require(
        len(stream.sentinels) > 0,
        at_span(stream.exchange, last),
        expected="data: [DONE] at the end",
        observed=f"a last event with data: {clipped(last.data)}",
    )


@requirement(
    "chat.framing.done-once",
    MUST,
    "The sentinel is sent only once.",
    on="chat/stream/*",
    source="openai:streaming-guide",
    remedy="Let one layer alone send `[DONE]`: a gateway must not add a second one.",
)
def test_done_is_not_repeated(stream: ChatStream) -> None:
    for repeated in stream.sentinels[1:]:
        require(
            False,
            at_span(stream.exchange, repeated),
            expected="one [DONE]",
            observed=f"{len(stream.sentinels)} of them",
        )


@requirement(
    "chat.framing.nothing-after-done",
    MUST,
    "The sentinel is the last event.",
    on="chat/stream/*",
    source=("openai:streaming-guide", "client:ai-sdk"),
    remedy="Send usage and every other chunk before `[DONE]`; clients stop reading there.",
)
def test_nothing_follows_done(stream: ChatStream) -> None:
    if stream.sentinels:
        for event in stream.events[stream.sentinels[0].number :]:
            require(
                event in stream.sentinels,
                at_span(stream.exchange, event),
                expected="nothing after [DONE]",
                observed=f"data: {clipped(event.data)}",
            )


@requirement(
    "chat.framing.ends",
    MUST,
    "The body ends, in the orderly way of its framing, right after the last event.",
    on="chat/stream/*",
    source=("rfc9112#8", "github:dstackai/dstack#1208", "client:ai-sdk"),
    remedy="Send the terminating chunk (or close, under HTTP/1.0) as soon as `[DONE]` is out; "
    "clients that wait for the end of the body hang otherwise.",
)
def test_the_body_ends(stream: ChatStream) -> None:
    require(
        stream.exchange.ending in (Ending.COMPLETE, Ending.HUNG_UP),
        at_span(stream.exchange, stream.events[-1]),
        expected="the end of the body",
        observed=f"{stream.exchange.ending}: {stream.exchange.detail}",
    )


def _no_defect(stream: ChatStream, defect: Defect, expected: str) -> None:
    for diagnostic in stream.exchange.diagnostics:
        require(
            diagnostic.defect is not defect,
            at_span(stream.exchange, diagnostic),
            expected=expected,
            observed=diagnostic.detail,
        )


@requirement(
    "chat.framing.last-event-terminated",
    MUST,
    "Every event, the last one too, is ended by a blank line.",
    on="chat/stream/*",
    source=("whatwg:sse#interpreting an event stream", "client:openai-python"),
    remedy="End each event with two line ends; a client drops an event that lacks them.",
)
def test_every_event_is_terminated(stream: ChatStream) -> None:
    _no_defect(stream, Defect.UNTERMINATED_EVENT, "a blank line after the last event")


@requirement(
    "chat.framing.utf-8",
    MUST,
    "A stream is valid UTF-8.",
    on="chat/stream/*",
    source="whatwg:sse#parsing an event stream",
    remedy="Encode the whole stream as UTF-8; never cut a character between two events.",
)
def test_utf_8(stream: ChatStream) -> None:
    _no_defect(stream, Defect.INVALID_UTF8, "valid UTF-8")


@requirement(
    "chat.framing.no-byte-order-mark",
    MUST,
    "A stream does not begin with a byte order mark.",
    on="chat/stream/*",
    source=("client:openai-python", "whatwg:sse#parsing an event stream"),
    remedy="Write the stream without a byte order mark: it costs some clients the first event.",
)
def test_no_byte_order_mark(stream: ChatStream) -> None:
    _no_defect(stream, Defect.BOM, "no byte order mark")


@requirement(
    "chat.framing.no-empty-events",
    SHOULD,
    "No event comes without data.",
    on="chat/stream/*",
    source=("client:openai-python", "github:openai/openai-python#2722"),
    remedy="Keep a connection alive with comment lines (`: ping`), not with events without data.",
)
def test_no_event_without_data(stream: ChatStream) -> None:
    _no_defect(stream, Defect.EVENT_WITHOUT_DATA, "events with data")


@requirement(
    "chat.framing.no-idle-blank-lines",
    SHOULD,
    "Where events have ids, every blank line ends an event.",
    on="chat/stream/*",
    source=("client:openai-python", "github:openai/openai-python#3839"),
    remedy="Write one blank line after each event: a second one is legal, but once an id was sent "
    "some clients take it for an event without data.",
)
def test_no_blank_line_without_an_event(stream: ChatStream) -> None:
    _no_defect(stream, Defect.BLANK_LINE_AFTER_ID, "one blank line after each event")


@requirement(
    "chat.framing.known-fields",
    SHOULD,
    "Lines of a stream are comments or the fields data, event, id and retry.",
    on="chat/stream/*",
    source="whatwg:sse#interpreting an event stream",
    remedy="Remove the line: clients ignore it, and what it says is lost.",
)
def test_known_fields_only(stream: ChatStream) -> None:
    _no_defect(stream, Defect.UNKNOWN_FIELD, "data, event, id or retry")
    _no_defect(stream, Defect.BAD_RETRY, "retry with digits only")
    _no_defect(stream, Defect.NUL_IN_ID, "an id without NUL")
