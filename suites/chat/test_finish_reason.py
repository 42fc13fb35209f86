"""finish_reason: why a choice ended, sent once, at its end."""

from oaicheck.rules import (
    MUST,
    NO_CALL,
    NO_USAGE,
    SHOULD,
    Inconclusive,
    require,
    requirement,
)
from oaicheck.views import (
    Answered,
    ChatStream,
    Completion,
    Located,
    beyond_limit,
    distinct,
    is_cut_count,
    reasoning_tokens,
    streamed_thoughts,
    thoughts,
)

REASONS = ("stop", "length", "tool_calls", "content_filter", "function_call")
_VOCABULARY = "one of " + ", ".join(REASONS)


@requirement(
    "chat.finish.given",
    MUST,
    "Every streamed choice has a `finish_reason` that is not null.",
    on="chat/stream/*",
    follows=("chat.chunk.no-error", "chat.framing.ends"),
    source=(
        "openai:chat/streaming#choices",
        "seed:opencode#Streaming (SSE)",
        "github:qualcomm/GenieX#1246",
    ),
    remedy="For every choice, send a last chunk with its `finish_reason` before `[DONE]`.",
)
def test_every_choice_ends_with_a_reason(stream: ChatStream) -> None:
    for choice in stream.choices:
        require(
            len(choice.finishes) > 0,
            choice.entries[-1]["finish_reason"],
            expected=f"a finish reason at the end of choice {choice.index}",
            observed="none in the whole stream",
        )


@requirement(
    "chat.finish.once",
    MUST,
    "No streamed choice has more than one non-null `finish_reason`.",
    on="chat/stream/*",
    source=("openai:chat/streaming#choices", "client:langchain", "github:sgl-project/sglang#8417"),
    remedy="Send null until the choice ends, then the reason once, and no reason after it.",
)
def test_a_choice_has_one_reason(stream: ChatStream) -> None:
    for choice in stream.choices:
        for repeated in choice.finishes[1:]:
            require(
                False,
                repeated,
                expected=f"one finish reason for choice {choice.index}",
                observed=f"{len(choice.finishes)}, the last one {choice.finishes[-1].shown}",
                beside=choice.finishes[0],
            )


@requirement(
    "chat.finish.nothing-after",
    MUST,
    "After the `finish_reason` of a choice, the stream has no content, tool call or reasoning for "
    "that choice.",
    on="chat/stream/*",
    source=("openai:chat/streaming#choices", "github:open-webui/open-webui#23929"),
    remedy="Send `finish_reason` together with the last delta that adds something, or after it.",
)
def test_nothing_follows_the_reason(stream: ChatStream) -> None:
    for choice in stream.choices:
        for entry in choice.after_finish():
            for name in ("content", "tool_calls", "reasoning_content", "reasoning"):
                brought = entry["delta"][name]
                require(
                    not brought.given or brought.value in ("", []),
                    brought,
                    expected="nothing new after the finish reason",
                )


@requirement(
    "chat.finish.null-before",
    SHOULD,
    "Every chunk of a choice has `finish_reason`: null until the choice ends, not absent.",
    on="chat/stream/*",
    follows=("chat.finish.given",),
    source=("openai:chat/streaming#choices", "github:alfredapp/openai-workflow#38"),
    remedy='Send `"finish_reason": null` on every chunk that is not the last of its choice.',
)
def test_the_reason_is_null_before_the_end(stream: ChatStream) -> None:
    for choice in stream.choices:
        for entry in distinct(choice.entries):
            reason = entry["finish_reason"]
            require(not reason.absent, reason, expected="null, or a finish reason")


@requirement(
    "chat.finish.vocabulary",
    MUST,
    "A streamed `finish_reason` is `stop`, `length`, `tool_calls`, `content_filter` or "
    "`function_call`.",
    on="chat/stream/*",
    source=(
        "openai:chat/streaming#choices",
        "github:huggingface/text-generation-inference#2344",
        "github:earendil-works/pi#2107",
    ),
    remedy="Map the engine's own reasons to `stop`, `length`, `tool_calls` or `content_filter`.",
)
def test_streamed_reasons_are_documented_ones(stream: ChatStream) -> None:
    for choice in stream.choices:
        for reason in choice.finishes:
            require(reason.value in REASONS, reason, expected=_VOCABULARY)


