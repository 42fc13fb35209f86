"""The faultless endpoint, asked in-process: its answers, its refusals, its headers."""

import gzip
import json
from collections.abc import Callable
from typing import Any

import jsonschema
import pytest

from oaicheck.reference import ReferenceEndpoint, Reply, Request, Settings
from oaicheck.reference.model.instance import make_instance
from oaicheck.reference.model.tokens import tokenize

Ask = Callable[..., Reply]
Call = Callable[..., Reply]


def value(reply: Reply) -> dict[str, Any]:
    parsed = json.loads(reply.body)
    assert isinstance(parsed, dict)
    return parsed


def choice(reply: Reply) -> dict[str, Any]:
    assert reply.status == 200, reply.body
    found = value(reply)["choices"][0]
    assert isinstance(found, dict)
    return found


def text(reply: Reply) -> Any:
    return choice(reply)["message"]["content"]


def error(reply: Reply) -> dict[str, Any]:
    found = value(reply)["error"]
    assert list(found) == ["message", "type", "param", "code"]
    assert isinstance(found, dict)
    return found


def events(reply: Reply) -> list[dict[str, Any]]:
    *frames, done, rest = reply.body.decode().split("\n\n")
    assert (done, rest) == ("data: [DONE]", "")
    return [json.loads(frame.removeprefix("data: ")) for frame in frames]


@pytest.mark.parametrize(
    ("prompt", "answer"),
    [
        ("Repeat exactly: héllo  🎉", "héllo  🎉"),
        ("Repeat the following exactly: «a\nb» and stop.", "a\nb"),
        ('Please say "yes, sir".', "yes, sir"),
        ("Count from 1 to 5.", "1, 2, 3, 4, 5"),
    ],
)
def test_says_what_it_is_asked_to_say(ask: Ask, prompt: str, answer: str) -> None:
    assert text(ask(prompt)) == answer


def test_remembers_the_conversation(ask: Ask) -> None:
    history = [
        {"role": "system", "content": "The code word is heron-7."},
        {"role": "user", "content": "What is the code word?"},
    ]
    assert "heron-7" in text(ask(messages=history))


def test_limits_are_exact(ask: Ask) -> None:
    whole = tokenize("1, 2, 3, 4, 5")
    for limit in range(1, len(whole) + 2):
        reply = ask("Count from 1 to 5", max_tokens=limit)
        assert text(reply) == "".join(whole[:limit])
        assert choice(reply)["finish_reason"] == ("length" if limit < len(whole) else "stop")
        assert value(reply)["usage"]["completion_tokens"] == min(limit, len(whole))


def test_stop_strings_never_come_out(ask: Ask) -> None:
    reply = ask("Count from 1 to 9", stop=["x", "4, 5"])
    assert text(reply) == "1, 2, 3, "
    assert choice(reply)["finish_reason"] == "stop"


def test_too_many_tokens_are_clamped_or_refused(ask: Ask) -> None:
    clamped = ask(max_tokens=99_999)
    assert clamped.header("x-xerotier-max-tokens-clamped") == "4096"
    assert ask(max_tokens=4096).header("x-xerotier-max-tokens-clamped") is None
    strict = ReferenceEndpoint(Settings(over_limit="refuse"))
    assert error(ask(max_tokens=99_999, endpoint=strict))["param"] == "max_tokens"


def test_calls_tools(ask: Ask, weather: dict[str, Any]) -> None:
    prompt = "What is the weather in Paris and in London?"
    calls = choice(ask(prompt, tools=[weather]))["message"]["tool_calls"]
    cities = [json.loads(call["function"]["arguments"])["city"] for call in calls]
    assert cities == ["Paris", "London"]
    one = choice(ask(prompt, tools=[weather], parallel_tool_calls=False))
    assert len(one["message"]["tool_calls"]) == 1
    assert one["finish_reason"] == "tool_calls"
    assert text(ask(prompt, tools=[weather], tool_choice="none"))


def test_arguments_take_what_the_prompt_quotes(ask: Ask, weather: dict[str, Any]) -> None:
    odd = 'Zü\\rich \n🎉 {"'
    reply = ask(f"The weather in «{odd}»", tools=[weather], tool_choice="required")
    arguments = choice(reply)["message"]["tool_calls"][0]["function"]["arguments"]
    assert json.loads(arguments)["city"] == odd


