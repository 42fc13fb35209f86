"""Stored responses can be continued, retrieved and deleted, or the endpoint refuses to store them.

An endpoint that stores nothing and refuses `previous_response_id` is conformant; the requirements
on stored responses do not apply to it.
"""

from oaicheck.rules import (
    MUST,
    NO_RESPONSE_USAGE,
    SHOULD,
    Inconclusive,
    NotApplicable,
    Unserved,
    require,
    requirement,
    status_line,
)
from oaicheck.views import (
    Bench,
    Exchange,
    KeptState,
    Located,
    continuation_in,
    input_count,
    kept_state,
    response_of,
    shown,
)

STATE = "responses/state"
SETTINGS = "responses/settings"
_ESSENTIAL = ("id", "status")


@requirement(
    "responses.state.honoured-or-refused",
    MUST,
    "The endpoint serves `previous_response_id`, or refuses it with a 4xx.",
    on=STATE,
    source=("openai:responses/state", "github:vllm-project/vllm#22137"),
    remedy="Continue the response, or answer 400 and name `previous_response_id`.",
)
def test_previous_response_id_is_served_or_refused(state: KeptState) -> None:
    continued = _sent(state.continued, "continue the response")
    status = continued.status or 0
    require(200 <= status < 500, continued, expected="HTTP 200 or a 4xx")


@requirement(
    "responses.state.remembered",
    MUST,
    "The prompt of a response that continues another one contains the other one's messages.",
    on=STATE,
    source=(
        "openai:responses/state",
        "seed:opencode#Responses API Endpoint",
        "github:Blaizzy/mlx-vlm#1046",
        "github:vllm-project/vllm#22137",
    ),
    remedy="Put the earlier turns before the new input, or refuse `previous_response_id` with a "
    "400 that names it: ignoring it silently loses the conversation.",
)
def test_the_earlier_turn_is_remembered(state: KeptState) -> None:
    first, second = response_of(state.first), response_of(continuation_in(state))
    before, now = input_count(first.usage), input_count(second.usage)
    if state.first.variables.get("nonce", "\0") in second.text:
        return
    if before is None or now is None:
        raise Inconclusive(
            "without usage it is not known whether the model read the earlier turn",
            told_by=NO_RESPONSE_USAGE,
            anywhere=True,
        )
    if before == 0 or now == 0:
        raise Inconclusive(
            "usage counts nothing: responses.usage.counted judges that",
            told_by=("responses.usage.counted",),
            anywhere=True,
        )
    require(
        now > before,
        second.usage["input_tokens"],
        expected=f"more than {before}, because this prompt contains that of the first turn",
        observed=f"{now}, and a text without the code word of the first turn",
        beside=first.usage["input_tokens"],
    )


@requirement(
    "responses.state.new-id",
    MUST,
    "A response that continues another one has a different `id`.",
    on=STATE,
    source="openai:responses/state",
    remedy="Make a new id for every response.",
)
def test_a_continuation_has_its_own_id(state: KeptState) -> None:
    first, second = (
        response_of(state.first).root["id"],
        response_of(continuation_in(state)).root["id"],
    )
    require(second.value != first.value, second, expected="a different id", beside=first)


@requirement(
    "responses.state.previous-repeated",
    SHOULD,
    "A response that continues another one names it in `previous_response_id`.",
    on=STATE,
    source=("openai:responses/object", "openai:responses/state"),
    remedy="Copy `previous_response_id` from the request into the response.",
)
def test_a_continuation_names_the_previous_one(state: KeptState) -> None:
    first, second = response_of(state.first), response_of(continuation_in(state))
    told = second.root["previous_response_id"]
    require(told.value == first.root["id"].value, told, expected=first.root["id"].shown)


@requirement(
    "responses.state.retrieved",
    SHOULD,
    "A stored response can be retrieved by its id.",
    on=STATE,
    source=("openai:responses/get", "github:janhq/server#96"),
    remedy="Serve GET /responses/{id}.",
)
def test_a_response_can_be_retrieved(state: KeptState) -> None:
    retrieved = _kept(state, state.retrieved, "retrieve the response")
    require(retrieved.status == 200, retrieved, expected="HTTP 200")


