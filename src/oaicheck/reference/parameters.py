"""Validates the plain parameters of a chat request: types, ranges, and unknown names."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .problem import invalid

_TYPE_NAMES = {
    "string": "a string",
    "boolean": "a boolean",
    "integer": "an integer",
    "number": "a number",
    "object": "an object",
    "array": "an array",
}


@dataclass(frozen=True)
class _Rule:
    """The types that a parameter may have and the range of its numbers."""

    types: tuple[str, ...]
    low: float | None = None
    high: float | None = None
    values: tuple[str, ...] = ()


_STRING = _Rule(("string",))
_BOOLEAN = _Rule(("boolean",))
_OBJECT = _Rule(("object",))
_ARRAY = _Rule(("array",))
_POSITIVE = _Rule(("integer",), 1)

_RULES: Mapping[str, _Rule] = {
    "model": _STRING,
    "messages": _ARRAY,
    "stream": _BOOLEAN,
    "stream_options": _OBJECT,
    "max_tokens": _POSITIVE,
    "max_completion_tokens": _POSITIVE,
    "n": _Rule(("integer",), 1, 128),
    "temperature": _Rule(("number",), 0, 2),
    "top_p": _Rule(("number",), 0, 1),
    "presence_penalty": _Rule(("number",), -2, 2),
    "frequency_penalty": _Rule(("number",), -2, 2),
    "seed": _Rule(("integer",), -(2**63), 2**63 - 1),
    "stop": _Rule(("string", "array")),
    "tools": _ARRAY,
    "tool_choice": _Rule(("string", "object")),
    "parallel_tool_calls": _BOOLEAN,
    "response_format": _OBJECT,
    "logprobs": _BOOLEAN,
    "top_logprobs": _Rule(("integer",), 0, 20),
    "logit_bias": _OBJECT,
    "user": _STRING,
    "store": _BOOLEAN,
    "metadata": _OBJECT,
    "service_tier": _STRING,
    "reasoning_effort": _Rule(
        ("string",), values=("none", "minimal", "low", "medium", "high", "xhigh", "max")
    ),
    "verbosity": _Rule(("string",), values=("low", "medium", "high")),
    "modalities": _ARRAY,
    "audio": _OBJECT,
    "prediction": _OBJECT,
    "web_search_options": _OBJECT,
    "prompt_cache_key": _STRING,
    "prompt_cache_retention": _STRING,
    "safety_identifier": _STRING,
    "functions": _ARRAY,
    "function_call": _Rule(("string", "object")),
}


def validated_parameters(body: Mapping[str, Any], *, lenient: bool) -> dict[str, Any]:
    """The parameters that were given a value, each of the right type and in its range."""
    given = {name: value for name, value in body.items() if value is not None}
    unknown = [name for name in body if name not in _RULES]
    if unknown and not lenient:
        name = unknown[0]
        raise invalid(name, f"Unrecognized request argument supplied: {name}", "unknown_parameter")
    for name, value in given.items():
        if rule := _RULES.get(name):
            _check(name, value, rule)
    return given


def _check(name: str, value: object, rule: _Rule) -> None:
    kind = _kind(value)
    if kind not in rule.types and not (kind == "integer" and "number" in rule.types):
        wanted = " or ".join(_TYPE_NAMES[wanted] for wanted in rule.types)
        found = _TYPE_NAMES.get(kind, kind)
        raise invalid(
            name,
            f"Invalid type for '{name}': expected {wanted}, but got {found} instead.",
            "invalid_type",
        )
    if isinstance(value, int | float):
        if rule.low is not None and value < rule.low:
            raise invalid(
                name,
                f"Invalid '{name}': {kind} below minimum value. Expected a value >= {rule.low}, "
                f"but got {value} instead.",
                f"{kind}_below_min_value",
            )
        if rule.high is not None and value > rule.high:
            raise invalid(
                name,
                f"Invalid '{name}': {kind} above maximum value. Expected a value <= {rule.high}, "
                f"but got {value} instead.",
                f"{kind}_above_max_value",
            )
    if rule.values and value not in rule.values:
        allowed = ", ".join(f"'{allowed}'" for allowed in rule.values)
        raise invalid(
            name, f"Invalid value: '{value}'. Supported values are: {allowed}.", "invalid_value"
        )


def _kind(value: object) -> str:
    if isinstance(value, bool):
        return "boolean"
    kinds = {str: "string", int: "integer", float: "number", dict: "object", list: "array"}
    return kinds.get(type(value), "null")
