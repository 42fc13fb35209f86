"""usage: how many tokens a request took."""

from oaicheck.chat import ChatStream, Completion
from oaicheck.judging import Inconclusive, require
from oaicheck.requirement import MUST, SHOULD, requirement
from oaicheck.wire.located import Located

COUNTERS = ("prompt_tokens", "completion_tokens", "total_tokens")


def _counters_are_integers(usage: Located) -> None:
    require(usage.is_object, usage, expected="an object with " + ", ".join(COUNTERS))
    for name in COUNTERS:
        counter = usage[name]
        require(
            counter.is_integer and counter.value >= 0, counter, expected="an integer, 0 or more"
        )


def _total_is_the_sum(usage: Located) -> None:
    prompt, completion, total = (usage[name] for name in COUNTERS)
    if prompt.is_integer and completion.is_integer and total.is_integer:
        require(
            prompt.value + completion.value == total.value,
            total,
            expected=f"{prompt.value} + {completion.value} = {prompt.value + completion.value}",
        )


@requirement(
    "chat.usage.streamed",
    MUST,
    "With include_usage a stream reports usage.",
    on="chat/stream/text",
    source=(
        "openai:chat/create#stream_options",
        "seed:opencode#Streaming (SSE)",
        "client:opencode",
    ),
    remedy='Send a chunk with `"choices": []` and `usage` before `[DONE]`.',
)
def test_usage_is_streamed_when_asked_for(stream: ChatStream) -> None:
    require(
        len(stream.usages) > 0,
        stream.exchange,
        expected="a chunk with usage",
        observed=f"none among {len(stream.chunks)} chunks",
    )


@requirement(
    "chat.usage.streamed-counters",
    MUST,
    "Streamed usage has prompt_tokens, completion_tokens and total_tokens, integers from 0 on.",
    on="chat/stream/*",
    source=(
        "openai:chat/streaming#usage",
        "client:ai-sdk",
        "github:PaddlePaddle/FastDeploy#3247",
        "github:earendil-works/pi#2326",
    ),
    remedy="Send all three counters as integers wherever `usage` is not null.",
)
def test_streamed_counters(stream: ChatStream) -> None:
    for usage in stream.usages:
        _counters_are_integers(usage)


@requirement(
    "chat.usage.streamed-total",
    MUST,
    "Streamed total_tokens is the sum of prompt_tokens and completion_tokens.",
    on="chat/stream/*",
    source=("openai:chat/streaming#usage", "github:router-for-me/CLIProxyAPI#5733"),
    remedy="Count reasoning tokens into completion_tokens, and add up the total from both.",
)
def test_streamed_total(stream: ChatStream) -> None:
    for usage in stream.usages:
        _total_is_the_sum(usage)


@requirement(
    "chat.usage.streamed-last",
    MUST,
    "No chunk after the one with usage has a usage of null.",
    on="chat/stream/*",
    source=("openai:chat/create#stream_options", "client:openai-python"),
    remedy="Send the usage on the last chunk before `[DONE]`: clients keep the last value, even "
    "null.",
)
def test_usage_is_not_taken_back(stream: ChatStream) -> None:
    if stream.usages:
        first = stream.usages[0].event
        for chunk in stream.chunks:
            if first and chunk.event and chunk.event.number > first.number:
                require(
                    not chunk["usage"].null, chunk["usage"], expected="usage, or no such member"
                )


@requirement(
    "chat.usage.streamed-once",
    SHOULD,
    "Usage is on one chunk only, which has no choices and comes after the last finish_reason.",
    on="chat/stream/*",
    source=("openai:chat/create#stream_options", "github:open-webui/open-webui#29064"),
    remedy='Send usage once, on a chunk of its own with `"choices": []`, at the end.',
)
def test_usage_has_a_chunk_of_its_own(stream: ChatStream) -> None:
    for usage in stream.usages[1:]:
        require(False, usage, expected="one chunk with usage", observed=f"{len(stream.usages)}")
    for chunk in stream.chunks:
        if chunk["usage"].given:
            require(
                len(chunk["choices"]) == 0, chunk["choices"], expected="[] beside the final usage"
            )


@requirement(
    "chat.usage.not-asked",
    SHOULD,
    "Without stream_options a stream carries no usage.",
    on="chat/stream/usage-not-asked",
    source=("openai:chat/create#stream_options", "github:vllm-project/vllm#36379"),
    remedy="Send usage in a stream only when `include_usage` is true.",
)
def test_no_usage_without_asking(stream: ChatStream) -> None:
    for usage in stream.usages:
        require(False, usage, expected="no usage")


@requirement(
    "chat.usage.whole",
    MUST,
    "A completion has `usage` with its three counters, integers from 0 on.",
    on="chat/whole/*",
    source=("openai:chat/object#usage", "github:earendil-works/pi#2326"),
    remedy="Send prompt_tokens, completion_tokens and total_tokens with every completion.",
)
def test_counters(completion: Completion) -> None:
    _counters_are_integers(completion.usage)


@requirement(
    "chat.usage.whole-total",
    MUST,
    "A completion's total_tokens is the sum of prompt_tokens and completion_tokens.",
    on="chat/whole/*",
    source=("openai:chat/object#usage", "github:router-for-me/CLIProxyAPI#5733"),
    remedy="Count reasoning tokens into completion_tokens, and add up the total from both.",
)
def test_total(completion: Completion) -> None:
    _total_is_the_sum(completion.usage)


@requirement(
    "chat.usage.same-prompt",
    SHOULD,
    "The same prompt counts as many tokens streamed as not streamed.",
    on="chat/stream/text",
    against="chat/whole/text",
    source="openai:chat/streaming#usage",
    remedy="Count the prompt once, before it is decided how the answer travels.",
)
def test_the_prompt_counts_the_same(stream: ChatStream, against: Completion) -> None:
    if not stream.usages or not against.usage["prompt_tokens"].is_integer:
        raise Inconclusive("there are not two counts to compare")
    streamed, whole = stream.usages[-1]["prompt_tokens"], against.usage["prompt_tokens"]
    require(
        streamed.value == whole.value,
        streamed,
        expected=f"{whole.shown}, as without streaming",
        beside=whole,
    )
