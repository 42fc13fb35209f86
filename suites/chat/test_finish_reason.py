"""finish_reason: why a choice ended, said once, at its end."""

from oaicheck.rules import MUST, SHOULD, Inconclusive, require, requirement
from oaicheck.views import (
    Answered,
    ChatStream,
    Completion,
    Located,
    beyond_limit,
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
    "Every streamed choice ends with a `finish_reason` that is not null.",
    on="chat/stream/*",
    source=(
        "openai:chat/streaming#choices",
        "seed:opencode#Streaming (SSE)",
        "github:qualcomm/GenieX#1246",
    ),
    remedy="Send a last chunk for each choice with its finish_reason before `[DONE]`.",
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
    "A streamed choice has exactly one `finish_reason` that is not null.",
    on="chat/stream/*",
    source=("openai:chat/streaming#choices", "client:langchain", "github:sgl-project/sglang#8417"),
    remedy="Send null until the choice ends, its reason once, and no second reason after it.",
)
def test_a_choice_ends_once(stream: ChatStream) -> None:
    for choice in stream.choices:
        for repeated in choice.finishes[1:]:
            require(
                False,
                repeated,
                expected=f"one finish reason for choice {choice.index}",
                observed=f"{len(choice.finishes)}, the last of them {choice.finishes[-1].shown}",
                beside=choice.finishes[0],
            )


@requirement(
    "chat.finish.nothing-after",
    MUST,
    "No content, tool call or reasoning of a choice follows its `finish_reason`.",
    on="chat/stream/*",
    source=("openai:chat/streaming#choices", "github:open-webui/open-webui#23929"),
    remedy="Send finish_reason with or after the last delta that brings something.",
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
    "Before the end of a choice, `finish_reason` is null, and not left out.",
    on="chat/stream/*",
    source=("openai:chat/streaming#choices", "github:alfredapp/openai-workflow#38"),
    remedy='Send `"finish_reason": null` on every chunk that is not the last of its choice.',
)
def test_null_before_the_end(stream: ChatStream) -> None:
    for choice in stream.choices:
        for entry in choice.entries:
            reason = entry["finish_reason"]
            require(not reason.absent, reason, expected="null, or the reason")


@requirement(
    "chat.finish.vocabulary",
    MUST,
    "A streamed `finish_reason` is one of those that the API documents.",
    on="chat/stream/*",
    source=(
        "openai:chat/streaming#choices",
        "github:huggingface/text-generation-inference#2344",
        "github:earendil-works/pi#2107",
    ),
    remedy="Map the engine's own words to stop, length, tool_calls or content_filter.",
)
def test_streamed_reasons_are_documented_ones(stream: ChatStream) -> None:
    for choice in stream.choices:
        for reason in choice.finishes:
            require(reason.value in REASONS, reason, expected=_VOCABULARY)


@requirement(
    "chat.finish.vocabulary-whole",
    MUST,
    "The `finish_reason` of a completion is one of those that the API documents.",
    on="chat/whole/*",
    source=(
        "openai:chat/object#choices",
        "github:huggingface/text-generation-inference#2344",
    ),
    remedy="Map the engine's own words to stop, length, tool_calls or content_filter.",
)
def test_reasons_are_documented_ones(completion: Completion) -> None:
    for choice in completion.choices:
        require(
            choice["finish_reason"].value in REASONS, choice["finish_reason"], expected=_VOCABULARY
        )


@requirement(
    "chat.finish.length",
    MUST,
    "A stream that max_tokens cut off ends with `length`.",
    on="chat/stream/length",
    source=("openai:chat/streaming#choices", "seed:opencode#Finish Reason Mapping"),
    remedy="Report `length` when the token limit, and not the model, ended the answer.",
)
def test_a_limited_stream_says_length(stream: ChatStream) -> None:
    _says_length(stream, [finish for choice in stream.choices for finish in choice.finishes])


@requirement(
    "chat.finish.length-whole",
    MUST,
    "A completion that max_tokens cut off ends with `length`.",
    on="chat/whole/length",
    source=("openai:chat/object#choices", "seed:opencode#Finish Reason Mapping"),
    remedy="Report `length` when the token limit, and not the model, ended the answer.",
)
def test_a_limited_completion_says_length(completion: Completion) -> None:
    _says_length(completion, [choice["finish_reason"] for choice in completion.choices])


