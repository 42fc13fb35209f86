"""Streaming: the text that the deltas carry, and that both modes answer in their own form."""

import re
from collections.abc import Sequence
from itertools import pairwise

from oaicheck.rules import MUST, SHOULD, Inconclusive, clipped, require, requirement
from oaicheck.views import ChatStream, Completion, Exchange, Located, reasoning_members

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
"""Tokens by which models mark turns; none of them is ever text for a reader."""

_CHUNK_MEMBERS = ("choices", "delta")
_FEW = 3


@requirement(
    "chat.content.increments",
    MUST,
    "Each delta brings what is new, and not all the text so far.",
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
            expected="the new text alone",
            observed="a delta that begins with the whole delta before it, as all of them do",
            beside=pieces[-2] if len(pieces) > 1 else None,
        )


@requirement(
    "chat.content.no-repeat-at-end",
    MUST,
    "No delta repeats the whole answer that came before it.",
    on="chat/stream/*",
    source=("openai:chat/streaming#choices", "github:infiniflow/ragflow#15443"),
    remedy="Leave the text out of the last chunk: the client has it already.",
)
def test_the_answer_is_not_repeated(stream: ChatStream) -> None:
    for choice in stream.choices:
        repetition = choice.repetition
        require(
            repetition is None,
            stream.exchange if repetition is None else repetition,
            expected="new text, or none",
            observed="all the text of the deltas before",
        )


@requirement(
    "chat.content.no-doubled-delta",
    SHOULD,
    "No delta is sent twice.",
    on=("chat/stream/text", "chat/stream/long"),
    source=("openai:chat/streaming#choices", "openai:streaming-guide"),
    remedy="Pass every chunk on exactly once, also after a reconnection to the engine.",
)
def test_no_delta_is_doubled(stream: ChatStream) -> None:
    written = stream.completion_tokens
    if written is None or len(stream.choices) != 1:
        raise Inconclusive("without usage, the same token twice looks like a delta sent twice")
    pieces = stream.choices[0].contents
    same = [later for one, later in pairwise(pieces) if _alike(one, later)]
    surplus = len(pieces) - written
    require(
        not 0 < surplus <= len(same),
        same[0] if same else stream.exchange,
        expected=f"at most one delta for each of {written} tokens",
        observed=f"{len(pieces)} deltas, {len(same)} of them like the one before",
    )


def _alike(one: Located, other: Located) -> bool:
    return one.event is not None and other.event is not None and one.event.data == other.event.data


@requirement(
    "chat.content.delta",
    MUST,
    "What a streamed choice brings stands in `delta`, not in `message` or `text`.",
    on="chat/stream/*",
    source=("openai:chat/streaming#choices", "client:ai-sdk"),
    remedy='Send `"delta": {"content": "…"}`; `message` is for answers that are not streamed.',
)
def test_text_stands_in_the_delta(stream: ChatStream) -> None:
    for entry in stream.entries():
        for name in ("message", "text"):
            require(
                entry["delta"].given or not entry[name].given,
                entry[name],
                expected="`delta`",
                observed=f"`{name}`, and no `delta`",
            )


@requirement(
    "chat.content.message",
    MUST,
    "What a choice of a completion says stands in `message`, not in `delta` or `text`.",
    on="chat/whole/*",
    source=("openai:chat/object#choices", "client:ai-sdk"),
    remedy='Send `"message": {"role": "assistant", "content": "…"}`; `delta` is for streams.',
)
def test_text_stands_in_the_message(completion: Completion) -> None:
    for choice in completion.choices:
        for name in ("delta", "text"):
            require(
                choice["message"].given or not choice[name].given,
                choice[name],
                expected="`message`",
                observed=f"`{name}`, and no `message`",
            )


@requirement(
    "chat.content.comes",
    MUST,
    "A stream whose usage counts generated tokens brings what was generated.",
    on=("chat/stream/text", "chat/stream/offered"),
    source=(
        "openai:chat/streaming#choices",
        "openai:streaming-guide",
        "github:sgl-project/sglang#9657",
        "github:vllm-project/vllm#45413",
    ),
    remedy="Send the text as `delta.content`, whatever the engine calls it, and where it turns out "
    "to be no tool call.",
)
def test_text_comes(stream: ChatStream) -> None:
    entries = list(stream.entries())
    if not entries:
        raise Inconclusive("there are no choices in which anything could come")
    if any(_brings(entry["delta"]) for entry in entries):
        return
    details = stream.usage["completion_tokens_details"]["reasoning_tokens"]
    hidden = details.value if details.is_integer else 0
    shown = (stream.completion_tokens or 0) - hidden
    if shown < 2 or any(f.value == "length" for c in stream.choices for f in c.finishes):
        raise Inconclusive("the model wrote nothing, or was cut off while it thought")
    require(
        False,
        stream.usage,
        expected="text",
        observed=f"{shown} tokens were counted and none of them came",
    )


def _brings(delta: Located) -> bool:
    return any(
        _filled(delta[name])
        for name in ("content", "reasoning_content", "reasoning", "refusal", "tool_calls")
    )


def _filled(member: Located) -> bool:
    return member.given and member.value not in ("", [])


@requirement(
    "chat.content.same-kind",
    SHOULD,
    "The same request is answered with text both streamed and not, or in neither way.",
    on="chat/stream/text",
    against="chat/whole/text",
    source=("openai:chat/create#stream", "openai:streaming-guide"),
    remedy="Make `stream` change the form of delivery only.",
)
def test_same_kind(stream: ChatStream, against: Completion) -> None:
    entries = list(stream.entries())
    if not entries or not against.choices:
        raise Inconclusive("one of the two answers has no choices")
    streamed = any(_filled(entry["delta"]["content"]) for entry in entries)
    whole = any(_filled(message["content"]) for message in against.messages)
    require(
        streamed == whole,
        stream.exchange,
        expected="text in both answers, or in none",
        observed="text in the stream only" if streamed else "text in the completion only",
        beside=against.exchange,
    )


