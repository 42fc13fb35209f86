"""Tool calls in a stream: how deltas make up calls that a client can tell apart."""

from oaicheck.rules import MUST, SHOULD, Inconclusive, NotApplicable, require, requirement
from oaicheck.views import (
    ChatStream,
    Completion,
    call_markup,
    must_be_forced,
    offered_tools,
    shown,
    texts_in,
)

_REQUIRED = ("chat/stream/tool-call", "chat/stream/tools/no-arguments", "chat/tools/stream/schema")
_CALLS = ("chat/stream/tool*", "chat/tools/stream/*")


def _cut(stream: ChatStream) -> bool:
    return any(reason.value == "length" for choice in stream.choices for reason in choice.finishes)


def _no_numbered_call() -> Inconclusive:
    return Inconclusive("no delta has an index by which it belongs to a call")


@requirement(
    "chat.tools.required-streamed",
    MUST,
    "Streamed: tool_choice `required` is answered with a tool call.",
    on=_REQUIRED,
    source=("openai:chat/create#tool_choice", "github:am17an/llama.cpp#33"),
    remedy="Constrain the model to a call when tool_choice says so, or refuse the parameter with a "
    "400 that names it.",
)
def test_a_streamed_call_can_be_forced(stream: ChatStream) -> None:
    must_be_forced(stream)
    if not stream.tool_call_deltas and _cut(stream):
        raise Inconclusive("max_tokens cut the answer before a call was made")
    require(
        len(stream.tool_call_deltas) > 0,
        stream.exchange,
        expected="a tool call",
        observed="a stream without one",
    )


@requirement(
    "chat.tools.streamed-too",
    MUST,
    "What comes as a tool call when it is not streamed comes as one when it is.",
    on="chat/stream/tool-call",
    against="chat/whole/tool-call",
    source=("openai:chat/streaming#choices", "github:waybarrios/vllm-mlx#107"),
    remedy="Run the parser for the model's calls in streams as well.",
)
def test_both_modes_have_calls(stream: ChatStream, against: Completion) -> None:
    must_be_forced(stream)
    if not against.tool_calls:
        raise Inconclusive("there is no call when not streamed either")
    if not stream.tool_call_deltas and _cut(stream):
        raise Inconclusive("max_tokens cut the stream before a call was made")
    require(
        len(stream.tool_call_deltas) > 0,
        stream.exchange,
        expected="a tool call, as without streaming",
        observed="a stream without one",
        beside=against.tool_calls[0],
    )


@requirement(
    "chat.tools.streamed-array",
    MUST,
    "A delta's `tool_calls` is an array, null or left out.",
    on=("chat/stream/*", "chat/tools/stream/*"),
    source=("openai:chat/streaming#choices", "client:ai-sdk"),
    remedy="Send the deltas of calls as an array, even if there is only one.",
)
def test_calls_are_an_array(stream: ChatStream) -> None:
    for choice in stream.choices:
        for delta in choice.deltas:
            calls = delta["tool_calls"]
            require(calls.is_array or not calls.given, calls, expected="an array, null or nothing")


@requirement(
    "chat.tools.streamed-not-legacy",
    MUST,
    "A streamed call of a function that `tools` offered does not stand in `function_call`.",
    on=_CALLS,
    source="openai:chat/streaming#choices",
    remedy="Send the call in `tool_calls`; `function_call` answers the old `functions` only.",
)
def test_no_legacy_function_call(stream: ChatStream) -> None:
    for choice in stream.choices:
        for delta in choice.deltas:
            legacy = delta["function_call"]
            require(not legacy.given, legacy, expected="null or nothing")


@requirement(
    "chat.tools.streamed-index",
    MUST,
    "Every delta of a streamed tool call has an `index`, an integer from 0 on.",
    on=_CALLS,
    source=("openai:chat/streaming#choices", "client:opencode", "client:openai-python"),
    remedy="Number the calls of a choice from 0 and repeat the number on each of their deltas.",
)
def test_index(calling_stream: ChatStream) -> None:
    for delta in calling_stream.tool_call_deltas:
        index = delta["index"]
        require(index.is_integer and index.value >= 0, index, expected="an integer from 0 on")


