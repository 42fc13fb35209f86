"""The content parts and texts of a stream: announced, sent in deltas, ended, and repeated."""

from oaicheck.rules import (
    MUST,
    NO_RESPONSE_USAGE,
    NO_STREAMED_ITEM,
    SHOULD,
    Inconclusive,
    require,
    require_text,
    requirement,
)
from oaicheck.views import (
    DELTA_EVENTS,
    PART_EVENTS,
    Located,
    ResponseStream,
    StreamedItem,
    StreamedText,
    event_number,
    final_output_of,
    items_of,
    lacking,
)

STREAMS = "responses/stream/*"
TEXTS = ("responses/stream/text", "responses/stream/length", "responses/stream/reasoning")
_LONG = 40
"""A text of this many tokens should not arrive in one piece."""


@requirement(
    "responses.events.content-index",
    MUST,
    "Every event of a content part has a `content_index`, a non-negative integer.",
    on=TEXTS,
    source=(
        "openai:responses/streaming",
        "client:openai-python-responses",
        "github:teabranch/open-responses-server#44",
    ),
    remedy="Send the part's position in the item's `content` with each of its events.",
)
def test_content_index(response_stream: ResponseStream) -> None:
    events = response_stream.of_type(*PART_EVENTS)
    if not events:
        raise lacking(
            response_stream.final,
            "the stream has no event of a content part",
            told_by=NO_STREAMED_ITEM,
        )
    for event in events:
        index = event["content_index"]
        require(index.is_integer and index.value >= 0, index, expected="a non-negative integer")


@requirement(
    "responses.events.part-announced",
    MUST,
    "A content part of a message is announced by response.content_part.added before its text.",
    on=TEXTS,
    source=(
        "openai:responses/streaming",
        "client:openai-python-responses",
        "github:NousResearch/hermes-agent#119758",
        "github:Wei-Shaw/sub2api#4468",
        "github:BerriAI/litellm#24445",
    ),
    remedy="Send response.content_part.added before the first delta.",
)
def test_parts_are_announced(response_stream: ResponseStream) -> None:
    _message_texts(response_stream)
    for event in response_stream.unopened:
        require(
            False,
            event["content_index"],
            expected="the index of an announced part",
            observed=f"{event['type'].shown} for a part that was not announced",
        )


@requirement(
    "responses.events.part-given",
    MUST,
    "response.content_part.added and response.content_part.done carry `part`, an object.",
    on=TEXTS,
    source=("openai:responses/streaming", "client:openai-python-responses", "client:openai-node"),
    remedy="Send `part` with its type and the text so far.",
)
def test_parts_are_given(response_stream: ResponseStream) -> None:
    for text in _message_texts(response_stream):
        for event in (*text.opened, *text.closed):
            require(event["part"].is_object, event["part"], expected="an object")


@requirement(
    "responses.events.part-empty",
    MUST,
    "A content part whose text comes in deltas is announced with an empty text.",
    on=TEXTS,
    source=("openai:responses/streaming", "client:openai-python-responses"),
    remedy='Announce the part with `"text": ""`: clients append the deltas to the announced text.',
)
def test_parts_are_announced_empty(response_stream: ResponseStream) -> None:
    for text in _message_texts(response_stream):
        for event in text.opened if text.deltas else ():
            announced = event["part"]["text"]
            require(not announced.is_text, announced, expected='""')


@requirement(
    "responses.events.part-closed",
    MUST,
    "Exactly one response.content_part.done ends each content part of a message.",
    on=TEXTS,
    source=("openai:responses/streaming", "github:Wei-Shaw/sub2api#4468"),
    remedy="Send one response.content_part.done with the whole part.",
)
def test_parts_are_closed(response_stream: ResponseStream) -> None:
    for text in _message_texts(response_stream):
        require(
            len(text.closed) == 1,
            text.first,
            expected="one response.content_part.done for the part",
            observed=f"{len(text.closed)} of them",
        )


@requirement(
    "responses.events.text-done",
    MUST,
    "Exactly one response.output_text.done ends each text of a message.",
    on=TEXTS,
    source=("openai:responses/streaming", "github:ogx-ai/ogx#5309"),
    remedy="Send one response.output_text.done with the whole text, before "
    "response.content_part.done.",
)
def test_texts_are_done(response_stream: ResponseStream) -> None:
    for text in _message_texts(response_stream):
        require(
            len(text.dones) == 1,
            text.first,
            expected="one response.output_text.done for the text",
            observed=f"{len(text.dones)} of them",
        )


@requirement(
    "responses.events.nothing-after-text",
    MUST,
    "No delta of a text comes after the text's .done event.",
    on=STREAMS,
    source=("openai:responses/streaming", "openresponses:spec"),
    remedy="Send the .done event of a text after its last delta.",
)
def test_nothing_follows_a_text(response_stream: ResponseStream) -> None:
    texts = [text for item in items_of(response_stream) for text in item.shown if text.dones]
    if not texts:
        raise lacking(
            response_stream.final,
            "the stream has no .done event of a text",
            told_by=("responses.events.text-done",),
        )
    for text in texts:
        for event in text.deltas:
            require(
                event_number(event) < event_number(text.dones[0]),
                event["type"],
                expected="no delta of a text after its .done event",
                beside=text.dones[0],
            )