def _says_length(answer: ChatStream | Completion, reasons: list[Located]) -> None:
    limit, written = answer.token_limit, answer.completion_tokens
    if beyond := beyond_limit(limit, written, answer.words):
        raise Inconclusive(f"the limit of {limit} was not heeded: {beyond}")
    if all(reason.value == "length" for reason in reasons):
        return
    if not written and all(reason.value == "stop" for reason in reasons):
        raise Inconclusive("without usage it cannot be told whether the limit was reached")
    if limit is not None and written and written < limit:
        raise Inconclusive(f"the model stopped by itself after {written} of {limit} tokens")
    text = "".join(choice.content for choice in Answered(answer).choices)
    if text.strip() and not is_cut_count(text):
        raise Inconclusive("the model wrote something else, and may have ended at the limit itself")
    for reason in reasons:
        require(reason.value == "length", reason, expected='"length"')


@requirement(
    "chat.finish.not-length",
    MUST,
    "A stream that ends with `length` has used up max_tokens, as far as usage tells.",
    on=("chat/stream/text", "chat/stream/tool-call"),
    source=("openai:chat/streaming#choices", "seed:opencode#Finish Reason Mapping"),
    remedy="Report `stop` when the model, and not the token limit, ended the answer.",
)
def test_a_stream_that_says_length_was_cut(stream: ChatStream) -> None:
    thought = any(found.text for found in streamed_thoughts(stream))
    reasons = [finish for choice in stream.choices for finish in choice.finishes]
    _has_reached_its_limit(stream, reasons, thought=thought)


@requirement(
    "chat.finish.not-length-whole",
    MUST,
    "A completion that ends with `length` has used up max_tokens, as far as usage tells.",
    on=("chat/whole/text", "chat/whole/non-ascii", "chat/whole/tool-call"),
    source=("openai:chat/object#choices", "seed:opencode#Finish Reason Mapping"),
    remedy="Report `stop` when the model, and not the token limit, ended the answer.",
)
def test_a_completion_that_says_length_was_cut(completion: Completion) -> None:
    thought = any(found.text for found in thoughts(completion))
    reasons = [choice["finish_reason"] for choice in completion.choices]
    _has_reached_its_limit(completion, reasons, thought=thought)


def _has_reached_its_limit(
    answer: ChatStream | Completion, reasons: list[Located], *, thought: bool
) -> None:
    """Reasoning counts towards the limit, yet not every endpoint counts it in usage."""
    limited = [reason for reason in reasons if reason.value == "length"]
    limit, written = answer.token_limit, answer.completion_tokens
    if not limited:
        return
    if limit is None or written is None:
        raise Inconclusive("without usage it cannot be told whether the limit was reached")
    if written >= limit:
        return
    hidden = reasoning_tokens(answer.usage)
    uncounted = hidden.value if hidden.is_integer else 0
    if thought and uncounted == 0:
        raise Inconclusive("the model thought, and it is not said how much of the limit that took")
    if written + uncounted >= limit:
        raise Inconclusive(f"the limit of {limit} tokens may have been reached")
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
    "A streamed choice without tool calls does not end with `tool_calls`.",
    on="chat/stream/*",
    source=("openai:chat/streaming#choices", "github:OpenRouterTeam/ai-sdk-provider#166"),
    remedy="Report `tool_calls` only when calls were sent: a client would wait for them.",
)
def test_no_streamed_tool_calls_without_calls(stream: ChatStream) -> None:
    for choice in stream.choices:
        for reason in choice.finishes:
            require(
                reason.value != "tool_calls" or len(choice.tool_call_deltas) > 0,
                reason,
                expected="another reason: the choice has no tool call",
            )


@requirement(
    "chat.finish.calls-whole",
    MUST,
    "A choice of a completion without tool calls does not end with `tool_calls`.",
    on="chat/whole/*",
    source="openai:chat/object#choices",
    remedy="Report `tool_calls` only when the message has calls: a client would wait for them.",
)
def test_no_tool_calls_without_calls(completion: Completion) -> None:
    for choice in completion.choices:
        require(
            choice["finish_reason"].value != "tool_calls"
            or len(choice["message"]["tool_calls"]) > 0,
            choice["finish_reason"],
            expected="another reason: the choice has no tool call",
        )


