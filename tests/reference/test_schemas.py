"""What the reference endpoint sends is valid under the schemas, and of the official types too."""

from __future__ import annotations

import json
from typing import Any

import pytest
from openai.types.responses import Response, ResponseStreamEvent
from pydantic import TypeAdapter

from oaicheck.scenarios.scenario import Answer
from oaicheck.views.responses import ResponseStream
from oaicheck.views.schemas import has_schema, violations
from support.inprocess import record, scenarios

MODELS = ("reference-1", "reference-reasoning-1")
STREAMS = [n for n, scenario in scenarios().items() if scenario.answer is Answer.RESPONSE_STREAM]
WHOLE = [n for n, scenario in scenarios().items() if scenario.answer is Answer.RESPONSE]
EVENT: TypeAdapter[Any] = TypeAdapter(ResponseStreamEvent)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("name", STREAMS)
def test_every_event_is_valid_and_of_a_type_of_the_package(name: str, model: str) -> None:
    stream = ResponseStream(record(names=[name], model=model).exchanges[-1])
    assert len(stream.payloads) >= 5
    for payload in stream.payloads:
        kind = payload["type"].value
        assert has_schema(f"responses/events/{kind}"), kind
        assert violations(f"responses/events/{kind}", payload.value) == []
        assert EVENT.validate_python(payload.value).to_dict(mode="json") == payload.value


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("name", WHOLE)
def test_every_response_is_valid_and_of_the_type_of_the_package(name: str, model: str) -> None:
    for exchange in record(names=[name], model=model).exchanges:
        assert exchange.json is not None
        assert violations("responses/response", exchange.json.value) == []
        assert Response.model_validate(exchange.json.value).status in ("completed", "incomplete")


def test_lists_and_deletions_are_valid() -> None:
    turns = record(names=["responses/state"]).exchanges
    assert violations("responses/input-items", json.loads(turns[3].text)) == []
    assert violations("responses/deleted", json.loads(turns[4].text)) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("responses/usage", {"input_tokens": 1, "output_tokens": "2", "total_tokens": 3}),
        ("responses/output-item", {"type": "message", "id": "m", "role": "user"}),
        ("responses/output-item", {"type": "function_call", "call_id": "c", "name": "f"}),
        ("responses/content-part", {"type": "output_text"}),
        ("responses/events/response.output_text.delta", {"type": "response.output_text.delta"}),
    ],
)
def test_a_schema_refuses_what_is_not_so(name: str, value: Any) -> None:
    assert violations(name, value)


def test_an_item_of_an_unknown_type_is_left_open() -> None:
    assert violations("responses/output-item", {"type": "web_search_call", "x": 1}) == []
