"""The arguments of tool calls, streamed or not: one JSON object, as text, that fits the schema."""

from collections.abc import Iterator
from typing import Any

from oaicheck.rules import (
    MUST,
    NO_ARGUMENTS,
    NO_CALL_INDEX,
    SHOULD,
    Inconclusive,
    NotApplicable,
    clipped,
    require,
    requirement,
)
from oaicheck.views import (
    Arguments,
    ChatStream,
    Completion,
    Exchange,
    answered_of,
    arguments_in,
    parse_json,
    shown,
    texts_in,
)

_WHOLE = ("chat/whole/tool*", "chat/tools/whole/*")
_STREAMED = ("chat/stream/tool*", "chat/stream/long-call", "chat/tools/stream/auto")
_TYPED = ("chat/tools/whole/strict", "chat/tools/stream/strict")
_ALL_STREAMED = ("chat/stream/tool*", "chat/tools/stream/*")


def _complete(answer: Completion | ChatStream) -> list[Arguments]:
    """The complete arguments that are text; raises Inconclusive if there are none."""
    complete = [arguments for arguments in arguments_in(answer) if not arguments.cut]
    if not complete:
        _must_be_separable(answer)
        raise Inconclusive("no call has complete arguments that are a string", told_by=NO_ARGUMENTS)
    return complete


def _must_be_separable(answer: Completion | ChatStream) -> None:
    if isinstance(answer, ChatStream) and any(call.others for call in answer.tool_calls):
        raise Inconclusive(
            "calls share an index, so their arguments cannot be separated", told_by=NO_CALL_INDEX
        )


def _filled(answer: Completion | ChatStream) -> list[Arguments]:
    """The complete arguments that are not empty; raises Inconclusive if there are none."""
    written = [arguments for arguments in _complete(answer) if arguments.text.strip()]
    if not written:
        raise Inconclusive("the arguments are empty", told_by=NO_ARGUMENTS)
    return written


def _require_not_empty(answer: Completion | ChatStream) -> None:
    for arguments in _complete(answer):
        require(arguments.text.strip() != "", arguments.place, expected='at least "{}"')


def _require_json(answer: Completion | ChatStream) -> None:
    for arguments in _filled(answer):
        require(
            arguments.json is not None,
            arguments.place,
            expected="JSON",
            observed=clipped(arguments.text),
        )


def _parsed(answer: Completion | ChatStream) -> list[Arguments]:
    """The complete arguments that are JSON; raises Inconclusive if there are none."""
    parsed = [arguments for arguments in _filled(answer) if arguments.json is not None]
    if not parsed:
        raise Inconclusive("the arguments are not JSON", told_by=NO_ARGUMENTS)
    return parsed


def _require_encoded_once(answer: Completion | ChatStream) -> None:
    parsed = _parsed(answer)
    if not any(arguments.object is not None or arguments.encoded_twice for arguments in parsed):
        raise NotApplicable("the arguments are no object (judged by their schema)")
    for arguments in parsed:
        require(
            not arguments.encoded_twice,
            arguments.place,
            expected="a JSON object, encoded once",
            observed=f"a JSON string that contains the object: {clipped(arguments.text)}",
        )


def _require_valid(answer: Completion | ChatStream) -> None:
    parsed = [arguments for arguments in _parsed(answer) if arguments.schema is not None]
    if not parsed:
        raise Inconclusive("no call has both JSON as arguments and a schema", told_by=NO_ARGUMENTS)
    judged = [arguments for arguments in parsed if not arguments.encoded_twice]
    if not judged:
        raise NotApplicable("the arguments are encoded twice, which is a defect of its own")
    for arguments in judged:
        require(
            arguments.mismatch is None,
            arguments.place,
            expected=f"an object that is valid under the parameters of {arguments.function}",
            observed=arguments.mismatch,
        )


def _require_not_in_text(answer: Completion | ChatStream) -> None:
    called = ["".join(arguments.text.split()) for arguments in arguments_in(answer)]
    for text, place in texts_in(answer):
        for arguments in called:
            require(
                len(arguments) <= 2 or arguments not in "".join(text.split()),
                place,
                expected="text that does not repeat the arguments",
            )


@requirement(
    "chat.tools.arguments-text",
    MUST,
    "The arguments of a tool call are a string.",
    on=_WHOLE,
    source=("openai:chat/object#choices", "client:ai-sdk"),
    remedy="Send the arguments as JSON text in a string, not as an object.",
)
def test_arguments_are_text(calling: Completion) -> None:
    for call in calling.tool_calls:
        arguments = call["function"]["arguments"]
        require(arguments.is_string, arguments, expected="a string")