@requirement(
    "chat.finish.vocabulary-whole",
    MUST,
    "Every choice of a completion has the finish_reason `stop`, `length`, `tool_calls`, "
    "`content_filter` or `function_call`.",
    on="chat/whole/*",
    source=(
        "openai:chat/object#choices",
        "github:huggingface/text-generation-inference#2344",
    ),
    remedy="Map the engine's own reasons to `stop`, `length`, `tool_calls` or `content_filter`.",
)
def test_reasons_are_documented_ones(completion: Completion) -> None:
    for choice in completion.choices:
        require(
            choice["finish_reason"].value in REASONS, choice["finish_reason"], expected=_VOCABULARY
        )


@requirement(
    "chat.finish.length",
    MUST,
    "A stream that `max_tokens` cuts off ends with finish_reason `length`.",
    on="chat/stream/length",
    source=("openai:chat/streaming#choices", "seed:opencode#Finish Reason Mapping"),
    remedy="Send finish_reason `length` if the token limit, not the model, ended the answer.",
)
def test_a_cut_stream_ends_with_length(stream: ChatStream) -> None:
    _require_length(stream, [finish for choice in stream.choices for finish in choice.finishes])


@requirement(
    "chat.finish.length-whole",
    MUST,
    "A completion that `max_tokens` cuts off ends with finish_reason `length`.",
    on="chat/whole/length",
    source=("openai:chat/object#choices", "seed:opencode#Finish Reason Mapping"),
    remedy="Send finish_reason `length` if the token limit, not the model, ended the answer.",
)
def test_a_cut_completion_ends_with_length(completion: Completion) -> None:
    _require_length(completion, [choice["finish_reason"] for choice in completion.choices])


def _require_length(answer: ChatStream | Completion, reasons: list[Located]) -> None:
    limit, written = answer.token_limit, answer.completion_tokens
    if beyond := beyond_limit(limit, written, answer.words):
        raise Inconclusive(
            f"the limit of {limit} tokens was exceeded: {beyond}",
            told_by=("chat.limits.streamed", "chat.limits.whole"),
        )
    if all(reason.value == "length" for reason in reasons):
        return
    if not written and all(reason.value == "stop" for reason in reasons):
        raise Inconclusive(
            "without usage it is unknown whether the limit was reached",
            told_by=NO_USAGE,
            anywhere=True,
        )
    if limit is not None and written and written < limit:
        raise Inconclusive(f"the model stopped on its own after {written} of {limit} tokens")
    text = "".join(choice.content for choice in Answered(answer).choices)
    if text.strip() and not is_cut_count(text):
        raise Inconclusive(
            "the model wrote something else, and may have ended on its own exactly at the limit"
        )
    for reason in reasons:
        require(reason.value == "length", reason, expected='"length"')


@requirement(
    "chat.finish.not-length",
    MUST,
    "If a stream ends with finish_reason `length`, its usage shows that `max_tokens` was reached.",
    on=("chat/stream/text", "chat/stream/tool-call"),
    source=("openai:chat/streaming#choices", "seed:opencode#Finish Reason Mapping"),
    remedy="Send finish_reason `stop` if the model, not the token limit, ended the answer.",
)
def test_a_stream_with_length_reached_its_limit(stream: ChatStream) -> None:
    thought = any(found.text for found in streamed_thoughts(stream))
    reasons = [finish for choice in stream.choices for finish in choice.finishes]
    _require_limit_reached(stream, reasons, thought=thought)


@requirement(
    "chat.finish.not-length-whole",
    MUST,
    "If a completion ends with finish_reason `length`, its usage shows that `max_tokens` was "
    "reached.",
    on=("chat/whole/text", "chat/whole/non-ascii", "chat/whole/tool-call"),
    source=("openai:chat/object#choices", "seed:opencode#Finish Reason Mapping"),
    remedy="Send finish_reason `stop` if the model, not the token limit, ended the answer.",
)
def test_a_completion_with_length_reached_its_limit(completion: Completion) -> None:
    thought = any(found.text for found in thoughts(completion))
    reasons = [choice["finish_reason"] for choice in completion.choices]
    _require_limit_reached(completion, reasons, thought=thought)


