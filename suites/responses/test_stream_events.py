"""The output items of a streamed response: announced, ended, and repeated at the end."""

from oaicheck.rules import (
    MUST,
    NO_STREAMED_ITEM,
    SHOULD,
    Inconclusive,
    contrasted,
    first_difference,
    require,
    requirement,
)
from oaicheck.views import (
    ITEM_ADDED,
    ITEM_DONE,
    ITEM_EVENTS,
    Located,
    ResponseStream,
    StreamedItem,
    final_output_of,
    has_schema,
    in_one_line,
    items_of,
    lacking,
    shown,
    violations,
)

STREAMS = "responses/stream/*"
ENDED = ("completed", "incomplete", "failed")


@requirement(
    "responses.events.output-index",
    MUST,
    "Every event of an output item has an `output_index`, a non-negative integer.",
    on=STREAMS,
    source=(
        "openai:responses/streaming",
        "client:openai-python-responses",
        "client:ai-sdk-openai",
    ),
    remedy="Send the item's position in `output` with each of its events.",
)
def test_output_index(response_stream: ResponseStream) -> None:
    for event in _indexed(response_stream):
        index = event["output_index"]
        require(index.is_integer and index.value >= 0, index, expected="a non-negative integer")


@requirement(
    "responses.events.item-id",
    MUST,
    "Every event within an output item has an `item_id`, a non-empty string.",
    on=STREAMS,
    source=("openai:responses/streaming", "client:ai-sdk-openai", "github:vllm-project/vllm#24788"),
    remedy="Send the id of the item with each of its events.",
)
def test_item_id(response_stream: ResponseStream) -> None:
    for event in _indexed(response_stream):
        if event["type"].value not in (ITEM_ADDED, ITEM_DONE):
            require(event["item_id"].is_text, event["item_id"], expected="a non-empty string")


@requirement(
    "responses.events.item-announced",
    MUST,
    "An output item is announced by response.output_item.added before its other events.",
    on=STREAMS,
    follows=("responses.events.output-index",),
    source=(
        "openai:responses/streaming",
        "client:openai-python-responses",
        "github:BerriAI/litellm#36375",
    ),
    remedy="Send response.output_item.added, with the same `output_index`, before any other event "
    "of the item.",
)
def test_items_are_announced(response_stream: ResponseStream) -> None:
    _indexed(response_stream)
    for event in response_stream.unannounced:
        require(
            False,
            event["output_index"],
            expected="the index of an announced item",
            observed=f"{event['type'].shown} for output_index {event['output_index'].shown}, "
            "which was not announced",
        )


@requirement(
    "responses.events.item-announced-once",
    MUST,
    "Each `output_index` is announced only once.",
    on=STREAMS,
    source=("openai:responses/streaming", "client:openai-python-responses"),
    remedy="Give every output item its own index.",
)
def test_items_are_announced_once(response_stream: ResponseStream) -> None:
    items_of(response_stream)
    for event in response_stream.repeated:
        require(False, event["output_index"], expected="an unused index")


@requirement(
    "responses.events.item-order",
    SHOULD,
    "Output items are announced in the order of their indexes, from 0 and without gaps.",
    on=STREAMS,
    follows=("responses.events.output-index",),
    source=("openai:responses/streaming", "github:Oaklight/llm-rosetta#418"),
    remedy="Count the items of all types together: reasoning, messages and calls.",
)
def test_items_are_in_order(response_stream: ResponseStream) -> None:
    for position, item in enumerate(items_of(response_stream)):
        index = item.added["output_index"]
        require(item.index == position, index, expected=str(position))


@requirement(
    "responses.events.item-empty",
    MUST,
    "An output item whose content comes in deltas is announced without content.",
    on=STREAMS,
    source=("openai:responses/streaming", "client:openai-python-responses"),
    remedy='Announce `content: []` and `arguments: ""`: clients append the deltas to the announced '
    "content.",
)
def test_items_are_announced_empty(response_stream: ResponseStream) -> None:
    for item in items_of(response_stream):
        if any(text.deltas for text in item.shown):
            for name in ("content", "arguments", "summary", "input"):
                member = item.added["item"][name]
                require(
                    not member.given or member.value in ("", []),
                    member,
                    expected="an empty value, because deltas bring the content",
                )


@requirement(
    "responses.events.item-id-constant",
    MUST,
    "All events of an output item name it by the id with which it was announced.",
    on=STREAMS,
    source=(
        "openai:responses/streaming",
        "client:openai-python-responses",
        "github:EricLBuehler/mistral.rs#1944",
    ),
    remedy="Create the item's id once, and use it in every event.",
)
def test_items_keep_their_id(response_stream: ResponseStream) -> None:
    named = [item for item in items_of(response_stream) if item.id.is_text]
    if not named:
        raise lacking(
            response_stream.final,
            "the stream announces no item with an id",
            told_by=("responses.items.id",),
        )
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
    "Every announced output item has a response.output_item.done.",
    on=STREAMS,
    source=("openai:responses/streaming", "client:codex", "client:openai-python-responses"),
    remedy="Send response.output_item.done with the whole item: agents act on it.",
)
def test_items_are_closed(response_stream: ResponseStream) -> None:
    for item in items_of(response_stream):
        require(
            len(item.done) > 0,
            item.added,
            expected="response.output_item.done for the item",
            observed="none in the whole stream",
        )


@requirement(
    "responses.events.item-type-constant",
    MUST,
    "An output item has the same `type` in response.output_item.done as in its announcement.",
    on=STREAMS,
    source=("openai:responses/streaming", "client:openai-python-responses"),
    remedy="Announce an item only when its type is known.",
)
def test_items_keep_their_type(response_stream: ResponseStream) -> None:
    for item in _done(response_stream):
        told = item.item["type"]
        expected = f"{item.type.shown}, as announced"
        require(told.value == item.type.value, told, expected=expected, beside=item.type)