@requirement(
    "responses.events.delta",
    MUST,
    "The `delta` of an event is a string.",
    on=STREAMS,
    source=("openai:responses/streaming", "client:openai-python-responses"),
    remedy="Send text in `delta`, and no event if there is no text.",
)
def test_deltas_are_strings(response_stream: ResponseStream) -> None:
    deltas = response_stream.of_type(*DELTA_EVENTS)
    if not deltas:
        raise lacking(response_stream.final, "the stream has no delta", told_by=NO_STREAMED_ITEM)
    for event in deltas:
        require(event["delta"].is_string, event["delta"], expected="a string")


@requirement(
    "responses.events.growing",
    SHOULD,
    "A text of 40 tokens or more arrives in more than one delta.",
    on="responses/stream/text",
    source="openai:responses/streaming-guide",
    remedy="Send the text as it is generated.",
)
def test_text_comes_in_pieces(response_stream: ResponseStream) -> None:
    if (response_stream.final.output_tokens or 0) < _LONG:
        raise Inconclusive(
            "the text is short, or usage does not give its length",
            told_by=NO_RESPONSE_USAGE,
            anywhere=True,
        )
    for text in _message_texts(response_stream):
        require(
            len(text.deltas) > 1,
            text.first,
            expected="several deltas",
            observed=f"{len(text.deltas)} deltas for {response_stream.final.output_tokens} tokens",
        )


@requirement(
    "responses.events.text-joins",
    MUST,
    "The joined deltas of a message's text equal the text in response.output_text.done.",
    on=TEXTS,
    source=("openai:responses/streaming", "github:agentgateway/agentgateway#2281"),
    remedy="Send every piece once, and the whole text in response.output_text.done.",
)
def test_deltas_join_to_the_done_text(response_stream: ResponseStream) -> None:
    judged = [text for text in _message_texts(response_stream) if text.deltas and text.dones]
    if not judged:
        raise Inconclusive(
            "the text does not have both deltas and a .done event",
            told_by=("responses.events.text-done",),
        )
    for text in judged:
        for whole in text.whole:
            _require_joined(whole, text.joined, text)


@requirement(
    "responses.events.part-text",
    MUST,
    "The part in response.content_part.done has the text that was streamed.",
    on=TEXTS,
    source=("openai:responses/streaming", "github:agentgateway/agentgateway#2281"),
    remedy="Put the whole text into the part of response.content_part.done.",
)
def test_deltas_join_to_the_part(response_stream: ResponseStream) -> None:
    judged = [text for text in _message_texts(response_stream) if text.deltas and text.closed]
    if not judged:
        raise Inconclusive(
            "the part does not have both deltas and a response.content_part.done",
            told_by=("responses.events.part-closed",),
        )
    for text in judged:
        for event in text.closed:
            part = event["part"]
            member = "refusal" if part["type"].value == "refusal" else "text"
            _require_joined(part[member], text.joined, text)


@requirement(
    "responses.events.item-text",
    MUST,
    "The message in response.output_item.done has the text that was streamed.",
    on=TEXTS,
    source=(
        "openai:responses/streaming",
        "client:codex",
        "github:agentgateway/agentgateway#2281",
    ),
    remedy="Put the whole text into response.output_item.done: agents take it from there.",
)
def test_deltas_join_to_the_item(response_stream: ResponseStream) -> None:
    judged = [item for item in _messages(response_stream) if item.done]
    if not judged:
        raise Inconclusive(
            "no message has a response.output_item.done", told_by=("responses.events.item-closed",)
        )
    for item in judged:
        for text in item.shown:
            if text.deltas:
                _require_joined(text.within(item.item), text.joined, text)


@requirement(
    "responses.events.final-text",
    MUST,
    "The terminal event has the texts that were streamed.",
    on=TEXTS,
    follows=("responses.events.final-items",),
    source=(
        "openai:responses/streaming",
        "client:openai-python-responses",
        "github:vllm-project/vllm#30223",
        "github:QuantumNous/new-api#4362",
    ),
    remedy="Put the streamed text into `output` of the terminal event.",
)
def test_deltas_join_to_the_final_response(response_stream: ResponseStream) -> None:
    output = final_output_of(response_stream)
    for item in _messages(response_stream):
        for text in item.shown:
            if text.deltas:
                _require_joined(text.within(output[item.index]), text.joined, text)


@requirement(
    "responses.events.logprobs",
    SHOULD,
    "If response.output_text.delta or response.output_text.done has `logprobs`, it is an array.",
    on=TEXTS,
    source=("openai:responses/streaming", "openresponses:spec"),
    remedy="Send `logprobs: []`, or leave it out, if none were requested.",
)
def test_logprobs(response_stream: ResponseStream) -> None:
    events = response_stream.of_type("response.output_text.delta", "response.output_text.done")
    if not events:
        raise lacking(
            response_stream.final, "the stream has no text of a message", told_by=NO_STREAMED_ITEM
        )
    for event in events:
        logprobs = event["logprobs"]
        require(logprobs.absent or logprobs.is_array, logprobs, expected="an array")


def _messages(stream: ResponseStream) -> list[StreamedItem]:
    messages = [item for item in items_of(stream) if item.type.value == "message"]
    if not messages:
        raise lacking(stream.final, "the stream has no message", told_by=NO_STREAMED_ITEM)
    return messages


def _message_texts(stream: ResponseStream) -> list[StreamedText]:
    texts = [text for item in _messages(stream) for text in item.shown]
    if not texts:
        raise lacking(stream.final, "the stream has no text of a message", told_by=NO_STREAMED_ITEM)
    return texts


def _require_joined(whole: Located, joined: str, text: StreamedText) -> None:
    require_text(
        whole,
        joined,
        source=f"the {len(text.deltas)} deltas joined",
        beside=text.deltas[-1]["delta"],
    )
