"""The output items of a streamed response: announced, closed, and told again at the end."""

from oaicheck.rules import (
    MUST,
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
    items_of(response_stream)
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
    for position, item in enumerate(items_of(response_stream)):
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
    for item in items_of(response_stream):
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
    named = [item for item in items_of(response_stream) if item.id.is_text]
    if not named:
        raise lacking(response_stream.final, "no item was announced with an id")
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
    for item in items_of(response_stream):
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
def test_the_final_response_has_theitems_of(response_stream: ResponseStream) -> None:
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
    output = final_output_of(response_stream)
    named = [item for item in items_of(response_stream) if item.id.is_text]
    if not named:
        raise lacking(response_stream.final, "no item was announced with an id")
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
    output = final_output_of(response_stream)
    for item in _done(response_stream):
        final = output[item.index]
        if final.is_object and final["type"].value == item.type.value:
            last, done = first_difference(final, item.item)
            found, wanted = contrasted(last.value, done.value)
            require(
                last.value == done.value,
                last,
                expected=f"{wanted}, as when the item was done",
                observed=f"{last.path} is {found}",
                beside=done,
            )


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
        if event["type"].is_text and has_schema(name := f"responses/events/{event['type'].value}")
    ]
    if not documented:
        raise Inconclusive("there is no event of a documented type")
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
        raise lacking(stream.final, "there is no event of an output item")
    return events


def _done(stream: ResponseStream) -> list[StreamedItem]:
    done = [item for item in items_of(stream) if item.done]
    if not done:
        raise lacking(stream.final, "no output item is done")
    return done
