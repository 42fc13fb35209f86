"""The events of a response as a state machine: items and parts are opened, filled and closed."""

from oaicheck.excerpts import contrasted, parted
from oaicheck.judging import Inconclusive, require, require_text
from oaicheck.requirement import MUST, SHOULD, requirement
from oaicheck.responses import (
    DELTAS,
    INDEXED,
    ITEM_ADDED,
    ITEM_DONE,
    OF_A_PART,
    ResponseStream,
    StreamedItem,
    StreamedText,
)
from oaicheck.schema_errors import listed
from oaicheck.schemas import known, violations
from oaicheck.wire.located import Located, shown

STREAMS = "responses/stream/*"
TEXTS = ("responses/stream/text", "responses/stream/length", "responses/stream/reasoning")
_LONG = 40
"""As many tokens do not come in one piece."""


@requirement(
    "responses.events.output-index",
    MUST,
    "Every event of an output item has an `output_index`, an integer.",
    on=STREAMS,
    source=(
        "openai:responses/streaming",
        "client:openai-python-responses",
        "client:ai-sdk-openai",
    ),
    remedy="Send the item's place in `output` with each of its events.",
)
def test_output_index(response_stream: ResponseStream) -> None:
    for event in _indexed(response_stream):
        index = event["output_index"]
        require(index.is_integer and index.value >= 0, index, expected="an integer, 0 or more")


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
    events = response_stream.of_type(*OF_A_PART)
    if not events:
        raise Inconclusive("there is no event of a content part")
    for event in events:
        index = event["content_index"]
        require(index.is_integer and index.value >= 0, index, expected="an integer, 0 or more")


@requirement(
    "responses.events.item-id",
    MUST,
    "Every event within an output item has an `item_id`, a string that is not empty.",
    on=STREAMS,
    source=("openai:responses/streaming", "client:ai-sdk-openai", "github:vllm-project/vllm#24788"),
    remedy="Send the id of the item with each of its events.",
)
def test_item_id(response_stream: ResponseStream) -> None:
    for event in _indexed(response_stream):
        if event["type"].value not in (ITEM_ADDED, ITEM_DONE):
            require(event["item_id"].is_text, event["item_id"], expected="a string, not empty")


@requirement(
    "responses.events.item-announced",
    MUST,
    "An output item is announced by response.output_item.added before its other events.",
    on=STREAMS,
    source=(
        "openai:responses/streaming",
        "client:openai-python-responses",
        "github:BerriAI/litellm#36375",
    ),
    remedy="Send response.output_item.added, under the same output_index, before anything of it.",
)
def test_items_are_announced(response_stream: ResponseStream) -> None:
    _indexed(response_stream)
    for event in response_stream.unannounced:
        require(
            False,
            event["output_index"],
            expected="the index of an item that was announced",
            observed=f"{event['type'].shown} for output_index {event['output_index'].shown}, "
            "under which nothing was announced",
        )


@requirement(
    "responses.events.item-announced-once",
    MUST,
    "An `output_index` is announced once.",
    on=STREAMS,
    source=("openai:responses/streaming", "client:openai-python-responses"),
    remedy="Give every output item an index of its own.",
)
def test_items_are_announced_once(response_stream: ResponseStream) -> None:
    _items(response_stream)
    for event in response_stream.repeated:
        require(False, event["output_index"], expected="an index that is not taken")


@requirement(
    "responses.events.item-order",
    SHOULD,
    "Output items are announced in the order of their indexes, from 0, and none is left out.",
    on=STREAMS,
    source=("openai:responses/streaming", "github:Oaklight/llm-rosetta#418"),
    remedy="Count the items over all their kinds: reasoning, messages and calls.",
)
def test_items_are_in_order(response_stream: ResponseStream) -> None:
    for position, item in enumerate(_items(response_stream)):
        index = item.added["output_index"]
        require(item.index == position, index, expected=str(position))


@requirement(
    "responses.events.item-empty",
    MUST,
    "An output item is announced empty where its content comes in deltas.",
    on=STREAMS,
    source=("openai:responses/streaming", "client:openai-python-responses"),
    remedy='Announce `content: []`, and `arguments: ""`: clients add the deltas to what is there.',
)
def test_items_are_announced_empty(response_stream: ResponseStream) -> None:
    for item in _items(response_stream):
        if any(text.deltas for text in item.shown):
            for name in ("content", "arguments", "summary"):
                member = item.added["item"][name]
                require(
                    not member.given or member.value in ("", []),
                    member,
                    expected="nothing that the deltas bring again",
                )


