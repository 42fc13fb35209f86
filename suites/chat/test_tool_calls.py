"""Tool calls: that a forced call comes, and comes whole."""

from oaicheck.chat import ChatStream, Completion, offered_tools
from oaicheck.judging import Inconclusive, require
from oaicheck.requirement import MUST, SHOULD, requirement
from oaicheck.wire.located import Located, parse_json

_FORCED = "tool_choice `required` is answered with a tool call."
_FORCED_REMEDY = (
    "Constrain the model to a call when tool_choice says so, or refuse the parameter with a 400 "
    "that names it."
)


def _must_have_called(calls: int, reasons: list[Located], place: Located) -> None:
    if calls == 0 and any(reason.value == "length" for reason in reasons):
        raise Inconclusive("max_tokens cut the answer before a call was made")
    require(calls > 0, place, expected="a tool call", observed="an answer without one")


@requirement(
    "chat.tools.required",
    MUST,
    "Not streamed: " + _FORCED,
    on="chat/whole/tool-call",
    source=("openai:chat/create#tool_choice", "github:am17an/llama.cpp#33"),
    remedy=_FORCED_REMEDY,
)
def test_a_call_can_be_forced(completion: Completion) -> None:
    reasons = [choice["finish_reason"] for choice in completion.choices]
    _must_have_called(len(completion.tool_calls), reasons, completion.root["choices"])


@requirement(
    "chat.tools.required-streamed",
    MUST,
    "Streamed: " + _FORCED,
    on="chat/stream/tool-call",
    source=("openai:chat/create#tool_choice", "github:am17an/llama.cpp#33"),
    remedy=_FORCED_REMEDY,
)
def test_a_streamed_call_can_be_forced(stream: ChatStream) -> None:
    reasons = [reason for choice in stream.choices for reason in choice.finishes]
    _must_have_called(len(stream.tool_call_deltas), reasons, stream.chunks[-1]["choices"])


@requirement(
    "chat.tools.id",
    MUST,
    "Every tool call has an `id`, a string that is not empty.",
    on="chat/whole/tool-call",
    source=("openai:chat/object#choices", "github:Kilo-Org/kilocode#5816"),
    remedy="Give every call an id of its own: the tool's result refers to it.",
)
def test_id(calling: Completion) -> None:
    for call in calling.tool_calls:
        require(call["id"].is_text, call["id"], expected="a string that is not empty")


@requirement(
    "chat.tools.type",
    MUST,
    "Every tool call has the type `function`.",
    on="chat/whole/tool-call",
    source=("openai:chat/object#choices", "github:vllm-project/vllm#16340"),
    remedy='Send `"type": "function"` with every call.',
)
def test_type(calling: Completion) -> None:
    for call in calling.tool_calls:
        require(call["type"].value == "function", call["type"], expected='"function"')


@requirement(
    "chat.tools.name",
    MUST,
    "A tool call names one of the functions that were offered.",
    on="chat/whole/tool-call",
    source="openai:function-calling",
    remedy="Constrain the function's name to the names in `tools`.",
)
def test_name(calling: Completion) -> None:
    offered = offered_tools(calling.exchange)
    for call in calling.tool_calls:
        name = call["function"]["name"]
        require(name.value in offered, name, expected=f"one of {sorted(offered)}")


@requirement(
    "chat.tools.arguments",
    MUST,
    "The arguments of a tool call are a string that holds one JSON object.",
    on="chat/whole/tool-call",
    source=(
        "openai:function-calling",
        "github:openai/openai-agents-js#664",
        "github:FoundationAgents/OpenManus#989",
    ),
    remedy='Send the arguments as JSON text, encoded once; for no arguments send "{}".',
)
def test_arguments(calling: Completion) -> None:
    for call in calling.tool_calls:
        arguments = call["function"]["arguments"]
        parsed = parse_json(arguments.value) if arguments.is_string else None
        require(
            parsed is not None and isinstance(parsed.value, dict),
            arguments,
            expected="a JSON object as a string",
        )


@requirement(
    "chat.tools.finish",
    SHOULD,
    "A completion that was forced to call a tool ends with `tool_calls`.",
    on="chat/whole/tool-call",
    source=(
        "openai:chat/object#choices",
        "github:BerriAI/litellm#12862",
        "github:vllm-project/vllm#25054",
    ),
    remedy="Report `tool_calls` whenever the answer holds calls; agent loops branch on it.",
)
def test_finish_reason(calling: Completion) -> None:
    for choice in calling.choices:
        reason = choice["finish_reason"]
        require(reason.value == "tool_calls", reason, expected='"tool_calls"')