def _require_limit_reached(
    answer: ChatStream | Completion, reasons: list[Located], *, thought: bool
) -> None:
    """Require that an answer with `length` reached its limit, as far as usage tells.

    Reasoning counts towards the limit, but not every endpoint counts it in usage.
    """
    limited = [reason for reason in reasons if reason.value == "length"]
    limit, written = answer.token_limit, answer.completion_tokens
    if not limited:
        return
    if limit is None or written is None:
        raise Inconclusive(
            "without usage it is unknown whether the limit was reached",
            told_by=NO_USAGE,
            anywhere=True,
        )
    if written >= limit:
        return
    hidden = reasoning_tokens(answer.usage)
    uncounted = hidden.value if hidden.is_integer else 0
    if thought and uncounted == 0:
        raise Inconclusive(
            "the model reasoned, and usage does not say how many tokens that took",
            told_by=NO_USAGE,
            anywhere=True,
        )
    if written + uncounted >= limit:
        raise Inconclusive(
            f"with its reasoning the answer may have reached the limit of {limit} tokens"
        )
    for reason in limited:
        require(
            False,
            reason,
            expected=f'"stop": {written} of {limit} tokens were written',
            beside=answer.usage["completion_tokens"],
        )


@requirement(
    "chat.finish.calls",
    MUST,
    "A streamed choice without tool calls does not end with finish_reason `tool_calls`.",
    on="chat/stream/*",
    source=("openai:chat/streaming#choices", "github:OpenRouterTeam/ai-sdk-provider#166"),
    remedy="Send finish_reason `tool_calls` only if the choice has tool calls: otherwise clients "
    "wait for calls that never arrive.",
)
def test_no_streamed_tool_calls_without_calls(stream: ChatStream) -> None:
    for choice in stream.choices:
        for reason in choice.finishes:
            require(
                reason.value != "tool_calls" or len(choice.tool_call_deltas) > 0,
                reason,
                expected="another finish reason: the choice has no tool call",
            )


@requirement(
    "chat.finish.calls-whole",
    MUST,
    "A completion's choice without tool calls does not have finish_reason `tool_calls`.",
    on="chat/whole/*",
    source="openai:chat/object#choices",
    remedy="Send finish_reason `tool_calls` only if the message has tool calls: otherwise clients "
    "wait for calls that never arrive.",
)
def test_no_tool_calls_without_calls(completion: Completion) -> None:
    for choice in completion.choices:
        require(
            choice["finish_reason"].value != "tool_calls"
            or len(choice["message"]["tool_calls"]) > 0,
            choice["finish_reason"],
            expected="another finish reason: the choice has no tool call",
        )


@requirement(
    "chat.finish.in-choice",
    SHOULD,
    "`finish_reason` is a member of the choice, not only of its `delta`.",
    on="chat/stream/*",
    source="openai:chat/streaming#choices",
    remedy="Send `finish_reason` in the choice, next to `delta`: no client looks for it inside "
    "`delta`.",
)
def test_the_reason_is_in_the_choice(stream: ChatStream) -> None:
    for choice in stream.choices:
        for entry in distinct(choice.entries):
            inside = entry["delta"]["finish_reason"]
            require(
                not inside.given or entry["finish_reason"].value == inside.value,
                inside,
                expected="the same finish_reason in the choice",
            )


_LEGACY = "another finish reason: the request had no `functions`"


@requirement(
    "chat.finish.function-call",
    SHOULD,
    "A stream ends with the legacy finish_reason `function_call` only if the request had "
    "`functions`.",
    on="chat/stream/*",
    source="openai:chat/streaming#choices",
    remedy="Send finish_reason `tool_calls` for calls of `tools`: agent loops branch on that "
    "value.",
)
def test_no_legacy_reason_in_a_stream(stream: ChatStream) -> None:
    for choice in stream.choices:
        for reason in choice.finishes:
            legitimate = stream.requested("functions") is not None
            require(legitimate or reason.value != "function_call", reason, expected=_LEGACY)


