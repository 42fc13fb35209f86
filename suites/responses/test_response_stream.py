"""The stream of a response: events that are JSON, numbered, and end in exactly one way."""

from itertools import pairwise

from oaicheck.rules import (
    MUST,
    SHOULD,
    Inconclusive,
    at_span,
    clipped,
    header_line,
    json_flaw,
    require,
    requirement,
)
from oaicheck.views import (
    ERROR_EVENT,
    RESPONSE_CREATED,
    TERMINAL_EVENTS,
    Ending,
    Exchange,
    Located,
    ResponseStream,
    event_number,
    event_types,
    require_undisturbed,
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
    "A request for a response with `stream: true` is answered with events.",
    on=STREAMS,
    source=("openai:responses/create#stream", "openai:responses/streaming"),
    remedy="Send server-sent events, not one JSON document.",
)
def test_there_are_events(exchange: Exchange) -> None:
    if exchange.status != 200:
        raise Inconclusive(f"the request was not served: HTTP {exchange.status}")
    require(
        len(exchange.events) > 0,
        exchange,
        expected="server-sent events",
        observed=f"no event in {clipped(exchange.text)}",
    )


@requirement(
    "responses.stream.json",
    MUST,
    "The data of every event is a JSON object, or `[DONE]`.",
    on=STREAMS,
    source=("openai:responses/streaming", "client:openai-python"),
    remedy="Send one JSON object in each event, whole.",
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
    "Every event has a `type`, a string that is not empty.",
    on=STREAMS,
    source=("openai:responses/streaming", "client:codex", "client:ai-sdk-openai"),
    remedy="Send the event's type in its data: clients tell events apart by it.",
)
def test_type(response_stream: ResponseStream) -> None:
    for payload in response_stream.payloads:
        require(payload["type"].is_text, payload["type"], expected="a string, not empty")


@requirement(
    "responses.stream.known-type",
    SHOULD,
    "Every event is of a documented type.",
    on=STREAMS,
    source=("openai:responses/streaming", "client:openai-node"),
    remedy="Send what is your own in comments, or in members of the documented events: more types "
    "are accepted, but there are clients that raise at one they do not know.",
)
def test_types_are_documented(response_stream: ResponseStream) -> None:
    for payload in response_stream.payloads:
        kind = payload["type"]
        if kind.is_text:
            require(kind.value in event_types(), kind, expected="a documented type")


@requirement(
    "responses.stream.event-name",
    MUST,
    "Where an event has an `event:` line, it says the same as the `type` in the data.",
    on=STREAMS,
    source=("openai:responses/streaming-guide", "whatwg:sse"),
    remedy="Write the type into the line `event:`.",
)
def test_event_name(response_stream: ResponseStream) -> None:
    for payload in response_stream.payloads:
        name = _name(payload)
        if name and payload["type"].is_text:
            require(
                name == payload["type"].value,
                payload["type"],
                expected=f"{name}, as the line `event:` says",
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
            expected="a line `event:` with the type",
            observed="the name `message`, which is that of an event without such a line",
        )


@requirement(
    "responses.stream.created-first",
    MUST,
    "The first event is `response.created`.",
    on=STREAMS,
    source=("openai:responses/streaming", "client:openai-python-responses", "client:codex"),
    remedy="Send response.created before anything else.",
)
def test_created_comes_first(response_stream: ResponseStream) -> None:
    first = _events(response_stream)[0]["type"]
    require(first.value == RESPONSE_CREATED, first, expected=f'"{RESPONSE_CREATED}"')


@requirement(
    "responses.stream.created-once",
    MUST,
    "There is not more than one `response.created`.",
    on=STREAMS,
    source=("openai:responses/streaming", "openresponses:spec"),
    remedy="Send response.created once; report progress by response.in_progress.",
)
def test_created_comes_once(response_stream: ResponseStream) -> None:
    for repeated in response_stream.of_type(RESPONSE_CREATED)[1:]:
        require(False, repeated["type"], expected="one response.created", observed="another one")


@requirement(
    "responses.stream.created-response",
    MUST,
    "`response.created` carries the response with its `id`.",
    on=STREAMS,
    source=("openai:responses/streaming", "client:codex"),
    remedy="Put the response object, status in_progress, into response.created.",
)
def test_created_carries_the_response(response_stream: ResponseStream) -> None:
    for event in _some(response_stream.of_type(RESPONSE_CREATED), "response.created"):
        identity = event["response"]["id"]
        require(identity.is_text, identity, expected="a string, not empty")


@requirement(
    "responses.stream.created-status",
    SHOULD,
    "Until the end the response in an event has the status `in_progress` or `queued`.",
    on=STREAMS,
    source=("openai:responses/streaming", "openresponses:spec"),
    remedy="Set the status when the response ends, not before.",
)
def test_a_beginning_is_in_progress(response_stream: ResponseStream) -> None:
    for response in _some(response_stream.beginnings, "response before the end"):
        status = response["status"]
        require(status.value in ("in_progress", "queued"), status, expected='"in_progress"')