@requirement(
    "responses.state.store-told",
    SHOULD,
    "An endpoint that stores nothing refuses `store: true`, or its response has `store: false`.",
    on=STATE,
    source=("openai:responses/create#store", "openai:responses/object"),
    remedy="Send `store: false` in the response, or refuse `store: true` with a 400 that names it: "
    "a client that was promised the response looks for it in vain.",
    since="2026.2",
)
def test_what_is_not_stored_says_so(state: KeptState) -> None:
    retrieved = _sent(state.retrieved, "retrieve the response")
    if retrieved.status == 200 or (state.continued and state.continued.status == 200):
        raise NotApplicable("the response was stored: responses.state.* judge that")
    stored = response_of(state.first).root["store"]
    require(
        stored.value is False,
        stored,
        expected="false, because the response can be neither retrieved nor continued",
        beside=retrieved,
    )


@requirement(
    "responses.state.retrieved-same",
    MUST,
    "A retrieved response has the `id`, the `status` and the text of the original response.",
    on=STATE,
    source="openai:responses/get",
    remedy="Store the response as you returned it, and return it as you stored it.",
)
def test_the_retrieved_response_is_the_same(state: KeptState) -> None:
    first, retrieved = response_of(state.first), response_of(_retrieved(state))
    for name in _ESSENTIAL:
        told, given = retrieved.root[name], first.root[name]
        require(told.value == given.value, told, expected=given.shown, beside=given)
    require(
        retrieved.text == first.text,
        retrieved.root["output"],
        expected=f"the original text: {shown(first.text)}",
        beside=first.root["output"],
    )


@requirement(
    "responses.state.retrieved-whole",
    SHOULD,
    "A retrieved response equals the original response, member by member.",
    on=STATE,
    source="openai:responses/get",
    remedy="Store the whole response object.",
)
def test_the_retrieved_response_is_whole(state: KeptState) -> None:
    first, retrieved = response_of(state.first), response_of(_retrieved(state))
    for name, given in first.root.members():
        told = retrieved.root[name]
        require(
            told.value == given.value or not (told.given or given.given),
            told,
            expected=given.shown,
            beside=given,
        )


@requirement(
    "responses.state.input-items",
    SHOULD,
    "The input of a stored response can be listed, as a list object with an array `data`.",
    on=STATE,
    source=("openai:responses/input-items", "github:janhq/server#96"),
    remedy="Serve GET /responses/{id}/input_items.",
)
def test_the_input_can_be_listed(state: KeptState) -> None:
    listed = _kept(state, state.input_items, "list its input")
    require(listed.status == 200, listed, expected="HTTP 200")
    body = _body(listed)
    require(body["object"].value == "list", body["object"], expected='"list"')
    require(body["data"].is_array, body["data"], expected="an array")


@requirement(
    "responses.state.input-items-content",
    SHOULD,
    "The list of a response's input items contains the message that was sent.",
    on=STATE,
    source="openai:responses/input-items",
    remedy="List the input as items: a message with role `user` and an `input_text` part.",
)
def test_the_listed_input_is_what_was_sent(state: KeptState) -> None:
    body = _listed(state)
    texts = [part["text"].value for item in body["data"] for part in item["content"]]
    sent = response_of(state.first).requested("input")
    require(
        sent in texts,
        body["data"],
        expected="a message with a part whose text is the input",
    )


@requirement(
    "responses.state.input-items-list",
    SHOULD,
    "The list of a response's input items has the right `first_id`, `last_id` and `has_more`.",
    on=STATE,
    source="openai:responses/input-items",
    remedy="Send the ids of the first and the last listed item, and whether there are more items.",
)
def test_the_list_describes_itself(state: KeptState) -> None:
    body = _listed(state)
    if len(body["data"]) == 0:
        raise Inconclusive("the list is empty")
    for name, place in (("first_id", 0), ("last_id", -1)):
        listed = body["data"][place]["id"]
        require(
            body[name].is_text and body[name].value == listed.value,
            body[name],
            expected=f"{listed.shown}, the id of that item",
        )
    require(body["has_more"].value is False, body["has_more"], expected="false")


@requirement(
    "responses.state.input-items-typed",
    SHOULD,
    "Every listed input item has a `type` and an `id`.",
    on=STATE,
    source="openai:responses/input-items",
    remedy="Give input items an id when you store them, and list them with their type.",
)
def test_listed_items_have_type_and_id(state: KeptState) -> None:
    for item in _listed(state)["data"]:
        for name in ("type", "id"):
            require(item[name].is_text, item[name], expected="a non-empty string")


