"""Streaming: the fields of a chunk."""

from oaicheck.rules import MUST, SHOULD, Inconclusive, clipped, index_range, require, requirement
from oaicheck.views import (
    ChatStream,
    Located,
    distinct,
    phrase_to_repeat,
    require_whole_characters,
    shown,
)

_YEAR_3000 = 32_503_680_000
"""A `created` from here on is in milliseconds."""
_UNNAMED = "message"
"""The type of an event that the server does not name."""


@requirement(
    "chat.chunk.is-object",
    MUST,
    "Every event except `[DONE]` carries one JSON object.",
    on="chat/stream/*",
    source=("openai:chat/streaming", "client:ai-sdk"),
    remedy="Send one chunk object per event, not an array, a string or a number.",
)
def test_every_payload_is_an_object(stream: ChatStream) -> None:
    for payload in distinct(stream.payloads):
        if not payload.is_object:
            require(False, payload, expected="an object", observed=payload.shown)


@requirement(
    "chat.chunk.present",
    MUST,
    "A stream contains at least one chunk with a choice.",
    on="chat/stream/*",
    follows=("chat.chunk.no-error",),
    source="openai:chat/streaming#choices",
    remedy="Send the model's output as chunks with a non-empty `choices` array.",
)
def test_there_are_chunks(stream: ChatStream) -> None:
    require(
        len(stream.generation_chunks) > 0,
        stream.exchange,
        expected="at least one chunk with a choice",
        observed=f"{len(stream.events)} events, none of them a chunk with a choice",
    )


@requirement(
    "chat.chunk.no-error",
    MUST,
    "A stream that starts with HTTP 200 contains no event with an error, neither in `error` nor, "
    "in place of choices, in another member such as `detail`.",
    on=("chat/stream/*", "chat/tools/stream/*"),
    source=("openai:errors", "github:vllm-project/guidellm#743"),
    remedy="Find out why the generation failed. If the error is known before the first byte is "
    "sent, answer with a 4xx or 5xx status instead.",
)
def test_a_stream_has_no_error(stream: ChatStream) -> None:
    for error in stream.errors:
        require(False, error, expected="no error")


@requirement(
    "chat.chunk.id",
    MUST,
    "Every chunk with a choice has an `id`, a non-empty string.",
    on="chat/stream/*",
    source=("openai:chat/streaming#id", "seed:opencode#Streaming (SSE)"),
    remedy="Create the id when the completion starts and repeat it on every chunk.",
)
def test_id(stream: ChatStream) -> None:
    for chunk in distinct(stream.generation_chunks):
        require(chunk["id"].is_text, chunk["id"], expected="a non-empty string")


@requirement(
    "chat.chunk.id-constant",
    MUST,
    "All chunks with a choice have the same `id`.",
    on="chat/stream/*",
    follows=("chat.chunk.id",),
    source="openai:chat/streaming#id",
    remedy="Create the id once per completion, not once per chunk.",
)
def test_id_is_constant(stream: ChatStream) -> None:
    ids = [chunk["id"] for chunk in distinct(stream.generation_chunks)]
    for later in ids[1:]:
        require(
            later.value == ids[0].value,
            later,
            expected=f"the first chunk's id {ids[0].shown}",
            beside=ids[0],
        )


@requirement(
    "chat.chunk.object",
    MUST,
    "Every chunk with a choice has `object` set to `chat.completion.chunk`.",
    on="chat/stream/*",
    source=(
        "openai:chat/streaming#object",
        "github:ml-explore/mlx-examples#913",
        "github:langgenius/dify#3506",
    ),
    remedy='Send `"object": "chat.completion.chunk"` on every chunk.',
)
def test_object(stream: ChatStream) -> None:
    for chunk in distinct(stream.generation_chunks):
        require(
            chunk["object"].value == "chat.completion.chunk",
            chunk["object"],
            expected='"chat.completion.chunk"',
        )


@requirement(
    "chat.chunk.created",
    MUST,
    "Every chunk with a choice has an integer `created`.",
    on="chat/stream/*",
    source=(
        "openai:chat/streaming#created",
        "seed:opencode#Streaming (SSE)",
        "github:siyuan-note/siyuan#14787",
        "github:sashabaranov/go-openai#1003",
    ),
    remedy="Send `created` as whole Unix seconds: an integer, not a fraction, a string or null.",
)
def test_created(stream: ChatStream) -> None:
    for chunk in distinct(stream.generation_chunks):
        require(chunk["created"].is_integer, chunk["created"], expected="an integer")