@requirement(
    "chat.tools.streamed-index-order",
    MUST,
    "The streamed tool calls of a choice are numbered 0, 1, 2 in the order in which they begin.",
    on=_CALLS,
    source=(
        "openai:chat/streaming#choices",
        "client:openai-python",
        "github:cyber-defence-campus/mole#169",
    ),
    remedy="Count the calls themselves: text and reasoning before them have no number.",
)
def test_index_counts_from_zero(calling_stream: ChatStream) -> None:
    if not calling_stream.tool_calls:
        raise _no_numbered_call()
    for choice in calling_stream.choices:
        for position, call in enumerate(choice.tool_calls):
            require(
                call.index == position,
                call.deltas[0]["index"],
                expected=f"{position} for the next call",
            )


@requirement(
    "chat.tools.streamed-index-own",
    MUST,
    "A further streamed tool call has an `index` of its own.",
    on=(*_CALLS, "chat/stream/long-call"),
    source=("openai:chat/streaming#choices", "client:ai-sdk", "github:ollama/ollama#15457"),
    remedy="Add one to the index with every call that begins: clients put calls together by it.",
)
def test_an_index_is_used_once(calling_stream: ChatStream) -> None:
    if not calling_stream.tool_calls:
        raise _no_numbered_call()
    for call in calling_stream.tool_calls:
        for other in call.others:
            require(
                False,
                other,
                expected=f"another index than {call.index}",
                observed="another id and a name under the same index",
                beside=call.deltas[0],
            )
    if len(calling_stream.tool_calls) < 2:
        raise NotApplicable("there is no further call")


@requirement(
    "chat.tools.streamed-id",
    MUST,
    "The first delta of a streamed tool call has its `id`, a string that is not empty.",
    on=_CALLS,
    source=("openai:chat/streaming#choices", "client:ai-sdk", "client:opencode"),
    remedy="Send the call's id with its first delta.",
)
def test_id(calling_stream: ChatStream) -> None:
    if not calling_stream.tool_calls:
        raise _no_numbered_call()
    for call in calling_stream.tool_calls:
        first = call.deltas[0]["id"]
        require(first.is_text, first, expected="a string that is not empty")


@requirement(
    "chat.tools.streamed-id-constant",
    MUST,
    "A streamed tool call has one id, which later deltas leave out or send as null.",
    on=_CALLS,
    source=(
        "openai:chat/streaming#choices",
        "client:openai-python",
        "github:AstrBotDevs/AstrBot#7765",
        "github:vllm-project/vllm#23522",
        "github:InternLM/lmdeploy#3412",
    ),
    remedy="Send the id once: clients join repeated ids, and an empty one takes its place.",
)
def test_id_once(calling_stream: ChatStream) -> None:
    if not calling_stream.tool_calls:
        raise _no_numbered_call()
    for call in calling_stream.tool_calls:
        for later in call.continuations:
            require(
                not later["id"].given,
                later["id"],
                expected="no id on a later delta",
                beside=call.deltas[0]["id"],
            )


@requirement(
    "chat.tools.streamed-ids-unique",
    MUST,
    "No two streamed tool calls have the same id.",
    on="chat/tools/stream/auto",
    source=("openai:function-calling", "client:ai-sdk"),
    remedy="Give every call an id of its own: the tool's result refers to it.",
)
def test_ids_are_unique(calling_stream: ChatStream) -> None:
    begun = [delta for call in calling_stream.tool_calls for delta in call.beginnings]
    ids = [delta["id"] for delta in begun if delta["id"].given]
    if len(ids) < 2:
        raise NotApplicable("the model makes one call at a time")
    for position, later in enumerate(ids):
        for earlier in ids[:position]:
            require(
                later.value != earlier.value, later, expected="an id of its own", beside=earlier
            )


@requirement(
    "chat.tools.streamed-type",
    SHOULD,
    "The first delta of a streamed tool call has the type `function`.",
    on=_CALLS,
    source=("openai:chat/streaming#choices", "github:vllm-project/vllm#16340"),
    remedy='Send `"type": "function"` with the first delta of every call.',
)
def test_type_comes_first(calling_stream: ChatStream) -> None:
    if not calling_stream.tool_calls:
        raise _no_numbered_call()
    for call in calling_stream.tool_calls:
        kind = call.deltas[0]["type"]
        require(kind.value == "function", kind, expected='"function"')


@requirement(
    "chat.tools.streamed-type-given",
    MUST,
    "A delta of every streamed tool call has a type.",
    on=_CALLS,
    source=(
        "openai:chat/streaming#choices",
        "seed:opencode#Tool Calling",
        "client:openai-node",
        "github:vllm-project/vllm#16340",
    ),
    remedy='Send `"type": "function"` with the first delta of every call.',
)
def test_a_type_comes(calling_stream: ChatStream) -> None:
    if not calling_stream.tool_calls:
        raise _no_numbered_call()
    for call in calling_stream.tool_calls:
        require(
            any(delta["type"].given for delta in call.deltas),
            call.deltas[0]["type"],
            expected='"function" in one of the deltas',
        )