@requirement(
    "chat.tools.streamed-index",
    MUST,
    "Every streamed tool call delta has an `index`, and the calls are numbered from 0.",
    on="chat/stream/tool-call",
    source=(
        "openai:chat/streaming#choices",
        "client:opencode",
        "github:cyber-defence-campus/mole#169",
    ),
    remedy="Number the calls of a choice from 0 and repeat the number on each of their deltas.",
)
def test_streamed_index(calling_stream: ChatStream) -> None:
    for delta in calling_stream.tool_call_deltas:
        index = delta["index"]
        require(index.is_integer and index.value >= 0, index, expected="an integer from 0 on")
    for choice in calling_stream.choices:
        for position, call in enumerate(choice.tool_calls):
            require(
                call.index == position,
                call.deltas[0]["index"],
                expected=f"{position} for the next call",
            )


@requirement(
    "chat.tools.streamed-id",
    MUST,
    "The first delta of a streamed tool call has its `id`, a string that is not empty.",
    on="chat/stream/tool-call",
    source=("openai:chat/streaming#choices", "client:ai-sdk", "client:opencode"),
    remedy="Send the call's id with its first delta.",
)
def test_streamed_id(calling_stream: ChatStream) -> None:
    for choice in calling_stream.choices:
        for call in choice.tool_calls:
            first = call.deltas[0]["id"]
            require(first.is_text, first, expected="a string that is not empty")


@requirement(
    "chat.tools.streamed-id-constant",
    MUST,
    "A streamed tool call has one id, which later deltas leave out or send as null.",
    on="chat/stream/tool-call",
    source=(
        "openai:chat/streaming#choices",
        "client:openai-python",
        "github:AstrBotDevs/AstrBot#7765",
        "github:vllm-project/vllm#23522",
        "github:InternLM/lmdeploy#3412",
    ),
    remedy="Send the id once: clients join repeated ids, and an empty one takes its place.",
)
def test_streamed_id_once(calling_stream: ChatStream) -> None:
    for choice in calling_stream.choices:
        for call in choice.tool_calls:
            for repeated in call.ids[1:]:
                require(
                    False,
                    repeated,
                    expected="no id on a later delta",
                    beside=call.ids[0],
                )


@requirement(
    "chat.tools.streamed-name",
    MUST,
    "The first delta of a streamed tool call has the whole name of a function that was offered.",
    on="chat/stream/tool-call",
    source=(
        "openai:chat/streaming#choices",
        "client:ai-sdk",
        "github:continuedev/continue#5849",
    ),
    remedy="Hold the name back until it is whole, and send it with the call's first delta.",
)
def test_streamed_name(calling_stream: ChatStream) -> None:
    offered = offered_tools(calling_stream.exchange)
    for choice in calling_stream.choices:
        for call in choice.tool_calls:
            name = call.deltas[0]["function"]["name"]
            require(name.value in offered, name, expected=f"one of {sorted(offered)}")


@requirement(
    "chat.tools.streamed-name-once",
    MUST,
    "A streamed tool call names its function once.",
    on="chat/stream/tool-call",
    source=(
        "openai:chat/streaming#choices",
        "client:openai-python",
        "client:langchain",
        "github:AstrBotDevs/AstrBot#7765",
    ),
    remedy="Leave the name out of later deltas: clients join repeated names.",
)
def test_streamed_name_once(calling_stream: ChatStream) -> None:
    for choice in calling_stream.choices:
        for call in choice.tool_calls:
            for repeated in call.names[1:]:
                require(
                    repeated.value == "",
                    repeated,
                    expected="no name on a later delta",
                    beside=call.names[0],
                )


@requirement(
    "chat.tools.streamed-arguments",
    MUST,
    "The argument fragments of a streamed tool call join to one JSON object.",
    on="chat/stream/tool-call",
    source=(
        "openai:chat/streaming#choices",
        "seed:opencode#Tool Calling",
        "github:BerriAI/litellm#4537",
        "github:vllm-project/vllm#32152",
        "github:vllm-project/vllm#28806",
    ),
    remedy="Send every piece of the arguments once, the closing brace included.",
)
def test_streamed_arguments(calling_stream: ChatStream) -> None:
    for choice in calling_stream.choices:
        for call in choice.tool_calls:
            parsed = parse_json(call.arguments)
            require(
                parsed is not None and isinstance(parsed.value, dict),
                call.deltas[-1]["function"]["arguments"],
                expected="fragments that join to a JSON object",
                observed=f"they join to {call.arguments[:200]!r}",
            )


@requirement(
    "chat.tools.streamed-finish",
    SHOULD,
    "A stream that was forced to call a tool ends with `tool_calls`.",
    on="chat/stream/tool-call",
    source=(
        "openai:chat/streaming#choices",
        "seed:opencode#Tool Calling",
        "github:vllm-project/vllm#25054",
    ),
    remedy="Report `tool_calls` whenever the answer holds calls; agent loops branch on it.",
)
def test_streamed_finish_reason(calling_stream: ChatStream) -> None:
    for choice in calling_stream.choices:
        for reason in choice.finishes:
            require(reason.value == "tool_calls", reason, expected='"tool_calls"')
