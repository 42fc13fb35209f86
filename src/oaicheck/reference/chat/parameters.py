"""Validates the simple parameters of a request: types, ranges and unknown names."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..http.problem import invalid

_TYPE_NAMES = {
    "string": "a string",
    "boolean": "a boolean",
    "integer": "an integer",
    "number": "a number",
    "object": "an object",
    "array": "an array",
}


@dataclass(frozen=True)
class Rule:
    """The types that a parameter may have, and the range of its numbers."""

    types: tuple[str, ...]
    low: float | None = None
    high: float | None = None
    values: tuple[str, ...] = ()


_STRING = Rule(("string",))
_BOOLEAN = Rule(("boolean",))
_OBJECT = Rule(("object",))
_ARRAY = Rule(("array",))
_POSITIVE = Rule(("integer",), 1)

CHAT_RULES: Mapping[str, Rule] = {
    "model": _STRING,
    "messages": _ARRAY,
    "stream": _BOOLEAN,
    "stream_options": _OBJECT,
    "max_tokens": _POSITIVE,
    "max_completion_tokens": _POSITIVE,
    "n": Rule(("integer",), 1, 128),
    "temperature": Rule(("number",), 0, 2),
    "top_p": Rule(("number",), 0, 1),
    "presence_penalty": Rule(("number",), -2, 2),
    "frequency_penalty": Rule(("number",), -2, 2),
    "seed": Rule(("integer",), -(2**63), 2**63 - 1),
    "stop": Rule(("string", "array")),
    "tools": _ARRAY,
    "tool_choice": Rule(("string", "object")),
    "parallel_tool_calls": _BOOLEAN,
    "response_format": _OBJECT,
    "logprobs": _BOOLEAN,
    "top_logprobs": Rule(("integer",), 0, 20),
    "logit_bias": _OBJECT,
    "user": _STRING,
    "store": _BOOLEAN,
    "metadata": _OBJECT,
    "service_tier": _STRING,
    "reasoning_effort": Rule(
        ("string",), values=("none", "minimal", "low", "medium", "high", "xhigh", "max")
    ),
    "verbosity": Rule(("string",), values=("low", "medium", "high")),
    "modalities": _ARRAY,
    "audio": _OBJECT,
    "prediction": _OBJECT,
    "web_search_options": _OBJECT,
    "prompt_cache_key": _STRING,
    "prompt_cache_retention": _STRING,
    "safety_identifier": _STRING,
    "functions": _ARRAY,
    "function_call": Rule(("string", "object")),
}


def validated_parameters(
    body: Mapping[str, Any], *, lenient: bool, rules: Mapping[str, Rule] = CHAT_RULES
) -> dict[str, Any]:
    """The parameters with a value. Raises an ApiError for a wrong type or a value out of range."""
    given = {name: value for name, value in body.items() if value is not None}
    unknown = [name for name in body if name not in rules]
    if unknown and not lenient:
        name = unknown[0]
        raise invalid(name, f"Unrecognized request argument supplied: {name}", "unknown_parameter")
    for name, value in given.items():
        if rule := rules.get(name):
            _check(name, value, rule)
    return given


def _check(name: str, value: object, rule: Rule) -> None:
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
