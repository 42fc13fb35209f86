"""The random bodies, as Hypothesis strategies. Imported only if bodies are drawn.

Every value is built from coin tosses. Hypothesis's own numbers, strings and choices prefer the
first option, small values, and constants that it finds in loaded modules. With coin tosses only,
one version of Hypothesis draws the same bodies for a seed on any machine, and every field gets its
turn.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis import strategies as st

T = TypeVar("T")
Object = dict[str, Any]
Path = tuple[str | int, ...]
Drawn = tuple[str, Object]
"""A title for people, and the body."""

_LEFT_OUT = object()
"""Stands for a member that is missing."""

_SYLLABLES = ("ba", "ke", "lo", "mi", "nu", "pa", "ri", "so")
_ASSIGNED = (
    "hello", " ", "Zürich", "e\u0301", "Z\u0337\u0322", "ß", "İ", "ﬁ", "½", "€", "𝔘", "\u00a0",
    "👩‍🚀", "🇩🇪", "👍🏽", "🫠", "שלום", "مرحبا", "ﷺ", "नमस्ते", "สวัสดี", "漢字", "한국어",
    '"', "\\", "\\u0041", "'", "\n", "\t", "\r\n", "{}", "%s",
)  # fmt: skip
_ESCAPED = ("\0", "\ud800", "\ud83d", "\ude00", "\udfff")
_ODD = (
    "\x01", "\x1b[31m", "\x7f", "\x85", "\ufdd0", "\uffff", "\U0010ffff", "\uf8ff", "\ufffd",
    "\ufeff", "\u200b", "\u200d", "\u2028", "\u202e", "\u2066", "\U000e0041",
)  # fmt: skip

_LIMITED: Object = {"model": "$model", "max_tokens": 8}
_SYSTEM: Object = {"role": "system", "content": "Be brief."}
_USER: Object = {"role": "user", "content": "Say hello."}
_CHAT: Object = {**_LIMITED, "messages": [_SYSTEM, _USER]}
_TOOL: Object = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather in a city",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
    },
}
_CALL: Object = {
    "id": "call_1",
    "type": "function",
    "function": {"name": "get_weather", "arguments": '{"city":"Paris"}'},
}
_CALLED: Object = {
    **_LIMITED,
    "messages": [
        {"role": "user", "content": "What is the weather in Paris?"},
        {"role": "assistant", "content": None, "tool_calls": [_CALL]},
        {"role": "tool", "tool_call_id": "call_1", "content": "Sunny"},
    ],
    "tools": [_TOOL],
    "tool_choice": "auto",
}


def _pick(options: Iterable[T]) -> st.SearchStrategy[T]:
    """One of a few values, all about equally likely."""
    listed = tuple(options)
    coins = st.tuples(*[st.booleans()] * (len(listed) - 1).bit_length(), st.booleans())
    return coins.map(lambda tossed: listed[_number(tossed) % len(listed)])


def _number(tossed: tuple[bool, ...]) -> int:
    return sum(1 << place for place, coin in enumerate(tossed) if coin)


def _any_of(*strategies: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """A value of one of the strategies, all about equally likely."""
    return _pick(strategies).flatmap(lambda strategy: strategy)


_word = st.lists(_pick(_SYLLABLES), min_size=2, max_size=5).map("".join)
_text = st.lists(_pick(_ASSIGNED), min_size=1, max_size=12).map("".join)
_odd_text = st.lists(
    _any_of(_pick(_ESCAPED), _pick(_ODD), _pick(_ASSIGNED)), min_size=1, max_size=6
).map("".join)
_whole = _pick((0, 1, 7, -3, 2**31, 2**63, -(2**63) - 1, 10**30))
_broken = _pick((0.5, -1.25, 1e-9, 1e300))
_scalar = _any_of(st.booleans(), _whole, _broken, _word)

_OF_KIND: Mapping[str, st.SearchStrategy[Any]] = {
    "boolean": st.booleans(),
    "integer": _whole,
    "fraction": _broken,
    "string": _word,
    "array": st.lists(_scalar, max_size=3),
    "object": st.lists(st.tuples(_word, _scalar), max_size=2).map(dict),
}


def drawn(kind: str, entropy: int, count: int) -> list[Drawn]:
    """Draw `count` bodies of a kind. The same `entropy` gives the same bodies."""
    found: list[Drawn] = []

    # The first body is the simplest one, whatever the seed is, so it is dropped.
    @seed(entropy)
    @settings(
        database=None,
        deadline=None,
        derandomize=False,
        max_examples=count + 1,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
    )
    @given(_KINDS[kind]())
    def collect(body: Drawn) -> None:
        found.append(body)

    collect()
    return found[1 : count + 1]


def _wrong(*right: str) -> st.SearchStrategy[Any]:
    """A value of any JSON type except these. Never null, which may mean "not given"."""
    return _any_of(*(values for kind, values in _OF_KIND.items() if kind not in right))


def _list_of_wrong(*right: str) -> st.SearchStrategy[list[Any]]:
    return st.lists(_wrong(*right), min_size=1, max_size=3)


_left_out = st.just(_LEFT_OUT)
_not_a_number = _wrong("integer", "fraction")
_another_function = _word.map(lambda name: {"type": "function", "function": {"name": name}})

_Damage = Mapping[Path, tuple[st.SearchStrategy[Any], ...]]
_DAMAGE: _Damage = {
    ("model",): (_wrong("string"), _left_out),
    ("messages",): (_wrong("array"), st.just([]), _list_of_wrong("object"), _left_out),
    ("messages", 1): (_wrong("object"),),
    ("messages", 1, "role"): (_wrong("string"), _word, _left_out),
    ("messages", 1, "content"): (_wrong("string", "array"), _list_of_wrong("object"), _left_out),
    ("messages", 1, "name"): (_wrong("string"),),
    ("stream",): (_wrong("boolean"),),
    ("stream_options",): (_wrong("object"),),
    ("temperature",): (_not_a_number, _pick((-1, 2.5, 100))),
    ("top_p",): (_not_a_number, _pick((-0.5, 1.5, 7))),
    ("presence_penalty",): (_not_a_number, _pick((-2.5, 3))),
    ("frequency_penalty",): (_not_a_number, _pick((-2.5, 3))),
    ("seed",): (_wrong("integer"),),
    ("stop",): (_wrong("string", "array"), _list_of_wrong("string")),
    ("response_format",): (
        _wrong("object"),
        st.fixed_dictionaries({"type": _any_of(_word, _whole)}),
    ),
    ("logprobs",): (_wrong("boolean"),),
    ("top_logprobs",): (_wrong("integer"), _pick((-1, 21, 1000))),
    ("logit_bias",): (_wrong("object"),),
    ("user",): (_wrong("string"),),
    ("metadata",): (_wrong("object"),),
}
"""Values that the documented API forbids, by field. Token limits stay intact: otherwise an endpoint
that ignores the damage would generate without end."""

_FUNCTION: Path = ("tools", 0, "function")
_MADE: Path = ("messages", 1, "tool_calls")
_DAMAGE_OF_TOOLS: _Damage = {
    ("tools",): (_wrong("array"), _list_of_wrong("object")),
    ("tools", 0, "type"): (_wrong("string"), _word, _left_out),
    _FUNCTION: (_wrong("object"), _left_out),
    (*_FUNCTION, "name"): (_wrong("string"), st.just(""), _left_out),
    (*_FUNCTION, "parameters"): (_wrong("object"),),
    (*_FUNCTION, "parameters", "type"): (_wrong("string", "array"), _word),
    ("tool_choice",): (_wrong("string", "object"), _word, _another_function),
    ("parallel_tool_calls",): (_wrong("boolean"),),
    _MADE: (_wrong("array"), _list_of_wrong("object")),
    (*_MADE, 0, "id"): (_wrong("string"), _left_out),
    (*_MADE, 0, "type"): (_wrong("string"), _word),
    (*_MADE, 0, "function"): (_wrong("object"), _left_out),
    (*_MADE, 0, "function", "name"): (_wrong("string"), _left_out),
    (*_MADE, 0, "function", "arguments"): (_wrong("string"),),
    ("messages", 2, "tool_call_id"): (_wrong("string"), _word, _left_out),
}


@st.composite
def _damaged(draw: st.DrawFn, base: Object, damage: _Damage) -> Drawn:
    path = draw(_pick(damage))
    value = draw(_any_of(*damage[path]))
    body = copy.deepcopy(base)
    if path != ("stream",):
        body["stream"] = draw(st.booleans())
    place: Any = body
    for step in path[:-1]:
        place = place[step]
    if value is _LEFT_OUT:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    how = "without" if value is _LEFT_OUT else "with a wrong type or value in"
    return f"A request {how} {_shown(path)}", body


def _shown(path: Path) -> str:
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return "".join(steps).lstrip(".")


_SHAPES: Mapping[str, Callable[[str], list[Object]]] = {
    "the user's message": lambda text: [{"role": "user", "content": text}],
    "the system message": lambda text: [{"role": "system", "content": text}, _USER],
    "an earlier answer": lambda text: [_USER, {"role": "assistant", "content": text}, _USER],
    "a part of a message": lambda text: [
        {"role": "user", "content": [{"type": "text", "text": text}]}
    ],
}


@st.composite
def _unicode_text(draw: st.DrawFn) -> Drawn:
    shape = draw(_pick(_SHAPES))
    body = {**_LIMITED, "messages": _SHAPES[shape](draw(_text)), "stream": draw(st.booleans())}
    return f"Characters of many scripts in {shape}", body


def _saying(**members: Any) -> Object:
    return {**_LIMITED, "messages": [{**_USER, **members}]}


def _offering(function: Object, **parameters: Any) -> Object:
    shape = {"type": "object", "properties": {"city": {"type": "string", **parameters}}}
    whole = {"name": "get_weather", "parameters": shape, **function}
    return {**_CHAT, "tools": [{"type": "function", "function": whole}]}


def _having_called(id_: str = "call_1", **function: str) -> Object:
    called = {"id": id_, "type": "function", "function": {**_CALL["function"], **function}}
    user, answer, result = _CALLED["messages"]
    messages = [user, {**answer, "tool_calls": [called]}, {**result, "tool_call_id": id_}]
    return {**_CALLED, "messages": messages}


_PLACES: Mapping[str, Callable[[str], Object]] = {
    "model": lambda text: {**_CHAT, "model": text},
    "a role": lambda text: _saying(role=text),
    "a name": lambda text: _saying(name=text),
    "a content": lambda text: _saying(content=text),
    "a part's type": lambda text: _saying(content=[{"type": text, "text": "Hello"}]),
    "a part's text": lambda text: _saying(content=[{"type": "text", "text": text}]),
    "a member of a message": lambda text: _saying(**{text: "x"}),
    "a parameter's name": lambda text: {**_CHAT, text: 1},
    "stop": lambda text: {**_CHAT, "stop": text},
    "user": lambda text: {**_CHAT, "user": text},
    "metadata": lambda text: {**_CHAT, "metadata": {text: text}},
    "response_format": lambda text: {**_CHAT, "response_format": {"type": text}},
    "a schema's name": lambda text: {
        **_CHAT,
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": text, "schema": {"type": "object", "properties": {}}},
        },
    },
    "a function's name": lambda text: _offering({"name": text}),
    "a function's description": lambda text: _offering({"description": text}),
    "a parameter of a function": lambda text: _offering(
        {"parameters": {"type": "object", "properties": {text: {"type": "string"}}}}
    ),
    "an enumeration": lambda text: _offering({}, enum=[text]),
    "a pattern": lambda text: _offering({}, pattern=text),
    "tool_choice": lambda text: {**_offering({}), "tool_choice": text},
    "the id of a call": _having_called,
    "the name in a call": lambda text: _having_called(name=text),
    "the arguments of a call": lambda text: _having_called(
        arguments=json.dumps({"city": text}, ensure_ascii=False)
    ),
}
"""Every place in a request that takes any string, and some that only take certain strings."""


@st.composite
def _odd_unicode(draw: st.DrawFn) -> Drawn:
    place = draw(_pick(_PLACES))
    body = {**_PLACES[place](draw(_odd_text)), "stream": draw(st.booleans())}
    return f"Odd characters in {place}", body


_PROPERTIES = (
    "city", "days", "größe", "温度", "a-b", "a.b", "with space", "_id", "type", "properties",
    "required", "default",
)  # fmt: skip
_STRINGS: tuple[Object, ...] = (
    {},
    {"enum": ["a", "b", "🎉"]},
    {"enum": [""]},
    {"format": "date"},
    {"pattern": "^[a-z]+$"},
    {"pattern": r"^\d{3}$"},
    {"minLength": 1, "maxLength": 40},
    {"description": 'With "quotes", \\ and\nline ends'},
    {"default": "a"},
)
_NUMBERS: tuple[Object, ...] = (
    {},
    {"minimum": 0},
    {"minimum": -5, "maximum": 5},
    {"exclusiveMinimum": 0},
    {"multipleOf": 5},
    {"enum": [1, 2, 3]},
)
_DEFINED: Object = {"unit": {"type": "string", "enum": ["C", "F"]}}


@st.composite
def _schema(draw: st.DrawFn, depth: int) -> Object:
    """A valid JSON Schema with at most `depth` levels of nesting."""
    kinds = ["string", "integer", "number", "boolean", "constant", "nullable", "reference"]
    if depth:
        kinds += ["array", "object", "union"]
    kind = draw(_pick(kinds))
    if kind == "string":
        return {"type": kind, **draw(_pick(_STRINGS))}
    if kind in ("integer", "number"):
        return {"type": kind, **draw(_pick(_NUMBERS))}
    if kind == "constant":
        return {"const": draw(_pick(("a", 1, True, None)))}
    if kind == "nullable":
        return {"type": [draw(_pick(("string", "integer", "boolean"))), "null"]}
    if kind == "reference":
        return {"$ref": "#/$defs/unit"}
    if kind == "array":
        bounds = draw(_pick(({}, {"minItems": 1}, {"minItems": 1, "maxItems": 2})))
        return {"type": kind, "items": draw(_schema(depth - 1)), **bounds}
    if kind == "object":
        return draw(_object_schema(depth - 1))
    if kind == "union":
        return {"anyOf": draw(st.lists(_schema(depth - 1), min_size=1, max_size=3))}
    return {"type": kind}


@st.composite
def _object_schema(draw: st.DrawFn, depth: int) -> Object:
    names = dict.fromkeys(draw(st.lists(_pick(_PROPERTIES), max_size=4)))
    schema: Object = {
        "type": "object",
        "properties": {name: draw(_schema(depth)) for name in names},
    }
    required = [name for name in names if draw(st.booleans())]
    if draw(st.booleans()) or required:
        schema["required"] = required
    if draw(st.booleans()):
        schema["additionalProperties"] = draw(_pick((False, True, {"type": "string"})))
    return schema


@st.composite
def _definition(draw: st.DrawFn) -> Drawn:
    parameters = {**draw(_object_schema(3)), "$defs": _DEFINED}
    function: Object = {
        "name": draw(_pick(("f", "get_weather", "a-b_C9", "x" * 64))),
        "parameters": parameters,
    }
    if draw(st.booleans()):
        function["description"] = draw(_text)
    body = {**_CHAT, "tools": [{"type": "function", "function": function}]}
    if draw(st.booleans()):
        body["tool_choice"] = draw(_pick(("auto", "required")))
    return "A tool with a random schema", {**body, "stream": draw(st.booleans())}


_value = _any_of(st.none(), st.booleans(), _whole, _broken, _text)
_nested = _any_of(
    _value,
    st.lists(_value, max_size=3),
    st.lists(st.tuples(_pick(_PROPERTIES), _value), max_size=3).map(dict),
)
_arguments = st.lists(st.tuples(_pick(_PROPERTIES), _nested), max_size=4).map(dict)


@st.composite
def _history(draw: st.DrawFn) -> Drawn:
    written = json.dumps(draw(_arguments), ensure_ascii=draw(st.booleans()))
    title = "Random arguments in a tool call of an earlier turn"
    if draw(st.booleans()):
        written = written[: len(written) * draw(_pick(range(8))) // 8]
        title += ", cut off as by a token limit"
    body = _having_called(arguments=written)
    body["messages"][2]["content"] = draw(_text) if draw(st.booleans()) else ""
    return title, {**body, "stream": draw(st.booleans())}


_KINDS: Mapping[str, Callable[[], st.SearchStrategy[Drawn]]] = {
    "damaged": lambda: _damaged(_CHAT, _DAMAGE),
    "damaged/tools": lambda: _damaged(_CALLED, _DAMAGE_OF_TOOLS),
    "unicode/text": _unicode_text,
    "unicode/odd": _odd_unicode,
    "schemas/definition": _definition,
    "schemas/arguments": _history,
}
"""The strategy of each kind, by the kind's name in `oaicheck.scenarios.fuzz`."""
