"""The stream of a response: JSON events, in numbered order, with exactly one end."""

from itertools import pairwise

from oaicheck.rules import (
    MUST,
    NO_RESPONSE,
    SHOULD,
    Inconclusive,
    at_span,
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
    require_undisturbed,
)

STREAMS = "responses/stream/*"


@requirement(
    "responses.stream.created-first",
    MUST,
    "The first event is `response.created`.",
    on=STREAMS,
    source=("openai:responses/streaming", "client:openai-python-responses", "client:codex"),
    remedy="Send `response.created` before anything else.",
)
def test_created_comes_first(response_stream: ResponseStream) -> None:
    first = _events(response_stream)[0]["type"]
    require(first.value == RESPONSE_CREATED, first, expected=f'"{RESPONSE_CREATED}"')


@requirement(
    "responses.stream.created-once",
    MUST,
    "A stream has at most one `response.created`.",
    on=STREAMS,
    source=("openai:responses/streaming", "openresponses:spec"),
    remedy="Send `response.created` once; report progress with `response.in_progress`.",
)
def test_created_comes_once(response_stream: ResponseStream) -> None:
    for repeated in response_stream.of_type(RESPONSE_CREATED)[1:]:
        require(False, repeated["type"], expected="one response.created", observed="another one")


@requirement(
    "responses.stream.created-response",
    MUST,
    "`response.created` carries the response object with its `id`.",
    on=STREAMS,
    source=("openai:responses/streaming", "client:codex"),
    remedy="Put the response object, with status `in_progress`, into `response.created`.",
)
def test_created_carries_the_response(response_stream: ResponseStream) -> None:
    for event in _at_least_one(response_stream.of_type(RESPONSE_CREATED), "response.created"):
        identity = event["response"]["id"]
        require(identity.is_text, identity, expected="a non-empty string")


@requirement(
    "responses.stream.created-status",
    SHOULD,
    "Before the terminal event, the response object in an event has the status `in_progress` or "
    "`queued`.",
    on=STREAMS,
    source=("openai:responses/streaming", "openresponses:spec"),
    remedy="Change the status when the response ends, not before.",
)
def test_the_status_is_in_progress_until_the_end(response_stream: ResponseStream) -> None:
    for response in _at_least_one(
        response_stream.beginnings, "response object before the terminal event"
    ):
        status = response["status"]
        require(status.value in ("in_progress", "queued"), status, expected='"in_progress"')


@requirement(
    "responses.stream.created-no-items",
    MUST,
    "Before the terminal event, the response object in an event has no output items.",
    on=STREAMS,
    source=("openai:responses/streaming", "client:openai-python-responses", "client:openai-node"),
    remedy="Announce items only with `response.output_item.added`: clients that also find them in "
    "`response.created` have them twice.",
)
def test_there_are_no_items_before_the_end(response_stream: ResponseStream) -> None:
    for response in _at_least_one(
        response_stream.beginnings, "response object before the terminal event"
    ):
        require(len(response["output"]) == 0, response["output"], expected="no items")


@requirement(
    "responses.stream.created-output",
    SHOULD,
    "Before the terminal event, the response object in an event has an empty array as `output`.",
    on=STREAMS,
    follows=("responses.stream.created-no-items",),
    source=(
        "openai:responses/streaming",
        "client:openai-python-responses",
        "github:diegosouzapw/OmniRoute#13964",
    ),
    remedy="Send `output: []` in `response.created` and `response.in_progress`.",
)
def test_the_output_is_empty_until_the_end(response_stream: ResponseStream) -> None:
    for response in _at_least_one(
        response_stream.beginnings, "response object before the terminal event"
    ):
        output = response["output"]
        require(output.is_array and len(output) == 0, output, expected="[]")