@requirement(
    "responses.events.item-status",
    SHOULD,
    "A message or a function call is announced as `in_progress`, and ends as `completed`, "
    "`incomplete` or `failed`.",
    on=STREAMS,
    source=("openai:responses/streaming", "github:diegosouzapw/OmniRoute#13964"),
    remedy="Send the item's status in response.output_item.added and in response.output_item.done.",
)
def test_items_have_a_status(response_stream: ResponseStream) -> None:
    for item in _done(response_stream):
        if not item.type.is_one_of(("message", "function_call")):
            continue
        began, ended = item.added["item"]["status"], item.item["status"]
        require(began.value == "in_progress", began, expected='"in_progress"')
        require(ended.is_one_of(ENDED), ended, expected="completed, incomplete or failed")


@requirement(
    "responses.events.nothing-after-item",
    MUST,
    "No event of an output item comes after its response.output_item.done.",
    on=STREAMS,
    source=("openai:responses/streaming", "openresponses:spec"),
    remedy="Send response.output_item.done after all other events of the item.",
)
def test_nothing_follows_an_item(response_stream: ResponseStream) -> None:
    _done(response_stream)
    for event in response_stream.late:
        require(
            False, event["type"], expected="no event of an item after its response.output_item.done"
        )


@requirement(
    "responses.events.final-items",
    MUST,
    "The terminal event has items of the same types, in the same order, as the streamed output "
    "items.",
    on=STREAMS,
    follows=("responses.object.output",),
    source=(
        "openai:responses/streaming",
        "client:openai-python-responses",
        "github:majiayu000/litellm-rs#541",
        "github:open-webui/open-webui#27800",
    ),
    remedy="Put every announced item, reasoning included, into `output` at its index.",
)
def test_the_final_response_has_the_items(response_stream: ResponseStream) -> None:
    output = final_output_of(response_stream)
    streamed = [item.type.value for item in items_of(response_stream)]
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
    "The output items in the terminal event have the ids with which they were announced.",
    on=STREAMS,
    follows=("responses.events.final-items",),
    source=(
        "openai:responses/streaming",
        "client:openai-python-responses",
        "github:EricLBuehler/mistral.rs#1944",
        "github:vllm-project/vllm#47916",
    ),
    remedy="Create an item's id once, and use it in the terminal event too.",
)
def test_the_final_items_keep_their_ids(response_stream: ResponseStream) -> None:
    output = final_output_of(response_stream)
    named = [item for item in items_of(response_stream) if item.id.is_text]
    if not named:
        raise lacking(
            response_stream.final,
            "the stream announces no item with an id",
            told_by=("responses.items.id",),
        )
    for item in named:
        final = output[item.index]["id"]
        if output[item.index]["type"].value == item.type.value:
            require(final.value == item.id.value, final, expected=item.id.shown, beside=item.id)


@requirement(
    "responses.events.final-same",
    SHOULD,
    "Each output item in the terminal event equals the item in its response.output_item.done.",
    on=STREAMS,
    follows=("responses.events.final-items",),
    source=("openai:responses/streaming", "openresponses:spec"),
    remedy="Collect the items of response.output_item.done, and send them unchanged in the "
    "terminal event.",
)
def test_the_final_items_are_the_done_ones(response_stream: ResponseStream) -> None:
    output = final_output_of(response_stream)
    for item in _done(response_stream):
        final = output[item.index]
        if final.is_object and final["type"].value == item.type.value:
            last, done = first_difference(final, item.item)
            found, wanted = contrasted(last.value, done.value)
            require(
                last.value == done.value,
                last,
                expected=f"{wanted}, as in response.output_item.done",
                observed=f"{last.path} is {found}",
                beside=done,
            )


@requirement(
    "responses.events.schema",
    SHOULD,
    "Every event of a documented type has the documented members with the documented types.",
    on=STREAMS,
    follows=(
        "responses.stream.type",
        "responses.stream.sequence-number",
        "responses.events.output-index",
        "responses.events.item-id",
        "responses.events.content-index",
        "responses.events.part-given",
        "responses.events.delta",
        "responses.events.logprobs",
        "responses.object.schema",
        "responses.items.schema",
    ),
    source=("openai:responses/streaming", "openresponses:spec"),
    remedy="Compare the event with what `oaicheck schema responses/events/TYPE` prints, where TYPE "
    "is its type.",
)
def test_schema(response_stream: ResponseStream) -> None:
    documented = [
        (event, name)
        for event in response_stream.payloads
        if event["type"].is_text and has_schema(name := f"responses/events/{event['type'].value}")
    ]
    if not documented:
        raise Inconclusive(
            "there is no event of a documented type",
            told_by=("responses.stream.json", "responses.stream.type"),
        )
    for event, name in documented:
        wrong = violations(name, event.value)
        require(
            not wrong,
            event,
            expected=f"a {event['type'].value} event",
            observed=in_one_line(wrong),
        )


def _indexed(stream: ResponseStream) -> list[Located]:
    events = stream.of_type(*ITEM_EVENTS)
    if not events:
        raise lacking(
            stream.final, "the stream has no event of an output item", told_by=NO_STREAMED_ITEM
        )
    return events


def _done(stream: ResponseStream) -> list[StreamedItem]:
    done = [item for item in items_of(stream) if item.done]
    if not done:
        raise lacking(
            stream.final,
            "the stream has no response.output_item.done",
            told_by=("responses.events.item-closed",),
        )
    return done