@requirement(
    "responses.events.item-id-constant",
    MUST,
    "The events of an output item all name it by the id under which it was announced.",
    on=STREAMS,
    source=(
        "openai:responses/streaming",
        "client:openai-python-responses",
        "github:EricLBuehler/mistral.rs#1944",
    ),
    remedy="Make the item's id once and use it in every event.",
)
def test_items_keep_their_id(response_stream: ResponseStream) -> None:
    named = [item for item in _items(response_stream) if item.id.is_text]
    if not named:
        raise Inconclusive("no item was announced with an id")
    for item in named:
        for event in item.events[1:]:
            told = event["item"]["id"] if event in item.done else event["item_id"]
            require(
                not told.given or told.value == item.id.value,
                told,
                expected=item.id.shown,
                beside=item.id,
            )


@requirement(
    "responses.events.item-closed",
    MUST,
    "Every announced output item is ended by response.output_item.done.",
    on=STREAMS,
    source=("openai:responses/streaming", "client:codex", "client:openai-python-responses"),
    remedy="Send response.output_item.done with the whole item: agents act on it.",
)
def test_items_are_closed(response_stream: ResponseStream) -> None:
    for item in _items(response_stream):
        require(
            len(item.done) > 0,
            item.added,
            expected="response.output_item.done for it",
            observed="none in the whole stream",
        )


@requirement(
    "responses.events.item-type-constant",
    MUST,
    "An output item has the same type when it is done as when it was announced.",
    on=STREAMS,
    source=("openai:responses/streaming", "client:openai-python-responses"),
    remedy="Announce an item when it is known what it is.",
)
def test_items_keep_their_type(response_stream: ResponseStream) -> None:
    for item in _done(response_stream):
        told = item.item["type"]
        expected = f"the type as announced, which is {item.type.shown}"
        require(told.value == item.type.value, told, expected=expected, beside=item.type)


@requirement(
    "responses.events.item-status",
    SHOULD,
    "An output item is announced `in_progress`, and done `completed` or `incomplete`.",
    on=STREAMS,
    source=("openai:responses/streaming", "github:diegosouzapw/OmniRoute#13964"),
    remedy="Send the item's status in both events.",
)
def test_items_have_a_status(response_stream: ResponseStream) -> None:
    for item in _done(response_stream):
        if item.type.value == "reasoning":
            continue
        began, ended = item.added["item"]["status"], item.item["status"]
        require(began.value == "in_progress", began, expected='"in_progress"')
        require(
            ended.value in ("completed", "incomplete"), ended, expected="completed or incomplete"
        )