@requirement(
    "responses.stream.created-whole",
    SHOULD,
    "The response object in `response.created` has `created_at` and `model`.",
    on=STREAMS,
    source=("openai:responses/streaming", "client:ai-sdk-openai"),
    remedy="Send the whole response object in `response.created`, not only its id.",
)
def test_created_is_a_whole_response(response_stream: ResponseStream) -> None:
    for event in _at_least_one(response_stream.of_type(RESPONSE_CREATED), "response.created"):
        response = event["response"]
        require(response["created_at"].is_number, response["created_at"], expected="a number")
        require(response["model"].is_text, response["model"], expected="a non-empty string")


@requirement(
    "responses.stream.in-progress",
    SHOULD,
    "A stream has `response.in_progress` or `response.queued`.",
    on=STREAMS,
    source=("openai:responses/streaming", "openresponses:spec"),
    remedy="Send `response.in_progress` after `response.created` and before the first output item.",
)
def test_progress_is_reported(response_stream: ResponseStream) -> None:
    require(
        len(response_stream.of_type("response.in_progress", "response.queued")) > 0,
        response_stream.exchange,
        expected="response.in_progress",
        observed=f"none among {len(_events(response_stream))} events",
    )


@requirement(
    "responses.stream.model-constant",
    SHOULD,
    "All events of a stream that carry the response object name the same model.",
    on=STREAMS,
    source="openai:responses/streaming",
    remedy="Resolve the model's name before the first event.",
)
def test_the_model_is_constant(response_stream: ResponseStream) -> None:
    named = [event["response"]["model"] for event in response_stream.lifecycle]
    models = [model for model in named if model.is_text]
    if len(models) < 2:
        raise Inconclusive("there are not two events that name the model", told_by=NO_RESPONSE)
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
    remedy="Number the events of a stream in `sequence_number`.",
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
    follows=("responses.stream.sequence-number",),
    source=("openai:responses/streaming", "github:SamSaffron/term-llm#878"),
    remedy="Count up with every event, whatever its type.",
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
    "The `sequence_number` starts at 0 and skips no number.",
    on=STREAMS,
    follows=("responses.stream.sequence-number", "responses.stream.sequence-order"),
    source=("openai:responses/streaming", "github:SamSaffron/term-llm#878"),
    remedy="Start at 0, and take the next number only when you send an event.",
)
def test_numbers_have_no_gaps(response_stream: ResponseStream) -> None:
    for position, number in enumerate(_numbers(response_stream)):
        require(number.value == position, number, expected=str(position))


@requirement(
    "responses.stream.terminal",
    MUST,
    "A stream has a terminal event: response.completed, response.incomplete or response.failed.",
    on=STREAMS,
    follows=("responses.stream.no-error", "responses.stream.ends"),
    source=(
        "openai:responses/streaming",
        "client:openai-python-responses",
        "client:codex",
        "github:pydantic/logfire#1683",
    ),
    remedy="Send a terminal event with the whole response object, however the response ended.",
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
    "A stream has at most one terminal event.",
    on=STREAMS,
    source=("openai:responses/streaming", "openresponses:spec"),
    remedy="Send the terminal event only once.",
)
def test_there_is_one_terminal_event(response_stream: ResponseStream) -> None:
    for repeated in _at_least_one(response_stream.terminals, "terminal event")[1:]:
        require(False, repeated["type"], expected="one terminal event", observed="another one")


@requirement(
    "responses.stream.terminal-last",
    MUST,
    "No event other than a terminal one comes after the first terminal event.",
    on=STREAMS,
    source=("openai:responses/streaming", "client:codex"),
    remedy="Send everything before the terminal event: clients stop reading there.",
)
def test_nothing_follows_the_end(response_stream: ResponseStream) -> None:
    end = _at_least_one(response_stream.terminals, "terminal event")[0]
    for payload in response_stream.payloads:
        if (
            event_number(payload) > event_number(end)
            and payload["type"].value not in TERMINAL_EVENTS
        ):
            require(
                False,
                payload["type"],
                expected="no event after the terminal one",
                beside=end["type"],
            )


