"""Tool calls and their results in the history: the turn after the call."""

from oaicheck.rules import (
    MUST,
    NO_CALL,
    NO_CHOICES,
    NO_USAGE,
    SHOULD,
    Inconclusive,
    NotApplicable,
    require,
    requirement,
)
from oaicheck.views import (
    Bench,
    ChatStream,
    Completion,
    Exchange,
    Located,
    requested,
    require_no_server_error,
)

_TWO_CALLS = "chat/tools/history/two-calls"
_ONE_CALL = (
    "chat/tools/history/empty-content",
    "chat/tools/history/broken-arguments",
    "chat/tools/history/no-tools",
    "chat/tools/history/odd",
    "chat/tools/history/round-trip",
    "chat/tools/history/text-parts",
)
"""Scenarios whose history has one call."""
_TOLERANCE = 20
"""Tokens that a chat template may add to, or omit from, an array of parts."""


@requirement(
    "chat.tool-history.own-id",
    MUST,
    "The endpoint accepts its own tool call back with its id and null content, followed by the "
    "tool's result.",
    on="chat/tools/history/round-trip",
    source=(
        "openai:function-calling",
        "seed:opencode#Tool Calling",
        "github:cubist38/mlx-openai-server#205",
        "github:open-webui/computer#224",
    ),
    remedy="Accept the documented members in a history: `id`, `type` and `function` of the call, "
    "and a message with the role `tool`, `tool_call_id` and `content`.",
)
def test_a_call_is_accepted_back(exchange: Exchange, opening: Completion) -> None:
    call = opening.tool_calls[0]
    parts = (call["id"], call["function"]["name"], call["function"]["arguments"])
    if not all(part.is_text for part in parts):
        raise Inconclusive("the endpoint's own tool call is malformed", told_by=NO_CALL)
    require(exchange.status == 200, exchange, expected="HTTP 200", beside=call)


@requirement(
    "chat.tool-history.two-calls",
    MUST,
    "The endpoint accepts an assistant message with two tool calls in the history, followed by a "
    "tool message for each.",
    on=_TWO_CALLS,
    against="chat/whole/tool-call",
    source=(
        "openai:function-calling",
        "client:opencode",
        "github:can1357/oh-my-pi#9167",
    ),
    remedy="Accept as many tool messages in a row as the message before them has calls: agents run "
    "several tools at once.",
    since="2026.2",
)
def test_two_calls_are_accepted(exchange: Exchange, against: Completion, bench: Bench) -> None:
    one = [bench.sent(name) for name in _ONE_CALL]
    statuses = {sent.turns[-1].status for sent in one if sent is not None}
    if exchange.status != 200 and statuses and 200 not in statuses:
        raise NotApplicable(
            "a history with one call is refused too: chat.tool-history.empty-content judges that"
        )
    require(exchange.status == 200, exchange, expected="HTTP 200", beside=against.exchange)


@requirement(
    "chat.tool-history.foreign-ids",
    MUST,
    "The endpoint accepts tool calls and their results in the history, even if another server "
    "created their ids.",
    on="chat/tools/history/foreign-ids",
    against="chat/whole/tool-call",
    source=(
        "openai:function-calling",
        "client:opencode",
        "github:anomalyco/opencode#1680",
    ),
    remedy="Treat ids as opaque strings of any form: a conversation may move to another server.",
)
def test_foreign_ids_are_accepted(exchange: Exchange, against: Completion, bench: Bench) -> None:
    two = bench.sent(_TWO_CALLS)
    if exchange.status != 200 and two is not None and two.turns[-1].status != 200:
        raise NotApplicable(
            "two calls are refused, whatever their ids: chat.tool-history.two-calls judges that"
        )
    require(exchange.status == 200, exchange, expected="HTTP 200", beside=against.exchange)


