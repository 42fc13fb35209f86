"""The usage of a stream: when it is sent, and how often."""

from oaicheck.rules import (
    MUST,
    NO_USAGE,
    SHOULD,
    Inconclusive,
    NotApplicable,
    require,
    requirement,
)
from oaicheck.views import (
    ChatStream,
    Ending,
    distinct,
)


@requirement(
    "chat.usage.streamed",
    MUST,
    "If `include_usage` is true, the stream has a chunk with usage.",
    on=("chat/stream/*", "chat/tools/stream/*"),
    follows=("chat.chunk.no-error", "chat.framing.ends"),
    source=(
        "openai:chat/create#stream_options",
        "seed:opencode#Streaming (SSE)",
        "client:opencode",
    ),
    remedy='Send a chunk with `"choices": []` and `usage` before `[DONE]`.',
)
def test_usage_is_streamed_when_asked_for(stream: ChatStream) -> None:
    if not (stream.requested("stream_options") or {}).get("include_usage"):
        raise NotApplicable("the request did not ask for usage")
    if stream.exchange.ending is not Ending.COMPLETE:
        raise Inconclusive(
            f"the stream did not end properly: {stream.exchange.ending}",
            told_by=("chat.framing.ends",),
        )
    require(
        len(stream.usages) > 0,
        stream.exchange,
        expected="a chunk with usage",
        observed=f"no usage in {len(stream.chunks)} chunks",
    )


@requirement(
    "chat.usage.streamed-last",
    MUST,
    "After a chunk with usage, no chunk has a null `usage`.",
    on="chat/stream/*",
    source=("openai:chat/create#stream_options", "client:openai-python"),
    remedy="Send the usage on the last chunk before `[DONE]`: clients keep the last value, even "
    "if it is null.",
)
def test_usage_is_not_taken_back(stream: ChatStream) -> None:
    if stream.usages:
        first = stream.usages[0].event
        for chunk in stream.chunks:
            if first and chunk.event and chunk.event.number > first.number:
                require(
                    not chunk["usage"].null, chunk["usage"], expected="usage, or no usage member"
                )


@requirement(
    "chat.usage.streamed-once",
    SHOULD,
    "Only one chunk has usage: one whose `choices` is empty, or one on which a choice ends.",
    on="chat/stream/*",
    source=(
        "openai:chat/create#stream_options",
        "github:open-webui/open-webui#29064",
        "github:openkursar/hello-halo#226",
    ),
    remedy='Send usage once, on a separate chunk with `"choices": []`, at the end.',
)
def test_usage_is_on_one_chunk_at_the_end(stream: ChatStream) -> None:
    for usage in stream.usages[1:]:
        require(
            False,
            usage,
            expected="one chunk with usage",
            observed=f"{len(stream.usages)} chunks with usage",
        )
    for chunk in distinct(stream.chunks):
        if chunk["usage"].given and len(chunk["choices"]) > 0:
            require(
                any(choice.has("finish_reason") for choice in chunk["choices"]),
                chunk["choices"],
                expected="[] or a finish reason beside usage",
            )


@requirement(
    "chat.usage.streamed-id",
    SHOULD,
    "If the chunk with usage has a non-empty `id`, it is the id of the other chunks.",
    on="chat/stream/text",
    source=("openai:chat/streaming#id", "openai:chat/create#stream_options"),
    remedy="Create the id once per completion, and use it for the usage chunk too.",
)
def test_the_usage_chunk_has_the_same_id(stream: ChatStream) -> None:
    ids = [chunk["id"] for chunk in distinct(stream.generation_chunks)]
    if not ids or any(each.value != ids[0].value for each in ids):
        raise Inconclusive(
            "the other chunks do not share one id (see chat.chunk.id-constant)",
            told_by=("chat.chunk.id", "chat.chunk.id-constant"),
        )
    for chunk in distinct(stream.chunks):
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
    "If the request has no `stream_options`, the stream has no usage.",
    on="chat/stream/usage-not-asked",
    source=("openai:chat/create#stream_options", "github:vllm-project/vllm#36379"),
    remedy="Send usage in a stream only if `include_usage` is true.",
)
def test_no_usage_without_asking(stream: ChatStream) -> None:
    for usage in stream.usages:
        require(False, usage, expected="no usage")


@requirement(
    "chat.usage.not-wanted",
    SHOULD,
    "If `include_usage` is false, the stream has no usage.",
    on="chat/stream/non-ascii",
    source=("openai:chat/create#stream_options", "github:vllm-project/vllm#36379"),
    remedy="Send usage in a stream only if `include_usage` is true.",
)
def test_no_usage_when_it_is_declined(stream: ChatStream) -> None:
    for usage in stream.usages:
        require(False, usage, expected="no usage")


@requirement(
    "chat.usage.empty-options",
    SHOULD,
    "If `stream_options` is an empty object, the stream has no usage.",
    on="chat/stream/empty-options",
    source=("openai:chat/create#stream_options", "github:vllm-project/vllm#36379"),
    remedy="Treat an absent `include_usage` as false.",
)
def test_no_usage_with_empty_options(stream: ChatStream) -> None:
    for usage in stream.usages:
        require(False, usage, expected="no usage")


@requirement(
    "chat.usage.streamed-position",
    SHOULD,
    "Streamed usage comes with or after the `finish_reason` of every choice.",
    on="chat/stream/text",
    source=("openai:chat/create#stream_options", "seed:opencode#Streaming (SSE)"),
    remedy="Send the usage chunk after every choice has ended: before that, the counts are not "
    "final.",
)
def test_usage_follows_every_finish_reason(stream: ChatStream) -> None:
    if not stream.usages:
        raise Inconclusive("the stream has no usage", told_by=NO_USAGE, anywhere=True)
    final = stream.usage.event
    for choice in stream.choices:
        for finish in choice.finishes:
            if final and finish.event:
                require(
                    finish.event.number <= final.number,
                    stream.usage,
                    expected="usage after every finish reason",
                    observed=f"choice {choice.index} ends after the usage",
                    beside=finish,
                )


@requirement(
    "chat.usage.before-done",
    MUST,
    "No usage follows `[DONE]`.",
    on="chat/stream/*",
    source=("openai:chat/create#stream_options", "client:openai-python"),
    remedy="Send the usage chunk before `[DONE]`: SDKs stop reading there and never see later "
    "chunks.",
)
def test_usage_precedes_done(stream: ChatStream) -> None:
    for usage in stream.usages:
        for sentinel in stream.sentinels[:1]:
            if usage.event:
                require(
                    usage.event.number < sentinel.number, usage, expected="usage before `[DONE]`"
                )