@requirement(
    "chat.tools.streamed-type-value",
    MUST,
    "Where a delta of a tool call has a type, it is `function`.",
    on=_CALLS,
    source=("openai:chat/streaming#choices", "seed:opencode#Tool Calling"),
    remedy='Send `"type": "function"`, or leave the type out of later deltas.',
)
def test_type(calling_stream: ChatStream) -> None:
    for delta in calling_stream.tool_call_deltas:
        kind = delta["type"]
        require(not kind.given or kind.value == "function", kind, expected='"function" or nothing')


@requirement(
    "chat.tools.streamed-function",
    MUST,
    "Every delta of a streamed tool call has `function`, an object.",
    on=_CALLS,
    source=("openai:chat/streaming#choices", "client:ai-sdk", "client:langchain"),
    remedy='Send `"function": {"arguments": ""}` where there is nothing new to say.',
)
def test_function(calling_stream: ChatStream) -> None:
    for delta in calling_stream.tool_call_deltas:
        require(delta["function"].is_object, delta["function"], expected="an object")


@requirement(
    "chat.tools.streamed-name",
    MUST,
    "The first delta of a streamed tool call has the whole name of a function that was offered.",
    on=_CALLS,
    source=(
        "openai:chat/streaming#choices",
        "client:ai-sdk",
        "github:continuedev/continue#5849",
    ),
    remedy="Hold the name back until it is whole, and send it with the call's first delta.",
)
def test_name(calling_stream: ChatStream) -> None:
    if not calling_stream.tool_calls:
        raise _no_numbered_call()
    offered = offered_tools(calling_stream.exchange)
    for call in calling_stream.tool_calls:
        name = call.deltas[0]["function"]["name"]
        require(name.value in offered, name, expected=f"one of {shown(sorted(offered))}")


@requirement(
    "chat.tools.streamed-name-once",
    MUST,
    "A streamed tool call names its function once.",
    on=_CALLS,
    source=(
        "openai:chat/streaming#choices",
        "client:openai-python",
        "client:langchain",
        "github:AstrBotDevs/AstrBot#7765",
    ),
    remedy="Leave the name out of later deltas: clients join repeated names.",
)
def test_name_once(calling_stream: ChatStream) -> None:
    if not calling_stream.tool_calls:
        raise _no_numbered_call()
    for call in calling_stream.tool_calls:
        for later in call.continuations:
            name = later["function"]["name"]
            require(
                not name.given or name.value == "",
                name,
                expected="no name on a later delta",
                beside=call.deltas[0]["function"]["name"],
            )


@requirement(
    "chat.tools.streamed-markup",
    MUST,
    "Beside a streamed call, and where one is forced, the content has none of a model's call "
    "markup.",
    on=_CALLS,
    source=("openai:function-calling", "github:waybarrios/vllm-mlx#107"),
    remedy="Hold back text that may begin a call until it is clear what it is, and stream the call "
    "as `tool_calls`.",
)
def test_no_markup_in_the_content(stream: ChatStream) -> None:
    if stream.requested("tool_choice") == "auto" and not stream.tool_call_deltas:
        raise Inconclusive("the model called no tool, and was free not to")
    if _cut(stream):
        raise Inconclusive("max_tokens cut the answer, perhaps in the middle of a call")
    for text, place in texts_in(stream):
        markup = call_markup(text)
        require(
            markup is None, place, expected="text without call markup", observed=f"it has {markup}"
        )


@requirement(
    "chat.tools.streamed-finish",
    SHOULD,
    "A stream that was forced to call a tool ends with `tool_calls`.",
    on=_REQUIRED,
    source=(
        "openai:chat/streaming#choices",
        "seed:opencode#Tool Calling",
        "github:vllm-project/vllm#25054",
    ),
    remedy="Report `tool_calls` whenever the answer holds calls; agent loops branch on it.",
)
def test_finish_reason(calling_stream: ChatStream) -> None:
    reasons = [reason for choice in calling_stream.choices for reason in choice.finishes]
    if not reasons:
        raise Inconclusive("the stream has no finish_reason")
    for reason in reasons:
        if reason.value == "length":
            raise Inconclusive("max_tokens cut the answer")
        require(reason.value == "tool_calls", reason, expected='"tool_calls"')