@requirement(
    "chat.tools.arguments-empty",
    MUST,
    "The arguments of a tool call are never an empty string: a call without arguments has `{}`.",
    on=_WHOLE,
    source=("openai:function-calling", "github:openai/openai-agents-js#664"),
    remedy='Send "{}" for a function without parameters: clients parse the arguments as JSON.',
)
def test_arguments_are_not_empty(calling: Completion) -> None:
    _require_not_empty(calling)


@requirement(
    "chat.tools.arguments",
    MUST,
    "The arguments of a tool call are valid JSON.",
    on=_WHOLE,
    follows=("chat.tools.arguments-text", "chat.tools.arguments-empty"),
    source=("openai:function-calling", "seed:opencode#Tool Calling"),
    remedy="Send the arguments as complete JSON text, with double quotes.",
)
def test_arguments_are_json(calling: Completion) -> None:
    _require_json(calling)


@requirement(
    "chat.tools.arguments-once",
    MUST,
    "The arguments of a tool call are a JSON object that is encoded only once.",
    on=_WHOLE,
    follows=("chat.tools.arguments-text", "chat.tools.arguments-empty"),
    source=("openai:function-calling", "github:FoundationAgents/OpenManus#989"),
    remedy="If the model already wrote the arguments as JSON, do not encode them again.",
)
def test_arguments_are_an_object(calling: Completion) -> None:
    _require_encoded_once(calling)


@requirement(
    "chat.tools.arguments-schema",
    SHOULD,
    "The arguments of a tool call are valid under the JSON Schema in the function's `parameters`.",
    on=("chat/whole/tool*", "chat/tools/whole/many", "chat/tools/whole/strict"),
    follows=("chat.tools.typed-values",),
    source="openai:function-calling",
    remedy="Constrain the generation with the function's `parameters`, even if the function is not "
    "`strict`.",
)
def test_arguments_are_valid(calling: Completion) -> None:
    _require_valid(calling)


@requirement(
    "chat.tools.strict",
    MUST,
    "If a function is `strict`, the arguments of a forced call are valid under its `parameters`.",
    on="chat/whole/tools/strict",
    source=("openai:function-calling", "openai:structured-outputs"),
    remedy="Constrain the generation with the `parameters` of a strict function.",
    since="2026.2",
)
def test_strict_arguments_are_valid(calling: Completion) -> None:
    _require_valid(calling)


@requirement(
    "chat.tools.typed-values",
    SHOULD,
    "Arguments have the JSON types of the schema: a string that looks like a number or a boolean "
    "stays a string, and numbers and booleans are not strings.",
    on=_TYPED,
    source=(
        "openai:function-calling",
        "github:lablup/mlxcel#1336",
        "github:smg-project/smg#1841",
        "github:exo-explore/exo#1651",
    ),
    remedy="If the model writes its arguments without types, read each by the type in the "
    "function's `parameters`, not by its looks: the postcode 02134 is not the number 2134.",
    since="2026.2",
)
def test_values_have_the_types_of_the_schema(exchange: Exchange) -> None:
    judged = [arguments for arguments in _calls_in(exchange) if arguments.object is not None]
    if not judged:
        raise Inconclusive("no call has an object as arguments")
    for arguments in judged:
        wrong = [
            f"{name}: {shown(value)}, but the schema says {wanted}"
            for name, wanted, value in _retyped(arguments)
        ]
        require(
            not wrong,
            arguments.place,
            expected="the types of the schema",
            observed="; ".join(wrong),
        )


def _calls_in(exchange: Exchange) -> list[Arguments]:
    return _complete(answered_of(exchange).answer)


def _retyped(arguments: Arguments) -> Iterator[tuple[str, str, Any]]:
    """The members that are a number, boolean or null in place of a string, or the other way."""
    members = (arguments.schema or {}).get("properties", {})
    for name, value in (arguments.object or {}).items():
        wanted = members.get(name, {}).get("type")
        if wanted == "string":
            retyped = value is None or isinstance(value, int | float)
        else:
            retyped = wanted in ("integer", "number", "boolean") and isinstance(value, str)
        if retyped:
            yield name, wanted, value


@requirement(
    "chat.tools.arguments-leak",
    SHOULD,
    "The content beside a tool call does not repeat the arguments of the call.",
    on=_WHOLE,
    source=("openai:chat/object#choices", "github:youssofal/MTPLX#249"),
    remedy="Remove the call from the text that you send as `content`.",
)
def test_arguments_do_not_leak(calling: Completion) -> None:
    _require_not_in_text(calling)


@requirement(
    "chat.tools.streamed-arguments-text",
    MUST,
    "The argument fragments of a streamed tool call are strings, null or absent.",
    on=_ALL_STREAMED,
    source=("openai:chat/streaming#choices", "client:ai-sdk"),
    remedy="Send fragments of JSON text as strings, not objects.",
)
def test_fragments_are_text(calling_stream: ChatStream) -> None:
    for delta in calling_stream.tool_call_deltas:
        fragment = delta["function"]["arguments"]
        require(fragment.is_string or not fragment.given, fragment, expected="a string")


