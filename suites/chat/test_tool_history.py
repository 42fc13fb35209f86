"""Tool calls and their results in the history: the turn after the call."""

from oaicheck.rules import MUST, SHOULD, Inconclusive, require, requirement
from oaicheck.views import (
    Bench,
    ChatStream,
    Completion,
    Exchange,
    Located,
    requested,
    require_no_server_error,
)

_TOLERANCE = 20
"""Tokens by which templates may set an array of parts apart from a string."""


@requirement(
    "chat.tool-history.own-id",
    MUST,
    "A call that the endpoint made is accepted back with its id and null content, followed by its "
    "result.",
    on="chat/tools/history/round-trip",
    source=(
        "openai:function-calling",
        "seed:opencode#Tool Calling",
        "github:cubist38/mlx-openai-server#205",
        "github:open-webui/computer#224",
    ),
    remedy="Accept a history of the documented fields: id, type and function of the call, and the "
    "role `tool` with tool_call_id and content.",
)
def test_a_call_is_accepted_back(exchange: Exchange, opening: Completion) -> None:
    call = opening.tool_calls[0]
    parts = (call["id"], call["function"]["name"], call["function"]["arguments"])
    if not all(part.is_text for part in parts):
        raise Inconclusive("the call itself is malformed")
    require(exchange.status == 200, exchange, expected="HTTP 200", beside=call)


@requirement(
    "chat.tool-history.foreign-ids",
    MUST,
    "Two calls with ids that another server gave are accepted in the history with their results.",
    on="chat/tools/history/foreign-ids",
    against="chat/whole/tool-call",
    source=(
        "openai:function-calling",
        "client:opencode",
        "github:anomalyco/opencode#1680",
    ),
    remedy="Take ids as opaque strings of any form: a conversation may change its server.",
)
def test_foreign_ids_are_accepted(exchange: Exchange, against: Completion) -> None:
    require(exchange.status == 200, exchange, expected="HTTP 200", beside=against.exchange)


@requirement(
    "chat.tool-history.empty-content",
    MUST,
    "An assistant message with tool calls is accepted with an empty string as content.",
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
    "A tool's result is accepted as an array of text parts.",
    on="chat/tools/history/text-parts",
    against="chat/whole/tool-call",
    source=("openai:chat/create#messages", "github:Neroued/ninfer#56"),
    remedy="Join the text parts of a tool message as those of any other message.",
)
def test_text_parts_are_accepted(exchange: Exchange, against: Completion) -> None:
    require(exchange.status == 200, exchange, expected="HTTP 200", beside=against.exchange)


@requirement(
    "chat.tool-history.no-tools",
    MUST,
    "A history with tool calls is accepted when tools are no longer offered.",
    on="chat/tools/history/no-tools",
    against="chat/whole/tool-call",
    source=("openai:chat/create#tools", "github:anomalyco/opencode#8246"),
    remedy="Serve it: clients sum up a conversation, or name it, without offering tools.",
)
def test_tools_may_be_left_out(exchange: Exchange, against: Completion) -> None:
    require(exchange.status == 200, exchange, expected="HTTP 200", beside=against.exchange)


@requirement(
    "chat.tool-history.answer",
    SHOULD,
    "A history that ends with a tool's result, or a question after it, is answered with text.",
    on=(
        "chat/tools/history/foreign-ids",
        "chat/tools/history/empty-content",
        "chat/tools/history/text-parts",
        "chat/tools/history/no-tools",
    ),
    source="openai:function-calling",
    remedy="Let the model go on after the result as after any message.",
)
def test_the_answer_has_text(completion: Completion) -> None:
    for choice in completion.choices:
        content = choice["message"]["content"]
        _is_answered(
            content.is_text,
            content,
            called=len(choice["message"]["tool_calls"]) > 0,
            cut=choice["finish_reason"].value == "length",
        )


