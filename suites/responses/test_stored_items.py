"""What is stored beside a response: items to refer to, events to resume, lists in pages."""

from oaicheck.rules import MUST, SHOULD, Inconclusive, NotApplicable, require, requirement
from oaicheck.views import (
    Bench,
    Exchange,
    KeptState,
    ResponseStream,
    Scenario,
    listed,
    require_a_next_page,
    require_no_server_error,
    require_the_rest,
    response_of,
)

ITEMS = "responses/kept/items"
CONVERSATION = "responses/kept/conversation"
_REFERRED, _RESUMED, _PAGE, _REST = 2, 3, 4, 5
"""The turns of ITEMS."""
_SENT = 3
"""The number of items that were sent."""
_LIMIT = 2


@requirement(
    "responses.state.items-no-server-error",
    MUST,
    "No request about what is stored with a response causes a server error (5xx): a reference to "
    "an item, its events, or its input in pages.",
    on=ITEMS,
    source=("openai:responses/input-items", "openai:responses/get", "rfc9110#15.5"),
    remedy="Refuse what you do not support with a 4xx.",
    since="2026.2",
)
def test_nothing_stored_causes_a_server_error(state: KeptState) -> None:
    for turn in state.turns.values():
        require_no_server_error(turn)


@requirement(
    "responses.state.item-reference",
    SHOULD,
    "An `item_reference` in the input to an item of a stored response is served.",
    on=ITEMS,
    source=("openai:responses/create#input", "client:ai-sdk-openai"),
    remedy="Look the item up by its id, and put it in the place of the reference: the AI SDK sends "
    "references instead of items as long as `store` is not false.",
    since="2026.2",
)
def test_an_item_can_be_referred_to(state: KeptState) -> None:
    stored = response_of(state.first).root["store"]
    if stored.value is False:
        raise NotApplicable("the endpoint does not store responses, and says so")
    referred = _turn(state, _REFERRED, "refer to an item")
    require(referred.status == 200, referred, expected="HTTP 200", beside=state.first)


@requirement(
    "responses.state.resumed",
    MUST,
    "The endpoint answers a request for a stored response with `stream=true` with events, or "
    "refuses it with a 4xx.",
    on=ITEMS,
    source=("openai:responses/get", "github:BerriAI/litellm#26762"),
    remedy="Send the events of the response. If you do not keep them, answer 400: a client that "
    "resumes a stream reads nothing out of a JSON object.",
    since="2026.2",
)
def test_a_stream_can_be_resumed(state: KeptState) -> None:
    resumed = _turn(state, _RESUMED, "resume the stream")
    if 400 <= (resumed.status or 0) < 500:
        raise NotApplicable(f"the endpoint keeps no events, and says so: HTTP {resumed.status}")
    if resumed.status != 200:
        raise Inconclusive(f"the response was not retrieved: HTTP {resumed.status}")
    require(
        len(resumed.events) > 0,
        resumed,
        expected="server-sent events, or a 4xx",
        observed=f"{resumed.media_type or 'no media type'}, without an event",
    )


@requirement(
    "responses.state.resumed-after",
    MUST,
    "A resumed stream has only events with a `sequence_number` above `starting_after`.",
    on=ITEMS,
    source="openai:responses/get",
    remedy="Leave out the events up to `starting_after`: the client has them already, and appends "
    "what it gets.",
    since="2026.2",
)
def test_a_resumed_stream_goes_on(state: KeptState) -> None:
    resumed = _turn(state, _RESUMED, "resume the stream")
    if resumed.status != 200 or not resumed.events:
        raise NotApplicable("the stream was not resumed: responses.state.resumed judges that")
    for event in resumed.derived(ResponseStream).payloads:
        number = event["sequence_number"]
        if number.is_integer:
            require(number.value > 0, number, expected="more than 0, the given starting_after")


@requirement(
    "responses.state.input-items-more",
    MUST,
    "A page of a response's input items that is not the last one has `has_more: true`.",
    on=ITEMS,
    source=("openai:responses/input-items", "github:ogx-ai/ogx#5723"),
    remedy="Compare the number of items that are left with `limit`: SDKs stop at "
    "`has_more: false`, and never read the items after it.",
    since="2026.2",
)
def test_more_input_items_are_announced(state: KeptState) -> None:
    require_a_next_page(state.turns.get(_PAGE), _SENT)


