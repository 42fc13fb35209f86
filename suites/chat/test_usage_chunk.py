"""The usage of a stream: when it comes, and how often."""

from oaicheck.rules import MUST, SHOULD, Inconclusive, NotApplicable, require, requirement
from oaicheck.views import ChatStream, Ending


@requirement(
    "chat.usage.streamed",
    MUST,
    "With include_usage a stream reports usage.",
    on=("chat/stream/*", "chat/tools/stream/*"),
    source=(
        "openai:chat/create#stream_options",
        "seed:opencode#Streaming (SSE)",
        "client:opencode",
    ),
    remedy='Send a chunk with `"choices": []` and `usage` before `[DONE]`.',
)
def test_usage_is_streamed_when_asked_for(stream: ChatStream) -> None:
    if not (stream.requested("stream_options") or {}).get("include_usage"):
        raise NotApplicable("usage was not asked for")
    if stream.exchange.ending is not Ending.COMPLETE:
        raise Inconclusive(f"the stream did not come to its end: {stream.exchange.ending}")
    require(
        len(stream.usages) > 0,
        stream.exchange,
        expected="a chunk with usage",
        observed=f"none among {len(stream.chunks)} chunks",
    )


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
    "Usage is on one chunk only, which has no choices.",
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
    "chat.usage.streamed-id",
    SHOULD,
    "The chunk with usage has the `id` of the other chunks, or an empty one.",
    on="chat/stream/text",
    source=("openai:chat/streaming#id", "openai:chat/create#stream_options"),
    remedy="Make the id once per completion, and use it for the usage chunk too.",
)
def test_the_usage_chunk_has_the_same_id(stream: ChatStream) -> None:
    ids = [chunk["id"] for chunk in stream.generation_chunks]
    if len({each.value for each in ids}) != 1:
        raise Inconclusive("the other chunks have no id in common: chat.chunk judges that")
    for chunk in stream.chunks:
        if chunk["usage"].given and chunk["id"].is_text:
            require(
                chunk["id"].value == ids[0].value,
                chunk["id"],
                expected=f"the first chunk's id {ids[0].shown}",
                beside=ids[0],
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
    "chat.usage.not-wanted",
    SHOULD,
    "With `include_usage: false` a stream carries no usage.",
    on="chat/stream/non-ascii",
    source=("openai:chat/create#stream_options", "github:vllm-project/vllm#36379"),
    remedy="Send usage in a stream only when `include_usage` is true.",
)
def test_no_usage_when_it_is_declined(stream: ChatStream) -> None:
    for usage in stream.usages:
        require(False, usage, expected="no usage")


@requirement(
    "chat.usage.empty-options",
    SHOULD,
    "With empty stream_options a stream carries no usage.",
    on="chat/stream/empty-options",
    source=("openai:chat/create#stream_options", "github:vllm-project/vllm#36379"),
    remedy="Take an absent `include_usage` for false.",
)
def test_no_usage_with_empty_options(stream: ChatStream) -> None:
    for usage in stream.usages:
        require(False, usage, expected="no usage")


@requirement(
    "chat.usage.streamed-position",
    SHOULD,
    "Streamed usage comes with or after the finish_reason of every choice.",
    on="chat/stream/text",
    source=("openai:chat/create#stream_options", "seed:opencode#Streaming (SSE)"),
    remedy="Send the usage chunk when every choice has ended: until then no count is final.",
)
def test_usage_comes_after_the_end(stream: ChatStream) -> None:
    if not stream.usages:
        raise Inconclusive("no usage was streamed")
    final = stream.usage.event
    for choice in stream.choices:
        for finish in choice.finishes:
            if final and finish.event:
                require(
                    finish.event.number <= final.number,
                    stream.usage,
                    expected="usage after every finish reason",
                    observed=f"choice {choice.index} ends after it",
                    beside=finish,
                )


@requirement(
    "chat.usage.before-done",
    MUST,
    "No usage follows the sentinel `[DONE]`.",
    on="chat/stream/*",
    source=("openai:chat/create#stream_options", "client:openai-python"),
    remedy="Send the usage chunk before `[DONE]`: SDKs stop reading there and never see it.",
)
def test_usage_comes_before_done(stream: ChatStream) -> None:
    for usage in stream.usages:
        for sentinel in stream.sentinels[:1]:
            if usage.event:
                require(
                    usage.event.number < sentinel.number, usage, expected="usage before `[DONE]`"
                )
