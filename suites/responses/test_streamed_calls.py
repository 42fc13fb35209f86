"""Function calls in a streamed response: their events fit together and give the final call."""

from oaicheck.rules import (
    MUST,
    NO_FUNCTION_CALL,
    NO_STREAMED_ITEM,
    Inconclusive,
    require,
    require_text,
    requirement,
)
from oaicheck.views import (
    Located,
    ResponseStream,
    StreamedItem,
    StreamedText,
    offered_functions,
    shown,
)

STREAM = "responses/stream/tool-call"


@requirement(
    "responses.tools.streamed-start",
    MUST,
    "A streamed function call is announced with its `call_id` and its complete `name`.",
    on=STREAM,
    source=(
        "openai:responses/streaming",
        "client:ai-sdk-openai",
        "client:openai-python-responses",
    ),
    remedy="Announce the call only when its name is complete.",
)
def test_streamed_calls_are_announced_with_their_name(response_stream: ResponseStream) -> None:
    offered = offered_functions(response_stream.exchange)
    for item in _streamed(response_stream):
        announced = item.added["item"]
        require(announced["call_id"].is_text, announced["call_id"], expected="a non-empty string")
        require(
            announced["name"].is_one_of(offered),
            announced["name"],
            expected=f"one of {shown(sorted(offered))}",
        )


@requirement(
    "responses.tools.streamed-constant",
    MUST,
    "A streamed function call keeps its `call_id` and `name` from its announcement to the terminal "
    "event.",
    on=STREAM,
    source=("openai:responses/streaming", "client:openai-python-responses"),
    remedy="Create the `call_id` once, and send the same name in every event.",
)
def test_streamed_calls_keep_call_id_and_name(response_stream: ResponseStream) -> None:
    finals = response_stream.final.root["output"]
    for item in _streamed(response_stream):
        announced = item.added["item"]
        for later in (item.item, finals[item.index]):
            same_kind = later["type"].value == "function_call"
            for name in ("call_id", "name") if same_kind else ():
                require(
                    later[name].value == announced[name].value,
                    later[name],
                    expected=f"{announced[name].shown}, as announced",
                    beside=announced[name],
                )


@requirement(
    "responses.tools.streamed-done",
    MUST,
    "Exactly one response.function_call_arguments.done ends the arguments of a streamed call.",
    on=STREAM,
    source=("openai:responses/streaming", "github:lidge-jun/opencodex#4652"),
    remedy="Send one response.function_call_arguments.done with the complete arguments.",
)
def test_streamed_arguments_are_done(response_stream: ResponseStream) -> None:
    for item in _streamed(response_stream):
        ends = sum(len(text.dones) for text in _arguments(item))
        require(
            ends == 1,
            item.added,
            expected="one response.function_call_arguments.done for the call",
            observed=f"{ends} of them",
        )


@requirement(
    "responses.tools.streamed-joins",
    MUST,
    "The joined argument deltas of a call equal the arguments in its .done event.",
    on=STREAM,
    source=("openai:responses/streaming", "github:anomalyco/opencode#44862"),
    remedy="Send every piece of the arguments once, including the closing brace.",
)
def test_argument_deltas_join(response_stream: ResponseStream) -> None:
    judged = [
        text
        for item in _streamed(response_stream)
        for text in _arguments(item)
        if text.deltas and text.dones
    ]
    if not judged:
        raise Inconclusive(
            "the call does not have both deltas and a .done event",
            told_by=("responses.tools.streamed-done",),
        )
    for text in judged:
        for whole in text.whole:
            _require_joined(whole, text)


@requirement(
    "responses.tools.streamed-item",
    MUST,
    "The function call in response.output_item.done has the arguments that were streamed.",
    on=STREAM,
    source=("openai:responses/streaming", "client:codex", "github:docker/docker-agent#3825"),
    remedy="Put the complete arguments into response.output_item.done: agents run the call from "
    "there.",
)
def test_the_item_has_the_arguments(response_stream: ResponseStream) -> None:
    for item in _streamed(response_stream):
        if not item.done:
            raise Inconclusive(
                "the call has no response.output_item.done",
                told_by=("responses.events.item-closed",),
            )
        for text in _arguments(item):
            if text.deltas or text.dones:
                whole = text.joined if text.deltas else text.whole[-1].value
                told = item.item["arguments"]
                require(
                    told.value == whole,
                    told,
                    expected=f"{shown(whole)}, as streamed",
                    beside=text.first,
                )


@requirement(
    "responses.tools.streamed-final",
    MUST,
    "The function call in the terminal event has the arguments that were streamed.",
    on=STREAM,
    source=("openai:responses/streaming", "client:openai-python-responses"),
    remedy="Put the item from response.output_item.done into `output` of the terminal event.",
)
def test_the_final_response_has_the_arguments(response_stream: ResponseStream) -> None:
    output = response_stream.final.root["output"]
    for item in _streamed(response_stream):
        final = output[item.index]
        if final["type"].value != "function_call":
            raise Inconclusive(
                "the terminal event does not contain the call",
                told_by=("responses.events.final-items",),
            )
        for text in _arguments(item):
            if text.deltas:
                _require_joined(final["arguments"], text)


def _streamed(stream: ResponseStream) -> list[StreamedItem]:
    if not stream.calls:
        raise Inconclusive(
            "the stream announces no function call with an integer output_index",
            told_by=(*NO_FUNCTION_CALL, *NO_STREAMED_ITEM),
        )
    return stream.calls


def _arguments(item: StreamedItem) -> list[StreamedText]:
    return [text for text in item.shown if text.holder == "arguments"]


def _require_joined(whole: Located, text: StreamedText) -> None:
    require_text(
        whole,
        text.joined,
        source=f"the {len(text.deltas)} deltas joined",
        beside=text.deltas[-1]["delta"],
    )
