"""Tool calls in a stream: deltas from which a client can assemble separate calls."""

from oaicheck.rules import (
    MUST,
    NO_CALL,
    NO_CALL_INDEX,
    NO_FINISH,
    SHOULD,
    Inconclusive,
    NotApplicable,
    require,
    requirement,
)
from oaicheck.views import (
    ChatStream,
    Completion,
    Scenario,
    call_markup,
    distinct,
    is_free_text,
    must_be_forced,
    offered_tools,
    shown,
    texts_in,
)

_REQUIRED = ("chat/stream/tool-call", "chat/stream/tools/no-arguments", "chat/tools/stream/schema")
_CALLS = ("chat/stream/tool*", "chat/tools/stream/*")


def _is_cut(stream: ChatStream) -> bool:
    return any(reason.value == "length" for choice in stream.choices for reason in choice.finishes)


def _is_cut_before_a_call(stream: ChatStream) -> bool:
    """Whether the token limit may have left no room for a call."""
    free = any(is_free_text(text) for text, _ in texts_in(stream))
    return not stream.tool_call_deltas and _is_cut(stream) and not free


def _no_numbered_call() -> Inconclusive:
    return Inconclusive("no tool call delta has an integer index", told_by=NO_CALL_INDEX)


@requirement(
    "chat.tools.required-streamed",
    MUST,
    "If `tool_choice` is `required`, a stream contains a tool call.",
    on=_REQUIRED,
    follows=(
        "chat.tools.streamed-too",
        "chat.chunk.no-error",
        "chat.tools.streamed-not-legacy",
        "chat.tools.streamed-array",
    ),
    source=("openai:chat/create#tool_choice", "github:am17an/llama.cpp#33"),
    remedy="Force the model to call a tool if `tool_choice` is `required`, or refuse "
    "`tool_choice` with a 400 that names it.",
)
def test_a_streamed_call_can_be_forced(stream: ChatStream) -> None:
    must_be_forced(stream)
    if _is_cut_before_a_call(stream):
        raise Inconclusive("max_tokens cut off the answer before a call was made")
    require(
        len(stream.tool_call_deltas) > 0,
        stream.exchange,
        expected="a tool call",
        observed="a stream without a tool call",
    )


@requirement(
    "chat.tools.streamed-too",
    MUST,
    "If the completion for a request contains a tool call, the stream for the same request "
    "contains one too.",
    on="chat/stream/tool-call",
    against="chat/whole/tool-call",
    source=("openai:chat/streaming#choices", "github:waybarrios/vllm-mlx#107"),
    remedy="Run the tool call parser on streams as well.",
)
def test_both_modes_have_calls(stream: ChatStream, against: Completion) -> None:
    must_be_forced(stream)
    if not against.tool_calls:
        raise Inconclusive("the completion has no tool call either", told_by=NO_CALL)
    if _is_cut_before_a_call(stream):
        raise Inconclusive("max_tokens cut off the stream before a call was made")
    require(
        len(stream.tool_call_deltas) > 0,
        stream.exchange,
        expected="a tool call, as without streaming",
        observed="a stream without a tool call",
        beside=against.tool_calls[0],
    )


@requirement(
    "chat.tools.streamed-array",
    MUST,
    "The `tool_calls` of a delta are an array, null or absent.",
    on=("chat/stream/*", "chat/tools/stream/*"),
    source=("openai:chat/streaming#choices", "client:ai-sdk"),
    remedy="Send the tool call deltas as an array, even if there is only one.",
)
def test_calls_are_an_array(stream: ChatStream) -> None:
    for choice in stream.choices:
        for delta in distinct(choice.deltas):
            calls = delta["tool_calls"]
            require(calls.is_array or not calls.given, calls, expected="an array, null or absent")


@requirement(
    "chat.tools.streamed-not-legacy",
    MUST,
    "A streamed call of a function from `tools` is in `tool_calls`, not in the legacy "
    "`function_call`.",
    on=_CALLS,
    source="openai:chat/streaming#choices",
    remedy="Send the call in `tool_calls`. Use `function_call` only for the legacy `functions`.",
)
def test_no_legacy_function_call(stream: ChatStream) -> None:
    for choice in stream.choices:
        for delta in distinct(choice.deltas):
            legacy = delta["function_call"]
            require(not legacy.given, legacy, expected="null or absent")