@requirement(
    "chat.tool-history.answer-streamed",
    SHOULD,
    "Streamed: a history that ends with a tool's result is answered with text.",
    on="chat/tools/history/round-trip",
    source=("openai:function-calling", "seed:opencode#Tool Calling"),
    remedy="Let the model go on after the result as after any message.",
)
def test_the_streamed_answer_has_text(stream: ChatStream) -> None:
    if not stream.choices:
        raise Inconclusive("the stream has no choice")
    for choice in stream.choices:
        _is_answered(
            choice.content != "",
            choice.entries[-1]["delta"]["content"],
            called=len(choice.tool_call_deltas) > 0,
            cut=any(reason.value == "length" for reason in choice.finishes),
        )


def _is_answered(answered: bool, place: Located, *, called: bool, cut: bool) -> None:
    if not answered and called:
        raise Inconclusive("the model called a tool")
    if not answered and cut:
        raise Inconclusive("max_tokens cut the answer before it had text")
    require(answered, place, expected="text", observed="none in the whole answer")


@requirement(
    "chat.tool-history.read",
    SHOULD,
    "A tool's result counts at least one prompt token for each of its words.",
    on="chat/tools/history/no-tools",
    source=("openai:function-calling", "openai:chat/object#usage"),
    remedy="Pass the content of tool messages to the model.",
)
def test_the_result_reaches_the_model(completion: Completion, bench: Bench) -> None:
    result = requested(completion.exchange, "messages")[-1]["content"]
    counted = completion.usage["prompt_tokens"]
    if not counted.is_integer:
        raise Inconclusive("there is no count of prompt tokens")
    bench.require_counted_prompts()
    words = len(result.split())
    require(counted.value >= words, counted, expected=f"{words} or more, for as many words")


@requirement(
    "chat.tool-history.text-parts-read",
    SHOULD,
    "A tool's result as text parts counts about as many prompt tokens as the same text as a "
    "string.",
    on="chat/tools/history/text-parts",
    against="chat/tools/history/empty-content",
    source=("openai:chat/create#messages", "github:raullenchai/Rapid-MLX#731"),
    remedy="Give the model the text of the parts: neither nothing, nor the JSON around it.",
)
def test_text_parts_reach_the_model(completion: Completion, against: Completion) -> None:
    parts, text = completion.usage["prompt_tokens"], against.usage["prompt_tokens"]
    if not parts.is_integer or not text.is_integer:
        raise Inconclusive("there are not two counts to compare")
    require(
        abs(parts.value - text.value) <= _TOLERANCE,
        parts,
        expected=f"{text.value} give or take {_TOLERANCE}, as for the string",
        beside=text,
    )


@requirement(
    "chat.tool-history.odd-no-server-error",
    MUST,
    "A call with empty arguments and no content, and an empty result, are no server error.",
    on="chat/tools/history/odd",
    against="chat/whole/tool-call",
    source=(
        "openai:errors",
        "github:vllm-project/vllm#48922",
        "github:vllm-project/vllm#47761",
        "github:menloresearch/jan#6254",
        "github:InternLM/lmdeploy#4035",
    ),
    remedy="Expect that arguments are no JSON, and that `content` is left out: models and clients "
    "write such histories.",
)
def test_an_odd_history_is_no_server_error(exchange: Exchange, against: Completion) -> None:
    require_no_server_error(exchange, against.exchange)


@requirement(
    "chat.tool-history.odd",
    SHOULD,
    "A call with empty arguments and no content, and an empty result, are accepted in the history.",
    on="chat/tools/history/odd",
    against="chat/whole/tool-call",
    source=("openai:chat/create#messages", "github:vllm-project/vllm#48922"),
    remedy="Read empty arguments as `{}`, and missing content beside calls as null.",
)
def test_an_odd_history_is_accepted(decided: Exchange, against: Completion) -> None:
    require(decided.status == 200, decided, expected="HTTP 200", beside=against.exchange)