@requirement(
    "responses.stream.created-no-items",
    MUST,
    "Until the end the response in an event has no output items.",
    on=STREAMS,
    source=("openai:responses/streaming", "client:openai-python-responses", "client:openai-node"),
    remedy="Announce items by response.output_item.added alone: clients that find them in "
    "response.created too have them twice.",
)
def test_a_beginning_has_no_items(response_stream: ResponseStream) -> None:
    for response in _some(response_stream.beginnings, "response before the end"):
        require(len(response["output"]) == 0, response["output"], expected="no items")


@requirement(
    "responses.stream.created-output",
    SHOULD,
    "Until the end the response in an event has an empty array as `output`.",
    on=STREAMS,
    source=(
        "openai:responses/streaming",
        "client:openai-python-responses",
        "github:diegosouzapw/OmniRoute#13964",
    ),
    remedy="Send `output: []` in response.created and response.in_progress.",
)
def test_a_beginning_has_no_output(response_stream: ResponseStream) -> None:
    for response in _some(response_stream.beginnings, "response before the end"):
        output = response["output"]
        require(output.is_array and len(output) == 0, output, expected="[]")


@requirement(
    "responses.stream.created-whole",
    SHOULD,
    "The response in `response.created` has `created_at` and `model`.",
    on=STREAMS,
    source=("openai:responses/streaming", "client:ai-sdk-openai"),
    remedy="Send the whole response object in response.created, not only its id.",
)
def test_created_is_a_whole_response(response_stream: ResponseStream) -> None:
    for event in _some(response_stream.of_type(RESPONSE_CREATED), "response.created"):
        response = event["response"]
        require(response["created_at"].is_number, response["created_at"], expected="a number")
        require(response["model"].is_text, response["model"], expected="a string, not empty")


@requirement(
    "responses.stream.in-progress",
    SHOULD,
    "`response.in_progress`, or `response.queued`, follows `response.created`.",
    on=STREAMS,
    source=("openai:responses/streaming", "openresponses:spec"),
    remedy="Send response.in_progress before the first output item.",
)
def test_progress_is_told(response_stream: ResponseStream) -> None:
    require(
        len(response_stream.of_type("response.in_progress", "response.queued")) > 0,
        response_stream.exchange,
        expected="response.in_progress",
        observed=f"none among {len(_events(response_stream))} events",
    )


@requirement(
    "responses.stream.model-constant",
    SHOULD,
    "The events of a stream that carry the response name the same model.",
    on=STREAMS,
    source="openai:responses/streaming",
    remedy="Resolve the model's name before the first event.",
)
def test_one_model(response_stream: ResponseStream) -> None:
    named = [event["response"]["model"] for event in response_stream.lifecycle]
    models = [model for model in named if model.is_text]
    if len(models) < 2:
        raise Inconclusive("there are not two events that name the model")
    for model in models[1:]:
        require(model.value == models[0].value, model, expected=models[0].shown, beside=models[0])


@requirement(
    "responses.stream.sequence-number",
    MUST,
    "Every event has a `sequence_number`, an integer.",
    on=STREAMS,
    source=(
        "openai:responses/streaming",
        "client:openai-python-responses",
        "github:diegosouzapw/OmniRoute#13964",
    ),
    remedy="Number the events of a stream.",
)
def test_events_are_numbered(response_stream: ResponseStream) -> None:
    for payload in _events(response_stream):
        number = payload["sequence_number"]
        require(number.is_integer, number, expected="an integer")


@requirement(
    "responses.stream.sequence-order",
    MUST,
    "Each `sequence_number` is greater than the one before it.",
    on=STREAMS,
    source=("openai:responses/streaming", "github:SamSaffron/term-llm#878"),
    remedy="Count up with every event, over all kinds of them.",
)
def test_numbers_grow(response_stream: ResponseStream) -> None:
    numbers = _numbers(response_stream)
    for before, number in pairwise(numbers):
        require(
            number.value > before.value,
            number,
            expected=f"more than {before.shown}",
            beside=before,
        )


@requirement(
    "responses.stream.sequence-gapless",
    SHOULD,
    "The `sequence_number` begins at 0 and leaves none out.",
    on=STREAMS,
    source=("openai:responses/streaming", "github:SamSaffron/term-llm#878"),
    remedy="Take the next number only when an event is really sent, beginning at 0.",
)
def test_numbers_have_no_gaps(response_stream: ResponseStream) -> None:
    for position, number in enumerate(_numbers(response_stream)):
        require(number.value == position, number, expected=str(position))


@requirement(
    "responses.stream.terminal",
    MUST,
    "A stream ends with response.completed, response.incomplete or response.failed.",
    on=STREAMS,
    source=(
        "openai:responses/streaming",
        "client:openai-python-responses",
        "client:codex",
        "github:pydantic/logfire#1683",
    ),
    remedy="Send the terminal event with the whole response, whatever ended it.",
)
def test_there_is_a_terminal_event(response_stream: ResponseStream) -> None:
    require(
        len(response_stream.terminals) > 0,
        response_stream.exchange,
        expected="a terminal event",
        observed=f"none among {len(response_stream.payloads)} events",
    )


