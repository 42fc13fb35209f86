"""tool_choice and parallel_tool_calls: whether tools are called, which and how many."""

from oaicheck.rules import (
    MUST,
    NO_CALL,
    NO_CALL_INDEX,
    NO_CHOICES,
    NO_FINISH,
    SHOULD,
    Inconclusive,
    NotApplicable,
    require,
    requirement,
)
from oaicheck.views import (
    RATE_LIMITED,
    Answered,
    ChatStream,
    Completion,
    Conversation,
    Exchange,
    call_markup,
    error_within,
    is_free_text,
    must_be_forced,
    shown,
    texts_in,
)

_NAMED = ("chat/stream/tools/named", "chat/whole/tools/named")


def _with_a_call(answered: Answered) -> Answered:
    """The answer, if it has a tool call; raises Inconclusive if it has none."""
    if not answered.called:
        raise Inconclusive("the model called no tool", told_by=NO_CALL)
    return answered


@requirement(
    "chat.tool-choice.auto",
    MUST,
    "If the endpoint serves tools, it accepts the tool_choice `auto`.",
    on="chat/tools/stream/auto",
    against="chat/stream/tool-call",
    source=("openai:chat/create#tool_choice", "client:ai-sdk", "github:vercel/ai#2503"),
    remedy="Accept `auto`: it is the default, and clients send it. Start the server with its tool "
    "call parser enabled.",
)
def test_auto_is_accepted(exchange: Exchange, against: ChatStream) -> None:
    require(exchange.status == 200, exchange, expected="HTTP 200", beside=against.exchange)


@requirement(
    "chat.tool-choice.string-form",
    MUST,
    "If the endpoint serves a `tool_choice` that names a function, it also serves `required` or "
    "`auto`.",
    on="chat/whole/tool-call",
    against="chat/whole/tools/named",
    source=("openai:chat/create#tool_choice", "client:ai-sdk"),
    remedy="Accept `tool_choice` as a string as well: `none`, `auto` and `required`.",
    since="2026.2",
)
def test_a_choice_may_be_a_string(conversation: Conversation, against: Completion) -> None:
    exchange = conversation.turns[-1]
    if exchange.status in RATE_LIMITED:
        raise Inconclusive("rate limited or overloaded")
    require(
        exchange.status == 200,
        exchange,
        expected="HTTP 200, as for a tool_choice that names a function",
        beside=against.exchange,
    )


@requirement(
    "chat.tool-choice.auto-finish",
    MUST,
    "A stream in which the model chose to call a tool ends with finish_reason `tool_calls`.",
    on="chat/tools/stream/auto",
    source=(
        "openai:chat/streaming#choices",
        "seed:opencode#Tool Calling",
        "github:BerriAI/litellm#12862",
    ),
    remedy="Send finish_reason `tool_calls` whenever the model ended with calls: agent loops "
    "branch on it.",
)
def test_auto_ends_with_tool_calls(stream: ChatStream) -> None:
    if not stream.tool_call_deltas:
        raise NotApplicable("the model chose to call no tool")
    reasons = [reason for choice in stream.choices for reason in choice.finishes]
    if not reasons:
        raise Inconclusive("the stream has no finish_reason", told_by=NO_FINISH)
    for reason in reasons:
        if reason.value == "length":
            raise Inconclusive("max_tokens cut off the answer")
        require(reason.value == "tool_calls", reason, expected='"tool_calls"')


@requirement(
    "chat.tool-choice.none",
    MUST,
    "If `tool_choice` is `none`, a completion contains no tool call.",
    on="chat/tools/history/foreign-ids",
    source=("openai:chat/create#tool_choice", "github:google-ai-edge/LiteRT-LM#2471"),
    remedy="If `tool_choice` is `none`, do not pass the tools to the model and do not parse its "
    "text for calls.",
)
def test_none_prevents_calls(completion: Completion) -> None:
    for call in completion.tool_calls:
        require(False, call, expected="no tool call")


@requirement(
    "chat.tool-choice.none-streamed",
    MUST,
    "If `tool_choice` is `none`, a stream contains no tool call.",
    on="chat/tools/history/round-trip",
    source=("openai:chat/create#tool_choice", "github:google-ai-edge/LiteRT-LM#2471"),
    remedy="If `tool_choice` is `none`, do not pass the tools to the model and do not parse its "
    "text for calls.",
)
def test_none_prevents_calls_in_a_stream(stream: ChatStream) -> None:
    for delta in stream.tool_call_deltas:
        require(False, delta, expected="no tool call")


@requirement(
    "chat.tool-choice.none-markup",
    SHOULD,
    "If `tool_choice` is `none`, the content contains none of the model's own call markup, such "
    "as `<tool_call>`.",
    on=("chat/tools/history/foreign-ids", "chat/tools/history/round-trip"),
    source=("openai:chat/create#tool_choice", "github:sgl-project/sglang#30925"),
    remedy="If `tool_choice` is `none`, do not offer the tools to the model, and remove any call "
    "that it writes from the content.",
)
def test_none_leaves_no_markup(answered: Answered) -> None:
    for text, place in texts_in(answered.answer):
        markup = call_markup(text)
        require(
            markup is None,
            place,
            expected="text without call markup",
            observed=f"text with {markup}",
        )


