"""Requests that between them show every behaviour of the reference endpoint."""

import gzip
import json
from collections.abc import Callable
from typing import Any

import pytest

from oaicheck.reference import ReferenceEndpoint, Reply, Request, Settings

KEY = Settings().api_key or ""
WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Weather in a city",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}, "days": {"type": "integer", "minimum": 1}},
            "required": ["city", "days"],
        },
    },
}
PING = {"type": "function", "function": {"name": "ping"}}
REFERRING = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "parameters": {
            "type": "object",
            "properties": {"city": {"$ref": "#/$defs/city"}},
            "$defs": {"city": {"type": "string", "enum": ["Zürich"]}},
        },
    },
}
CALL = {
    "id": "call_1",
    "type": "function",
    "function": {"name": "get_weather", "arguments": '{"city":"Paris","days":1}'},
}
CUT = {**CALL, "function": {"name": "get_weather", "arguments": '{"city":"Pa'}}
PERSON = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "age": {"type": "integer"}},
    "required": ["name", "age"],
    "additionalProperties": False,
}


def user(text: str) -> list[dict[str, Any]]:
    return [{"role": "user", "content": text}]


def chat(text: str = "Hello", *, key: str | None = KEY, **fields: Any) -> Request:
    body = {"model": "reference-1", "messages": user(text), **fields}
    return post(json.dumps(body).encode(), key=key)


def post(body: bytes, *, key: str | None = KEY) -> Request:
    return with_key(Request("POST", "/v1/chat/completions", body=body), key)


def get(path: str, method: str = "GET", *, key: str | None = KEY) -> Request:
    return with_key(Request(method, path), key)


def with_key(request: Request, key: str | None) -> Request:
    return request if key is None else request.with_header("Authorization", f"Bearer {key}")


def schema(shape: object) -> dict[str, Any]:
    return {"type": "json_schema", "json_schema": {"name": "shape", "schema": shape}}


def bodies() -> list[dict[str, Any]]:
    """Chat requests that are sent both whole and as a stream."""
    weather: dict[str, Any] = {"tools": [WEATHER, PING]}
    asked = user("What is the weather in Paris?")
    answered = [
        *asked,
        {"role": "assistant", "content": None, "tool_calls": [CALL]},
        {"role": "tool", "tool_call_id": "call_1", "content": "Sunny, 21 degrees"},
    ]
    parts = [{"type": "text", "text": "Sunny, "}, {"type": "text", "text": "21 degrees"}]
    late = [*answered[:2], *user("Never mind"), *answered[2:], *user("Hello")]
    forced = {"type": "function", "function": {"name": "ping"}}
    return [
        {"messages": user("Hello")},
        {"messages": user("Repeat exactly: «Grüße,  日本 <think> \\ 🎉»"), "user": "someone"},
        {"messages": user("Count from 1 to 40"), "max_tokens": 7, "temperature": 0, "top_p": 1},
        {"messages": user("Count from 1 to 9"), "max_completion_tokens": 5, "seed": 1},
        {"messages": user("Count from 1 to 40"), "stop": ["99", "5, 6"], "metadata": {"a": "b"}},
        {"messages": user("Count from 1 to 40"), "stop": "7", "logit_bias": {}},
        {"messages": user("Hi"), "n": 2, "presence_penalty": 1, "frequency_penalty": 1},
        {"messages": user("Hi"), "logprobs": True, "top_logprobs": 2, "max_tokens": 3},
        {"messages": user("Hi"), "logprobs": True, "max_tokens": 3},
        {"messages": user("Hi"), "logprobs": None, "stream": None, "max_tokens": 3},
        {"messages": [*user("Hi"), *user("Hello")]},
        {"messages": user("A NUL \0 and a lone \ud83d")},
        {"messages": user("Hi"), "max_tokens": 100_000_000, "temperature": None},
        {"messages": user("Hi"), "model": "reference-reasoning-1"},
        {"messages": user("Hi"), "model": "reference-reasoning-1", "reasoning_effort": "low"},
        {"messages": asked, "model": "reference-reasoning-1", **weather},
        {"messages": asked, **weather},
        {"messages": asked, **weather, "tool_choice": "required", "service_tier": "auto"},
        {"messages": asked, **weather, "tool_choice": "none"},
        {"messages": asked, **weather, "tool_choice": forced, "store": True},
        {"messages": user('The weather in "Zürich \\ 🎉"'), **weather},
        {"messages": user("The weather in Paris and Rome"), **weather},
        {"messages": user("Weather in Paris and Rome"), **weather, "parallel_tool_calls": False},
        {"messages": answered, **weather},
        {"messages": late, **weather},
        {"messages": answered},
        {"messages": [answered[0], {**answered[1], "tool_calls": [CUT]}, answered[2]]},
        {"messages": [*answered[:2], {**answered[2], "content": parts}]},
        {"messages": asked, "tools": [REFERRING]},
        {"messages": asked, "tools": [{**PING, "function": {"name": f"f{i}"}} for i in range(60)]},
        {"messages": user("Some JSON"), "response_format": {"type": "json_object"}},
        {"messages": user("A person"), "response_format": schema(PERSON)},
        {
            "messages": [
                {"role": "system", "content": "The code word is heron-7."},
                {"role": "user", "content": [{"type": "text", "text": "Fine."}], "name": "ann"},
                {"role": "assistant", "content": "", "reasoning_content": "Hm."},
                {
                    "role": "user",
                    "content": [
                        {"type": "text", "text": "What is"},
                        {"type": "text", "text": " the code word?"},
                    ],
                },
            ]
        },
        {"messages": [{"role": "developer", "content": "Be brief."}, *user("Hello")]},
        {"messages": asked, **weather, "tool_choice": "required", "max_tokens": 4},
        {"messages": user("Hello"), "tools": None, "tool_choice": None, "stop": []},
    ]


