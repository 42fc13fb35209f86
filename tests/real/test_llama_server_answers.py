"""The real server is there and does what the other tests of this folder take for granted."""

import json
from collections.abc import Iterator
from typing import Any, Protocol

import httpx
import pytest

pytestmark = pytest.mark.real


class Endpoint(Protocol):
    @property
    def base_url(self) -> str: ...
    @property
    def api_key(self) -> str: ...
    @property
    def model(self) -> str: ...


WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather in a city",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string", "maxLength": 20}},
            "required": ["city"],
            "additionalProperties": False,
        },
    },
}


@pytest.fixture
def client(llama_endpoint: Endpoint) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {llama_endpoint.api_key}"}
    with httpx.Client(base_url=llama_endpoint.base_url, headers=headers, timeout=120) as client:
        yield client


def asking(endpoint: Endpoint, content: str, **more: object) -> dict[str, object]:
    messages = [{"role": "user", "content": content}]
    return {"model": endpoint.model, "messages": messages, "max_tokens": 100, **more}


def chunks(stream: str) -> list[Any]:
    """The stream's payloads, after a look that it ended as it should."""
    events = [line.removeprefix("data: ") for line in stream.splitlines() if line]
    assert events[-1] == "[DONE]"
    return [json.loads(event) for event in events[:-1]]


def test_a_whole_answer(client: httpx.Client, llama_endpoint: Endpoint) -> None:
    response = client.post(
        "chat/completions", json=asking(llama_endpoint, "Say hello.", max_tokens=8)
    )
    assert response.status_code == 200
    answer = response.json()
    assert answer["model"] == llama_endpoint.model
    assert answer["choices"][0]["message"]["content"]
    assert answer["usage"]["completion_tokens"] <= 8


def test_a_streamed_answer(client: httpx.Client, llama_endpoint: Endpoint) -> None:
    request = asking(
        llama_endpoint,
        "Say hello.",
        max_tokens=8,
        stream=True,
        stream_options={"include_usage": True},
    )
    response = client.post("chat/completions", json=request)
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/event-stream")
    *answer, last = chunks(response.text)
    assert "".join(chunk["choices"][0]["delta"].get("content") or "" for chunk in answer)
    assert answer[-1]["choices"][0]["finish_reason"] in {"stop", "length"}
    assert last["choices"] == []
    assert last["usage"]["prompt_tokens"] > 0


def test_a_required_tool_call(client: httpx.Client, llama_endpoint: Endpoint) -> None:
    request = asking(
        llama_endpoint, "The weather in Paris?", tools=[WEATHER], tool_choice="required"
    )
    response = client.post("chat/completions", json=request)
    assert response.status_code == 200
    choice = response.json()["choices"][0]
    assert choice["finish_reason"] == "tool_calls"
    (call,) = choice["message"]["tool_calls"]
    assert call["function"]["name"] == "get_weather"
    assert set(json.loads(call["function"]["arguments"])) == {"city"}


def test_a_tool_result_as_an_array_of_parts_is_taken(
    client: httpx.Client, llama_endpoint: Endpoint
) -> None:
    call = {"name": "get_weather", "arguments": '{"city": "Paris"}'}
    request = asking(llama_endpoint, "", tools=[WEATHER], max_tokens=4)
    request["messages"] = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": [{"type": "text", "text": "The weather in Paris?"}]},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": "call_1", "type": "function", "function": call}],
        },
        {
            "role": "tool",
            "tool_call_id": "call_1",
            "content": [{"type": "text", "text": "22 degrees"}],
        },
    ]
    response = client.post("chat/completions", json=request)
    assert response.status_code == 200, response.text


def test_a_wrong_key_is_refused(client: httpx.Client, llama_endpoint: Endpoint) -> None:
    response = client.post(
        "chat/completions",
        json=asking(llama_endpoint, "Say hello."),
        headers={"Authorization": "Bearer sk-wrong"},
    )
    assert response.status_code == 401
    assert response.json()["error"]["message"]
