"""Faults of tool call arguments, streamed or not."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ...deviation import ANSWER, BODY, CHUNKS, COMPLETION, EACH, Object, Situation, fault
from ...editing import (
    Chunks,
    any_calls,
    call_deltas,
    deltas,
    each_call,
    each_choice,
    flattened,
    messages,
    refused,
)
from ...model.answer import Answer, ToolCall
from ...model.tokens import tokenize


@fault(
    "tools-args-double-encoded",
    ANSWER,
    "arguments is a JSON string inside a JSON string.",
    "FoundationAgents/OpenManus#989",
)
def _double_encoded(answer: Answer, _: Situation) -> Answer:
    return each_call(answer, lambda call: _with_arguments(call, json.dumps(call.arguments)))


@fault(
    "tools-args-empty-string",
    ANSWER,
    "The call of a tool without parameters has empty arguments instead of {}.",
    "openai/openai-agents-js#664",
)
def _empty_arguments(answer: Answer, _: Situation) -> Answer:
    return each_call(
        answer, lambda call: replace(call, fragments=()) if call.arguments == "{}" else call
    )


@fault(
    "tools-args-leading-empty-object",
    CHUNKS,
    "The first delta of a call has {} as arguments, and the real arguments follow.",
    "BerriAI/litellm#4537",
)
def _leading_empty_object(chunks: Chunks, _: Situation) -> Chunks:
    for call in call_deltas(chunks):
        if "id" in call:
            call["function"]["arguments"] = "{}"
    return chunks


@fault(
    "tools-args-leaked-into-content",
    CHUNKS,
    "The arguments of a call are also streamed as text.",
    "youssofal/MTPLX#249",
)
def _leaked(chunks: Chunks, _: Situation) -> Chunks:
    for delta in deltas(chunks):
        if calls := delta.get("tool_calls"):
            delta["content"] = calls[0]["function"]["arguments"]
    return chunks


@fault(
    "tools-args-missing-final-brace",
    CHUNKS,
    "The streamed arguments lack the last brace.",
    "vllm-project/vllm#32152",
)
def _missing_brace(chunks: Chunks, _: Situation) -> Chunks:
    last: dict[int, Object] = {call["index"]: call["function"] for call in call_deltas(chunks)}
    for function in last.values():
        function["arguments"] = function["arguments"].removesuffix("}")
    return chunks


@fault("tools-args-object", EACH, "arguments is a JSON object instead of a string.")
def _object(value: Object, _: Situation) -> Object:
    for call in any_calls(value):
        call["function"]["arguments"] = {"value": call["function"]["arguments"]}
    return value


@fault("tools-args-not-json", ANSWER, "arguments is a Python literal with single quotes.")
def _not_json(answer: Answer, _: Situation) -> Answer:
    return each_call(
        answer, lambda call: _with_arguments(call, repr(_parsed(call.arguments) or {"a": 1}))
    )


@fault("tools-args-required-missing", ANSWER, "The arguments are {} although some are required.")
def _required_missing(answer: Answer, _: Situation) -> Answer:
    return each_call(answer, lambda call: _with_arguments(call, "{}"))


@fault("tools-args-not-an-object", ANSWER, "The arguments are a number, even of strict functions.")
def _not_an_object(answer: Answer, _: Situation) -> Answer:
    return each_call(answer, lambda call: _with_arguments(call, "-5"))


@fault("tools-args-escapes-lost", ANSWER, "Backslashes are lost from the arguments.")
def _escapes_lost(answer: Answer, _: Situation) -> Answer:
    return each_call(answer, lambda c: _with_arguments(c, c.arguments.replace("\\", "")))


@fault("tools-args-non-ascii-lost", ANSWER, "Non-ASCII characters of arguments become ?.")
def _non_ascii_lost(answer: Answer, _: Situation) -> Answer:
    return each_call(
        answer,
        lambda c: _with_arguments(c, c.arguments.encode("ascii", "replace").decode("ascii")),
    )


@fault("tools-args-fragment-lost", CHUNKS, "One fragment of the streamed arguments is lost.")
def _fragment_lost(chunks: Chunks, _: Situation) -> Chunks:
    parts = [call for call in call_deltas(chunks) if "id" not in call]
    if parts:
        parts[len(parts) // 2]["function"]["arguments"] = ""
    return chunks


@fault(
    "tools-args-leaked-into-whole-content",
    COMPLETION,
    "The arguments of a call are also the content when not streaming.",
    "youssofal/MTPLX#249",
)
def _leaked_whole(completion: Object, _: Situation) -> Object:
    for message in messages(completion):
        if calls := message.get("tool_calls"):
            message["content"] = calls[0]["function"]["arguments"]
    return completion


@fault(
    "tools-args-characters-replaced",
    ANSWER,
    "Non-ASCII characters of arguments become U+FFFD.",
    "kekzl/imp#1554",
)
def _characters_replaced(answer: Answer, _: Situation) -> Answer:
    return each_call(
        answer,
        lambda c: _with_arguments(
            c, c.arguments.encode("ascii", "replace").decode("ascii").replace("?", "\ufffd")
        ),
    )


def _with_arguments(call: ToolCall, arguments: str) -> ToolCall:
    return replace(call, fragments=tokenize(arguments))


def _parsed(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return None


@fault(
    "tools-strings-as-numbers",
    ANSWER,
    "Arguments that look like a number or a boolean are sent as one.",
    "lablup/mlxcel#1336",
)
def _strings_as_numbers(answer: Answer, _: Situation) -> Answer:
    return _each_member(answer, _by_its_looks)


@fault(
    "tools-strings-as-numbers-in-whole",
    COMPLETION,
    "Arguments that look like a number are sent as one when not streaming.",
    "smg-project/smg#1841",
)
def _strings_as_numbers_in_whole(completion: Object, _: Situation) -> Object:
    for call in any_calls(completion):
        function = call["function"]
        function["arguments"] = _with_members(function["arguments"], _by_its_looks)
    return completion


@fault(
    "tools-numbers-as-strings",
    ANSWER,
    "Numbers and booleans in arguments are strings, whatever the schema says.",
    "exo-explore/exo#1651",
)
def _numbers_as_strings(answer: Answer, _: Situation) -> Answer:
    return _each_member(answer, _as_text)


@fault(
    "tools-array-of-objects-flattened",
    ANSWER,
    "Arrays of objects or of arrays in arguments become arrays of strings.",
)
def _arrays_flattened(answer: Answer, _: Situation) -> Answer:
    return _each_complete(answer, flattened)


@fault("tools-strict-rejected", BODY, "A function with strict is refused.")
def _strict_rejected(body: Object, _: Situation) -> Object:
    for tool in body["tools"]:
        if tool["function"]["strict"]:
            raise refused(400, "Unknown field in function: strict", "tools")
    return body


def _each_member(answer: Answer, change: Callable[[Any], Any]) -> Answer:
    return _each_complete(answer, lambda arguments: _with_members(arguments, change))


def _each_complete(answer: Answer, change: Callable[[str], str]) -> Answer:
    """The answer with the arguments of every call changed that is not cut off."""
    return each_choice(
        answer,
        lambda choice: (
            choice
            if choice.finish_reason == "length"
            else replace(
                choice,
                calls=tuple(_with_arguments(call, change(call.arguments)) for call in choice.calls),
            )
        ),
    )


def _with_members(arguments: str, change: Callable[[Any], Any]) -> str:
    """The arguments with every member changed; as they are if they were cut off."""
    try:
        value = json.loads(arguments)
    except ValueError:
        return arguments
    changed = {name: change(member) for name, member in value.items()}
    return json.dumps(changed, ensure_ascii=False)


def _by_its_looks(member: Any) -> Any:
    if not isinstance(member, str):
        return member
    try:
        return json.loads(member.lstrip("0") or "0")
    except ValueError:
        return member


def _as_text(member: Any) -> Any:
    return json.dumps(member) if isinstance(member, bool | int | float) else member
