"""The views of an exchange, and when there is nothing to judge in it.

Each function raises Undecided if there is nothing to judge. Whether the endpoint answered at all,
and with the right kind of response, is a separate requirement.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from oaicheck.rules.judging import (
    Inconclusive,
    NotApplicable,
    Undecided,
    Unserved,
    status_line,
)
from oaicheck.rules.told import NO_CALL, NO_OUTPUT, NO_RESPONSE, NO_STREAMED_ITEM
from oaicheck.views.answered import Answered
from oaicheck.views.chat import ChatStream, Completion, requested
from oaicheck.views.refusal import Refusal, error_in
from oaicheck.views.responses import ResponseObject, ResponseStream, StreamedItem
from oaicheck.wire.exchange import Exchange, Located


def stream_of(exchange: Exchange) -> ChatStream:
    """The view of a stream. Raises Inconclusive if nothing was streamed."""
    if exchange.status != 200 or not exchange.events:
        raise Unserved(
            "there is no stream to judge", exchange, told_by=("chat.framing.is-a-stream",)
        )
    return exchange.derived(ChatStream)


def completion_of(exchange: Exchange) -> Completion:
    """The view of a chat completion. Raises Inconclusive if there is none.

    Raises NotApplicable if there is only an error, in spite of the status.
    """
    root = exchange.json
    if exchange.status != 200 or root is None or not root.is_object:
        raise Unserved(
            "there is no chat completion to judge", exchange, told_by=("chat.completion.is-json",)
        )
    if not root.has("choices") and error_in(root) is not None:
        raise NotApplicable(
            "the response is an error under status 200: chat.completion.no-error and "
            "errors.refused.not-in-a-success judge that"
        )
    return Completion(exchange, root)


def refusal_of(exchange: Exchange) -> Refusal:
    """The view of a refusal. Raises NotApplicable if the request was served.

    Whether the endpoint had to refuse it is a separate requirement.
    """
    if exchange.status is None or exchange.status < 400:
        raise NotApplicable(f"the request was not refused: {status_line(exchange)}")
    return Refusal(exchange)


def decided_of(exchange: Exchange) -> Exchange:
    """The exchange, if the request was served or refused. Raises Inconclusive for a 5xx.

    A server error breaks another requirement, and does not show how the endpoint refuses.
    """
    if exchange.status is not None and exchange.status >= 500:
        raise Unserved("a server error is not a refusal", exchange)
    return exchange


def client_error_of(exchange: Exchange) -> Refusal:
    """The view of a refusal with a 4xx. Raises as `refusal_of`, and Inconclusive for a 5xx.

    Whether the status had to be a 4xx is a separate requirement.
    """
    return refusal_of(decided_of(exchange))


def error_body_of(exchange: Exchange) -> Refusal:
    """The view of a refusal with a JSON object as its body. Raises as `refusal_of`.

    Raises Inconclusive for any other body, which is a separate requirement.
    """
    refusal = refusal_of(exchange)
    if not refusal.body.is_object:
        raise Inconclusive(
            "the body is not a JSON object (judged by errors.body.is-json)",
            told_by=("errors.body.is-json",),
        )
    return refusal


class NoCallError(Inconclusive):
    """The model called no tool."""

    def __init__(self) -> None:
        super().__init__("the model called no tool", told_by=NO_CALL)


def calling_of(exchange: Exchange) -> Completion:
    """The view of a chat completion with at least one tool call. Raises Inconclusive otherwise."""
    completion = completion_of(exchange)
    if not completion.tool_calls:
        raise NoCallError
    return completion


def calling_stream_of(exchange: Exchange) -> ChatStream:
    """The view of a stream with at least one tool call. Raises Inconclusive otherwise."""
    stream = stream_of(exchange)
    if not stream.tool_call_deltas:
        raise NoCallError
    return stream


def answered_of(exchange: Exchange) -> Answered:
    """The view of a chat answer, streamed if the request asked for it. Raises Inconclusive."""
    streamed = requested(exchange, "stream") is True
    return Answered(stream_of(exchange) if streamed else completion_of(exchange))


def response_of(exchange: Exchange) -> ResponseObject:
    """The response object of a body, or of the end of a stream. Raises Inconclusive if absent."""
    streamed = requested(exchange, "stream") is True
    root = response_stream_of(exchange).final.root if streamed else exchange.json
    if exchange.status != 200 or root is None or not root.is_object:
        raise Unserved("there is no response to judge", exchange, told_by=NO_RESPONSE)
    return ResponseObject(root)


def response_stream_of(exchange: Exchange) -> ResponseStream:
    """The view of a streamed response. Raises Inconclusive if nothing was streamed."""
    if exchange.status != 200 or not exchange.events:
        raise Unserved(
            "there is no stream to judge", exchange, told_by=("responses.stream.is-a-stream",)
        )
    return ResponseStream(exchange)


def items_of(stream: ResponseStream) -> list[StreamedItem]:
    """The announced output items of a streamed response. Raises `lacking` if there are none."""
    if not stream.items:
        raise lacking(
            stream.final,
            "no output item was announced with an integer output_index",
            told_by=NO_STREAMED_ITEM,
        )
    return stream.items


def lacking(response: ResponseObject, what: str, told_by: tuple[str, ...] = NO_OUTPUT) -> Undecided:
    """The exception to raise if a response has nothing to judge; `what` says what it lacks.

    NotApplicable if thinking used up the request's token limit, otherwise Inconclusive.
    `told_by` names the requirements that judge what it lacks.
    """
    if response.cut_before_message:
        return NotApplicable(f"the token limit ended the response before a message: {what}")
    return Inconclusive(what, told_by=told_by)


def final_output_of(stream: ResponseStream) -> Located:
    """The final output of a stream that announced items. Raises Inconclusive if there is none."""
    items_of(stream)
    output = stream.final.root["output"]
    if not output.is_array:
        raise Inconclusive(
            "the terminal event has no output to compare with", told_by=("responses.object.output",)
        )
    return output


OF_AN_EXCHANGE: Mapping[str, Callable[[Exchange], Any]] = {
    "exchange": lambda exchange: exchange,
    "answered": answered_of,
    "stream": stream_of,
    "completion": completion_of,
    "calling": calling_of,
    "calling_stream": calling_stream_of,
    "refusal": refusal_of,
    "client_error": client_error_of,
    "decided": decided_of,
    "error_body": error_body_of,
    "response": response_of,
    "response_stream": response_stream_of,
}
"""The views of the exchange to judge, by the name of a check's parameter."""