@requirement(
    "chat.tool-history.empty-content",
    MUST,
    "The endpoint accepts an assistant message with tool calls and an empty string as content.",
    on="chat/tools/history/empty-content",
    against="chat/whole/tool-call",
    source=(
        "openai:chat/create#messages",
        "client:opencode",
        "github:tashfeenahmed/freellmapi#165",
    ),
    remedy="Treat empty content beside tool calls like null.",
)
def test_empty_content_is_accepted(exchange: Exchange, against: Completion) -> None:
    require(exchange.status == 200, exchange, expected="HTTP 200", beside=against.exchange)


@requirement(
    "chat.tool-history.text-parts",
    SHOULD,
    "The endpoint accepts a tool's result as an array of text parts.",
    on="chat/tools/history/text-parts",
    against="chat/whole/tool-call",
    source=("openai:chat/create#messages", "github:Neroued/ninfer#56"),
    remedy="Join the text parts of a tool message as you do for any other message.",
)
def test_text_parts_are_accepted(exchange: Exchange, against: Completion) -> None:
    require(exchange.status == 200, exchange, expected="HTTP 200", beside=against.exchange)


@requirement(
    "chat.tool-history.no-tools",
    MUST,
    "The endpoint accepts a history with tool calls even if the request offers no tools.",
    on="chat/tools/history/no-tools",
    against="chat/whole/tool-call",
    source=("openai:chat/create#tools", "github:anomalyco/opencode#8246"),
    remedy="Serve the request: clients summarise a conversation, or name it, without offering "
    "tools.",
)
def test_tools_may_be_left_out(exchange: Exchange, against: Completion) -> None:
    require(exchange.status == 200, exchange, expected="HTTP 200", beside=against.exchange)


@requirement(
    "chat.tool-history.answer",
    SHOULD,
    "If a history ends with a tool's result, or with a question after it, the completion contains "
    "text.",
    on=(
        "chat/tools/history/foreign-ids",
        "chat/tools/history/two-calls",
        "chat/tools/history/empty-content",
        "chat/tools/history/text-parts",
        "chat/tools/history/no-tools",
    ),
    source="openai:function-calling",
    remedy="Let the model continue after a tool's result as after any other message.",
)
def test_the_answer_has_text(completion: Completion) -> None:
    for choice in completion.choices:
        content = choice["message"]["content"]
        _require_text(
            content.is_text,
            content,
            called=len(choice["message"]["tool_calls"]) > 0,
            cut=choice["finish_reason"].value == "length",
        )


@requirement(
    "chat.tool-history.answer-streamed",
    SHOULD,
    "If a history ends with a tool's result, the stream contains text.",
    on="chat/tools/history/round-trip",
    source=("openai:function-calling", "seed:opencode#Tool Calling"),
    remedy="Let the model continue after a tool's result as after any other message.",
)
def test_the_streamed_answer_has_text(stream: ChatStream) -> None:
    if not stream.choices:
        raise Inconclusive("the stream has no choices", told_by=NO_CHOICES)
    for choice in stream.choices:
        _require_text(
            choice.content != "",
            choice.entries[-1]["delta"]["content"],
            called=len(choice.tool_call_deltas) > 0,
            cut=any(reason.value == "length" for reason in choice.finishes),
        )


def _require_text(answered: bool, place: Located, *, called: bool, cut: bool) -> None:
    if not answered and called:
        raise Inconclusive("the model called a tool")
    if not answered and cut:
        raise Inconclusive("max_tokens cut off the answer before it had text")
    require(answered, place, expected="text", observed="no text in the whole answer")


@requirement(
    "chat.tool-history.read",
    SHOULD,
    "A tool's result reaches the model: `prompt_tokens` is at least the number of words in it.",
    on="chat/tools/history/no-tools",
    source=("openai:function-calling", "openai:chat/object#usage"),
    remedy="Pass the content of tool messages to the model.",
)
def test_the_result_reaches_the_model(completion: Completion, bench: Bench) -> None:
    result = requested(completion.exchange, "messages")[-1]["content"]
    counted = completion.usage["prompt_tokens"]
    if not counted.is_integer:
        raise Inconclusive(
            "prompt_tokens is missing or not an integer", told_by=NO_USAGE, anywhere=True
        )
    bench.require_counted_prompts()
    words = len(result.split())
    require(
        counted.value >= words, counted, expected=f"at least {words}: the result has {words} words"
    )