def test_a_tool_without_parameters_gets_an_empty_object(ask: Ask) -> None:
    tool = {"type": "function", "function": {"name": "ping"}}
    reply = ask("Use the tool", tools=[tool])
    assert choice(reply)["message"]["tool_calls"][0]["function"]["arguments"] == "{}"


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "array", "items": {"enum": ["a", "b", "c"]}, "minItems": 2, "uniqueItems": True},
        {"anyOf": [{"type": "null"}, {"type": "integer", "minimum": 5, "multipleOf": 2}]},
        {
            "$defs": {
                "node": {
                    "type": "object",
                    "properties": {
                        "value": {"type": "string", "format": "date-time"},
                        "next": {"anyOf": [{"$ref": "#/$defs/node"}, {"type": "null"}]},
                    },
                    "required": ["value", "next"],
                    "additionalProperties": False,
                }
            },
            "$ref": "#/$defs/node",
        },
        {"type": "object", "additionalProperties": {"type": "boolean"}, "minProperties": 2},
        {"type": ["string", "null"], "pattern": "^[A-Z]{3}$"},
        {"type": "string", "minLength": 40},
        {"type": "number", "exclusiveMinimum": 0, "maximum": 0.75},
        {"allOf": [{"properties": {"a": {"const": 1}}, "required": ["a"]}, {"required": ["a"]}]},
    ],
)
def test_instances_are_valid(schema: dict[str, Any]) -> None:
    jsonschema.validate(make_instance(schema), schema)


def test_answers_in_the_shape_of_a_schema(ask: Ask) -> None:
    shape = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}
    wanted = {"type": "json_schema", "json_schema": {"name": "a", "schema": shape}}
    jsonschema.validate(json.loads(text(ask(response_format=wanted))), shape)


@pytest.mark.parametrize(
    "shape",
    [
        {"$ref": "#"},
        {"anyOf": [{"$ref": "#"}]},
        {"type": "object", "properties": {"a": {"$ref": "#"}}, "required": ["a"]},
        {"type": "array", "minItems": 10**9},
        {"type": "word"},
        {"$ref": "#/$defs/none"},
    ],
)
def test_refuses_schemas_without_an_instance(ask: Ask, shape: dict[str, Any]) -> None:
    wanted = {"type": "json_schema", "json_schema": {"name": "a", "schema": shape}}
    assert error(ask(response_format=wanted))["param"] == "response_format.json_schema.schema"


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"n": 3},
        {"model": "reference-reasoning-1"},
        {"max_tokens": 3, "logprobs": True, "top_logprobs": 2},
        {"tools": True, "content": "The weather in Paris and Rome"},
        {"tools": True, "model": "reference-reasoning-1", "tool_choice": "required"},
    ],
)
def test_a_stream_adds_up_to_the_whole(
    ask: Ask, weather: dict[str, Any], fields: dict[str, Any]
) -> None:
    if "tools" in fields:
        fields = {**fields, "tools": [weather]}
    prompt = fields.pop("content", "Hello")
    whole = value(ask(prompt, **fields))
    chunks = events(ask(prompt, stream=True, stream_options={"include_usage": True}, **fields))
    assert chunks[-1]["choices"] == []
    assert chunks[-1]["usage"] == whole["usage"]
    assert all(chunk["usage"] is None for chunk in chunks[:-1])
    for wanted in whole["choices"]:
        parts = [c for chunk in chunks for c in chunk["choices"] if c["index"] == wanted["index"]]
        assert assembled(parts) == {
            "content": wanted["message"]["content"] or "",
            "reasoning": wanted["message"].get("reasoning_content", ""),
            "calls": [
                call["function"]["arguments"] for call in wanted["message"].get("tool_calls", [])
            ],
            "finish": [wanted["finish_reason"]],
        }


def assembled(parts: list[dict[str, Any]]) -> dict[str, Any]:
    calls: dict[int, str] = {}
    for part in parts:
        for call in part["delta"].get("tool_calls", []):
            index = call["index"]
            calls[index] = calls.get(index, "") + call["function"]["arguments"]
    return {
        "content": "".join(part["delta"].get("content") or "" for part in parts),
        "reasoning": "".join(part["delta"].get("reasoning_content") or "" for part in parts),
        "calls": [calls[index] for index in sorted(calls)],
        "finish": [part["finish_reason"] for part in parts if part["finish_reason"]],
    }