@requirement(
    "chat.finish.in-choice",
    SHOULD,
    "A finish_reason stands in the choice, not in its delta alone.",
    on="chat/stream/*",
    source="openai:chat/streaming#choices",
    remedy="Send finish_reason beside `delta`: no client looks for it inside.",
)
def test_the_reason_stands_in_the_choice(stream: ChatStream) -> None:
    for choice in stream.choices:
        for entry in choice.entries:
            inside = entry["delta"]["finish_reason"]
            require(
                not inside.given or entry["finish_reason"].value == inside.value,
                inside,
                expected="the reason beside delta",
            )


_LEGACY = "no `function_call`: the request had no `functions`"


@requirement(
    "chat.finish.function-call",
    SHOULD,
    "A stream ends with the legacy `function_call` only where `functions` were offered.",
    on="chat/stream/*",
    source="openai:chat/streaming#choices",
    remedy="Report `tool_calls` for calls of `tools`: agent loops branch on that word.",
)
def test_no_legacy_reason_in_a_stream(stream: ChatStream) -> None:
    for choice in stream.choices:
        for reason in choice.finishes:
            legitimate = stream.requested("functions") is not None
            require(legitimate or reason.value != "function_call", reason, expected=_LEGACY)


@requirement(
    "chat.finish.function-call-whole",
    SHOULD,
    "A completion ends with the legacy `function_call` only where `functions` were offered.",
    on="chat/whole/*",
    source="openai:chat/object#choices",
    remedy="Report `tool_calls` for calls of `tools`: agent loops branch on that word.",
)
def test_no_legacy_reason(completion: Completion) -> None:
    for choice in completion.choices:
        reason = choice["finish_reason"]
        legitimate = completion.requested("functions") is not None
        require(legitimate or reason.value != "function_call", reason, expected=_LEGACY)


@requirement(
    "chat.finish.not-filtered",
    SHOULD,
    "A harmless greeting is not reported as streamed until a content filter cut it.",
    on="chat/stream/text",
    source="openai:chat/streaming#choices",
    remedy="Report `content_filter` only for what a filter left out, not for unknown endings.",
)
def test_a_greeting_is_not_filtered_when_streamed(stream: ChatStream) -> None:
    for choice in stream.choices:
        for reason in choice.finishes:
            require(reason.value != "content_filter", reason, expected='"stop"')


@requirement(
    "chat.finish.not-filtered-whole",
    SHOULD,
    "A harmless greeting is not reported as cut by a content filter.",
    on="chat/whole/text",
    source="openai:chat/object#choices",
    remedy="Report `content_filter` only for what a filter left out, not for unknown endings.",
)
def test_a_greeting_is_not_filtered(completion: Completion) -> None:
    for choice in completion.choices:
        reason = choice["finish_reason"]
        require(reason.value != "content_filter", reason, expected='"stop"')


@requirement(
    "chat.finish.same-length",
    SHOULD,
    "An answer that max_tokens cuts off ends alike, streamed or not.",
    on="chat/stream/length",
    against="chat/whole/length",
    source=("openai:chat/streaming#choices", "openai:chat/object#choices"),
    remedy="Decide the finish_reason before it is decided how the answer travels.",
)
def test_a_limited_answer_ends_alike(stream: ChatStream, against: Completion) -> None:
    _ends_alike(stream, against)


@requirement(
    "chat.finish.same-tool-call",
    SHOULD,
    "An answer with a forced tool call ends alike, streamed or not.",
    on="chat/stream/tool-call",
    against="chat/whole/tool-call",
    source=("openai:chat/streaming#choices", "openai:chat/object#choices"),
    remedy="Decide the finish_reason before it is decided how the answer travels.",
)
def test_a_calling_answer_ends_alike(calling_stream: ChatStream, against: Completion) -> None:
    if not against.tool_calls:
        raise Inconclusive("the model called no tool without streaming")
    _ends_alike(calling_stream, against)


def _ends_alike(stream: ChatStream, against: Completion) -> None:
    """Compares only answers of one length: a model may stop earlier one time than another."""
    lengths = {"stream": stream.completion_tokens, "completion": against.completion_tokens}
    uncounted = [name for name, length in lengths.items() if length is None]
    if len(uncounted) == 1:
        raise Inconclusive(f"the {uncounted[0]} has no usage to compare lengths by")
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