@requirement(
    "chat.chunk.created-seconds",
    SHOULD,
    "`created` of a chunk is in seconds, not milliseconds.",
    on="chat/stream/*",
    follows=("chat.chunk.created",),
    source=("openai:chat/streaming#created", "github:vercel/ai#7417"),
    remedy="Send `created` as a Unix timestamp in seconds: divide milliseconds by 1000.",
)
def test_created_in_seconds(stream: ChatStream) -> None:
    for chunk in distinct(stream.generation_chunks):
        if chunk["created"].is_number:
            require(
                0 <= chunk["created"].value < _YEAR_3000,
                chunk["created"],
                expected="a Unix timestamp in seconds",
            )


@requirement(
    "chat.chunk.created-constant",
    SHOULD,
    "All chunks with a choice have the same `created`.",
    on="chat/stream/*",
    follows=("chat.chunk.created",),
    source="openai:chat/streaming#created",
    remedy="Read the clock once, when the completion starts, and repeat that value on every chunk.",
)
def test_created_is_constant(stream: ChatStream) -> None:
    times = [chunk["created"] for chunk in distinct(stream.generation_chunks)]
    for later in times[1:]:
        require(
            later.value == times[0].value,
            later,
            expected=f"the first chunk's created {times[0].shown}",
            beside=times[0],
        )


@requirement(
    "chat.chunk.model",
    MUST,
    "Every chunk with a choice has a `model`, a non-empty string.",
    on="chat/stream/*",
    source=("openai:chat/streaming#model", "seed:opencode#Streaming (SSE)"),
    remedy="Send the name of the generating model as `model` on every chunk.",
)
def test_model(stream: ChatStream) -> None:
    for chunk in distinct(stream.generation_chunks):
        require(chunk["model"].is_text, chunk["model"], expected="a non-empty string")


@requirement(
    "chat.chunk.model-constant",
    SHOULD,
    "All chunks with a choice name the same `model`.",
    on="chat/stream/*",
    follows=("chat.chunk.model",),
    source="openai:chat/streaming#model",
    remedy="Choose the model's name once per completion and repeat it on every chunk.",
)
def test_model_is_constant(stream: ChatStream) -> None:
    names = [chunk["model"] for chunk in distinct(stream.generation_chunks)]
    for later in names[1:]:
        require(
            later.value == names[0].value,
            later,
            expected=f"the first chunk's model {names[0].shown}",
            beside=names[0],
        )


@requirement(
    "chat.chunk.names-are-strings",
    MUST,
    "`id` and `model` of every chunk are strings, null or absent.",
    on="chat/stream/*",
    source=("openai:chat/streaming", "client:ai-sdk"),
    remedy="Send the id and the model's name as strings, not as numbers.",
)
def test_names_are_strings(stream: ChatStream) -> None:
    for chunk in distinct(stream.chunks):
        for name in (chunk["id"], chunk["model"]):
            require(name.is_string or not name.given, name, expected="a string")


@requirement(
    "chat.chunk.choices",
    MUST,
    "Every chunk has a `choices` array, which may be empty.",
    on="chat/stream/*",
    source=(
        "openai:chat/streaming#choices",
        "client:ai-sdk",
        "github:anomalyco/opencode#1298",
    ),
    remedy='Send `"choices": []` on chunks without output, such as the usage chunk.',
)
def test_choices(stream: ChatStream) -> None:
    for chunk in distinct(stream.chunks):
        choices = chunk["choices"]
        if not choices.is_array:
            require(
                False,
                choices,
                expected="an array",
                observed=f"{choices.path} is {choices.shown}{_foreign(chunk)}",
            )


def _foreign(payload: Located) -> str:
    """What an event says of itself that no chunk says: its name, and the type of its object."""
    name = payload.event.type if payload.event else _UNNAMED
    kind = payload["type"]
    named = f" in the event {shown(clipped(name))}" if name != _UNNAMED else ""
    typed = f", an object of type {kind.shown}" if kind.is_text else ""
    return f"{named}{typed}" + (", which this API does not have" if named or typed else "")