@requirement(
    "chat.tools.streamed-index",
    MUST,
    "Every delta of a streamed tool call has an `index`, an integer of 0 or more.",
    on=_CALLS,
    source=("openai:chat/streaming#choices", "client:opencode", "client:openai-python"),
    remedy="Number the calls of a choice from 0, and repeat a call's index on each of its deltas.",
)
def test_index(calling_stream: ChatStream) -> None:
    for delta in calling_stream.tool_call_deltas:
        index = delta["index"]
        require(index.is_integer and index.value >= 0, index, expected="an integer, 0 or more")


@requirement(
    "chat.tools.streamed-index-order",
    MUST,
    "The streamed tool calls of a choice have the indexes 0, 1, 2 and so on, in the order in "
    "which they begin.",
    on=_CALLS,
    source=(
        "openai:chat/streaming#choices",
        "client:openai-python",
        "github:cyber-defence-campus/mole#169",
    ),
    remedy="Count only the tool calls: text and reasoning before them get no index.",
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
    "Every streamed tool call has an `index` of its own.",
    on=(*_CALLS, "chat/stream/long-call"),
    source=("openai:chat/streaming#choices", "client:ai-sdk", "github:ollama/ollama#15457"),
    remedy="Increase the index by one for every call that begins: clients assemble the calls by "
    "index.",
)
def test_an_index_is_used_once(calling_stream: ChatStream) -> None:
    if not calling_stream.tool_calls:
        raise _no_numbered_call()
    for call in calling_stream.tool_calls:
        for other in call.others:
            require(
                False,
                other,
                expected=f"an index other than {call.index}",
                observed="another id and a name under the same index",
                beside=call.deltas[0],
            )
    if len(calling_stream.tool_calls) < 2:
        raise NotApplicable("the stream has only one tool call")


@requirement(
    "chat.tools.streamed-id",
    MUST,
    "The first delta of a streamed tool call has its `id`, a non-empty string.",
    on=_CALLS,
    source=("openai:chat/streaming#choices", "client:ai-sdk", "client:opencode"),
    remedy="Send the call's id with its first delta.",
)
def test_id(calling_stream: ChatStream) -> None:
    if not calling_stream.tool_calls:
        raise _no_numbered_call()
    for call in calling_stream.tool_calls:
        first = call.deltas[0]["id"]
        require(first.is_text, first, expected="a non-empty string")


@requirement(
    "chat.tools.streamed-id-constant",
    MUST,
    "Only the first delta of a streamed tool call has an `id`; later deltas omit it or send null.",
    on=_CALLS,
    source=(
        "openai:chat/streaming#choices",
        "client:openai-python",
        "github:AstrBotDevs/AstrBot#7765",
        "github:vllm-project/vllm#23522",
        "github:InternLM/lmdeploy#3412",
    ),
    remedy="Send the id once: clients concatenate repeated ids, and an empty id replaces the real "
    "one.",
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
    "No two tool calls of a stream have the same id.",
    on="chat/tools/stream/auto",
    follows=("chat.tools.streamed-id",),
    source=("openai:function-calling", "client:ai-sdk"),
    remedy="Give every call its own id: the tool's result refers to it.",
)
def test_ids_are_unique(calling_stream: ChatStream) -> None:
    begun = [delta for call in calling_stream.tool_calls for delta in call.beginnings]
    ids = [delta["id"] for delta in begun if delta["id"].given]
    if len(ids) < 2:
        raise NotApplicable("the stream has fewer than two tool calls with an id")
    for position, later in enumerate(ids):
        for earlier in ids[:position]:
            require(later.value != earlier.value, later, expected="a unique id", beside=earlier)


@requirement(
    "chat.tools.streamed-type",
    SHOULD,
    "The first delta of a streamed tool call has the type `function`.",
    on=_CALLS,
    follows=("chat.tools.streamed-type-given",),
    source=("openai:chat/streaming#choices", "github:vllm-project/vllm#16340"),
    remedy='Send `"type": "function"` with the first delta of every call.',
)
def test_type_is_in_the_first_delta(calling_stream: ChatStream) -> None:
    if not calling_stream.tool_calls:
        raise _no_numbered_call()
    for call in calling_stream.tool_calls:
        kind = call.deltas[0]["type"]
        require(kind.value == "function", kind, expected='"function"')