@requirement(
    "responses.state.input-items-after",
    MUST,
    "With `after`, the list of a response's input items has the items that follow that one.",
    on=ITEMS,
    source=("openai:responses/input-items", "github:ogx-ai/ogx#5723"),
    remedy="Begin the page with the item after the one that `after` names, in the given order: an "
    "SDK that gets the same page again asks for ever.",
    since="2026.2",
)
def test_the_next_input_items_can_be_read(state: KeptState) -> None:
    require_the_rest(state.turns.get(_PAGE), state.turns.get(_REST), _SENT)


@requirement(
    "responses.state.input-items-limit",
    SHOULD,
    "With `limit`, the list of a response's input items has at most that many.",
    on=ITEMS,
    source="openai:responses/input-items",
    remedy="List no more items than `limit`.",
    since="2026.2",
)
def test_a_page_of_input_items_is_limited(state: KeptState) -> None:
    _require_limited(state.turns.get(_PAGE))


@requirement(
    "responses.conversations.no-server-error",
    MUST,
    "No request about a conversation and its items causes a server error (5xx).",
    on=CONVERSATION,
    source=("openai:conversations", "rfc9110#15.5"),
    remedy="Refuse what you do not support with a 4xx.",
    since="2026.2",
)
def test_a_conversation_causes_no_server_error(bench: Bench, scenario: Scenario) -> None:
    bench.opening(scenario)
    for turn in bench.conversation(scenario).turns:
        require_no_server_error(turn)


@requirement(
    "responses.conversations.more",
    MUST,
    "A page of a conversation's items that is not the last one has `has_more: true`.",
    on=CONVERSATION,
    source=("openai:conversations", "github:ogx-ai/ogx#5723"),
    remedy="Compare the number of items that are left with `limit`: SDKs stop at "
    "`has_more: false`, and never read the items after it.",
    since="2026.2",
)
def test_more_items_are_announced(bench: Bench, scenario: Scenario) -> None:
    require_a_next_page(_page(bench, scenario, 2), _SENT)


@requirement(
    "responses.conversations.after",
    MUST,
    "With `after`, the list of a conversation's items has the items that follow that one.",
    on=CONVERSATION,
    source=("openai:conversations", "github:ogx-ai/ogx#5723"),
    remedy="Begin the page with the item after the one that `after` names, in the given order: an "
    "SDK that gets the same page again asks for ever.",
    since="2026.2",
)
def test_the_next_items_can_be_read(bench: Bench, scenario: Scenario) -> None:
    require_the_rest(_page(bench, scenario, 2), _page(bench, scenario, 3), _SENT)


@requirement(
    "responses.conversations.limit",
    SHOULD,
    "With `limit`, the list of a conversation's items has at most that many.",
    on=CONVERSATION,
    source="openai:conversations",
    remedy="List no more items than `limit`.",
    since="2026.2",
)
def test_a_page_of_items_is_limited(bench: Bench, scenario: Scenario) -> None:
    _require_limited(_page(bench, scenario, 2))


def _turn(state: KeptState, number: int, purpose: str) -> Exchange:
    found = state.turns.get(number)
    if found is None:
        raise Inconclusive(f"no request to {purpose} was sent: the conversation ended early")
    return found


def _page(bench: Bench, scenario: Scenario, number: int) -> Exchange | None:
    """A page of the conversation's items. Raises NotApplicable if there is no conversation."""
    created = bench.opening(scenario)
    if created.status is not None and 400 <= created.status < 500:
        raise NotApplicable(f"the endpoint serves no conversations: HTTP {created.status}")
    if created.status is not None and created.status >= 500:
        raise NotApplicable("responses.conversations.no-server-error judges that")
    turns = bench.conversation(scenario).turns
    return next((exchange for exchange in turns if exchange.turn == number), None)


def _require_limited(page: Exchange | None) -> None:
    data = listed(page)["data"]
    require(
        len(data) <= _LIMIT,
        data,
        expected=f"at most {_LIMIT} items, the given limit",
        observed=f"{len(data)} items",
    )