@requirement(
    "chat.tools.streamed-arguments-empty",
    MUST,
    "The joined arguments of a streamed tool call are never empty: a call without arguments has "
    "`{}`.",
    on=_ALL_STREAMED,
    source=(
        "openai:chat/streaming#choices",
        "github:vllm-project/vllm#28806",
        "github:openai/openai-agents-js#664",
    ),
    remedy='Send a delta with the arguments "{}" for a function without parameters.',
)
def test_fragments_are_not_empty(calling_stream: ChatStream) -> None:
    _require_not_empty(calling_stream)


@requirement(
    "chat.tools.streamed-arguments",
    MUST,
    "The argument fragments of a streamed tool call join to valid JSON.",
    on=_STREAMED,
    follows=("chat.tools.streamed-arguments-text", "chat.tools.streamed-arguments-empty"),
    source=(
        "openai:chat/streaming#choices",
        "seed:opencode#Tool Calling",
        "github:vllm-project/vllm#32152",
        "github:BerriAI/litellm#4537",
    ),
    remedy="Send every fragment of the arguments exactly once, including the closing brace.",
)
def test_fragments_join_to_json(calling_stream: ChatStream) -> None:
    _require_json(calling_stream)


@requirement(
    "chat.tools.streamed-arguments-once",
    MUST,
    "The argument fragments of a streamed tool call join to a JSON object that is encoded only "
    "once.",
    on=_ALL_STREAMED,
    follows=("chat.tools.streamed-arguments-text", "chat.tools.streamed-arguments-empty"),
    source=("openai:chat/streaming#choices", "github:FoundationAgents/OpenManus#989"),
    remedy="If the model already wrote the arguments as JSON, do not encode them again.",
)
def test_fragments_join_to_an_object(calling_stream: ChatStream) -> None:
    _require_encoded_once(calling_stream)


@requirement(
    "chat.tools.streamed-arguments-early",
    MUST,
    "The joined argument fragments of a streamed tool call are not complete JSON before the last "
    "fragment.",
    on=_ALL_STREAMED,
    source=("client:ai-sdk", "github:BerriAI/litellm#4537"),
    remedy="Begin with empty arguments, not with `{}`: clients execute a call as soon as its "
    "arguments parse.",
)
def test_fragments_are_complete_only_at_the_end(calling_stream: ChatStream) -> None:
    if not arguments_in(calling_stream):
        _must_be_separable(calling_stream)
        raise Inconclusive("no call has arguments that are a string", told_by=NO_ARGUMENTS)
    for call in calling_stream.tool_calls:
        if call.others:
            continue
        fragments = [part for part in call.fragments if part.is_string and part.value.strip()]
        for position, fragment in enumerate(fragments[:-1], start=1):
            so_far = "".join(part.value for part in fragments[:position])
            require(
                parse_json(so_far) is None,
                fragment,
                expected="incomplete JSON",
                observed=f"{clipped(so_far)}, which is complete, though more fragments follow",
                beside=fragments[position],
            )


@requirement(
    "chat.tools.streamed-arguments-new",
    SHOULD,
    "No later delta of a streamed tool call has an empty `arguments` string.",
    on=_ALL_STREAMED,
    source=("openai:chat/streaming#choices", "github:maximhq/bifrost#3443"),
    remedy="Omit deltas that add nothing: some clients treat one as a new call.",
)
def test_later_deltas_are_not_empty(calling_stream: ChatStream) -> None:
    if not calling_stream.tool_calls:
        raise Inconclusive("no tool call delta has an integer index", told_by=NO_CALL_INDEX)
    for call in calling_stream.tool_calls:
        for later in call.continuations:
            fragment = later["function"]["arguments"]
            require(fragment.value != "", fragment, expected="a non-empty fragment")


@requirement(
    "chat.tools.streamed-arguments-schema",
    SHOULD,
    "Streamed arguments are valid under the JSON Schema in the function's `parameters`.",
    on=_ALL_STREAMED,
    follows=("chat.tools.typed-values",),
    source="openai:function-calling",
    remedy="Constrain the generation with the function's `parameters`, even if the function is not "
    "`strict`.",
)
def test_joined_arguments_are_valid(calling_stream: ChatStream) -> None:
    _require_valid(calling_stream)


@requirement(
    "chat.tools.streamed-arguments-leak",
    SHOULD,
    "The streamed content beside a tool call does not repeat the arguments of the call.",
    on=_ALL_STREAMED,
    source=("openai:chat/streaming#choices", "github:youssofal/MTPLX#249"),
    remedy="Remove the call from the text that you send as `content`.",
)
def test_streamed_arguments_do_not_leak(calling_stream: ChatStream) -> None:
    _require_not_in_text(calling_stream)
