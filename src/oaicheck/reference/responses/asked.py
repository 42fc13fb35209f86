"""Turns the parsed body of ``POST /responses`` into a request for the model, or refuses it."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..chat.ask import Ask, Choosing
from ..chat.parameters import Rule, validated_parameters
from ..http.problem import ApiError, invalid
from ..model.instance import check_schema, make_instance
from ..model.tokens import text_of
from ..settings import Settings
from .items import InputReader, Item, as_messages, missing_or_type, not_supported, wrong_type
from .state import State

_STRING = Rule(("string",))
_BOOLEAN = Rule(("boolean",))
_OBJECT = Rule(("object",))
_ARRAY = Rule(("array",))
_POSITIVE = Rule(("integer",), 1)
_RULES: Mapping[str, Rule] = {
    "model": _STRING,
    "input": Rule(("string", "array")),
    "instructions": _STRING,
    "stream": _BOOLEAN,
    "stream_options": _OBJECT,
    "max_output_tokens": _POSITIVE,
    "max_tool_calls": _POSITIVE,
    "temperature": Rule(("number",), 0, 2),
    "top_p": Rule(("number",), 0, 1),
    "top_logprobs": Rule(("integer",), 0, 20),
    "tools": _ARRAY,
    "tool_choice": Rule(("string", "object")),
    "parallel_tool_calls": _BOOLEAN,
    "text": _OBJECT,
    "reasoning": _OBJECT,
    "previous_response_id": _STRING,
    "conversation": Rule(("string", "object")),
    "prompt": _OBJECT,
    "store": _BOOLEAN,
    "background": _BOOLEAN,
    "include": _ARRAY,
    "metadata": _OBJECT,
    "truncation": Rule(("string",), values=("auto", "disabled")),
    "service_tier": _STRING,
    "user": _STRING,
    "safety_identifier": _STRING,
    "prompt_cache_key": _STRING,
    "prompt_cache_retention": _STRING,
}
_INCLUDABLE = (
    "reasoning.encrypted_content",
    "message.output_text.logprobs",
    "message.input_image.image_url",
    "file_search_call.results",
    "web_search_call.results",
    "web_search_call.action.sources",
    "code_interpreter_call.outputs",
    "computer_call_output.output.image_url",
)
_EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
_SUMMARIES = ("auto", "concise", "detailed")
_NOT_KEPT_HERE = ("conversation", "prompt")
_MOST_METADATA = 16


@dataclass(frozen=True)
class ResponseAsk:
    """A request for a response after validation."""

    ask: Ask
    """The request for the model; its messages are the whole conversation."""
    given: Mapping[str, Any]
    """The parameters with a value."""
    tools: tuple[dict[str, Any], ...]
    """The tools as repeated in the response, with defaults filled in."""
    text_format: Mapping[str, Any]
    earlier: tuple[Item, ...]
    items: tuple[Item, ...]
    """The input of this turn."""
    summarizes: bool
    """Whether the reasoning is shown as a summary."""
    encrypts: bool
    """Whether the reasoning is included in encrypted form."""

    @property
    def background(self) -> bool:
        """Whether the client does not wait for the response."""
        return bool(self.given.get("background")) and not self.ask.stream

    @property
    def custom(self) -> tuple[str, ...]:
        """The names of the tools of type custom."""
        return tuple(tool["name"] for tool in self.tools if tool["type"] == "custom")

    @property
    def store(self) -> bool:
        """Whether the response is stored."""
        return bool(self.given.get("store", True))


def validated_response_ask(
    body: Mapping[str, Any],
    settings: Settings,
    state: State,
    new_id: Callable[[str], str],
    remember: Callable[[list[Item]], list[Item]],
) -> ResponseAsk:
    """The validated request. Raises an ApiError that names what is wrong."""
    given = validated_parameters(body, lenient=settings.lenient_parameters, rules=_RULES)
    _check_presence(given)
    model = given["model"]
    if model not in settings.models:
        raise ApiError(
            404,
            f"The model '{model}' does not exist or you do not have access to it.",
            param="model",
            code="model_not_found",
        )
    tools = _tools(given.get("tools"))
    choosing, named = _choosing(given.get("tool_choice"), tools)
    reasoning = _reasoning(given.get("reasoning") or {})
    text = given.get("text") or {}
    text_format = _text_format(text)
    included = _included(given.get("include") or [])
    _check_metadata(given.get("metadata") or {})
    _check_stream_options(given)
    if given.get("background") and not state.stores:
        raise _unsupported("background")
    earlier: tuple[Item, ...] = ()
    if "previous_response_id" in given:
        earlier = state.continued(given["previous_response_id"])
    items = InputReader(state, new_id, earlier).read(given.get("input"))
    messages = as_messages([*remember(list(earlier)), *items])
    if "instructions" in given:
        messages.insert(0, {"role": "system", "content": given["instructions"]})
    if text_format["type"] == "json_object":
        _check_mentions_json(messages)
    thinks = model in settings.reasoning_models and reasoning.get("effort") != "none"
    return ResponseAsk(
        ask=Ask(
            model=model,
            messages=tuple(messages),
            stream=given.get("stream", False),
            limit=given.get("max_output_tokens"),
            tools=tuple(map(_chat_tool, tools)),
            choosing=choosing,
            named=named,
            parallel=given.get("parallel_tool_calls", True),
            schema=_schema(text_format),
            logprobs="message.output_text.logprobs" in included or bool(given.get("top_logprobs")),
            top_logprobs=given.get("top_logprobs", 0),
            thinks=thinks,
        ),
        given=given,
        tools=tools,
        text_format=text_format,
        earlier=earlier,
        items=items,
        summarizes=bool(reasoning.get("summary") or reasoning.get("generate_summary")),
        encrypts="reasoning.encrypted_content" in included,
    )


def _check_presence(given: Mapping[str, Any]) -> None:
    if "model" not in given:
        raise invalid("model", "Missing required parameter: 'model'.", "missing_required_parameter")
    for name in _NOT_KEPT_HERE:
        if name in given:
            raise _unsupported(name)
    if given.get("background") and given.get("store") is False:
        raise invalid("background", "Background mode needs 'store' to be true.")
    if not given.get("input") and given.get("input") != "" and "previous_response_id" not in given:
        raise invalid(
            "input",
            "Missing required parameter: 'input' or 'previous_response_id' must be provided.",
            "missing_required_parameter",
        )


def _unsupported(name: str) -> ApiError:
    message = f"Unsupported parameter: '{name}' is not supported here."
    return invalid(name, message, "unsupported_parameter")


def _tools(value: list[Any] | None) -> tuple[dict[str, Any], ...]:
    tools: list[dict[str, Any]] = []
    for place, tool in enumerate(value or []):
        where = f"tools[{place}]"
        if not isinstance(tool, dict):
            raise wrong_type(where, "an object", tool)
        if not isinstance(tool.get("type"), str):
            raise missing_or_type(f"{where}.type", "a string", tool.get("type"))
        if tool["type"] not in ("function", "custom"):
            raise not_supported(f"{where}.type", tool["type"], ("function", "custom"))
        name = tool.get("name")
        if not isinstance(name, str):
            raise missing_or_type(f"{where}.name", "a string", name)
        if not name:
            raise invalid(f"{where}.name", f"Invalid '{where}.name': empty string.")
        if tool["type"] == "custom":
            tools.append({"description": None, "format": {"type": "text"}, **tool})
            continue
        if tool.get("strict") is not None and not isinstance(tool["strict"], bool):
            raise wrong_type(f"{where}.strict", "a boolean", tool["strict"])
        if (parameters := tool.get("parameters")) is not None:
            _check_schema(parameters, f"{where}.parameters")
        strict = True if tool.get("strict") is None else tool["strict"]
        defaults = {"description": None, "name": name, "parameters": None}
        tools.append({"type": "function", **defaults, **tool, "strict": strict})
    return tuple(tools)


def _chat_tool(tool: Mapping[str, Any]) -> dict[str, Any]:
    """The tool as a function; one of type custom takes its text as the only argument."""
    if tool["type"] == "custom":
        properties = {"input": {"type": "string"}}
        parameters = {"type": "object", "properties": properties, "required": ["input"]}
        return {"type": "function", "function": {"name": tool["name"], "parameters": parameters}}
    keys = ("name", "description", "parameters")
    function = {key: tool[key] for key in keys if tool[key] is not None}
    return {"type": "function", "function": function}


def _choosing(
    value: str | dict[str, Any] | None, tools: Sequence[dict[str, Any]]
) -> tuple[Choosing, str | None]:
    if value is None or value == "auto":
        return ("auto" if tools else "none"), None
    if value == "none":
        return "none", None
    if isinstance(value, str):
        if value != "required":
            raise not_supported("tool_choice", value, ("none", "auto", "required"))
        if not tools:
            message = "Tool choice 'required' must be specified with 'tools' parameter."
            raise invalid("tool_choice", message)
        return "required", None
    if value.get("type") not in ("function", "custom"):
        raise not_supported("tool_choice.type", value.get("type"), ("function", "custom"))
    name = value.get("name")
    if not isinstance(name, str):
        raise missing_or_type("tool_choice.name", "a string", name)
    if name not in {tool["name"] for tool in tools}:
        message = f"Tool choice '{name}' not found in 'tools' parameter."
        raise invalid("tool_choice", message, "invalid_value")
    return "named", name


def _reasoning(value: Mapping[str, Any]) -> Mapping[str, Any]:
    allowed = {"effort": _EFFORTS, "summary": _SUMMARIES, "generate_summary": _SUMMARIES}
    for name, word in value.items():
        if name not in allowed:
            raise _unknown(f"reasoning.{name}")
        if word is not None and word not in allowed[name]:
            raise not_supported(f"reasoning.{name}", word, allowed[name])
    return value


def _text_format(text: Mapping[str, Any]) -> Mapping[str, Any]:
    for name in text:
        if name not in ("format", "verbosity"):
            raise _unknown(f"text.{name}")
    if text.get("verbosity") not in (None, "low", "medium", "high"):
        raise not_supported("text.verbosity", text["verbosity"], ("low", "medium", "high"))
    given = text.get("format")
    if given is None:
        return {"type": "text"}
    if not isinstance(given, dict):
        raise wrong_type("text.format", "an object", given)
    kind = given.get("type")
    if kind in ("text", "json_object"):
        return {"type": kind}
    if kind != "json_schema":
        raise not_supported("text.format.type", kind, ("text", "json_object", "json_schema"))
    if not isinstance(given.get("name"), str):
        raise missing_or_type("text.format.name", "a string", given.get("name"))
    if not isinstance(given.get("schema"), dict):
        raise missing_or_type("text.format.schema", "an object", given.get("schema"))
    _check_schema(given["schema"], "text.format.schema")
    defaults = {"description": None, "strict": False}
    filled = {key: value for key, value in given.items() if value is not None}
    return {**defaults, **filled}


def _schema(text_format: Mapping[str, Any]) -> dict[str, Any] | None:
    if text_format["type"] == "json_schema":
        return {"type": "object", **text_format["schema"]}
    return {} if text_format["type"] == "json_object" else None


def _check_mentions_json(messages: Sequence[dict[str, Any]]) -> None:
    if not any("json" in text_of(message).lower() for message in messages):
        raise invalid(
            "input",
            "Response input messages must contain the word 'json' in some form to use "
            "'text.format' of type 'json_object'.",
        )


def _included(value: Sequence[object]) -> Sequence[object]:
    for place, name in enumerate(value):
        if name not in _INCLUDABLE:
            raise not_supported(f"include[{place}]", name, _INCLUDABLE)
    return value


def _check_metadata(value: Mapping[str, Any]) -> None:
    if len(value) > _MOST_METADATA:
        message = f"Invalid 'metadata': too many properties, {_MOST_METADATA} at most."
        raise invalid("metadata", message)
    for key, held in value.items():
        if not isinstance(held, str):
            raise wrong_type(f"metadata.{key}", "a string", held)


def _check_stream_options(given: Mapping[str, Any]) -> None:
    if "stream_options" not in given:
        return
    if not given.get("stream"):
        raise invalid(
            "stream_options",
            "The 'stream_options' parameter is only allowed when 'stream' is true.",
        )
    for name, value in given["stream_options"].items():
        if name != "include_obfuscation":
            raise _unknown(f"stream_options.{name}")
        if value is not None and not isinstance(value, bool):
            raise wrong_type(f"stream_options.{name}", "a boolean", value)


def _unknown(where: str) -> ApiError:
    return invalid(where, f"Unknown parameter: '{where}'.", "unknown_parameter")


def _check_schema(schema: object, where: str) -> None:
    try:
        check_schema(schema)
        if isinstance(schema, dict):
            make_instance({"type": "object", **schema})
    except (ValueError, TypeError, ArithmeticError, RecursionError) as error:
        raise invalid(
            where, f"Invalid schema for '{where}': {json.dumps(str(error))}.", "invalid_schema"
        ) from error