@requirement(
    "chat.tool-choice.named",
    MUST,
    "If `tool_choice` names a function, the answer contains a tool call.",
    on=_NAMED,
    source=(
        "openai:chat/create#tool_choice",
        "github:gpustack/gpustack#1381",
        "github:ggml-org/llama.cpp#26849",
    ),
    remedy="Force the model to call the function that `tool_choice` names, or refuse "
    "`tool_choice` with a 400 that names it.",
)
def test_a_named_function_is_called(answered: Answered) -> None:
    must_be_forced(answered.answer)
    cut = any(choice.reason.value == "length" for choice in answered.choices)
    if not answered.called and cut and not any(is_free_text(c.content) for c in answered.choices):
        raise Inconclusive("max_tokens cut off the answer before a call was made")
    if not answered.called and error_within(answered.exchange) is not None:
        raise Inconclusive(
            "an error ended the answer before a call was made",
            told_by=("chat.chunk.no-error", "chat.completion.no-error"),
        )
    if not any(entry[choice.part].given for choice in answered.choices for entry in choice.entries):
        raise Inconclusive("no choice has a message or a delta", told_by=NO_CHOICES)
    require(
        len(answered.called) > 0,
        answered.exchange,
        expected="a tool call",
        observed="an answer without a tool call",
    )


@requirement(
    "chat.tool-choice.named-only",
    MUST,
    "If `tool_choice` names a function, the model calls no other function.",
    on=_NAMED,
    follows=("chat.tool-choice.named",),
    source=("openai:chat/create#tool_choice", "github:google-ai-edge/LiteRT-LM#2471"),
    remedy="Offer the model only the named function.",
)
def test_only_the_named_function_is_called(answered: Answered) -> None:
    must_be_forced(answered.answer)
    wanted = answered.requested("tool_choice")["function"]["name"]
    parts = [call["function"]["name"] for call in _with_a_call(answered).called]
    names = [name for name in parts if name.is_text]
    if not names:
        raise Inconclusive(
            "the calls have no names", told_by=("chat.tools.name", "chat.tools.streamed-name")
        )
    for name in names:
        others = [tool["function"]["name"] for tool in answered.requested("tools")]
        others.remove(wanted)
        require(
            name.value not in others, name, expected=f"{shown(wanted)}, which tool_choice names"
        )


@requirement(
    "chat.tool-choice.one-at-a-time",
    MUST,
    "If `parallel_tool_calls` is false, a choice has at most one tool call.",
    on=("chat/whole/tools/one-at-a-time", "chat/stream/tools/one-at-a-time"),
    source=(
        "openai:chat/create#parallel_tool_calls",
        "github:sgl-project/sglang#9696",
        "github:vllm-project/vllm#26233",
        "github:vllm-project/vllm#9451",
    ),
    remedy="Stop after the first call if `parallel_tool_calls` is false, or refuse the parameter "
    "with a 400 that names it.",
)
def test_one_call_at_a_time(answered: Answered) -> None:
    found = _with_a_call(answered).beginnings
    if not any(found):
        raise Inconclusive("no tool call delta has an integer index", told_by=NO_CALL_INDEX)
    for calls in found:
        for call in calls[1:]:
            require(False, call, expected="one tool call", observed=f"{len(calls)} calls")


@requirement(
    "chat.tool-choice.unoffered-no-server-error",
    MUST,
    "A `tool_choice` that names a function missing from `tools` does not cause a server error "
    "(5xx).",
    on="chat/either/unoffered-choice",
    against="chat/whole/tool-call",
    source=(
        "openai:chat/create#tool_choice",
        "openai:errors",
        "github:sgl-project/sglang#28862",
    ),
    remedy="Look the name up in `tools` before you build a grammar from it, and return 400 if it "
    "is missing.",
)
def test_an_unoffered_function_causes_no_server_error(
    exchange: Exchange, against: Completion
) -> None:
    require((exchange.status or 0) < 500, exchange, expected="a 4xx", beside=against.exchange)


@requirement(
    "chat.tool-choice.unoffered",
    SHOULD,
    "If `tool_choice` names a function missing from `tools`, the endpoint refuses it with a 4xx.",
    on="chat/either/unoffered-choice",
    against="chat/whole/tool-call",
    source=("openai:chat/create#tool_choice", "github:sgl-project/sglang#28862"),
    remedy="Return 400: text, or a call of another function, is not what the client asked for.",
)
def test_an_unoffered_function_is_refused(decided: Exchange, against: Completion) -> None:
    require((decided.status or 0) >= 400, decided, expected="a 4xx", beside=against.exchange)