@requirement(
    "chat.tools.streamed-type-given",
    MUST,
    "Every streamed tool call has a `type` in at least one of its deltas.",
    on=_CALLS,
    source=(
        "openai:chat/streaming#choices",
        "seed:opencode#Tool Calling",
        "client:openai-node",
        "github:vllm-project/vllm#16340",
    ),
    remedy='Send `"type": "function"` with the first delta of every call.',
)
def test_every_call_has_a_type(calling_stream: ChatStream) -> None:
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
    "If a tool call delta has a `type`, it is `function`.",
    on=_CALLS,
    source=("openai:chat/streaming#choices", "seed:opencode#Tool Calling"),
    remedy='Send `"type": "function"`, or omit the type from later deltas.',
)
def test_type(calling_stream: ChatStream) -> None:
    for delta in calling_stream.tool_call_deltas:
        kind = delta["type"]
        require(
            not kind.given or kind.value == "function", kind, expected='"function", null or no type'
        )


@requirement(
    "chat.tools.streamed-function",
    MUST,
    "Every delta of a streamed tool call has a `function` object.",
    on=_CALLS,
    source=("openai:chat/streaming#choices", "client:ai-sdk", "client:langchain"),
    remedy='Send `"function": {"arguments": ""}` if a delta adds nothing.',
)
def test_function(calling_stream: ChatStream) -> None:
    for delta in calling_stream.tool_call_deltas:
        require(delta["function"].is_object, delta["function"], expected="an object")


@requirement(
    "chat.tools.streamed-name",
    MUST,
    "The first delta of a streamed tool call has the complete name of a function from the "
    "request's `tools`.",
    on=_CALLS,
    source=(
        "openai:chat/streaming#choices",
        "client:ai-sdk",
        "github:continuedev/continue#5849",
    ),
    remedy="Hold the name back until it is complete, and send it with the call's first delta.",
)
def test_name(calling_stream: ChatStream) -> None:
    if not calling_stream.tool_calls:
        raise _no_numbered_call()
    offered = offered_tools(calling_stream.exchange)
    for call in calling_stream.tool_calls:
        name = call.deltas[0]["function"]["name"]
        require(name.is_one_of(offered), name, expected=f"one of {shown(sorted(offered))}")


@requirement(
    "chat.tools.streamed-name-once",
    MUST,
    "Only the first delta of a streamed tool call names the function; later deltas have no name "
    "or an empty one.",
    on=_CALLS,
    source=(
        "openai:chat/streaming#choices",
        "client:openai-python",
        "client:langchain",
        "github:AstrBotDevs/AstrBot#7765",
    ),
    remedy="Omit the name from later deltas: clients concatenate repeated names.",
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
    "If a call is streamed or forced, the content contains none of the model's own call markup, "
    "such as `<tool_call>`.",
    on=_CALLS,
    source=("openai:function-calling", "github:waybarrios/vllm-mlx#107"),
    remedy="Hold back text that may be the beginning of a call until that is clear, and stream "
    "the call as `tool_calls`.",
)
def test_no_markup_in_the_content(stream: ChatStream, scenario: Scenario) -> None:
    if scenario.may_go_without_a_call and not stream.tool_call_deltas:
        raise NotApplicable("the model chose to call no tool")
    if stream.requested("tool_choice") == "auto" and not stream.tool_call_deltas:
        raise Inconclusive(
            "the model called no tool, and tool_choice did not force it to", told_by=NO_CALL
        )
    if _is_cut(stream):
        raise Inconclusive("max_tokens cut off the answer, perhaps in the middle of a call")
    for text, place in texts_in(stream):
        markup = call_markup(text)
        require(
            markup is None,
            place,
            expected="text without call markup",
            observed=f"text with {markup}",
        )


@requirement(
    "chat.tools.streamed-finish",
    SHOULD,
    "A stream with a forced tool call ends with finish_reason `tool_calls`.",
    on=_REQUIRED,
    follows=("chat.tools.required-streamed", "chat.finish.given"),
    source=(
        "openai:chat/streaming#choices",
        "seed:opencode#Tool Calling",
        "github:vllm-project/vllm#25054",
    ),
    remedy="Send finish_reason `tool_calls` whenever the answer contains calls: agent loops "
    "branch on it.",
)
def test_finish_reason(calling_stream: ChatStream) -> None:
    reasons = [reason for choice in calling_stream.choices for reason in choice.finishes]
    if not reasons:
        raise Inconclusive("the stream has no finish_reason", told_by=NO_FINISH)
    for reason in reasons:
        if reason.value == "length":
            raise Inconclusive("max_tokens cut off the answer")
        require(reason.value == "tool_calls", reason, expected='"tool_calls"')