@requirement(
    "responses.events.nothing-after-item",
    MUST,
    "No event of an output item comes after its response.output_item.done.",
    on=STREAMS,
    source=("openai:responses/streaming", "openresponses:spec"),
    remedy="End an item when nothing more comes of it.",
)
def test_nothing_follows_an_item(response_stream: ResponseStream) -> None:
    _done(response_stream)
    for event in response_stream.late:
        require(False, event["type"], expected="nothing more of an item that is done")


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
    texts = [text for item in _items(response_stream) for text in item.shown if text.dones]
    if not texts:
        raise Inconclusive("no text is ended by its .done event")
    for text in texts:
        for event in text.deltas:
            require(
                _number(event) < _number(text.dones[0]),
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
    deltas = response_stream.of_type(*DELTAS)
    if not deltas:
        raise Inconclusive("there is no delta")
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
    output = _final_output(response_stream)
    for item in _messages(response_stream):
        for text in item.shown:
            if text.deltas:
                _same(text.within(output[item.index]), text.joined, text)


@requirement(
    "responses.events.final-items",
    MUST,
    "The response in the terminal event has the output items that were streamed, in their order.",
    on=STREAMS,
    source=(
        "openai:responses/streaming",
        "client:openai-python-responses",
        "github:majiayu000/litellm-rs#541",
        "github:open-webui/open-webui#27800",
    ),
    remedy="Put every item that was announced into `output`, reasoning too, at its index.",
)
def test_the_final_response_has_the_items(response_stream: ResponseStream) -> None:
    output = _final_output(response_stream)
    streamed = [item.type.value for item in _items(response_stream)]
    final = [item["type"].value for item in output]
    require(
        final == streamed,
        output,
        expected=f"items of the types {', '.join(map(shown, streamed))}",
        observed=f"items of the types {', '.join(map(shown, final)) or 'none'}",
    )


@requirement(
    "responses.events.final-ids",
    MUST,
    "The output items in the terminal event have the ids under which they were streamed.",
    on=STREAMS,
    source=(
        "openai:responses/streaming",
        "client:openai-python-responses",
        "github:EricLBuehler/mistral.rs#1944",
        "github:vllm-project/vllm#47916",
    ),
    remedy="Make an item's id once and use it in the final object too.",
)
def test_the_final_items_keep_their_ids(response_stream: ResponseStream) -> None:
    output = _final_output(response_stream)
    named = [item for item in _items(response_stream) if item.id.is_text]
    if not named:
        raise Inconclusive("no item was announced with an id")
    for item in named:
        final = output[item.index]["id"]
        if output[item.index]["type"].value == item.type.value:
            require(final.value == item.id.value, final, expected=item.id.shown, beside=item.id)


@requirement(
    "responses.events.final-same",
    SHOULD,
    "The response in the terminal event has each output item just as it was when it was done.",
    on=STREAMS,
    source=("openai:responses/streaming", "openresponses:spec"),
    remedy="Collect the items that are done, and send these very items at the end.",
)
def test_the_final_items_are_the_done_ones(response_stream: ResponseStream) -> None:
    output = _final_output(response_stream)
    for item in _done(response_stream):
        final = output[item.index]
        if final.is_object and final["type"].value == item.type.value:
            last, done = parted(final, item.item)
            found, wanted = contrasted(last.value, done.value)
            require(
                last.value == done.value,
                last,
                expected=f"{wanted}, as when the item was done",
                observed=f"{last.path} is {found}",
                beside=done,
            )


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
        raise Inconclusive("there is no text")
    for event in events:
        require(event["logprobs"].is_array, event["logprobs"], expected="an array")


@requirement(
    "responses.events.schema",
    SHOULD,
    "Every event of a documented type has the documented members, each of the documented kind.",
    on=STREAMS,
    source=("openai:responses/streaming", "openresponses:spec"),
    remedy="Compare the event with fixtures/schemas/responses/events/.",
)
def test_schema(response_stream: ResponseStream) -> None:
    documented = [
        (event, name)
        for event in response_stream.payloads
        if event["type"].is_text and known(name := f"responses/events/{event['type'].value}")
    ]
    if not documented:
        raise Inconclusive("there is no event of a documented type")
    for event, name in documented:
        wrong = violations(name, event.value)
        require(
            not wrong,
            event,
            expected=f"a {event['type'].value} event",
            observed=listed(wrong),
        )


def _indexed(stream: ResponseStream) -> list[Located]:
    events = stream.of_type(*INDEXED)
    if not events:
        raise Inconclusive("there is no event of an output item")
    return events


def _items(stream: ResponseStream) -> list[StreamedItem]:
    if not stream.items:
        raise Inconclusive("no output item was announced under an integer output_index")
    return stream.items


def _done(stream: ResponseStream) -> list[StreamedItem]:
    done = [item for item in _items(stream) if item.done]
    if not done:
        raise Inconclusive("no output item is done")
    return done


def _messages(stream: ResponseStream) -> list[StreamedItem]:
    messages = [item for item in _items(stream) if item.type.value == "message"]
    if not messages:
        raise Inconclusive("there is no message")
    return messages


def _message_texts(stream: ResponseStream) -> list[StreamedText]:
    texts = [text for item in _messages(stream) for text in item.shown]
    if not texts:
        raise Inconclusive("there is no text of a message")
    return texts


def _final_output(stream: ResponseStream) -> Located:
    _items(stream)
    output = stream.final.root["output"]
    if not output.is_array:
        raise Inconclusive("the terminal event has no output to compare with")
    return output


def _same(whole: Located, joined: str, text: StreamedText) -> None:
    require_text(
        whole,
        joined,
        source=f"what {len(text.deltas)} deltas brought",
        beside=text.deltas[-1]["delta"],
    )


def _number(payload: Located) -> int:
    return payload.event.number if payload.event else -1
