"""Streaming: the text in the deltas, and the form of streams and completions."""

import re
from collections.abc import Sequence
from itertools import pairwise

from oaicheck.rules import (
    MUST,
    NO_CHOICES,
    NO_USAGE,
    SHOULD,
    Inconclusive,
    clipped,
    require,
    requirement,
)
from oaicheck.views import (
    ChatStream,
    Completion,
    Exchange,
    Located,
    distinct,
    reasoning_members,
)

_LONE = re.compile("[\ud800-\udfff]")
_CONTROL_TOKENS = (
    "<|im_end|>",
    "<|im_start|>",
    "<|endoftext|>",
    "<|end_of_text|>",
    "<|begin_of_text|>",
    "<|eot_id|>",
    "<|start_header_id|>",
    "<|end_header_id|>",
    "<|return|>",
    "<|channel|>",
    "<|end|>",
    "<end_of_turn>",
    "<start_of_turn>",
    "<｜end▁of▁sentence｜>",
    "[/INST]",
    "</s>",
)
"""Tokens with which models mark turns; they are never part of the answer."""
_FIRST_OF_TOKEN = frozenset(token[0] for token in _CONTROL_TOKENS)

_CHUNK_MEMBERS = ("choices", "delta")
_FEW = 3


@requirement(
    "chat.content.increments",
    MUST,
    "Each delta contains only new text, not all the text so far.",
    on="chat/stream/*",
    source=("openai:chat/streaming#choices", "openai:streaming-guide"),
    remedy="Send only the text that was generated since the last delta: clients join the deltas.",
)
def test_deltas_are_increments(stream: ChatStream) -> None:
    for choice in stream.choices:
        pieces = choice.contents
        require(
            not choice.accumulates,
            pieces[-1] if pieces else stream.exchange,
            expected="only the new text",
            observed="a delta that begins with the whole previous delta, like all the others",
            beside=pieces[-2] if len(pieces) > 1 else None,
        )


@requirement(
    "chat.content.no-repeat-at-end",
    MUST,
    "No delta repeats the whole text of the deltas before it.",
    on="chat/stream/*",
    source=("openai:chat/streaming#choices", "github:infiniflow/ragflow#15443"),
    remedy="Do not send the whole text again in the last chunk: the client already has it.",
)
def test_the_answer_is_not_repeated(stream: ChatStream) -> None:
    for choice in stream.choices:
        repetition = choice.repetition
        require(
            repetition is None,
            stream.exchange if repetition is None else repetition,
            expected="new text, or none",
            observed="the whole text of the previous deltas",
        )


@requirement(
    "chat.content.no-doubled-delta",
    SHOULD,
    "No delta is sent twice.",
    on=("chat/stream/text", "chat/stream/long"),
    source=("openai:chat/streaming#choices", "openai:streaming-guide"),
    remedy="Forward every chunk exactly once, also after you reconnect to the engine.",
)
def test_no_delta_is_doubled(stream: ChatStream) -> None:
    written = stream.completion_tokens
    if written is None or len(stream.choices) != 1:
        raise Inconclusive(
            "without usage, a repeated token looks like a delta sent twice",
            told_by=NO_USAGE,
            anywhere=True,
        )
    pieces = stream.choices[0].contents
    same = [later for one, later in pairwise(pieces) if _identical(one, later)]
    surplus = len(pieces) - written
    require(
        not 0 < surplus <= len(same),
        same[0] if same else stream.exchange,
        expected=f"at most one delta for each of {written} tokens",
        observed=f"{len(pieces)} deltas, {len(same)} of them identical to the one before",
    )


def _identical(one: Located, other: Located) -> bool:
    return one.event is not None and other.event is not None and one.event.data == other.event.data


@requirement(
    "chat.content.delta",
    MUST,
    "The output of a streamed choice is in `delta`, not in `message` or `text`.",
    on="chat/stream/*",
    source=("openai:chat/streaming#choices", "client:ai-sdk"),
    remedy='Send `"delta": {"content": "…"}`. `message` is only for responses that are not '
    "streamed.",
)
def test_text_is_in_the_delta(stream: ChatStream) -> None:
    for entry in distinct(stream.entries):
        for name in ("message", "text"):
            require(
                entry["delta"].given or not entry[name].given,
                entry[name],
                expected="`delta`",
                observed=f"`{name}` without `delta`",
            )


@requirement(
    "chat.content.message",
    MUST,
    "The output of a completion's choice is in `message`, not in `delta` or `text`.",
    on="chat/whole/*",
    source=("openai:chat/object#choices", "client:ai-sdk"),
    remedy='Send `"message": {"role": "assistant", "content": "…"}`. `delta` is only for streams.',
)
def test_text_is_in_the_message(completion: Completion) -> None:
    for choice in completion.choices:
        for name in ("delta", "text"):
            require(
                choice["message"].given or not choice[name].given,
                choice[name],
                expected="`message`",
                observed=f"`{name}` without `message`",
            )