@requirement(
    "responses.stream.terminal-once",
    MUST,
    "There is not more than one terminal event.",
    on=STREAMS,
    source=("openai:responses/streaming", "openresponses:spec"),
    remedy="End a stream once.",
)
def test_there_is_one_terminal_event(response_stream: ResponseStream) -> None:
    for repeated in _some(response_stream.terminals, "terminal event")[1:]:
        require(False, repeated["type"], expected="one terminal event", observed="another one")


@requirement(
    "responses.stream.terminal-last",
    MUST,
    "No event but another terminal one comes after the first terminal event.",
    on=STREAMS,
    source=("openai:responses/streaming", "client:codex"),
    remedy="Send everything before the terminal event: clients stop reading there.",
)
def test_nothing_follows_the_end(response_stream: ResponseStream) -> None:
    end = _some(response_stream.terminals, "terminal event")[0]
    for payload in response_stream.payloads:
        if (
            event_number(payload) > event_number(end)
            and payload["type"].value not in TERMINAL_EVENTS
        ):
            require(False, payload["type"], expected="nothing after the end", beside=end["type"])


@requirement(
    "responses.stream.terminal-status",
    MUST,
    "The terminal event's type and the status of its response say the same.",
    on=STREAMS,
    source=("openai:responses/streaming", "github:vllm-project/agentic-api#273"),
    remedy="Send response.incomplete with the status incomplete, response.completed with "
    "completed, response.failed with failed.",
)
def test_the_end_says_one_thing(response_stream: ResponseStream) -> None:
    for event in _some(response_stream.terminals, "terminal event"):
        status = event["response"]["status"]
        if event["response"].is_object:
            wanted = str(event["type"].value).removeprefix("response.")
            require(status.value == wanted, status, expected=f'"{wanted}"', beside=event["type"])


@requirement(
    "responses.stream.terminal-response",
    MUST,
    "The terminal event carries the response as an object.",
    on=STREAMS,
    source=("openai:responses/streaming", "client:codex", "github:decolua/9router#705"),
    remedy="Put the whole response object into the terminal event.",
)
def test_the_end_carries_the_response(response_stream: ResponseStream) -> None:
    for event in _some(response_stream.terminals, "terminal event"):
        require(event["response"].is_object, event["response"], expected="a response object")


@requirement(
    "responses.stream.id-constant",
    MUST,
    "All events of a stream that carry the response carry the same id.",
    on=STREAMS,
    source=("openai:responses/streaming", "client:openai-python-responses"),
    remedy="Make the response's id once, before the first event.",
)
def test_one_response(response_stream: ResponseStream) -> None:
    ids = [event["response"]["id"] for event in response_stream.lifecycle]
    if len(ids) < 2:
        raise Inconclusive("there are not two events to compare")
    for identity in ids[1:]:
        require(identity.value == ids[0].value, identity, expected=ids[0].shown, beside=ids[0])


@requirement(
    "responses.stream.no-error",
    MUST,
    "A valid request's stream has no `error` event and does not fail.",
    on=STREAMS,
    source="openai:responses/streaming",
    remedy="Look into the server's log; what is known before the first byte belongs into a status.",
)
def test_no_error(response_stream: ResponseStream) -> None:
    for event in response_stream.of_type(ERROR_EVENT, "response.failed"):
        errors = [error for error in (event["error"], event["response"]["error"]) if error.given]
        require(False, *errors[:1] or [event["type"]], expected="no error")


@requirement(
    "responses.stream.ends",
    MUST,
    "The body of a stream ends in an orderly way after the terminal event.",
    on=STREAMS,
    source=("openai:responses/streaming", "rfc9112#8"),
    remedy="Close the body when the response has ended.",
)
def test_the_body_ends(response_stream: ResponseStream) -> None:
    exchange = response_stream.exchange
    require(
        exchange.ending is Ending.COMPLETE,
        at_span(exchange, exchange.events[-1]),
        expected="the end of the body",
        observed=f"{exchange.ending}: {exchange.detail}",
    )


@requirement(
    "responses.stream.undisturbed",
    MUST,
    "A response that has begun is not broken off because other requests come in.",
    on=("responses/stream/*", "responses/whole/*"),
    source=("rfc9110#3.3", "github:abetlen/llama-cpp-python#867"),
    remedy="Let a further request wait, or refuse it with 429, until there is room for it.",
)
def test_no_response_is_broken_off_for_another(disturbed: list[Exchange]) -> None:
    require_undisturbed(disturbed)


def _events(stream: ResponseStream) -> list[Located]:
    return _some(stream.payloads, "event with JSON data")


def _some(found: list[Located], what: str) -> list[Located]:
    if not found:
        raise Inconclusive(f"there is no {what}")
    return found


def _numbers(stream: ResponseStream) -> list[Located]:
    numbers = [payload["sequence_number"] for payload in stream.payloads]
    return _some([number for number in numbers if number.is_integer], "sequence_number")


def _name(payload: Located) -> str:
    """What the line `event:` says; empty where there is none, which makes it a message."""
    name = payload.event.type if payload.event else "message"
    return "" if name == "message" else name
