"""Responses in the background: asked for until they end, and cancelled. A 4xx refuses them."""

from oaicheck.rules import (
    MUST,
    SHOULD,
    Inconclusive,
    NotApplicable,
    require,
    requirement,
    status_line,
)
from oaicheck.views import (
    Bench,
    Exchange,
    Located,
    ResponseStream,
    Scenario,
    require_no_server_error,
    response_of,
    shown,
)

BACKGROUND = "responses/kept/background"
STREAMED = "responses/kept/background-stream"
_POLLED, _CANCELLED, _AGAIN = 2, 3, 4
"""The turns after the first one."""
_RUNNING = ("queued", "in_progress")
_ENDED = ("cancelled", "completed", "incomplete", "failed")
_SOURCE = "openai:background"


@requirement(
    "responses.background.no-server-error",
    MUST,
    "The endpoint serves `background: true`, or refuses it with a 4xx, and no later request about "
    "the response causes a server error (5xx).",
    on=BACKGROUND,
    source=(_SOURCE, "rfc9110#15.5"),
    remedy="Answer 400 and name `background` if you do not support it.",
    since="2026.2",
)
def test_background_causes_no_server_error(bench: Bench, scenario: Scenario) -> None:
    bench.opening(scenario)
    for turn in bench.conversation(scenario).turns:
        require_no_server_error(turn)


@requirement(
    "responses.background.polled",
    MUST,
    "A response that runs in the background can be retrieved by its id.",
    on=BACKGROUND,
    source=(_SOURCE, "openai:responses/get"),
    remedy="Serve GET /responses/{id} from the moment on at which you send the id, or refuse "
    "`background` with a 400: the client has no other way to get the response.",
    since="2026.2",
)
def test_a_background_response_can_be_polled(bench: Bench, scenario: Scenario) -> None:
    begun = _running(bench, scenario)
    polled = _turn(bench, scenario, _POLLED)
    require(polled.status == 200, polled, expected="HTTP 200", beside=begun)
    told = response_of(polled).root["id"]
    require(told.value == begun["id"].value, told, expected=begun["id"].shown, beside=begun["id"])


@requirement(
    "responses.background.cancelled",
    SHOULD,
    "A response in the background can be cancelled, also after it ended: the endpoint answers 200.",
    on=BACKGROUND,
    source=(_SOURCE, "github:vllm-project/vllm#57999"),
    remedy="Return the response from POST /responses/{id}/cancel, whether or not it has ended.",
    since="2026.2",
)
def test_a_background_response_can_be_cancelled(bench: Bench, scenario: Scenario) -> None:
    _running(bench, scenario)
    cancelled = _cancelled(bench, scenario)
    require(cancelled.status == 200, cancelled, expected="HTTP 200")


@requirement(
    "responses.background.ends",
    MUST,
    "A response in the background that was cancelled has ended: it is cancelled, completed, "
    "incomplete or failed.",
    on=BACKGROUND,
    source=_SOURCE,
    remedy="End the response before you answer: a client polls as long as it is in_progress.",
    since="2026.2",
)
def test_a_cancelled_response_has_ended(bench: Bench, scenario: Scenario) -> None:
    _running(bench, scenario)
    again = _again(bench, scenario)
    last = again if again is not None and again.status == 200 else _cancelled(bench, scenario)
    if last.status != 200:
        raise NotApplicable("it was not cancelled: responses.background.cancelled judges that")
    status = response_of(last).status
    require(status.is_one_of(_ENDED), status, expected=f"one of {shown(_ENDED)}")


@requirement(
    "responses.background.cancelled-again",
    SHOULD,
    "Cancelling a response a second time returns it once more, with the same status.",
    on=BACKGROUND,
    source=(_SOURCE, "github:vllm-project/vllm#57999"),
    remedy="Return the response as it is if it has ended: cancelling is idempotent.",
    since="2026.2",
)
def test_cancelling_is_idempotent(bench: Bench, scenario: Scenario) -> None:
    _running(bench, scenario)
    cancelled = _cancelled(bench, scenario)
    if cancelled.status != 200:
        raise NotApplicable("it was not cancelled: responses.background.cancelled judges that")
    again = _turn(bench, scenario, _AGAIN)
    require(again.status == 200, again, expected="HTTP 200, as the first time", beside=cancelled)
    before, after = response_of(cancelled).status, response_of(again).status
    if before.is_one_of(_ENDED):
        require(after.value == before.value, after, expected=before.shown, beside=before)


@requirement(
    "responses.background.streamed-id",
    MUST,
    "All events of a stream in the background carry the same response id.",
    on=STREAMED,
    source=(_SOURCE, "openai:responses/streaming", "github:BerriAI/litellm#39534"),
    remedy="Create the response's id once, before response.queued: the client polls and cancels by "
    "the first one.",
    since="2026.2",
)
def test_a_stream_in_the_background_keeps_its_id(exchange: Exchange) -> None:
    if exchange.status != 200 or not exchange.events:
        raise NotApplicable(f"there is no stream in the background: {status_line(exchange)}")
    ids = [event["response"]["id"] for event in ResponseStream(exchange).lifecycle]
    for identity in ids:
        require(identity.value == ids[0].value, identity, expected=ids[0].shown, beside=ids[0])


def _running(bench: Bench, scenario: Scenario) -> Located:
    """The response object that runs in the background. Raises NotApplicable if none does."""
    begun = bench.opening(scenario)
    if 400 <= (begun.status or 0) < 500:
        raise NotApplicable(f"the endpoint refuses `background`: {status_line(begun)}")
    if (begun.status or 0) >= 500:
        raise NotApplicable("a server error: responses.background.no-server-error judges that")
    response = response_of(begun)
    if not response.status.is_one_of(_RUNNING):
        raise NotApplicable("the response had ended when its id was sent: nothing runs on")
    return response.root


def _cancelled(bench: Bench, scenario: Scenario) -> Exchange:
    """The first attempt to cancel. Raises NotApplicable if there is no such path."""
    if _turn(bench, scenario, _POLLED).status != 200:
        raise NotApplicable("it was not found: responses.background.polled judges that")
    cancelled = _turn(bench, scenario, _CANCELLED)
    if cancelled.status in (404, 405):
        raise NotApplicable(f"responses cannot be cancelled: {status_line(cancelled)}")
    return cancelled


def _again(bench: Bench, scenario: Scenario) -> Exchange | None:
    turns = bench.conversation(scenario).turns
    return next((exchange for exchange in turns if exchange.turn == _AGAIN), None)


def _turn(bench: Bench, scenario: Scenario, number: int) -> Exchange:
    turns = bench.conversation(scenario).turns
    found = next((exchange for exchange in turns if exchange.turn == number), None)
    if found is None:
        raise Inconclusive("the conversation ended early")
    return found
