"""The parts and texts of a streamed response: opened, filled by deltas, closed, and told again."""

from oaicheck.rules import MUST, SHOULD, Inconclusive, require, require_text, requirement
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
"""As many tokens do not come in one piece."""


@requirement(
    "responses.events.content-index",
    MUST,
    "Every event of a content part has a `content_index`, an integer.",
    on=TEXTS,
    source=(
        "openai:responses/streaming",
        "client:openai-python-responses",
        "github:teabranch/open-responses-server#44",
    ),
    remedy="Send the part's place in the item's `content` with each of its events.",
)
def test_content_index(response_stream: ResponseStream) -> None:
    events = response_stream.of_type(*PART_EVENTS)
    if not events:
        raise lacking(response_stream.final, "there is no event of a content part")
    for event in events:
        index = event["content_index"]
        require(index.is_integer and index.value >= 0, index, expected="an integer, 0 or more")


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
            expected="the index of a part that was announced",
            observed=f"{event['type'].shown} for a part that was not announced",
        )


@requirement(
    "responses.events.part-given",
    MUST,
    "response.content_part.added and response.content_part.done carry the part.",
    on=TEXTS,
    source=("openai:responses/streaming", "client:openai-python-responses", "client:openai-node"),
    remedy="Send `part`, an object with its type and what there is of its text.",
)
def test_parts_are_given(response_stream: ResponseStream) -> None:
    for text in _message_texts(response_stream):
        for event in (*text.opened, *text.closed):
            require(event["part"].is_object, event["part"], expected="an object")


@requirement(
    "responses.events.part-empty",
    MUST,
    "A content part is announced with an empty text where the text comes in deltas.",
    on=TEXTS,
    source=("openai:responses/streaming", "client:openai-python-responses"),
    remedy='Announce the part with `"text": ""`: clients add the deltas to what is there.',
)
def test_parts_are_announced_empty(response_stream: ResponseStream) -> None:
    for text in _message_texts(response_stream):
        for event in text.opened if text.deltas else ():
            announced = event["part"]["text"]
            require(not announced.is_text, announced, expected='""')


@requirement(
    "responses.events.part-closed",
    SHOULD,
    "Every announced content part of a message is ended by response.content_part.done.",
    on=TEXTS,
    source=("openai:responses/streaming", "github:Wei-Shaw/sub2api#4468"),
    remedy="Send response.content_part.done with the whole part.",
)
def test_parts_are_closed(response_stream: ResponseStream) -> None:
    for text in _message_texts(response_stream):
        require(
            len(text.closed) == 1,
            text.first,
            expected="one response.content_part.done for it",
            observed=f"{len(text.closed)} of them",
        )


@requirement(
    "responses.events.text-done",
    SHOULD,
    "The text of a message is ended by one response.output_text.done.",
    on=TEXTS,
    source=("openai:responses/streaming", "github:ogx-ai/ogx#5309"),
    remedy="Send response.output_text.done with the whole text before response.content_part.done.",
)
def test_texts_are_done(response_stream: ResponseStream) -> None:
    for text in _message_texts(response_stream):
        require(
            len(text.dones) == 1,
            text.first,
            expected="one response.output_text.done for it",
            observed=f"{len(text.dones)} of them",
        )


@requirement(
    "responses.events.nothing-after-text",
    MUST,
    "No delta of a text comes after the event that ends it with the whole text.",
    on=STREAMS,
    source=("openai:responses/streaming", "openresponses:spec"),
    remedy="Send the .done event of a text after its last delta.",
)
def test_nothing_follows_a_text(response_stream: ResponseStream) -> None:
    texts = [text for item in items_of(response_stream) for text in item.shown if text.dones]
    if not texts:
        raise lacking(response_stream.final, "no text is ended by its .done event")
    for text in texts:
        for event in text.deltas:
            require(
                event_number(event) < event_number(text.dones[0]),
                event["type"],
                expected="no more deltas of a text that is done",
                beside=text.dones[0],
            )


@requirement(
    "responses.events.delta",
    MUST,
    "The `delta` of an event is a string.",
    on=STREAMS,
    source=("openai:responses/streaming", "client:openai-python-responses"),
    remedy="Send text in `delta`, and no event where there is none.",
)
def test_deltas_are_strings(response_stream: ResponseStream) -> None:
    deltas = response_stream.of_type(*DELTA_EVENTS)
    if not deltas:
        raise lacking(response_stream.final, "there is no delta")
    for event in deltas:
        require(event["delta"].is_string, event["delta"], expected="a string")


