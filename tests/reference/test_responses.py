"""The Responses API of the reference endpoint, asked in-process; its deviations."""

import json
from typing import Any

import pytest

from oaicheck.reference import ReferenceEndpoint, Reply, Settings, catalogue
from oaicheck.reference.model.tokens import tokenize
from support.responses import (
    BAD,
    GOOD,
    PING,
    THINKER,
    WEATHER,
    asked,
    beside,
    conversation,
    create,
    events_of,
    said,
)

VARIATIONS = [
    name
    for name, known in catalogue().items()
    if "responses-" in name and known.kind == "variation"
]


def value(reply: Reply) -> dict[str, Any]:
    assert reply.status == 200, reply.body
    found = json.loads(reply.body)
    assert isinstance(found, dict)
    return found


def text(response: dict[str, Any]) -> str:
    return "".join(
        part["text"] for item in response["output"] for part in item.get("content") or ()
    )


def refused(reply: Reply) -> tuple[int, str | None, str | None]:
    error = json.loads(reply.body)["error"]
    assert error["message"]
    return reply.status, error["param"], error["code"]


@pytest.fixture
def endpoint() -> ReferenceEndpoint:
    return ReferenceEndpoint(clock=lambda: 1_700_000_000.0)


@pytest.mark.parametrize("fields", GOOD)
def test_what_is_retrieved_is_what_was_returned(
    endpoint: ReferenceEndpoint, fields: dict[str, Any]
) -> None:
    returned = value(endpoint.reply(create(**fields)))
    streamed = events_of(endpoint.reply(create(**fields, stream=True)))[-1]["response"]
    for response in (returned, streamed):
        kept = endpoint.reply(asked("GET", f"/{response['id']}"))
        if fields.get("store") is False:
            assert refused(kept) == (404, "response_id", "response_not_found")
        else:
            assert value(kept) == response
    assert without_ids(streamed) == without_ids(returned)


def without_ids(response: Any) -> Any:
    if isinstance(response, list):
        return [without_ids(item) for item in response]
    if not isinstance(response, dict):
        return response
    return {
        key: without_ids(held) for key, held in response.items() if key not in ("id", "call_id")
    }


@pytest.mark.parametrize("fields", GOOD)
def test_a_stream_tells_the_same_as_its_end(
    endpoint: ReferenceEndpoint, fields: dict[str, Any]
) -> None:
    reply = endpoint.reply(create(**fields, stream=True))
    events = events_of(reply)
    assert [event["sequence_number"] for event in events] == list(range(len(events)))
    names = [frame.partition("\n")[0] for frame in reply.body.decode().split("\n\n")[:-1]]
    assert names == [f"event: {event['type']}" for event in events]
    assert [event["type"] for event in events[:2]] == ["response.created", "response.in_progress"]
    end = events[-1]["response"]
    assert events[-1]["type"] == f"response.{end['status']}"
    assert rebuilt(events) == end["output"]


