"""Reasoning items: the model's reasoning, in separate items and nowhere else."""

import re

from oaicheck.rules import (
    MUST,
    NO_RESPONSE_USAGE,
    SHOULD,
    Inconclusive,
    NotApplicable,
    require,
    require_text,
    requirement,
)
from oaicheck.views import (
    THINKING_TAGS,
    Located,
    ResponseObject,
    ResponseStream,
    StreamedItem,
    StreamedText,
    lacking,
)

THINKING = "responses/stream/reasoning"
RESPONSES = (
    "responses/whole/*",
    "responses/stream/text",
    "responses/stream/length",
    "responses/stream/reasoning",
)
_PARTS = {"summary": "summary_text", "content": "reasoning_text"}
_TELLING = 8
"""Two texts of fewer words may be the same by chance."""


@requirement(
    "responses.reasoning.no-tags",
    MUST,
    "The text of a message contains no reasoning tags.",
    on=RESPONSES,
    source=("openai:responses/reasoning", "seed:opencode#Reasoning Content"),
    remedy="Remove the reasoning from the text and send it as an item of type `reasoning`.",
)
def test_no_tags_in_the_text(response: ResponseObject) -> None:
    if not response.text:
        raise lacking(response, "there is no text")
    for text in response.texts:
        found = [tag for tag in THINKING_TAGS if text.is_string and tag in text.value]
        require(not found, text, expected="no reasoning tags", observed=", ".join(found))


@requirement(
    "responses.reasoning.summary",
    MUST,
    "A reasoning item has `summary`, an array, even if it is empty.",
    on=THINKING,
    source=("openai:responses/reasoning", "client:codex", "client:ai-sdk-openai"),
    remedy="Send `summary: []` if there is no summary.",
)
def test_summary(response: ResponseObject) -> None:
    for item in _items(response):
        require(item["summary"].is_array, item["summary"], expected="an array")


@requirement(
    "responses.reasoning.part-types",
    SHOULD,
    "The parts of a reasoning item are `summary_text` in `summary` and `reasoning_text` in "
    "`content`, each with a string `text`.",
    on=THINKING,
    source=("openai:responses/reasoning", "github:mudler/LocalAI#9658"),
    remedy="Send reasoning in these parts, not as `output_text`.",
)
def test_parts(response: ResponseObject) -> None:
    for item in _items(response):
        for holder, kind in _PARTS.items():
            for part in item[holder]:
                require(part["type"].value == kind, part["type"], expected=f'"{kind}"')
                require(part["text"].is_string, part["text"], expected="a string")


@requirement(
    "responses.reasoning.first",
    SHOULD,
    "The first reasoning item comes before the first message.",
    on=THINKING,
    source=("openai:responses/reasoning", "github:ai-dynamo/dynamo#11604"),
    remedy="Send the reasoning item when the model generates it, not at the end.",
)
def test_reasoning_comes_first(response: ResponseObject) -> None:
    thoughts = _items(response)
    if not response.messages:
        raise Inconclusive("there is no message")
    first = response.messages[0]
    require(
        _position(thoughts[0]) < _position(first),
        thoughts[0],
        expected="reasoning before the first message",
        beside=first,
    )


@requirement(
    "responses.reasoning.joins",
    MUST,
    "The joined deltas of reasoning, or of its summary, equal the text in the .done event.",
    on=THINKING,
    source=("openai:responses/streaming", "github:ai-dynamo/dynamo#11604"),
    remedy="Send every piece once, and the complete text in the .done event.",
)
def test_deltas_join_to_the_done_text(response_stream: ResponseStream) -> None:
    judged = [text for text in _texts(response_stream) if text.deltas and text.dones]
    if not judged:
        raise Inconclusive(
            "the reasoning does not have both deltas and a .done event",
            told_by=("responses.reasoning.done",),
        )
    for text in judged:
        for whole in text.whole:
            require_text(
                whole,
                text.joined,
                source=f"the {len(text.deltas)} deltas joined",
                beside=text.deltas[-1]["delta"],
            )


@requirement(
    "responses.reasoning.item",
    MUST,
    "The reasoning item in response.output_item.done has the text that was streamed.",
    on=THINKING,
    source=("openai:responses/streaming", "client:codex", "github:majiayu000/litellm-rs#541"),
    remedy="Put the streamed text into response.output_item.done.",
)
def test_the_item_has_the_text(response_stream: ResponseStream) -> None:
    for item in _streamed(response_stream):
        if not item.done:
            raise Inconclusive(
                "the reasoning has no response.output_item.done",
                told_by=("responses.events.item-closed",),
            )
        for text in item.shown:
            if text.deltas:
                told = text.within(item.item)
                require_text(
                    told,
                    text.joined,
                    source=f"the {len(text.deltas)} deltas joined",
                    beside=text.deltas[-1]["delta"],
                )


