"""tool_choice and parallel_tool_calls: who decides whether, which and how many."""

from oaicheck.rules import MUST, SHOULD, Inconclusive, require, requirement
from oaicheck.views import (
    Answered,
    ChatStream,
    Completion,
    Exchange,
    call_markup,
    error_within,
    must_be_forced,
    shown,
    texts_in,
)

_NAMED = ("chat/stream/tools/named", "chat/whole/tools/named")


def _calling(answered: Answered) -> Answered:
    """The answer, if it has a tool call; raises Inconclusive where it has none."""
    if not answered.called:
        raise Inconclusive("the model called no tool")
    return answered


@requirement(
    "chat.tool-choice.auto",
    MUST,
    "Where tools are served at all, tool_choice `auto` is accepted.",
    on="chat/tools/stream/auto",
    against="chat/stream/tool-call",
    source=("openai:chat/create#tool_choice", "client:ai-sdk", "github:vercel/ai#2503"),
    remedy="Accept `auto`, which is the default and what clients send; start the server with its "
    "parser for tool calls enabled.",
)
def test_auto_is_accepted(exchange: Exchange, against: ChatStream) -> None:
    require(exchange.status == 200, exchange, expected="HTTP 200", beside=against.exchange)


@requirement(
    "chat.tool-choice.auto-finish",
    MUST,
    "A stream in which the model chose to call a tool ends with `tool_calls`.",
    on="chat/tools/stream/auto",
    source=(
        "openai:chat/streaming#choices",
        "seed:opencode#Tool Calling",
        "github:BerriAI/litellm#12862",
    ),
    remedy="Report `tool_calls` whenever the model ended with calls; agent loops branch on it.",
)
def test_auto_ends_with_tool_calls(calling_stream: ChatStream) -> None:
    reasons = [reason for choice in calling_stream.choices for reason in choice.finishes]
    if not reasons:
        raise Inconclusive("the stream has no finish_reason")
    for reason in reasons:
        if reason.value == "length":
            raise Inconclusive("max_tokens cut the answer")
        require(reason.value == "tool_calls", reason, expected='"tool_calls"')


@requirement(
    "chat.tool-choice.none",
    MUST,
    "tool_choice `none` is answered without a tool call.",
    on="chat/tools/history/foreign-ids",
    source=("openai:chat/create#tool_choice", "github:google-ai-edge/LiteRT-LM#2471"),
    remedy="Do not pass the tools to the model, nor parse its text for calls, when tool_choice is "
    "`none`.",
)
def test_none_is_heeded(completion: Completion) -> None:
    for call in completion.tool_calls:
        require(False, call, expected="no tool call")


@requirement(
    "chat.tool-choice.none-streamed",
    MUST,
    "Streamed: tool_choice `none` is answered without a tool call.",
    on="chat/tools/history/round-trip",
    source=("openai:chat/create#tool_choice", "github:google-ai-edge/LiteRT-LM#2471"),
    remedy="Do not pass the tools to the model, nor parse its text for calls, when tool_choice is "
    "`none`.",
)
def test_none_is_heeded_in_a_stream(stream: ChatStream) -> None:
    for delta in stream.tool_call_deltas:
        require(False, delta, expected="no tool call")


@requirement(
    "chat.tool-choice.none-markup",
    SHOULD,
    "With tool_choice `none` the content has none of the markup in which models write calls.",
    on=("chat/tools/history/foreign-ids", "chat/tools/history/round-trip"),
    source=("openai:chat/create#tool_choice", "github:sgl-project/sglang#30925"),
    remedy="Do not offer the tools to the model when tool_choice is `none`, and leave out what it "
    "writes as a call.",
)
def test_none_leaves_no_markup(answered: Answered) -> None:
    for text, place in texts_in(answered.answer):
        markup = call_markup(text)
        require(
            markup is None, place, expected="text without call markup", observed=f"it has {markup}"
        )