@requirement(
    "chat.content.comes",
    MUST,
    "If the usage of a stream counts generated tokens, the deltas contain text, reasoning, a "
    "refusal or tool calls.",
    on=("chat/stream/text", "chat/stream/offered"),
    source=(
        "openai:chat/streaming#choices",
        "openai:streaming-guide",
        "github:sgl-project/sglang#9657",
        "github:vllm-project/vllm#45413",
    ),
    remedy="Send the text as `delta.content`, whatever the engine calls it, also if text that "
    "looked like a tool call turns out not to be one.",
)
def test_generated_text_is_sent(stream: ChatStream) -> None:
    entries = stream.entries
    if not entries:
        raise Inconclusive("the stream has no choices", told_by=NO_CHOICES)
    if any(_has_output(entry["delta"]) for entry in entries):
        return
    details = stream.usage["completion_tokens_details"]["reasoning_tokens"]
    hidden = details.value if details.is_integer else 0
    shown = (stream.completion_tokens or 0) - hidden
    if shown < 2 or any(f.value == "length" for c in stream.choices for f in c.finishes):
        raise Inconclusive("the model wrote nothing, or was cut off while reasoning")
    require(
        False,
        stream.usage,
        expected="text",
        observed=f"no output, though usage counts {shown} tokens",
    )


def _has_output(delta: Located) -> bool:
    return any(
        _filled(delta[name])
        for name in ("content", "reasoning_content", "reasoning", "refusal", "tool_calls")
    )


def _filled(member: Located) -> bool:
    return member.given and member.value not in ("", [])


@requirement(
    "chat.content.same-kind",
    SHOULD,
    "The same request gets text both streamed and not streamed, or in neither mode.",
    on="chat/stream/text",
    against="chat/whole/text",
    source=("openai:chat/create#stream", "openai:streaming-guide"),
    remedy="Let `stream` change only how the answer is delivered, not what it contains.",
)
def test_both_modes_have_text_or_neither(stream: ChatStream, against: Completion) -> None:
    entries = stream.entries
    if not entries or not against.choices:
        raise Inconclusive("one of the two answers has no choices", told_by=NO_CHOICES)
    streamed = any(_filled(entry["delta"]["content"]) for entry in entries)
    whole = any(_filled(message["content"]) for message in against.messages)
    require(
        streamed == whole,
        stream.exchange,
        expected="text in both answers, or in neither",
        observed="text only in the stream" if streamed else "text only in the completion",
        beside=against.exchange,
    )


def _has_several_words(text: str) -> bool:
    return len(text.split(maxsplit=1)) > 1


@requirement(
    "chat.content.white-space",
    MUST,
    "A stream keeps the white space between words.",
    on="chat/stream/text",
    against="chat/whole/text",
    source="openai:chat/streaming#choices",
    remedy="Forward tokens unchanged: the space before a word is part of its token.",
)
def test_white_space_is_kept(stream: ChatStream, against: Completion) -> None:
    contents = [message["content"].value for message in against.messages]
    if not any(isinstance(text, str) and _has_several_words(text) for text in contents):
        raise Inconclusive("the completion has no text of several words")
    for choice in stream.choices:
        pieces = choice.contents
        if len(pieces) > _FEW:
            require(
                _has_several_words(choice.content),
                pieces[-1],
                expected="words with white space between them",
                observed=f"{len(pieces)} deltas without white space: {clipped(choice.content)}",
                beside=against.exchange,
            )


@requirement(
    "chat.content.no-control-tokens",
    SHOULD,
    "The text of a stream contains no control tokens that mark turns, such as `<|im_end|>`.",
    on="chat/stream/*",
    source=("openai:chat/streaming#choices", "github:Blaizzy/mlx-vlm#1044"),
    remedy="Add the model's end tokens to its stop tokens, and leave special tokens out of the "
    "decoded text.",
)
def test_no_control_tokens(stream: ChatStream) -> None:
    for choice in stream.choices:
        token = _control_token(choice.content)
        require(
            token is None,
            _where(choice.contents, token) if token else stream.exchange,
            expected="text without control tokens",
            observed=f"the control token {token}",
        )


def _control_token(text: str) -> str | None:
    if not any(mark in text for mark in _FIRST_OF_TOKEN):
        return None
    return next((token for token in _CONTROL_TOKENS if token in text), None)