@requirement(
    "chat.content.white-space",
    MUST,
    "White space between words survives streaming.",
    on="chat/stream/text",
    against="chat/whole/text",
    source="openai:chat/streaming#choices",
    remedy="Pass tokens on as they are: the blank before a word belongs to its token.",
)
def test_white_space_is_kept(stream: ChatStream, against: Completion) -> None:
    contents = [message["content"] for message in against.messages]
    if not any(content.is_text and len(content.value.split()) > 1 for content in contents):
        raise Inconclusive("the model wrote no text of several words")
    for choice in stream.choices:
        pieces = choice.contents
        if len(pieces) > _FEW:
            require(
                len(choice.content.split()) > 1,
                pieces[-1],
                expected="words with white space between them",
                observed=f"{len(pieces)} deltas without any: {clipped(choice.content)}",
                beside=against.exchange,
            )


@requirement(
    "chat.content.no-control-tokens",
    SHOULD,
    "A stream's text is free of the tokens by which models mark turns.",
    on="chat/stream/*",
    source=("openai:chat/streaming#choices", "github:Blaizzy/mlx-vlm#1044"),
    remedy="Add the model's end tokens to its stop tokens, and do not print special tokens.",
)
def test_no_control_tokens(stream: ChatStream) -> None:
    for choice in stream.choices:
        for token in _CONTROL_TOKENS:
            require(
                token not in choice.content,
                _where(choice.contents, token) if token in choice.content else stream.exchange,
                expected="text only",
                observed=f"the control token {token}",
            )


def _where(pieces: Sequence[Located], text: str) -> Located:
    """The piece with which a text, perhaps spread over several pieces, is complete."""
    so_far = ""
    for piece in pieces:
        so_far += piece.value
        if text in so_far:
            return piece
    return pieces[-1]


@requirement(
    "chat.content.no-control-tokens-whole",
    SHOULD,
    "A completion's text is free of the tokens by which models mark turns.",
    on="chat/whole/*",
    source=("openai:chat/object#choices", "github:Blaizzy/mlx-vlm#1044"),
    remedy="Add the model's end tokens to its stop tokens, and do not print special tokens.",
)
def test_no_control_tokens_in_a_completion(completion: Completion) -> None:
    for message in completion.messages:
        content = message["content"]
        for token in _CONTROL_TOKENS:
            require(
                not content.is_string or token not in content.value,
                content,
                expected="text only",
                observed=f"the control token {token}",
            )


@requirement(
    "chat.content.no-envelope",
    MUST,
    "A chunk is the whole payload of its event, not a member of another object.",
    on="chat/stream/*",
    source=("openai:chat/streaming", "github:smallmain/vscode-unify-chat-provider#71"),
    remedy="Send the chunk itself as the event's data, without an object of your own around it.",
)
def test_no_envelope(stream: ChatStream) -> None:
    for payload in stream.payloads:
        _no_envelope(payload)


@requirement(
    "chat.content.no-envelope-whole",
    MUST,
    "A completion is the whole body, not a member of another object.",
    on="chat/whole/*",
    source=("openai:chat/object", "github:smallmain/vscode-unify-chat-provider#71"),
    remedy="Send the completion itself as the body, without an object of your own around it.",
)
def test_no_envelope_around_a_completion(completion: Completion) -> None:
    _no_envelope(completion.root)


def _no_envelope(root: Located) -> None:
    if not root["choices"].absent:
        return
    for name, member in root.members():
        require(
            all(member[inner].absent for inner in _CHUNK_MEMBERS),
            member,
            expected="`choices` at the top",
            observed=f"an object with choices inside {name}",
        )


@requirement(
    "chat.content.plain-events",
    SHOULD,
    "The events of a stream have no name of their own.",
    on="chat/stream/*",
    source=("whatwg:sse#dispatchMessage", "openai:streaming-guide"),
    remedy="Leave the `event:` lines out: browsers give named events to nobody who did not ask.",
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
    "A request without `stream` is answered with one JSON object, not with a stream.",
    on="chat/whole/text",
    source=("openai:chat/create#stream", "github:diegosouzapw/OmniRoute#10239"),
    remedy="Take `stream` for false where it is not given.",
)
def test_not_streamed_by_default(exchange: Exchange) -> None:
    require(not _is_stream(exchange), exchange, expected="no events")


@requirement(
    "chat.content.stream-false",
    MUST,
    "A request with `stream: false` is answered with one JSON object, not with a stream.",
    on="chat/whole/length",
    source="openai:chat/create#stream",
    remedy="Heed `stream: false`: send one JSON object.",
)
def test_not_streamed_when_refused(exchange: Exchange) -> None:
    require(not _is_stream(exchange), exchange, expected="no events")


@requirement(
    "chat.content.no-half-characters",
    SHOULD,
    "No piece of streamed text has half a character: a surrogate without the other one.",
    on="chat/stream/*",
    source=("rfc8259#8.2", "github:elizaOS/eliza#30904"),
    remedy="Cut text between characters; hold back the first `\\ud83d` of a pair until the second "
    "is there. Strict JSON parsers refuse a lone one, and others cannot encode the text.",
)
def test_no_half_characters(stream: ChatStream) -> None:
    for choice in stream.choices:
        for piece in (*choice.contents, *reasoning_members(choice.deltas)):
            require(
                not (piece.is_string and _LONE.search(piece.value)),
                piece,
                expected="whole characters",
            )