@requirement(
    "responses.events.growing",
    SHOULD,
    "A text of many tokens comes in more than one delta.",
    on="responses/stream/text",
    source="openai:responses/streaming-guide",
    remedy="Send the text as it is generated.",
)
def test_text_comes_in_pieces(response_stream: ResponseStream) -> None:
    if (response_stream.final.output_tokens or 0) < _LONG:
        raise Inconclusive("the text is short, or its length is not told")
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
    "The deltas of a message's text join to the text of response.output_text.done.",
    on=TEXTS,
    source=("openai:responses/streaming", "github:agentgateway/agentgateway#2281"),
    remedy="Send every piece once, and the whole text at the end.",
)
def test_deltas_join_to_the_done_text(response_stream: ResponseStream) -> None:
    judged = [text for text in _message_texts(response_stream) if text.deltas and text.dones]
    if not judged:
        raise Inconclusive("there are not both deltas and a whole text")
    for text in judged:
        for whole in text.whole:
            _same(whole, text.joined, text)


@requirement(
    "responses.events.part-text",
    MUST,
    "The part in response.content_part.done has the text that was streamed.",
    on=TEXTS,
    source=("openai:responses/streaming", "github:agentgateway/agentgateway#2281"),
    remedy="Put the whole text into the part that is done.",
)
def test_deltas_join_to_the_part(response_stream: ResponseStream) -> None:
    judged = [text for text in _message_texts(response_stream) if text.deltas and text.closed]
    if not judged:
        raise Inconclusive("there are not both deltas and a part that is done")
    for text in judged:
        for event in text.closed:
            part = event["part"]
            member = "refusal" if part["type"].value == "refusal" else "text"
            _same(part[member], text.joined, text)


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
    remedy="Put the whole text into the item that is done: agents take it from there.",
)
def test_deltas_join_to_the_item(response_stream: ResponseStream) -> None:
    judged = [item for item in _messages(response_stream) if item.done]
    if not judged:
        raise Inconclusive("no message is done")
    for item in judged:
        for text in item.shown:
            if text.deltas:
                _same(text.within(item.item), text.joined, text)


@requirement(
    "responses.events.final-text",
    MUST,
    "The response in the terminal event has the texts that were streamed.",
    on=TEXTS,
    source=(
        "openai:responses/streaming",
        "client:openai-python-responses",
        "github:vllm-project/vllm#30223",
        "github:QuantumNous/new-api#4362",
    ),
    remedy="Put what was streamed into `output` of the terminal event.",
)
def test_deltas_join_to_the_final_response(response_stream: ResponseStream) -> None:
    output = final_output_of(response_stream)
    for item in _messages(response_stream):
        for text in item.shown:
            if text.deltas:
                _same(text.within(output[item.index]), text.joined, text)


@requirement(
    "responses.events.logprobs",
    SHOULD,
    "Events that bring a message's text, or end it, have `logprobs`, an array.",
    on=TEXTS,
    source=("openai:responses/streaming", "client:openai-python-responses"),
    remedy="Send `logprobs: []` where none were asked for: the SDK's helper reads the member.",
)
def test_logprobs(response_stream: ResponseStream) -> None:
    events = response_stream.of_type("response.output_text.delta", "response.output_text.done")
    if not events:
        raise lacking(response_stream.final, "there is no text")
    for event in events:
        require(event["logprobs"].is_array, event["logprobs"], expected="an array")


def _messages(stream: ResponseStream) -> list[StreamedItem]:
    messages = [item for item in items_of(stream) if item.type.value == "message"]
    if not messages:
        raise lacking(stream.final, "there is no message")
    return messages


def _message_texts(stream: ResponseStream) -> list[StreamedText]:
    texts = [text for item in _messages(stream) for text in item.shown]
    if not texts:
        raise lacking(stream.final, "there is no text of a message")
    return texts


def _same(whole: Located, joined: str, text: StreamedText) -> None:
    require_text(
        whole,
        joined,
        source=f"what {len(text.deltas)} deltas brought",
        beside=text.deltas[-1]["delta"],
    )