def broken_bodies() -> list[dict[str, Any]]:
    """Chat requests that must be refused."""
    orphan = {"role": "tool", "tool_call_id": "call_9", "content": "?"}
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}
    named = {"type": "function", "function": {"name": "unknown"}}
    return [
        {"messages": []},
        {"messages": [{"role": "wizard", "content": "Hello"}]},
        {"messages": [{"role": "user", "content": 3}]},
        {"messages": [3]},
        {"messages": "Hello"},
        {"messages": [*user("Hello"), orphan]},
        {"messages": [{"role": "user", "content": [{"type": "text", "text": "See"}, image]}]},
        {"messages": user("x " * 8_300)},
        {"messages": user("Hello"), "model": "no-such-model"},
        {"messages": user("Hello"), "model": "REFERENCE-1"},
        {"messages": user("Hello"), "model": "reference-\ud83d"},
        {"messages": user("Hello"), "temperature": 3},
        {"messages": user("Hello"), "top_p": -1},
        {"messages": user("Hello"), "n": 0},
        {"messages": user("Hello"), "max_tokens": 0},
        {"messages": user("Hello"), "max_tokens": "ten"},
        {"messages": user("Hello"), "max_tokens": 1.5},
        {"messages": user("Hello"), "max_completion_tokens": -1},
        {"messages": user("Hello"), "presence_penalty": 5},
        {"messages": user("Hello"), "frequency_penalty": -5},
        {"messages": user("Hello"), "top_logprobs": 30, "logprobs": True},
        {"messages": user("Hello"), "top_logprobs": 3},
        {"messages": user("Hello"), "seed": "one"},
        {"messages": user("Hello"), "user": 1},
        {"messages": user("Hello"), "parallel_tool_calls": "no"},
        {"messages": user("Hello"), "stop": ["1", "2", "3", "4", "5"]},
        {"messages": user("Hello"), "no_such_parameter": 1},
        {"messages": user("Hello"), "tool_choice": "auto"},
        {"messages": user("Hello"), "tool_choice": named, "tools": [PING]},
        {"messages": user("Hello"), "tool_choice": "maybe", "tools": [PING]},
        {"messages": user("Hello"), "tools": [{"type": "function", "function": {}}]},
        {"messages": user("Hello"), "tools": [3]},
        {"messages": user("Hello"), "response_format": {"type": "xml"}},
        {"messages": user("Hello"), "response_format": schema({"type": "string", "pattern": "("})},
    ]


def all_samples() -> list[Request]:
    hello = chat()
    usage = {"stream": True, "stream_options": {"include_usage": True}}
    return [
        *(chat(**fields) for fields in broken_bodies()),
        *(chat(**fields, stream=True) for fields in broken_bodies()[6:10]),
        chat(stream="yes"),
        chat(stream_options={"include_usage": True}),
        post(json.dumps({"model": "reference-1"}).encode()),
        post(json.dumps({"messages": user("Hello")}).encode()),
        post(b"{"),
        post(b"[]"),
        Request(
            "POST",
            "/v1/chat/completions",
            headers=(*hello.headers, ("Content-Encoding", "gzip")),
            body=gzip.compress(hello.body),
        ),
        Request("POST", "/v1//chat/completions", headers=hello.headers, body=hello.body),
        chat(stream=False),
        chat(stream=True).with_header("Accept-Encoding", "gzip"),
        chat().with_header("Transfer-Encoding", "chunked"),
        *(chat(key=key) for key in (None, "wrong", KEY[:-3], *_other_keys())),
        chat(key=None).with_header("Authorization", f"bearer {KEY}"),
        chat(key=None).with_header("Authorization", "Basic b2FpY2hlY2s="),
        get("/v1/models"),
        get("/v1/models", key=None),
        get("/v1/models", "HEAD"),
        get("/v1/models", "DELETE"),
        get("/v1/models/reference-1"),
        get("/v1/models/no/such"),
        get("/v1/nothing"),
        get("/v1/nothing", key=None),
        get("/v1/chat/completions"),
        get("/v1/chat/completions", "PUT"),
        get("/v1/chat/completions", "OPTIONS", key=None),
        chat(model="reference-reasoning-1", logprobs=True, stream=True),
        *(chat(**fields, stream=True) for fields in bodies()[:2]),
        *(chat(**{**fields, **more}) for fields in bodies() for more in ({}, usage)),
    ]


def _other_keys() -> tuple[str, str]:
    return Settings().scopeless_key, Settings().expired_key


@pytest.fixture(scope="session")
def samples() -> list[Request]:
    return all_samples()


@pytest.fixture(scope="session")
def malformed() -> list[Request]:
    """Short requests that are wrong in many ways."""
    short = [chat(**fields) for fields in broken_bodies()]
    return [sample for sample in short if len(sample.body) < 1000]


@pytest.fixture
def ask() -> Callable[..., Reply]:
    """Send one chat request to an endpoint, a fresh and faultless one if none is given."""

    def send(
        text: str = "Hello", *, endpoint: ReferenceEndpoint | None = None, **fields: Any
    ) -> Reply:
        return (endpoint or ReferenceEndpoint()).reply(chat(text, **fields))

    return send


@pytest.fixture
def call() -> Callable[..., Reply]:
    """Send one request without a body to a fresh endpoint."""

    def send(path: str, method: str = "GET", *, key: str | None = KEY) -> Reply:
        return ReferenceEndpoint().reply(get(path, method, key=key))

    return send


@pytest.fixture
def weather() -> dict[str, Any]:
    return WEATHER