@requirement(
    "responses.stream.terminal-status",
    MUST,
    "The type of the terminal event matches the `status` of its response object.",
    on=STREAMS,
    follows=("responses.stream.terminal-response",),
    source=("openai:responses/streaming", "github:vllm-project/agentic-api#273"),
    remedy="Send response.completed with the status completed, response.incomplete with "
    "incomplete, and response.failed with failed.",
)
def test_the_terminal_status_matches(response_stream: ResponseStream) -> None:
    for event in _at_least_one(response_stream.terminals, "terminal event"):
        status = event["response"]["status"]
        if event["response"].is_object:
            wanted = str(event["type"].value).removeprefix("response.")
            require(status.value == wanted, status, expected=f'"{wanted}"', beside=event["type"])


@requirement(
    "responses.stream.terminal-response",
    MUST,
    "The terminal event carries the response object.",
    on=STREAMS,
    source=("openai:responses/streaming", "client:codex", "github:decolua/9router#705"),
    remedy="Put the whole response object into the terminal event.",
)
def test_the_terminal_event_carries_the_response(response_stream: ResponseStream) -> None:
    for event in _at_least_one(response_stream.terminals, "terminal event"):
        require(event["response"].is_object, event["response"], expected="a response object")


@requirement(
    "responses.stream.id-constant",
    MUST,
    "All events of a stream that carry the response object carry the same `id`.",
    on=STREAMS,
    source=("openai:responses/streaming", "client:openai-python-responses"),
    remedy="Create the response's id once, before the first event.",
)
def test_the_id_is_constant(response_stream: ResponseStream) -> None:
    ids = [event["response"]["id"] for event in response_stream.lifecycle]
    if len(ids) < 2:
        raise Inconclusive("there are not two events to compare", told_by=NO_RESPONSE)
    for identity in ids[1:]:
        require(identity.value == ids[0].value, identity, expected=ids[0].shown, beside=ids[0])


@requirement(
    "responses.stream.no-error",
    MUST,
    "The stream for a valid request has neither an `error` event nor `response.failed`.",
    on=STREAMS,
    source="openai:responses/streaming",
    remedy="Look into the server's log. Report an error that is known before the first byte by the "
    "HTTP status.",
)
def test_no_error(response_stream: ResponseStream) -> None:
    for event in response_stream.of_type(ERROR_EVENT, "response.failed"):
        errors = [error for error in (event["error"], event["response"]["error"]) if error.given]
        require(False, *errors[:1] or [event["type"]], expected="no error")


@requirement(
    "responses.stream.ends",
    MUST,
    "The body of a stream ends properly after its last event.",
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
    "The endpoint does not break off a response when other requests come in.",
    on=(
        *("responses/stream/*", "responses/whole/*", "responses/schemas/*", "responses/calls/*"),
        "responses/kept/background-stream",
    ),
    source=("rfc9110#3.3", "github:abetlen/llama-cpp-python#867"),
    remedy="Queue a further request, or refuse it with 429, until there is capacity for it.",
)
def test_no_response_is_interrupted_by_another(disturbed: list[Exchange]) -> None:
    require_undisturbed(disturbed)


_TOLD = {
    "event with JSON data": ("responses.stream.json",),
    "response.created": ("responses.stream.created-first",),
    "response object before the terminal event": (
        "responses.stream.created-first",
        "responses.stream.created-response",
    ),
    "sequence_number": ("responses.stream.sequence-number",),
    "terminal event": ("responses.stream.terminal",),
}
"""The requirements that tell that a stream lacks something."""


def _events(stream: ResponseStream) -> list[Located]:
    return _at_least_one(stream.payloads, "event with JSON data")


def _at_least_one(found: list[Located], what: str) -> list[Located]:
    if not found:
        raise Inconclusive(f"there is no {what}", told_by=_TOLD[what])
    return found


def _numbers(stream: ResponseStream) -> list[Located]:
    numbers = [payload["sequence_number"] for payload in stream.payloads]
    return _at_least_one([number for number in numbers if number.is_integer], "sequence_number")