@requirement(
    "chat.tool-history.text-parts-read",
    SHOULD,
    "A tool's result as text parts counts about as many prompt tokens as a string with the same "
    "text.",
    on="chat/tools/history/text-parts",
    against="chat/tools/history/empty-content",
    source=("openai:chat/create#messages", "github:raullenchai/Rapid-MLX#731"),
    remedy="Pass the text of the parts to the model. Do not drop it, and do not add the JSON "
    "around it.",
)
def test_text_parts_reach_the_model(completion: Completion, against: Completion) -> None:
    parts, text = completion.usage["prompt_tokens"], against.usage["prompt_tokens"]
    if not parts.is_integer or not text.is_integer:
        raise Inconclusive(
            "prompt_tokens is missing in one of the two responses", told_by=NO_USAGE, anywhere=True
        )
    require(
        abs(parts.value - text.value) <= _TOLERANCE,
        parts,
        expected=f"{text.value} ± {_TOLERANCE}, as for the string",
        beside=text,
    )


@requirement(
    "chat.tool-history.odd-no-server-error",
    MUST,
    "A history with a tool call that has empty arguments and no content, and with an empty "
    "result, does not cause a server error (5xx).",
    on="chat/tools/history/odd",
    against="chat/whole/tool-call",
    source=(
        "openai:errors",
        "github:vllm-project/vllm#48922",
        "github:vllm-project/vllm#47761",
        "github:menloresearch/jan#6254",
        "github:InternLM/lmdeploy#4035",
    ),
    remedy="Expect arguments that are not JSON, and an absent `content`: models and clients write "
    "such histories.",
)
def test_an_odd_history_causes_no_server_error(exchange: Exchange, against: Completion) -> None:
    require_no_server_error(exchange, against.exchange)


@requirement(
    "chat.tool-history.odd",
    SHOULD,
    "The endpoint accepts a history with a tool call that has empty arguments and no content, and "
    "with an empty result.",
    on="chat/tools/history/odd",
    against="chat/whole/tool-call",
    source=("openai:chat/create#messages", "github:vllm-project/vllm#48922"),
    remedy="Treat empty arguments as `{}`, and absent content beside tool calls as null.",
)
def test_an_odd_history_is_accepted(decided: Exchange, against: Completion) -> None:
    require(decided.status == 200, decided, expected="HTTP 200", beside=against.exchange)


@requirement(
    "chat.tool-history.broken-arguments-no-server-error",
    MUST,
    "A history with a tool call whose arguments are not JSON does not cause a server error (5xx).",
    on="chat/tools/history/broken-arguments",
    against="chat/whole/tool-call",
    source=("openai:chat/create#messages", "openai:errors", "github:vllm-project/vllm#48922"),
    remedy="Pass arguments that you cannot parse to the model as text: `max_tokens` cuts calls "
    "off, clients keep them in the history, and after a 5xx they repeat the same request.",
    since="2026.2",
)
def test_broken_arguments_cause_no_server_error(exchange: Exchange, against: Completion) -> None:
    require_no_server_error(exchange, against.exchange)


@requirement(
    "chat.tool-history.broken-arguments",
    SHOULD,
    "The endpoint accepts a history with a tool call whose arguments are not JSON.",
    on="chat/tools/history/broken-arguments",
    against="chat/whole/tool-call",
    follows=("chat.tool-history.broken-arguments-no-server-error",),
    source=("openai:chat/create#messages", "github:vllm-project/vllm#48922"),
    remedy="Pass arguments that you cannot parse to the model as text: `arguments` is a string, "
    "and its documentation warns that the model may write invalid JSON.",
    since="2026.2",
)
def test_broken_arguments_are_accepted(decided: Exchange, against: Completion) -> None:
    require(decided.status == 200, decided, expected="HTTP 200", beside=against.exchange)
