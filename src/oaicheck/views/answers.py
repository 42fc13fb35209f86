"""Views of any kind of answer: its text, its ids, and its error."""

from __future__ import annotations

from dataclasses import dataclass

from oaicheck.rules.judging import Place, at_span
from oaicheck.views.chat import ChatStream
from oaicheck.views.kept import kept
from oaicheck.views.refusal import error_in
from oaicheck.wire.coding import decoded
from oaicheck.wire.exchange import Exchange, Located
from oaicheck.wire.json_text import ABSENT


def answer_text(exchange: Exchange) -> str:
    """The text of a streamed answer, joined; for anything else the body."""
    return exchange.derived(_said)


def words_said(exchange: Exchange, words: frozenset[str]) -> frozenset[str]:
    """Those of these words that the text of an answer contains."""
    return kept(exchange, _Saying(words))


def completion_id(exchange: Exchange) -> Located:
    """The id of a completion, streamed or not; absent if the response is not a completion."""
    return kept(exchange, _completion_id)


def _completion_id(exchange: Exchange) -> Located:
    exchange = decoded(exchange)
    chunks = exchange.derived(ChatStream).generation_chunks
    if chunks:
        return chunks[0]["id"]
    root = exchange.json
    if root is None or not root["choices"].is_array:
        return Located(ABSENT, ("id",), exchange)
    return root["id"]


def call_ids(exchange: Exchange) -> list[Located]:
    """The ids of the tool calls in a chat answer, streamed or not; streamed ones only once."""
    return kept(exchange, _call_ids)


def error_within(exchange: Exchange) -> Place | None:
    """The error inside a response: that of its body or of an event, or an error event."""
    if exchange.json is not None:
        return error_in(exchange.json)
    for payload in exchange.derived(ChatStream).payloads:
        if (error := error_in(payload)) is not None:
            return error
        if payload["type"].value == "error":
            return payload
    named = (event for event in exchange.events if event.type == "error")
    return next((at_span(exchange, event) for event in named), None)


@dataclass(frozen=True, slots=True)
class _Saying:
    words: frozenset[str]

    def __call__(self, exchange: Exchange) -> frozenset[str]:
        text = answer_text(exchange)
        return frozenset(word for word in self.words if word in text)


def _said(exchange: Exchange) -> str:
    exchange = decoded(exchange)
    if exchange.events:
        return "\n".join(choice.content for choice in exchange.derived(ChatStream).choices)
    return exchange.text


def _call_ids(exchange: Exchange) -> list[Located]:
    exchange = decoded(exchange)
    streamed = exchange.derived(ChatStream).tool_calls
    if streamed:
        begun = (call.deltas[0]["id"] for call in streamed)
        return [given for given in begun if given.is_text]
    root = exchange.json
    choices = () if root is None else root["choices"]
    calls = (call for choice in choices for call in choice["message"]["tool_calls"])
    return [call["id"] for call in calls if call["id"].is_text]