@requirement(
    "chat.chunk.every-event",
    SHOULD,
    "Events without a choice, such as the one with usage, are chunks too: they have the strings "
    "`id`, `object` and `model`, and an integer `created`.",
    on="chat/stream/*",
    source=(
        "openai:chat/streaming",
        "github:anomalyco/opencode#39061",
        "github:Wei-Shaw/sub2api#5203",
    ),
    remedy="Send `id`, `object`, `created` and `model` with every event before `[DONE]`, or put "
    "what you add on the chunk with usage: clients with fixed types decode every event.",
    since="2026.2",
)
def test_every_event_is_a_chunk(stream: ChatStream) -> None:
    for chunk in distinct(stream.plain_chunks):
        for name in ("id", "object", "model"):
            require(chunk[name].is_string, chunk[name], expected="a string")
        require(chunk["created"].is_integer, chunk["created"], expected="an integer")


@requirement(
    "chat.chunk.every-object",
    SHOULD,
    "Events without a choice, such as the one with usage, have `object` set to "
    "`chat.completion.chunk`.",
    on="chat/stream/*",
    follows=("chat.chunk.every-event",),
    source=("openai:chat/streaming#object", "github:anomalyco/opencode#39061"),
    remedy='Send `"object": "chat.completion.chunk"` on the chunk with usage too.',
    since="2026.2",
)
def test_every_event_names_its_kind(stream: ChatStream) -> None:
    for chunk in distinct(stream.plain_chunks):
        kind = chunk["object"]
        if kind.is_text:
            require(kind.value == "chat.completion.chunk", kind, expected='"chat.completion.chunk"')


@requirement(
    "chat.chunk.choice-index",
    MUST,
    "Every choice in a chunk has an `index`, an integer from 0 to `n` - 1.",
    on="chat/stream/*",
    source=(
        "openai:chat/streaming#choices",
        "github:huggingface/text-generation-inference#1648",
        "github:spring-projects/spring-ai#6221",
    ),
    remedy="Number the choices from 0. If the request has no `n`, the only index is 0.",
)
def test_choice_index(stream: ChatStream) -> None:
    wanted = stream.requested("n", default=1)
    for entry in distinct(stream.entries):
        require(
            entry["index"].is_integer and 0 <= entry["index"].value < wanted,
            entry["index"],
            expected=index_range(wanted),
        )


@requirement(
    "chat.chunk.delta",
    MUST,
    "If a choice in a chunk has a `delta`, it is an object, not null.",
    on="chat/stream/*",
    source=(
        "openai:chat/streaming#choices",
        "client:openai-python",
        "github:AstrBotDevs/AstrBot#8244",
    ),
    remedy='Send `"delta": {}`, not null, on chunks that add nothing.',
)
def test_delta(stream: ChatStream) -> None:
    for entry in distinct(stream.entries):
        delta = entry["delta"]
        require(delta.is_object or delta.absent, delta, expected="an object")


@requirement(
    "chat.chunk.delta-given",
    SHOULD,
    "Every choice in a chunk has a `delta`, even if the chunk carries only a finish reason or "
    "annotations.",
    on="chat/stream/*",
    source=(
        "openai:chat/streaming#choices",
        "client:openai-python",
        "github:openai/openai-node#2658",
    ),
    remedy='Send `"delta": {}` if a choice adds nothing. Some servers omit it and many clients '
    "accept that, but clients that read its members fail.",
)
def test_every_choice_has_a_delta(stream: ChatStream) -> None:
    for entry in distinct(stream.entries):
        require(not entry["delta"].absent, entry["delta"], expected="an object")


@requirement(
    "chat.chunk.role",
    MUST,
    "If a delta has a `role`, it is `assistant`.",
    on="chat/stream/*",
    source=("openai:chat/streaming#choices", "client:ai-sdk"),
    remedy='Send `"role": "assistant"` on the first delta. On later deltas omit it or send null.',
)
def test_role(stream: ChatStream) -> None:
    for choice in stream.choices:
        for delta in distinct(choice.deltas):
            role = delta["role"]
            require(
                not role.given or role.value == "assistant",
                role,
                expected='"assistant", null or no role',
            )