@requirement(
    "responses.state.deleted",
    SHOULD,
    "A stored response can be deleted: the endpoint answers 200 with its id and `deleted: true`, "
    "or 204.",
    on=STATE,
    source="openai:responses/delete",
    remedy="Serve DELETE /responses/{id}.",
)
def test_a_response_can_be_deleted(state: KeptState) -> None:
    deleted = _kept(state, state.deleted, "delete the response")
    require(deleted.status in (200, 204), deleted, expected="HTTP 200 or 204")
    if deleted.status == 200 and deleted.json is not None:
        told, first = deleted.json["id"], response_of(state.first).root["id"]
        require(told.value == first.value, told, expected=first.shown)
        require(deleted.json["deleted"].value is True, deleted.json["deleted"], expected="true")


@requirement(
    "responses.state.deleted-gone",
    MUST,
    "A deleted response can no longer be retrieved.",
    on=STATE,
    source="openai:responses/delete",
    remedy="Answer 404 for a deleted response.",
)
def test_a_deleted_response_is_gone(state: KeptState) -> None:
    _was_deleted(state)
    gone = _sent(state.gone, "retrieve the deleted response")
    require(400 <= (gone.status or 0) < 500, gone, expected="HTTP 404 or another 4xx")


@requirement(
    "responses.state.deleted-status",
    SHOULD,
    "The endpoint answers 404 to a request for a deleted response.",
    on=STATE,
    source=("openai:responses/get", "rfc9110#15.5.5"),
    remedy="Answer 404 with a JSON error.",
)
def test_a_deleted_response_is_not_found(state: KeptState) -> None:
    _was_deleted(state)
    gone = _sent(state.gone, "retrieve the deleted response")
    if gone.status == 200:
        raise Inconclusive(
            "it can still be retrieved: responses.state.deleted-gone judges that",
            told_by=("responses.state.deleted-gone",),
        )
    require(gone.status == 404, gone, expected="HTTP 404")


@requirement(
    "responses.state.not-stored",
    MUST,
    "The response to a request with `store: false` cannot be retrieved.",
    on=SETTINGS,
    against=STATE,
    source=("openai:responses/create#store", "openai:responses/state"),
    remedy="Store nothing of a request with `store: false`.",
)
def test_store_false_is_honoured(exchange: Exchange, bench: Bench) -> None:
    opening = bench.opening(bench.scenarios[STATE])
    if 400 <= (opening.status or 0) < 500:
        raise NotApplicable(f"the endpoint stores nothing and says so: {status_line(opening)}")
    _kept(kept_state(bench.conversation(bench.scenarios[STATE])), exchange, "retrieve the response")
    if exchange.request.method != "GET":
        raise Inconclusive("there was no response to retrieve")
    require(400 <= (exchange.status or 0) < 500, exchange, expected="HTTP 404 or another 4xx")


@requirement(
    "responses.state.not-stored-status",
    SHOULD,
    "The endpoint answers 404, 405 or 501 to a request for a response that was not stored.",
    on=SETTINGS,
    source=("openai:responses/get", "rfc9110#15.5.5"),
    remedy="Answer 404 with a JSON error for a response that was not stored.",
)
def test_an_unknown_response_is_not_found(exchange: Exchange) -> None:
    if exchange.status == 200:
        raise Inconclusive(
            "it was stored: responses.state.not-stored judges that",
            told_by=("responses.state.not-stored",),
        )
    require(exchange.status in (404, 405, 501), exchange, expected="HTTP 404, 405 or 501")


def _sent(exchange: Exchange | None, purpose: str) -> Exchange:
    if exchange is None:
        raise Inconclusive(f"no request to {purpose} was sent: the conversation ended early")
    return exchange


def _kept(state: KeptState, exchange: Exchange | None, purpose: str) -> Exchange:
    """An exchange about a stored response; NotApplicable if the endpoint stores none."""
    found = _sent(exchange, purpose)
    served = state.retrieved is not None and state.retrieved.status == 200
    if not served:
        continuation_in(state)
    return found


def _retrieved(state: KeptState) -> Exchange:
    retrieved = _kept(state, state.retrieved, "retrieve the response")
    if retrieved.status != 200:
        raise Unserved("the response was not retrieved", retrieved)
    return retrieved


def _was_deleted(state: KeptState) -> None:
    deleted = _kept(state, state.deleted, "delete the response")
    if deleted.status not in (200, 204):
        raise Unserved("the response was not deleted", deleted)


def _listed(state: KeptState) -> Located:
    listed = _kept(state, state.input_items, "list its input")
    if listed.status != 200 or listed.json is None:
        raise Unserved("the input was not listed", listed)
    return listed.json


def _body(exchange: Exchange) -> Located:
    require(exchange.json is not None, exchange, expected="a JSON body")
    assert exchange.json is not None
    return exchange.json