def _where(pieces: Sequence[Located], text: str) -> Located:
    """The piece that completes a text, which may be spread over several pieces."""
    so_far = ""
    for piece in pieces:
        so_far += piece.value
        if text in so_far:
            return piece
    return pieces[-1]


@requirement(
    "chat.content.no-control-tokens-whole",
    SHOULD,
    "The text of a completion contains no control tokens that mark turns, such as `<|im_end|>`.",
    on="chat/whole/*",
    source=("openai:chat/object#choices", "github:Blaizzy/mlx-vlm#1044"),
    remedy="Add the model's end tokens to its stop tokens, and leave special tokens out of the "
    "decoded text.",
)
def test_no_control_tokens_in_a_completion(completion: Completion) -> None:
    for message in completion.messages:
        content = message["content"]
        token = _control_token(content.value) if content.is_string else None
        require(
            token is None,
            content,
            expected="text without control tokens",
            observed=f"the control token {token}",
        )


@requirement(
    "chat.content.no-envelope",
    MUST,
    "The data of an event is the chunk itself, not an object that wraps the chunk.",
    on="chat/stream/*",
    source=("openai:chat/streaming", "github:smallmain/vscode-unify-chat-provider#71"),
    remedy="Send the chunk itself as the event's data, without a wrapper object around it.",
)
def test_no_envelope(stream: ChatStream) -> None:
    for payload in distinct(stream.payloads):
        _require_no_envelope(payload)


@requirement(
    "chat.content.no-envelope-whole",
    MUST,
    "The body of a completion is the completion itself, not an object that wraps it.",
    on="chat/whole/*",
    source=("openai:chat/object", "github:smallmain/vscode-unify-chat-provider#71"),
    remedy="Send the completion itself as the body, without a wrapper object around it.",
)
def test_no_envelope_around_a_completion(completion: Completion) -> None:
    _require_no_envelope(completion.root)


def _require_no_envelope(root: Located) -> None:
    if not root["choices"].absent:
        return
    for name, member in root.members():
        require(
            all(member[inner].absent for inner in _CHUNK_MEMBERS),
            member,
            expected="`choices` at the top level",
            observed=f"a wrapper: choices or delta inside {name}",
        )


@requirement(
    "chat.content.plain-events",
    SHOULD,
    "The events of a stream have no name: no `event:` line other than `event: message`.",
    on="chat/stream/*",
    source=("whatwg:sse#dispatchMessage", "openai:streaming-guide"),
    remedy="Omit the `event:` lines: browsers deliver named events only to listeners for that "
    "name.",
)
def test_events_have_no_name(stream: ChatStream) -> None:
    for chunk in stream.generation_chunks:
        kind = chunk.event.type if chunk.event else ""
        require(
            kind in ("", "message"),
            chunk,
            expected="no `event:` line",
            observed=f"event: {kind}",
        )


def _is_stream(exchange: Exchange) -> bool:
    return exchange.media_type == "text/event-stream" or len(exchange.events) > 0


@requirement(
    "chat.content.not-streamed-by-default",
    MUST,
    "The endpoint answers a request without `stream` with one JSON object, not with a stream.",
    on="chat/whole/text",
    source=("openai:chat/create#stream", "github:diegosouzapw/OmniRoute#10239"),
    remedy="Treat an absent `stream` as false.",
)
def test_not_streamed_by_default(exchange: Exchange) -> None:
    require(not _is_stream(exchange), exchange, expected="one JSON object, not a stream")


@requirement(
    "chat.content.stream-false",
    MUST,
    "The endpoint answers a request with `stream: false` with one JSON object, not with a stream.",
    on="chat/whole/length",
    source="openai:chat/create#stream",
    remedy="Honour `stream: false`: send one JSON object.",
)
def test_not_streamed_when_stream_is_false(exchange: Exchange) -> None:
    require(not _is_stream(exchange), exchange, expected="one JSON object, not a stream")


@requirement(
    "chat.content.no-half-characters",
    SHOULD,
    "No delta contains half a character: one surrogate without the other one of its pair.",
    on="chat/stream/*",
    source=("rfc8259#8.2", "github:elizaOS/eliza#30904"),
    remedy="Split text only between characters: hold back the first surrogate of a pair, such as "
    "`\\ud83d`, until the second one arrives. Strict JSON parsers reject a lone surrogate, and "
    "text from other parsers cannot be encoded.",
)
def test_no_half_characters(stream: ChatStream) -> None:
    for choice in stream.choices:
        for piece in (*choice.contents, *reasoning_members(choice.deltas)):
            require(
                not (piece.is_string and _has_half_character(piece.value)),
                piece,
                expected="whole characters",
            )


def _has_half_character(text: str) -> bool:
    return not text.isascii() and _LONE.search(text) is not None