@requirement(
    "chat.chunk.role-first",
    SHOULD,
    "The `role` of a choice is in its first delta.",
    on="chat/stream/*",
    follows=("chat.chunk.role", "chat.chunk.role-given"),
    source="openai:chat/streaming#choices",
    remedy='Begin every choice with `"delta": {"role": "assistant", "content": ""}`.',
)
def test_role_is_in_the_first_delta(stream: ChatStream) -> None:
    deltas = [[delta for delta in choice.deltas if delta.is_object] for choice in stream.choices]
    named = [found for found in deltas if any(delta.has("role") for delta in found)]
    for first, *_ in named:
        require(first["role"].given, first["role"], expected='"assistant"')
    if len(named) < sum(map(bool, deltas)):
        raise Inconclusive(
            "a choice has no role in any delta (see chat.chunk.role-given)",
            told_by=("chat.chunk.role-given",),
        )


@requirement(
    "chat.chunk.role-given",
    MUST,
    "Every choice has a `role` in at least one of its deltas.",
    on="chat/stream/*",
    source=("openai:chat/streaming#choices", "client:openai-node"),
    remedy='Send the role on the first delta of every choice: `"delta": {"role": "assistant", '
    '"content": ""}`.',
)
def test_every_choice_has_a_role(stream: ChatStream) -> None:
    for choice in stream.choices:
        deltas = [delta for delta in choice.deltas if delta.is_object]
        if deltas:
            require(
                any(delta.has("role") for delta in deltas),
                deltas[0]["role"],
                expected='"assistant" in one of the deltas',
            )


@requirement(
    "chat.chunk.role-once",
    SHOULD,
    "The `role` of a choice is sent only once.",
    on="chat/stream/*",
    source=("openai:chat/streaming#choices", "client:openai-python"),
    remedy="Omit the role from later deltas, or send it as null. Repeating it is common and "
    "accepted, but clients that concatenate a delta's strings concatenate the role too.",
)
def test_the_role_is_not_repeated(stream: ChatStream) -> None:
    for choice in stream.choices:
        roles = [delta["role"] for delta in choice.deltas if delta.has_text("role")]
        for repeated in roles[1:]:
            require(False, repeated, expected="no second role", beside=roles[0])


@requirement(
    "chat.chunk.content",
    MUST,
    "The `content` of a delta is a string, null or absent.",
    on="chat/stream/*",
    source="openai:chat/streaming#choices",
    remedy="Send text as a string, never as a list of parts or an object.",
)
def test_content(stream: ChatStream) -> None:
    for choice in stream.choices:
        for delta in distinct(choice.deltas):
            content = delta["content"]
            require(content.is_string or not content.given, content, expected="a string or null")


@requirement(
    "chat.chunk.text-intact",
    MUST,
    "Multi-byte characters arrive intact in a stream: the content has no U+FFFD, except where a "
    "token limit cut it off.",
    on="chat/stream/non-ascii",
    source=("whatwg:sse#parsing an event stream", "github:wecode-ai/Wegent#2271"),
    remedy="Decode the model's bytes with an incremental decoder that keeps an unfinished "
    "character until its remaining bytes arrive.",
)
def test_multi_byte_characters_arrive_intact(stream: ChatStream) -> None:
    for choice in stream.choices:
        cut = any(reason.value == "length" for reason in choice.finishes)
        require_whole_characters(choice.contents, phrase_to_repeat(stream.exchange), cut=cut)
    if all(choice.content.isascii() for choice in stream.choices):
        raise Inconclusive("the model wrote no multi-byte character")


@requirement(
    "chat.chunk.every-choice",
    SHOULD,
    "If `n` is 2, the stream has exactly the choices 0 and 1.",
    on="chat/stream/choices",
    follows=("chat.chunk.present", "chat.chunk.choice-index"),
    source="openai:chat/create#n",
    remedy="Generate as many choices as `n` says, or refuse `n` with a 400 that names it.",
)
def test_every_requested_choice_is_streamed(stream: ChatStream) -> None:
    indexes = sorted(choice.index for choice in stream.choices)
    require(
        indexes == [0, 1],
        stream.exchange,
        expected="choices 0 and 1",
        observed=f"the indexes {shown(indexes)}",
    )