@requirement(
    "responses.reasoning.done",
    SHOULD,
    "Exactly one .done event ends each text of streamed reasoning.",
    on=THINKING,
    source=("openai:responses/streaming", "github:ai-dynamo/dynamo#11604"),
    remedy="Send one response.reasoning_text.done or one response.reasoning_summary_text.done for "
    "each text.",
)
def test_reasoning_is_done(response_stream: ResponseStream) -> None:
    for text in _texts(response_stream):
        require(
            len(text.dones) == 1,
            text.first,
            expected="one .done event for the text",
            observed=f"{len(text.dones)} of them",
        )


@requirement(
    "responses.reasoning.summary-parts",
    SHOULD,
    "Each part of a streamed summary has one response.reasoning_summary_part.added and one .done.",
    on=THINKING,
    source=("openai:responses/streaming", "client:ai-sdk-openai"),
    remedy="Send response.reasoning_summary_part.added before the part's text, and .done after it.",
)
def test_summary_parts_are_opened_and_closed(response_stream: ResponseStream) -> None:
    summaries = [text for text in _texts(response_stream) if text.holder == "summary"]
    if not summaries:
        raise Inconclusive("there is no summary")
    for text in summaries:
        require(
            len(text.opened) == len(text.closed) == 1,
            text.first,
            expected="one response.reasoning_summary_part.added and one .done for the part",
            observed=f"{len(text.opened)} and {len(text.closed)}",
        )


@requirement(
    "responses.reasoning.not-repeated",
    MUST,
    "The text of a message does not repeat the reasoning.",
    on=THINKING,
    source=("openai:responses/reasoning", "seed:opencode#Reasoning Content"),
    remedy="Send the model's reasoning only as reasoning.",
)
def test_reasoning_is_not_repeated(response: ResponseObject) -> None:
    for item in _items(response):
        for part in [*item["content"], *item["summary"]]:
            thought = part["text"]
            if thought.is_string and len(re.findall(r"\w+", thought.value)) >= _TELLING:
                repeating = [t for t in response.texts if t.is_string and thought.value in t.value]
                require(
                    thought.value not in response.text,
                    *repeating[:1] or [thought],
                    expected="a text without the reasoning",
                    beside=thought,
                )


@requirement(
    "responses.reasoning.summary-own",
    SHOULD,
    "The summary of a reasoning item is not the text of its content, word for word.",
    on=THINKING,
    source=("openai:responses/reasoning", "github:peonist-ai/halogen-flash-server#67"),
    remedy="Send the reasoning once: as `reasoning_text` in `content`, with `summary: []`, unless "
    "you have a real summary. Clients that show both print every word twice.",
    since="2026.2",
)
def test_the_summary_is_not_the_reasoning(response: ResponseObject) -> None:
    both = [item for item in _items(response) if len(item["content"]) and len(item["summary"])]
    if not both:
        raise NotApplicable("no reasoning item has both content and a summary")
    for item in both:
        content, summary = _words(item["content"]), _words(item["summary"])
        require(
            summary != content or len(content) < _TELLING,
            item["summary"],
            expected="a summary, or [] because `content` has the reasoning",
            observed=f"the same {len(content)} words as in `content`",
            beside=item["content"],
        )


@requirement(
    "responses.reasoning.counted",
    SHOULD,
    "If a response shows reasoning, its usage counts reasoning tokens.",
    on=THINKING,
    source=("openai:responses/object#usage", "github:BigPizzaV3/CodexPlusPlus#1919"),
    remedy="Send `usage.output_tokens_details.reasoning_tokens`.",
)
def test_reasoning_is_counted(response: ResponseObject) -> None:
    shown = [
        part
        for item in _items(response)
        for part in [*item["content"], *item["summary"]]
        if part["text"].is_text
    ]
    if not shown:
        raise Inconclusive("no reasoning is shown")
    counted = response.usage["output_tokens_details"]["reasoning_tokens"]
    if not response.usage["output_tokens_details"].given:
        raise Inconclusive("usage has no details", told_by=NO_RESPONSE_USAGE, anywhere=True)
    require(counted.is_integer and counted.value > 0, counted, expected="more than 0")


def _items(response: ResponseObject) -> list[Located]:
    found = response.of_type("reasoning")
    if not found:
        raise NotApplicable("the model shows no reasoning")
    return found


def _streamed(stream: ResponseStream) -> list[StreamedItem]:
    if not stream.reasoning:
        raise NotApplicable("the model shows no reasoning")
    return stream.reasoning


def _texts(stream: ResponseStream) -> list[StreamedText]:
    texts = [text for item in _streamed(stream) for text in item.shown]
    if not texts:
        raise NotApplicable("the model shows no text of its reasoning")
    return texts


def _words(parts: Located) -> list[str]:
    """The words of all parts of a reasoning item's content or summary."""
    texts = [part["text"].value for part in parts if part["text"].is_string]
    return re.findall(r"\w+", " ".join(texts))


def _position(item: Located) -> int:
    step = item.steps[-1]
    return step if isinstance(step, int) else -1