@pytest.mark.parametrize(
    ("fields", "param", "status"),
    [
        ({"messages": []}, "messages", 400),
        ({"messages": None}, "messages", 400),
        ({"temperature": 2.1}, "temperature", 400),
        ({"max_tokens": 1.5}, "max_tokens", 400),
        ({"max_tokens": True}, "max_tokens", 400),
        ({"stop": list("abcde")}, "stop", 400),
        ({"top_logprobs": 2}, "top_logprobs", 400),
        ({"stream_options": {}}, "stream_options", 400),
        ({"tool_choice": "auto"}, "tool_choice", 400),
        ({"foo": 1}, "foo", 400),
        ({"model": "Reference-1"}, "model", 404),
        ({"response_format": {"type": "xml"}}, "response_format.type", 400),
    ],
)
def test_refuses_what_is_wrong(ask: Ask, fields: dict[str, Any], param: str, status: int) -> None:
    reply = ask(**fields)
    assert reply.status == status
    assert error(reply)["param"] == param
    if "stream_options" not in fields:
        assert value(ask(**fields, stream=True)) == value(reply)


def test_accepts_null_for_optional_parameters(ask: Ask) -> None:
    assert ask(temperature=None, tools=None, stop=None, stream=None, n=None).status == 200


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"NaN", b"\xff\xfe", b"[" * 100_000])
def test_survives_bad_bodies(ask: Ask, body: bytes) -> None:
    headers = (("Authorization", f"Bearer {Settings().api_key}"),)
    reply = ReferenceEndpoint().reply(Request("POST", "/v1/chat/completions", "", headers, body))
    assert reply.status == 400
    assert error(reply)["message"]


def test_survives_lone_surrogates(ask: Ask) -> None:
    assert text(ask("Repeat exactly: a\ud800b\x00c")) == "a\ufffdb\x00c"


def test_names_a_context_overflow(ask: Ask) -> None:
    assert error(ask("word " * 9000))["code"] == "context_length_exceeded"


@pytest.mark.parametrize(
    ("path", "method", "key", "status"),
    [
        ("/v1/models", "GET", None, 401),
        ("/v1/nothing", "GET", None, 401),
        ("/v1/nothing", "PUT", "oaicheck-reference-key", 404),
        ("/nothing", "GET", None, 404),
        ("/v1/models", "GET", "oaicheck-reference-ke", 401),
        ("/v1/models", "GET", Settings().scopeless_key, 403),
        ("/v1/models", "POST", "oaicheck-reference-key", 405),
        ("/v1//models/reference-1", "GET", "oaicheck-reference-key", 200),
        ("/v1/models/a/b", "GET", "oaicheck-reference-key", 404),
        ("/v1/chat/completions", "OPTIONS", None, 204),
    ],
)
def test_routes_and_keys(call: Call, path: str, method: str, key: str | None, status: int) -> None:
    reply = call(path, method, key=key)
    assert reply.status == status
    assert reply.header("x-request-id")
    assert (reply.header("allow") is not None) == (status in (204, 405))
    assert (reply.header("www-authenticate") is not None) == (status == 401)
    if status >= 400:
        assert error(reply)["message"]
    if key:
        assert key.encode() not in reply.body


def test_head_is_get_without_a_body(call: Call) -> None:
    whole, head = call("/v1/models"), call("/v1/models", "HEAD")
    assert head.body == b""
    assert head.header("content-length") == str(len(whole.body))


def test_compresses_on_request_and_never_a_stream(samples: list[Request]) -> None:
    whole, streamed = samples[-2], samples[-1]
    packed = ReferenceEndpoint().reply(whole.with_header("Accept-Encoding", "gzip, br"))
    assert packed.header("content-encoding") == "gzip"
    assert value(Reply(200).with_body(gzip.decompress(packed.body)))["object"] == "chat.completion"
    plain = ReferenceEndpoint().reply(streamed.with_header("Accept-Encoding", "gzip"))
    assert plain.header("content-encoding") is None
    assert len(plain.pieces) > 5
