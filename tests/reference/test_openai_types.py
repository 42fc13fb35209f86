"""The types of the official client read everything that the reference endpoint says."""

import json
from typing import Any, get_args

import openai
import pytest
from openai.types.responses import Response, ResponseItemList, ResponseStreamEvent
from pydantic import TypeAdapter

from oaicheck.reference import ReferenceEndpoint, catalogue, running
from oaicheck.resources import locate
from oaicheck.views.schemas import event_types
from support.responses import GOOD, KEY, WEATHER, asked, conversation, create, events_of

EVENT: TypeAdapter[Any] = TypeAdapter(ResponseStreamEvent)
OF_OPEN_RESPONSES = {"response.reasoning.delta", "response.reasoning.done"}
UNKNOWN = {
    *OF_OPEN_RESPONSES,
    *("response.provider_metrics.updated", "keepalive", "acme:trace"),
}
"""Types that are not among the client's, and that its plain iteration skips."""
UNREAD = (
    "responses-logprobs-absent",
    "responses-overflow-fails-in-stream",
    "responses-prefixed-items",
    "responses-unknown-items",
)
"""Variations that the client's types do not allow for when they validate; the client does not."""
VARIATIONS = [
    name
    for name, known in catalogue().items()
    if known.kind == "variation" and name.startswith("responses-") and name not in UNREAD
]


@pytest.mark.parametrize("fields", GOOD)
def test_every_object_is_read(fields: dict[str, Any]) -> None:
    endpoint = ReferenceEndpoint()
    response = json.loads(endpoint.reply(create(**fields)).body)
    read = Response.model_validate(response)
    # Open Responses requires the penalties.
    extra = {"store", "presence_penalty", "frequency_penalty"}
    assert set(read.model_extra or {}) <= extra
    items = endpoint.reply(asked("GET", f"/{response['id']}/input_items"))
    if items.status == 200:
        listed = ResponseItemList.model_validate_json(items.body)
        assert [item.id for item in listed.data] != []
    for event in events_of(endpoint.reply(create(**fields, stream=True))):
        known = EVENT.validate_python(event)
        assert known.type == event["type"]
        assert set(known.model_extra or {}) <= {"name"}


@pytest.mark.parametrize("name", VARIATIONS)
def test_every_variation_is_read(name: str) -> None:
    for reply in conversation(ReferenceEndpoint(faults=[name])):
        if (reply.header("content-type") or "").startswith("text/event-stream"):
            body = reply.body.removesuffix(b"data: [DONE]\n\n")
            for event in events_of(reply.with_body(body)):
                if event["type"] not in UNKNOWN:
                    assert EVENT.validate_python(event).type == event["type"]
        elif b'"object":"response","created_at"' in reply.body:
            Response.model_validate_json(reply.body)


def test_the_documented_types_are_those_of_the_client() -> None:
    union, _ = get_args(ResponseStreamEvent)
    kinds = [event.model_fields["type"].annotation for event in get_args(union)]
    declared = {name for kind in kinds for name in get_args(kind)}
    assert event_types() <= declared | OF_OPEN_RESPONSES | {"keepalive"}
    judged = (locate("fixtures") / "schemas" / "responses" / "events").glob("*.schema.json")
    assert {path.name.removesuffix(".schema.json") for path in judged} <= event_types()


def test_the_client_itself() -> None:
    with running(ReferenceEndpoint()) as base:
        client = openai.OpenAI(base_url=base, api_key=KEY, max_retries=0)
        first = client.responses.create(model="reference-1", input="The code word is heron-7.")
        assert client.responses.retrieve(first.id).output_text == first.output_text
        assert len(list(client.responses.input_items.list(first.id))) == 1
        with client.responses.stream(
            model="reference-1", input="What is the code word?", previous_response_id=first.id
        ) as stream:
            assert stream.get_final_response().output_text == "The code word is heron-7."
        with client.responses.stream(
            model="reference-1", input="Weather in Paris and Rome", tools=[{**WEATHER}]
        ) as stream:
            calls = stream.get_final_response().output
            assert [json.loads(call.arguments)["city"] for call in calls] == ["Paris", "Rome"]
        client.responses.delete(first.id)
        with pytest.raises(openai.NotFoundError):
            client.responses.retrieve(first.id)
        with pytest.raises(openai.BadRequestError, match="not found"):
            client.responses.create(model="reference-1", input="Hi", previous_response_id=first.id)
        client.close()