@requirement(
    "chat.finish.function-call-whole",
    SHOULD,
    "A completion ends with the legacy finish_reason `function_call` only if the request had "
    "`functions`.",
    on="chat/whole/*",
    source="openai:chat/object#choices",
    remedy="Send finish_reason `tool_calls` for calls of `tools`: agent loops branch on that "
    "value.",
)
def test_no_legacy_reason(completion: Completion) -> None:
    for choice in completion.choices:
        reason = choice["finish_reason"]
        legitimate = completion.requested("functions") is not None
        require(legitimate or reason.value != "function_call", reason, expected=_LEGACY)


@requirement(
    "chat.finish.not-filtered",
    SHOULD,
    "A stream that answers a harmless greeting does not end with finish_reason `content_filter`.",
    on="chat/stream/text",
    source="openai:chat/streaming#choices",
    remedy="Send finish_reason `content_filter` only if a content filter removed text, not for "
    "unknown endings.",
)
def test_a_greeting_is_not_filtered_when_streamed(stream: ChatStream) -> None:
    for choice in stream.choices:
        for reason in choice.finishes:
            require(reason.value != "content_filter", reason, expected='"stop"')


@requirement(
    "chat.finish.not-filtered-whole",
    SHOULD,
    "A completion that answers a harmless greeting does not end with finish_reason "
    "`content_filter`.",
    on="chat/whole/text",
    source="openai:chat/object#choices",
    remedy="Send finish_reason `content_filter` only if a content filter removed text, not for "
    "unknown endings.",
)
def test_a_greeting_is_not_filtered(completion: Completion) -> None:
    for choice in completion.choices:
        reason = choice["finish_reason"]
        require(reason.value != "content_filter", reason, expected='"stop"')


@requirement(
    "chat.finish.same-length",
    SHOULD,
    "An answer that `max_tokens` cuts off has the same `finish_reason` streamed and not streamed.",
    on="chat/stream/length",
    against="chat/whole/length",
    source=("openai:chat/streaming#choices", "openai:chat/object#choices"),
    remedy="Determine the `finish_reason` in code that streams and completions share.",
)
def test_a_cut_answer_has_the_same_reason(stream: ChatStream, against: Completion) -> None:
    _require_same_reasons(stream, against)


@requirement(
    "chat.finish.same-tool-call",
    SHOULD,
    "An answer with a forced tool call has the same `finish_reason` streamed and not streamed.",
    on="chat/stream/tool-call",
    against="chat/whole/tool-call",
    source=("openai:chat/streaming#choices", "openai:chat/object#choices"),
    remedy="Determine the `finish_reason` in code that streams and completions share.",
)
def test_an_answer_with_a_call_has_the_same_reason(
    calling_stream: ChatStream, against: Completion
) -> None:
    if not against.tool_calls:
        raise Inconclusive("the completion has no tool call", told_by=NO_CALL)
    _require_same_reasons(calling_stream, against)


def _require_same_reasons(stream: ChatStream, against: Completion) -> None:
    """Require the same finish reasons in a stream and a completion.

    Only answers of the same length are compared: a model may stop earlier the second time.
    """
    lengths = {"stream": stream.completion_tokens, "completion": against.completion_tokens}
    uncounted = [name for name, length in lengths.items() if length is None]
    if len(uncounted) == 1:
        raise Inconclusive(
            f"the {uncounted[0]} has no completion_tokens to compare",
            told_by=NO_USAGE,
            anywhere=True,
        )
    if lengths["stream"] != lengths["completion"]:
        raise Inconclusive("the two answers differ in length")
    for choice, whole in zip(stream.choices, against.choices, strict=False):
        for reason in choice.finishes:
            require(
                reason.value == whole["finish_reason"].value,
                reason,
                expected=f"{whole['finish_reason'].shown}, as without streaming",
                beside=whole["finish_reason"],
            )