@requirement(
    "chat.tool-choice.named",
    MUST,
    "A tool_choice that names a function is answered with a tool call.",
    on=_NAMED,
    source=(
        "openai:chat/create#tool_choice",
        "github:gpustack/gpustack#1381",
        "github:ggml-org/llama.cpp#26849",
    ),
    remedy="Constrain the model to the function that tool_choice names, or refuse the parameter "
    "with a 400 that names it.",
)
def test_a_named_function_is_called(answered: Answered) -> None:
    must_be_forced(answered.answer)
    if not answered.called and any(choice.reason.value == "length" for choice in answered.choices):
        raise Inconclusive("max_tokens cut the answer before a call was made")
    if not answered.called and error_within(answered.exchange) is not None:
        raise Inconclusive("the answer broke off with an error before a call was made")
    if not any(entry[choice.part].given for choice in answered.choices for entry in choice.entries):
        raise Inconclusive("no choice says anything")
    require(
        len(answered.called) > 0,
        answered.exchange,
        expected="a tool call",
        observed="an answer without one",
    )


@requirement(
    "chat.tool-choice.named-only",
    MUST,
    "Where tool_choice names a function, no other one is called.",
    on=_NAMED,
    source=("openai:chat/create#tool_choice", "github:google-ai-edge/LiteRT-LM#2471"),
    remedy="Offer the model the named function alone.",
)
def test_only_the_named_function_is_called(answered: Answered) -> None:
    must_be_forced(answered.answer)
    wanted = answered.requested("tool_choice")["function"]["name"]
    parts = [call["function"]["name"] for call in _calling(answered).called]
    names = [name for name in parts if name.is_text]
    if not names:
        raise Inconclusive("the calls have no names")
    for name in names:
        others = [tool["function"]["name"] for tool in answered.requested("tools")]
        others.remove(wanted)
        require(
            name.value not in others, name, expected=f"{shown(wanted)}, which tool_choice names"
        )


@requirement(
    "chat.tool-choice.one-at-a-time",
    SHOULD,
    "With parallel_tool_calls false there is at most one tool call.",
    on=("chat/whole/tools/one-at-a-time", "chat/stream/tools/one-at-a-time"),
    source=(
        "openai:chat/create#parallel_tool_calls",
        "github:sgl-project/sglang#9696",
        "github:vllm-project/vllm#26233",
        "github:vllm-project/vllm#9451",
    ),
    remedy="Stop after the first call when parallel_tool_calls is false, or refuse the parameter "
    "with a 400 that names it.",
)
def test_one_call_at_a_time(answered: Answered) -> None:
    found = _calling(answered).beginnings
    if not any(found):
        raise Inconclusive("no delta has an index by which it belongs to a call")
    for calls in found:
        for call in calls[1:]:
            require(False, call, expected="one tool call", observed=f"{len(calls)} calls")


@requirement(
    "chat.tool-choice.unoffered-no-server-error",
    MUST,
    "A tool_choice that names a function which is not offered is no server error.",
    on="chat/either/unoffered-choice",
    against="chat/whole/tool-call",
    source=(
        "openai:chat/create#tool_choice",
        "openai:errors",
        "github:sgl-project/sglang#28862",
    ),
    remedy="Look the name up among the tools before a grammar is made of it; answer 400.",
)
def test_an_unoffered_function_is_no_server_error(exchange: Exchange, against: Completion) -> None:
    require((exchange.status or 0) < 500, exchange, expected="a 4xx", beside=against.exchange)


@requirement(
    "chat.tool-choice.unoffered",
    SHOULD,
    "A tool_choice that names a function which is not offered is refused with a 4xx.",
    on="chat/either/unoffered-choice",
    against="chat/whole/tool-call",
    source=("openai:chat/create#tool_choice", "github:sgl-project/sglang#28862"),
    remedy="Answer 400: a call of another function, or text, is not what was asked for.",
)
def test_an_unoffered_function_is_refused(decided: Exchange, against: Completion) -> None:
    require((decided.status or 0) >= 400, decided, expected="a 4xx", beside=against.exchange)