def rebuilt(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The output as a client puts it together from announcements and deltas."""
    output: list[dict[str, Any]] = []
    for event in events[2:-1]:
        kind = event["type"].removeprefix("response.")
        if kind == "output_item.added":
            assert event["output_index"] == len(output)
            output.append(event["item"])
            continue
        item = output[event["output_index"]]
        assert event.get("item_id", item["id"]) == item["id"]
        if kind == "output_item.done":
            item["status"] = event["item"]["status"]
            assert event["item"] == item
        elif kind.endswith("part.added"):
            parts = item["summary" if "summary" in kind else "content"]
            assert event.get("content_index", event.get("summary_index")) == len(parts)
            parts.append(event["part"])
        elif kind == "function_call_arguments.delta":
            item["arguments"] += event["delta"]
        elif kind == "function_call_arguments.done":
            assert item["arguments"] == event["arguments"]
        elif kind == "custom_tool_call_input.delta":
            item["input"] += event["delta"]
        elif kind == "custom_tool_call_input.done":
            assert item["input"] == event["input"]
        elif kind.endswith("part.done"):
            part = item["summary" if "summary" in kind else "content"][0]
            assert event["part"] == part
        else:
            part = item["summary" if "summary" in kind else "content"][0]
            if kind.endswith("text.delta"):
                part["text"] += event["delta"]
                part.get("logprobs", []).extend(event.get("logprobs", []))
            else:
                assert kind.endswith("text.done")
                assert event["text"] == part["text"]
    return output


@pytest.mark.parametrize(("fields", "status", "param"), BAD)
def test_what_is_wrong_is_refused_by_name(
    endpoint: ReferenceEndpoint, fields: dict[str, Any], status: int, param: str | None
) -> None:
    assert refused(endpoint.reply(create(**fields)))[:2] == (status, param)


def test_a_key_is_needed(endpoint: ReferenceEndpoint) -> None:
    for request in (create(key=None, input="x"), asked("GET", "/resp_1", key="wrong")):
        assert endpoint.reply(request).status == 401


def test_state_is_kept(endpoint: ReferenceEndpoint) -> None:
    first = value(endpoint.reply(create(input="The code word is heron-7.")))
    second = value(endpoint.reply(create(input="Hello", previous_response_id=first["id"])))
    value(endpoint.reply(create(input="The code word is wren-9.")))
    question = create(input="What is the code word?", previous_response_id=second["id"])
    third = value(endpoint.reply(question))
    assert text(third) == "The code word is heron-7."
    assert third["previous_response_id"] == second["id"]
    assert third["usage"]["input_tokens"] > second["usage"]["input_tokens"]


def test_the_answers_are_kept_too(endpoint: ReferenceEndpoint) -> None:
    first = value(endpoint.reply(create(input="Repeat exactly: «The colour is teal»")))
    question = create(input="What is the colour?", previous_response_id=first["id"], stream=True)
    assert text(events_of(endpoint.reply(question))[-1]["response"]) == "The colour is teal."


def test_instructions_are_not_carried_over(endpoint: ReferenceEndpoint) -> None:
    fields = {"input": "What is the code word?", "instructions": "The code word is lark-1."}
    first = value(endpoint.reply(create(**fields)))
    assert text(first) == "The code word is lark-1."
    again = {"input": "What is the secret?", "previous_response_id": first["id"]}
    assert value(endpoint.reply(create(**again)))["instructions"] is None
    told = create(input="Hello", instructions="The secret is plover-2.")
    again["previous_response_id"] = value(endpoint.reply(told))["id"]
    assert "plover" not in text(value(endpoint.reply(create(**again))))


def test_deleted_is_gone(endpoint: ReferenceEndpoint) -> None:
    name = value(endpoint.reply(create(input="Hello")))["id"]
    deleted = value(endpoint.reply(asked("DELETE", f"/{name}")))
    assert deleted == {"id": name, "object": "response", "deleted": True}
    gone = (404, "response_id", "response_not_found")
    for request in (asked("DELETE", f"/{name}"), asked("GET", f"/{name}/input_items")):
        assert refused(endpoint.reply(request)) == gone
    continued = endpoint.reply(create(input="x", previous_response_id=name))
    assert refused(continued) == (400, "previous_response_id", "previous_response_not_found")


def test_input_items_are_listed(endpoint: ReferenceEndpoint) -> None:
    items = [said("One."), said("Two.", "developer"), said("Three.")]
    name = value(endpoint.reply(create(input=items)))["id"]

    def page(query: str) -> dict[str, Any]:
        return value(endpoint.reply(asked("GET", f"/{name}/input_items", query)))

    everything = page("order=asc")
    assert [item["content"][0]["text"] for item in everything["data"]] == ["One.", "Two.", "Three."]
    assert page("")["data"] == everything["data"][::-1]
    assert everything["has_more"] is False
    first = page("order=asc&limit=2")
    assert first["has_more"] is True
    assert first["last_id"] == first["data"][-1]["id"] == everything["data"][1]["id"]
    rest = page(f"order=asc&after={first['last_id']}")
    assert rest["data"] == everything["data"][2:]


def test_calls_and_their_results(endpoint: ReferenceEndpoint) -> None:
    fields: dict[str, Any] = {"input": "Weather in Paris and Rome", "tools": [WEATHER]}
    first = value(endpoint.reply(create(**fields, parallel_tool_calls=True)))
    results = [
        {"type": "function_call_output", "call_id": call["call_id"], "output": f"Sunny {place}"}
        for place, call in enumerate(first["output"])
    ]
    asking = {"role": "user", "content": fields["input"]}
    resent = create(input=[asking, *first["output"], *results], tools=[WEATHER])
    continued = create(input=results, tools=[WEATHER], previous_response_id=first["id"])
    referring = [{"type": "item_reference", "id": call["id"]} for call in first["output"]]
    referred = create(input=[asking, *referring, *results], tools=[WEATHER])
    for request in (resent, continued, referred):
        assert text(value(endpoint.reply(request))) == "The tool answered: Sunny 0; Sunny 1"


def test_thoughts_are_summed_up_when_asked(endpoint: ReferenceEndpoint) -> None:
    plain = value(endpoint.reply(create(input="Hi", model=THINKER)))
    summed = value(endpoint.reply(create(input="Hi", model=THINKER, reasoning={"summary": "auto"})))
    assert plain["output"][0]["summary"] == []
    assert tokenize(summed["output"][0]["summary"][0]["text"])
    for response in (plain, summed):
        assert [item["type"] for item in response["output"]] == ["reasoning", "message"]
        usage = response["usage"]
        assert 0 < usage["output_tokens_details"]["reasoning_tokens"] < usage["output_tokens"]


def test_limits_are_exact(endpoint: ReferenceEndpoint) -> None:
    for limit in (1, 4):
        response = value(endpoint.reply(create(input="Count from 1 to 9", max_output_tokens=limit)))
        assert response["status"] == response["output"][-1]["status"] == "incomplete"
        assert response["incomplete_details"] == {"reason": "max_output_tokens"}
        assert response["usage"]["output_tokens"] == limit
    clamped = endpoint.reply(create(input="Hi", max_output_tokens=100_000_000))
    assert clamped.header(Settings().clamp_header) is not None
    assert value(clamped)["status"] == "completed"


def test_too_much_input_is_refused(endpoint: ReferenceEndpoint) -> None:
    reply = endpoint.reply(create(input="x " * 9_000))
    assert refused(reply) == (400, "input", "context_length_exceeded")


def test_truncation_makes_room(endpoint: ReferenceEndpoint) -> None:
    items = [said("x " * 5_000), said("y " * 5_000), said("Repeat exactly: «here»")]
    assert text(value(endpoint.reply(create(input=items, truncation="auto")))) == "here"


def test_tools_are_repeated_with_their_defaults(endpoint: ReferenceEndpoint) -> None:
    response = value(endpoint.reply(create(input="Hi", tools=[PING])))
    defaults = {"description": None, "parameters": None, "strict": True}
    assert response["tools"] == [{**PING, **defaults}]


def test_a_response_in_the_background_is_cancelled_unless_it_has_ended(
    endpoint: ReferenceEndpoint,
) -> None:
    for polled, status in ((False, "cancelled"), (True, "completed")):
        running = value(endpoint.reply(create(input="Hello", background=True)))
        assert (running["status"], running["output"], running["background"]) == ("queued", [], True)
        if polled:
            assert value(endpoint.reply(asked("GET", f"/{running['id']}")))["status"] == status
        for _ in range(2):
            ended = endpoint.reply(asked("POST", f"/{running['id']}/cancel"))
            assert value(ended)["status"] == status
    synchronous = value(endpoint.reply(create(input="Hello")))
    assert endpoint.reply(asked("POST", f"/{synchronous['id']}/cancel")).status == 400


def test_a_stream_is_resumed_after_a_number(endpoint: ReferenceEndpoint) -> None:
    streamed = events_of(endpoint.reply(create(input="Hello", stream=True)))
    path = f"/{streamed[0]['response']['id']}"
    for after in (0, 3):
        resumed = endpoint.reply(asked("GET", path, f"stream=true&starting_after={after}"))
        assert events_of(resumed) == streamed[after + 1 :]
    assert events_of(endpoint.reply(asked("GET", path, "stream=true"))) == streamed


def test_a_conversation_is_listed_in_pages(endpoint: ReferenceEndpoint) -> None:
    body = json.dumps({"items": [said(word) for word in ("One.", "Two.", "Three.")]}).encode()
    path = f"/{value(endpoint.reply(beside('POST', '', body=body)))['id']}/items"
    first = value(endpoint.reply(beside("GET", path, "limit=2")))
    assert (len(first["data"]), first["has_more"]) == (2, True)
    after = f"limit=2&after={first['last_id']}"
    rest = value(endpoint.reply(beside("GET", path, after)))
    assert [item["content"][0]["text"] for item in rest["data"]] == ["One."]
    assert rest["has_more"] is False


@pytest.fixture(scope="module")
def faultless() -> list[Reply]:
    return list(conversation(ReferenceEndpoint(clock=lambda: 1_700_000_000.0)))


def test_the_faultless_conversation(faultless: list[Reply]) -> None:
    assert {reply.status for reply in faultless} == {200, 204, 400, 401, 404, 405, 426}


@pytest.mark.parametrize("name", VARIATIONS)
def test_a_variation_changes_something(name: str, faultless: list[Reply]) -> None:
    endpoint = ReferenceEndpoint(faults=[name], clock=lambda: 1_700_000_000.0)
    replies = list(conversation(endpoint))
    assert replies != faultless
    assert all(reply.status < 500 for reply in replies)


@pytest.mark.parametrize(
    "name", [name for name, known in catalogue().items() if known.stage in ("answer", "frames")]
)
def test_what_holds_for_chat_brings_responses_not_down(name: str) -> None:
    endpoint = ReferenceEndpoint(faults=[name])
    for fields in GOOD[::4]:
        assert endpoint.reply(create(**fields, stream=True)).status == 200
