"""Requests that between them show every behaviour of the reference endpoint's Responses API."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from oaicheck.reference import ReferenceEndpoint, Reply, Request, Settings

KEY = Settings().api_key or ""
THINKER = "reference-reasoning-1"
WEATHER: dict[str, Any] = {
    "type": "function",
    "name": "get_weather",
    "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
    },
}
PING: dict[str, Any] = {"type": "function", "name": "ping"}
SHAPE: dict[str, Any] = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "age": {"type": "integer"}},
    "required": ["name", "age"],
    "additionalProperties": False,
}
RUN: dict[str, Any] = {"type": "custom", "name": "run"}
_SUMMED = {"reasoning": {"summary": "auto"}}
_CALL = {"type": "function_call", "call_id": "call_1", "name": "ping", "arguments": "{}"}
_RESULT = {"type": "function_call_output", "call_id": "call_1", "output": "Sunny"}
_CUSTOM_CALL = {"type": "custom_tool_call", "call_id": "call_2", "name": "run", "input": "ls"}
_CUSTOM_RESULT = {**_RESULT, "type": "custom_tool_call_output", "call_id": "call_2"}


def said(text: str, role: str = "user") -> dict[str, Any]:
    """An input item of the short form."""
    return {"role": role, "content": text}


def part(text: str, kind: str = "input_text") -> dict[str, Any]:
    """A content part."""
    return {"type": kind, "text": text}


GOOD: tuple[dict[str, Any], ...] = (
    {"input": "Hello"},
    {"input": "Repeat exactly: «Grüße, 日本»", "user": "someone", "truncation": "auto"},
    {"input": "Count from 1 to 40", "max_output_tokens": 7, "temperature": 0, "top_p": 0.5},
    {"input": "Hi", "model": THINKER},
    {"input": "Hi", "model": THINKER, **_SUMMED, "include": ["reasoning.encrypted_content"]},
    {"input": "Hi", "model": THINKER, **_SUMMED, "max_output_tokens": 5},
    {"input": "The weather in Paris and Rome", "tools": [WEATHER, PING]},
    {"input": "Weather in Paris and Rome", "tools": [WEATHER], "parallel_tool_calls": False},
    {
        "input": "Hello",
        "tools": [PING, WEATHER],
        "tool_choice": {"type": "function", "name": "get_weather"},
    },
    {"input": "Hello", "tools": [PING, WEATHER], "tool_choice": "required"},
    {"input": "The weather in Paris", "tools": [WEATHER], "tool_choice": "none"},
    {
        "input": "The weather in Paris",
        "tools": [WEATHER],
        "tool_choice": "required",
        "max_output_tokens": 3,
    },
    {
        "input": "Hi",
        "include": ["message.output_text.logprobs"],
        "top_logprobs": 2,
        "max_output_tokens": 3,
    },
    {
        "input": [
            said("Answer in JSON.", "developer"),
            {"role": "user", "content": [part("What is "), part("that?")]},
        ],
        "text": {"format": {"type": "json_object"}},
    },
    {
        "input": "A person",
        "text": {"format": {"type": "json_schema", "name": "p", "schema": SHAPE, "strict": True}},
    },
    {
        "input": [
            said("The code word is heron-7."),
            {"role": "assistant", "content": [part("Fine.", "output_text")]},
            {"type": "reasoning", "id": "rs_1", "summary": []},
            said("What is the code word?"),
        ],
        "metadata": {"a": "b"},
        "store": False,
    },
    {"input": "What is the code word?", "instructions": "The code word is lark-1."},
    {"input": [said("Ping."), _CALL, _RESULT], "tools": [PING]},
    {"input": "Hi", "prompt_cache_key": "k"},
    {"input": "Hi", "safety_identifier": "s"},
    {"input": 'Use run with "ls".', "tools": [RUN], "tool_choice": "required"},
    {"input": [said("Ping."), _CUSTOM_CALL, _CUSTOM_RESULT], "tools": [RUN]},
)

BAD: tuple[tuple[dict[str, Any], int, str | None], ...] = (
    ({}, 400, "input"),
    ({"input": []}, 400, "input"),
    ({"input": 3}, 400, "input"),
    ({"input": [3]}, 400, "input[0]"),
    ({"input": "x", "no_such_parameter": 1}, 400, "no_such_parameter"),
    ({"input": "x", "model": "no-such-model"}, 404, "model"),
    ({"input": "x", "model": None}, 400, "model"),
    ({"input": "x", "max_output_tokens": 0}, 400, "max_output_tokens"),
    ({"input": "x", "temperature": 3}, 400, "temperature"),
    ({"input": "x", "temperature": 3, "stream": True}, 400, "temperature"),
    ({"input": "x", "top_p": "a"}, 400, "top_p"),
    ({"input": "x", "metadata": 3}, 400, "metadata"),
    ({"input": "x", "metadata": {"a": 3}}, 400, "metadata.a"),
    ({"input": "x", "store": "no"}, 400, "store"),
    ({"input": "x", "stream": "yes"}, 400, "stream"),
    ({"input": "x", "stream_options": {}}, 400, "stream_options"),
    ({"input": "x", "instructions": 3}, 400, "instructions"),
    ({"input": "x", "background": True, "store": False}, 400, "background"),
    ({"input": "x", "include": ["everything"]}, 400, "include[0]"),
    ({"input": "x", "truncation": "some"}, 400, "truncation"),
    ({"input": "x", "reasoning": {"effort": "huge"}}, 400, "reasoning.effort"),
    ({"input": "x", "tools": 3}, 400, "tools"),
    ({"input": "x", "tools": [{"type": "function", "function": PING}]}, 400, "tools[0].name"),
    ({"input": "x", "tools": [{"type": "web_search"}]}, 400, "tools[0].type"),
    ({"input": "x", "tool_choice": "required"}, 400, "tool_choice"),
    (
        {"input": "x", "tools": [PING], "tool_choice": {"type": "function", "name": "no"}},
        400,
        "tool_choice",
    ),
    ({"input": "x", "text": {"format": {"type": "xml"}}}, 400, "text.format.type"),
    ({"input": "x", "text": {"format": {"type": "json_object"}}}, 400, "input"),
    (
        {"input": "x", "text": {"format": {"type": "json_schema", "schema": SHAPE}}},
        400,
        "text.format.name",
    ),
    ({"input": "x", "previous_response_id": 3}, 400, "previous_response_id"),
    ({"input": "x", "previous_response_id": "resp_none"}, 400, "previous_response_id"),
    ({"input": [said("x", "wizard")]}, 400, "input[0].role"),
    (
        {
            "input": [
                {
                    "role": "user",
                    "content": [part("See"), {"type": "input_image", "image_url": "data:,"}],
                }
            ]
        },
        400,
        "input[0].content[1].type",
    ),
    ({"input": [said("x"), {"type": "item_reference", "id": "msg_none"}]}, 404, "input"),
    ({"input": [_RESULT]}, 400, "input"),
)


def create(*, key: str | None = KEY, **fields: Any) -> Request:
    """A request for a response; a field that is None is left out."""
    body = {"model": "reference-1", **fields}
    given = {name: value for name, value in body.items() if value is not None}
    return asked("POST", "", key=key, body=json.dumps(given).encode())


def asked(
    method: str, path: str, query: str = "", *, key: str | None = KEY, body: bytes = b""
) -> Request:
    """A request below /v1/responses."""
    headers = (("Authorization", f"Bearer {key}"),) if key else ()
    return Request(method, f"/v1/responses{path}", query, headers, body)


def beside(method: str, path: str, query: str = "", *, body: bytes = b"") -> Request:
    """A request below /v1/conversations."""
    headers = (("Authorization", f"Bearer {KEY}"),)
    return Request(method, f"/v1/conversations{path}", query, headers, body)


def events_of(reply: Reply) -> list[dict[str, Any]]:
    """The payloads of a stream."""
    frames = reply.body.decode().split("\n\n")
    assert frames.pop() == ""
    return [json.loads(frame.partition("data: ")[2]) for frame in frames]


def conversation(endpoint: ReferenceEndpoint) -> Iterator[Reply]:
    """The replies to everything that can be asked; what was lost is asked for by another id."""
    for fields in GOOD:
        yield endpoint.reply(create(**fields))
        yield endpoint.reply(create(**fields, stream=True))
    for fields, _, _ in BAD:
        yield endpoint.reply(create(**fields))
    yield from _kept(endpoint)
    yield from _beside(endpoint)
    for key in (None, "wrong"):
        yield endpoint.reply(create(key=key, input="x"))
    yield endpoint.reply(asked("GET", ""))
    yield endpoint.reply(asked("OPTIONS", ""))


def _kept(endpoint: ReferenceEndpoint) -> Iterator[Reply]:
    two = [said("One."), said("The code word is heron-7.")]
    first = endpoint.reply(create(input=two, instructions="The secret is plover-2."))
    yield first
    name = _id(first)
    yield endpoint.reply(asked("GET", f"/{name}"))
    for query in ("", "order=asc", "limit=1", "limit=none", "order=up"):
        yield endpoint.reply(asked("GET", f"/{name}/input_items", query))
    colour = "Repeat exactly: «The colour is teal»"
    second = endpoint.reply(create(input=colour, previous_response_id=name))
    yield second
    yield endpoint.reply(create(input="The code word is wren-9."))
    for about in ("code word", "colour"):
        question = create(input=f"What is the {about}?", previous_response_id=_id(second))
        yield endpoint.reply(question)
    yield endpoint.reply(create(input="What is the secret?", previous_response_id=name))
    streamed = endpoint.reply(create(input="The code word is heron-8.", stream=True))
    yield streamed
    yield endpoint.reply(asked("GET", f"/{_id(streamed)}"))
    called = endpoint.reply(create(input="Weather in Paris", tools=[WEATHER]))
    yield called
    result = {"type": "function_call_output", "call_id": _call_id(called), "output": "Sunny"}
    yield endpoint.reply(create(input=[result], tools=[WEATHER], previous_response_id=_id(called)))
    unkept = endpoint.reply(create(input="x", store=False))
    yield unkept
    for lost in (_id(unkept), name):
        if lost == name:
            yield endpoint.reply(asked("DELETE", f"/{name}"))
        yield endpoint.reply(asked("DELETE", f"/{lost}"))
        yield endpoint.reply(asked("GET", f"/{lost}"))
        yield endpoint.reply(create(input="x", previous_response_id=lost))


def _beside(endpoint: ReferenceEndpoint) -> Iterator[Reply]:
    """Replies about what is beside responses: resumed, in the background, counted, compacted."""
    stored = endpoint.reply(create(input="Hello"))
    yield stored
    for query in ("stream=true&starting_after=1", "stream=true&starting_after=x"):
        yield endpoint.reply(asked("GET", f"/{_id(stored)}", query))
    for polled in (False, True):
        running = endpoint.reply(create(input="Hello", background=True))
        yield running
        if polled:
            yield endpoint.reply(asked("GET", f"/{_id(running)}"))
        for name in (running, running, stored):
            yield endpoint.reply(asked("POST", f"/{_id(name)}/cancel"))
    yield endpoint.reply(create(input="Hello", background=True, stream=True))
    begun = beside("POST", "", body=json.dumps({"items": [said("One."), said("Two.")]}).encode())
    created = endpoint.reply(begun)
    yield created
    for name in (_id(created), "conv_none"):
        yield endpoint.reply(beside("GET", f"/{name}/items", "limit=1"))
    for path in ("/input_tokens", "/compact"):
        body = json.dumps({"model": "reference-1", "input": "Hello"}).encode()
        yield endpoint.reply(asked("POST", path, body=body))
    yield endpoint.reply(create(input="a " * 9_000, stream=True))
    handshake = asked("GET", "")
    yield endpoint.reply(handshake.with_header("Upgrade", "websocket"))


def _id(reply: Reply) -> str:
    try:
        return str(json.loads(reply.body)["id"])
    except (ValueError, KeyError):
        found = reply.body.partition(b'"id":"')[2].partition(b'"')[0]
        return found.decode() or "resp_lost"


def _call_id(reply: Reply) -> str:
    return reply.body.partition(b'"call_id":"')[2].partition(b'"')[0].decode() or "call_lost"
