"""Streaming: the Server-Sent Events (SSE) around the chunks."""

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

_EMPTY_BODY = (
    "an empty body: the server sent nothing, or a proxy lost its connection to the server (see the "
    "proxy's log)"
)


@requirement(
    "chat.framing.status",
    MUST,
    "The endpoint answers a valid streaming request with HTTP 200.",
    on="chat/stream/*",
    follows=("chat.stop.string-form", "chat.reasoning.history-not-required"),
    source="openai:chat/create",
    remedy="Return 200 if you serve the request, and a 4xx if you refuse it.",
)
def test_a_stream_is_answered_with_200(exchange: Exchange) -> None:
    require(exchange.status == 200, exchange, expected="HTTP 200")


@requirement(
    "chat.framing.content-type",
    MUST,
    "The media type of a stream is text/event-stream.",
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
    "If the Content-Type of a stream names a charset, it is utf-8.",
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
    "The endpoint answers a request with `stream: true` with SSE events, not with one JSON "
    "document or plain text.",
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
            observed="a body without any event" if exchange.body else _EMPTY_BODY,
        )


@requirement(
    "chat.framing.data-is-json",
    MUST,
    "The data of every event is JSON or exactly `[DONE]`.",
    on="chat/stream/*",
    source=("openai:streaming-guide", "client:ai-sdk", "github:openai/openai-python#2722"),
    remedy="Send one complete JSON object per event, and spell the end marker exactly `[DONE]`.",
)
def test_every_event_is_json_or_done(stream: ChatStream) -> None:
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
    "A stream contains the event `data: [DONE]`.",
    on="chat/stream/*",
    follows=("chat.chunk.no-error", "chat.framing.ends"),
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
        observed=f"data: {clipped(last.data)} as the last event",
    )


@requirement(
    "chat.framing.done-once",
    MUST,
    "A stream sends `[DONE]` only once.",
    on="chat/stream/*",
    source="openai:streaming-guide",
    remedy="Let only one layer send `[DONE]`: a gateway must not add a second one.",
)
def test_done_is_not_repeated(stream: ChatStream) -> None:
    for repeated in stream.sentinels[1:]:
        require(
            False,
            at_span(stream.exchange, repeated),
            expected="one [DONE]",
            observed=f"{len(stream.sentinels)} [DONE] events",
        )


@requirement(
    "chat.framing.nothing-after-done",
    MUST,
    "`[DONE]` is the last event of a stream.",
    on="chat/stream/*",
    follows=("chat.usage.before-done",),
    source=("openai:streaming-guide", "client:ai-sdk"),
    remedy="Send usage and every other chunk before `[DONE]`: clients stop reading there.",
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
    "The response body ends cleanly after the last event, as its HTTP framing requires.",
    on="chat/stream/*",
    source=("rfc9112#8", "github:dstackai/dstack#1208", "client:ai-sdk"),
    remedy="Send the terminating chunk (or close the connection, under HTTP/1.0) right after "
    "`[DONE]`. Otherwise clients that wait for the end of the body hang.",
)
def test_the_body_ends(stream: ChatStream) -> None:
    require(
        stream.exchange.ending in (Ending.COMPLETE, Ending.HUNG_UP),
        at_span(stream.exchange, stream.events[-1]),
        expected="the end of the body",
        observed=f"{stream.exchange.ending}: {stream.exchange.detail}",
    )


def _require_no_defect(stream: ChatStream, defect: Defect, expected: str) -> None:
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
    "Every event, including the last one, ends with a blank line.",
    on="chat/stream/*",
    source=("whatwg:sse#interpreting an event stream", "client:openai-python"),
    remedy="End each event with two line breaks: a client drops an event without them.",
)
def test_every_event_is_terminated(stream: ChatStream) -> None:
    _require_no_defect(stream, Defect.UNTERMINATED_EVENT, "a blank line after the last event")


@requirement(
    "chat.framing.utf-8",
    MUST,
    "A stream is valid UTF-8.",
    on="chat/stream/*",
    source="whatwg:sse#parsing an event stream",
    remedy="Encode the whole stream as UTF-8, and never split a character between two events.",
)
def test_utf_8(stream: ChatStream) -> None:
    _require_no_defect(stream, Defect.INVALID_UTF8, "valid UTF-8")


@requirement(
    "chat.framing.no-byte-order-mark",
    MUST,
    "A stream does not begin with a byte order mark.",
    on="chat/stream/*",
    source=("client:openai-python", "whatwg:sse#parsing an event stream"),
    remedy="Send the stream without a byte order mark: because of it, some clients lose the first "
    "event.",
)
def test_no_byte_order_mark(stream: ChatStream) -> None:
    _require_no_defect(stream, Defect.BOM, "no byte order mark")


@requirement(
    "chat.framing.no-empty-events",
    SHOULD,
    "Every event has data.",
    on="chat/stream/*",
    source=("client:openai-python", "github:openai/openai-python#2722"),
    remedy="Keep a connection alive with comment lines (`: ping`), not with events without data.",
)
def test_every_event_has_data(stream: ChatStream) -> None:
    _require_no_defect(stream, Defect.EVENT_WITHOUT_DATA, "events with data")


@requirement(
    "chat.framing.no-idle-blank-lines",
    SHOULD,
    "If events have ids, every blank line ends an event: there are no extra blank lines.",
    on="chat/stream/*",
    source=("client:openai-python", "github:openai/openai-python#3839"),
    remedy="Send one blank line after each event. A second one is legal, but after an `id` some "
    "clients read it as an event without data.",
)
def test_no_blank_line_without_an_event(stream: ChatStream) -> None:
    _require_no_defect(stream, Defect.BLANK_LINE_AFTER_ID, "one blank line after each event")


@requirement(
    "chat.framing.known-fields",
    SHOULD,
    "Every line of a stream is a comment or a valid `data`, `event`, `id` or `retry` field.",
    on="chat/stream/*",
    source="whatwg:sse#interpreting an event stream",
    remedy="Remove or correct the line: clients ignore it, and its content is lost.",
)
def test_known_fields_only(stream: ChatStream) -> None:
    _require_no_defect(stream, Defect.UNKNOWN_FIELD, "data, event, id or retry")
    _require_no_defect(stream, Defect.BAD_RETRY, "retry with digits only")
    _require_no_defect(stream, Defect.NUL_IN_ID, "an id without NUL")
