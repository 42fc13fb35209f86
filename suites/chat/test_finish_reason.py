"""finish_reason: why a choice ended, said once, at its end."""

from oaicheck.chat import ChatStream, Completion
from oaicheck.judging import Inconclusive, require
from oaicheck.requirement import MUST, SHOULD, requirement
from oaicheck.wire.located import Located

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
                observed=f"{len(choice.finishes)}: "
                + ", ".join(finish.shown for finish in choice.finishes),
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
    limit, written = answer.requested("max_tokens"), answer.completion_tokens
    if written is not None and written < limit:
        raise Inconclusive(f"the model stopped by itself after {written} of {limit} tokens")
    if written is None and all(reason.value == "stop" for reason in reasons):
        raise Inconclusive("without usage it cannot be told whether the limit was reached")
    for reason in reasons:
        require(reason.value == "length", reason, expected='"length"')
