"""Turns the parsed body of a chat request into an Ask, or refuses it."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from ..http.problem import ApiError, invalid
from ..model.instance import check_schema, make_instance
from ..model.tokens import text_of
from ..settings import Settings
from .ask import Ask, Choosing
from .messages import validated_messages
from .parameters import validated_parameters


def validated_ask(body: Mapping[str, Any], settings: Settings) -> Ask:
    """The validated chat request. Raises an ApiError that names what is wrong."""
    given = validated_parameters(body, lenient=settings.lenient_parameters)
    if "model" not in given:
        raise invalid("model", "You must provide a model parameter.", "missing_required_parameter")
    messages = validated_messages(body.get("messages"))
    if given["model"] not in settings.models:
        raise ApiError(
            404,
            f"The model '{given['model']}' does not exist or you do not have access to it.",
            param="model",
            code="model_not_found",
        )
    tools = _tools(given.get("tools"))
    chosen = _choosing(given.get("tool_choice"), tools)
    stream = given.get("stream", False)
    _logprobs(given)
    thinks = given["model"] in settings.reasoning_models
    return Ask(
        model=given["model"],
        messages=messages,
        stream=stream,
        include_usage=_include_usage(given.get("stream_options"), stream=stream),
        n=given.get("n", 1),
        limit=given.get("max_completion_tokens", given.get("max_tokens")),
        stop=_stop(given.get("stop")),
        tools=tools,
        choosing=chosen.choosing,
        named=chosen.named,
        parallel=given.get("parallel_tool_calls", True),
        schema=_schema(given.get("response_format"), messages),
        logprobs=given.get("logprobs", False),
        top_logprobs=given.get("top_logprobs", 0),
        thinks=thinks and given.get("reasoning_effort") != "none",
    )


class _Chosen(NamedTuple):
    choosing: Choosing
    named: str | None = None


def _include_usage(options: dict[str, Any] | None, *, stream: bool) -> bool:
    if options is None:
        return False
    if not stream:
        raise invalid(
            "stream_options",
            "The 'stream_options' parameter is only allowed when 'stream' is true.",
        )
    for name, value in options.items():
        where = f"stream_options.{name}"
        if name not in ("include_usage", "include_obfuscation"):
            raise invalid(where, f"Unknown parameter: '{where}'.", "unknown_parameter")
        if value is not None and not isinstance(value, bool):
            raise invalid(where, f"Invalid type for '{where}': expected a boolean.", "invalid_type")
    return bool(options.get("include_usage"))


def _stop(value: str | list[Any] | None) -> tuple[str, ...]:
    stops = [value] if isinstance(value, str) else value or []
    if len(stops) > 4:
        raise invalid(
            "stop",
            f"Invalid 'stop': array too long. Expected at most 4 strings, got {len(stops)}.",
            "array_above_max_length",
        )
    for stop in stops:
        if not isinstance(stop, str) or not stop:
            raise invalid("stop", "Invalid 'stop': expected non-empty strings.", "invalid_type")
    return tuple(stops)


def _logprobs(given: Mapping[str, Any]) -> None:
    if "top_logprobs" in given and not given.get("logprobs"):
        raise invalid(
            "top_logprobs",
            "The 'top_logprobs' parameter is only allowed when 'logprobs' is enabled.",
        )


def _tools(value: list[Any] | None) -> tuple[dict[str, Any], ...]:
    for place, tool in enumerate(value or []):
        where = f"tools[{place}]"
        if not isinstance(tool, dict):
            raise invalid(where, f"Invalid type for '{where}': expected an object.", "invalid_type")
        if tool.get("type") != "function":
            raise invalid(
                f"{where}.type",
                f"Invalid value for '{where}.type': supported values are: 'function'.",
                "invalid_value",
            )
        function = tool.get("function")
        if not isinstance(function, dict) or not isinstance(function.get("name"), str):
            where = f"{where}.function" + (".name" if isinstance(function, dict) else "")
            message = f"Missing required parameter: '{where}'."
            raise invalid(where, message, "missing_required_parameter")
        if not function["name"]:
            raise invalid(
                f"{where}.function.name", f"Invalid '{where}.function.name': empty string."
            )
        if (parameters := function.get("parameters")) is not None:
            _checked_schema(parameters, f"{where}.function.parameters")
    return tuple(value or ())


def _choosing(value: str | dict[str, Any] | None, tools: tuple[dict[str, Any], ...]) -> _Chosen:
    if value is None:
        return _Chosen("auto" if tools else "none")
    if value == "none":
        return _Chosen("none")
    if not tools:
        raise invalid("tool_choice", "'tool_choice' is only allowed when 'tools' are specified.")
    if value == "auto":
        return _Chosen("auto")
    if value == "required":
        return _Chosen("required")
    if isinstance(value, str):
        raise invalid(
            "tool_choice",
            f"Invalid value: '{value}'. Supported values are: 'none', 'auto', and 'required'.",
            "invalid_value",
        )
    function = value.get("function")
    name = function.get("name") if isinstance(function, dict) else None
    if value.get("type") != "function" or not isinstance(name, str):
        raise invalid(
            "tool_choice", "Invalid 'tool_choice': expected a type 'function' and a function name."
        )
    if name not in {tool["function"]["name"] for tool in tools}:
        raise invalid(
            "tool_choice",
            f"Tool choice '{name}' not found in the 'tools' parameter.",
            "invalid_value",
        )
    return _Chosen("named", name)


def _schema(
    value: dict[str, Any] | None, messages: tuple[dict[str, Any], ...]
) -> dict[str, Any] | None:
    if value is None or value.get("type") == "text":
        return None
    if value.get("type") == "json_object":
        if not any("json" in text_of(message).lower() for message in messages):
            raise invalid(
                "messages",
                "'messages' must contain the word 'json' in some form, to use 'response_format' "
                "of type 'json_object'.",
            )
        return {}
    if value.get("type") != "json_schema":
        raise invalid(
            "response_format.type",
            f"Invalid value: {json.dumps(value.get('type'))}. Supported values are: 'text', "
            "'json_object', and 'json_schema'.",
            "invalid_value",
        )
    wrapper = value.get("json_schema")
    where = "response_format.json_schema"
    if not isinstance(wrapper, dict) or not isinstance(wrapper.get("name"), str):
        where += ".name" if isinstance(wrapper, dict) else ""
        message = f"Missing required parameter: '{where}'."
        raise invalid(where, message, "missing_required_parameter")
    schema = wrapper.get("schema", {"type": "object"})
    _checked_schema(schema, f"{where}.schema")
    return {"type": "object", **schema}


def _checked_schema(schema: object, where: str) -> None:
    try:
        check_schema(schema)
        if isinstance(schema, dict):
            make_instance({"type": "object", **schema})
    except (ValueError, TypeError, ArithmeticError, RecursionError) as error:
        raise invalid(where, f"Invalid schema for '{where}': {error}.", "invalid_schema") from error
