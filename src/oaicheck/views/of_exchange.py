"""Which view an exchange offers, and when there is nothing in it to judge.

Each function ends the check without a breach where there is nothing to judge: whether a request was
answered at all, and by the right kind of answer, is a requirement of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from oaicheck.rules.judging import Inconclusive, NotApplicable, Undecided, status_line
from oaicheck.views.answered import Answered
from oaicheck.views.chat import ChatStream, Completion, requested
from oaicheck.views.refusal import Refusal
from oaicheck.views.responses import ResponseObject, ResponseStream, StreamedItem
from oaicheck.wire.exchange import Exchange, Located


def stream_of(exchange: Exchange) -> ChatStream:
    """The view of a stream; raises Inconclusive where nothing was streamed."""
    if exchange.status != 200 or not exchange.events:
        raise Inconclusive(f"there is no stream to judge: {status_line(exchange)}")
    return exchange.derived(ChatStream)


def completion_of(exchange: Exchange) -> Completion:
    """The view of a chat completion; raises Inconclusive where there is none."""
    root = exchange.json
    if exchange.status != 200 or root is None or not root.is_object:
        raise Inconclusive(f"there is no chat completion to judge: {status_line(exchange)}")
    return Completion(exchange, root)


def refusal_of(exchange: Exchange) -> Refusal:
    """The view of a refusal; raises NotApplicable where the request was served.

    Whether it should have been refused is a requirement of its own.
    """
    if exchange.status is None or exchange.status < 400:
        raise NotApplicable(f"the request was not refused: {status_line(exchange)}")
    return Refusal(exchange)


def decided_of(exchange: Exchange) -> Exchange:
    """The exchange, if the request was served or refused; raises Inconclusive for a 5xx.

    A server error is a breach of its own, and says nothing of how an endpoint refuses.
    """
    if exchange.status is not None and exchange.status >= 500:
        raise Inconclusive(f"a server error is no refusal: {status_line(exchange)}")
    return exchange


def client_error_of(exchange: Exchange) -> Refusal:
    """The view of a refusal with a 4xx; raises as `refusal_of`, and Inconclusive for a 5xx.

    Whether the endpoint should have blamed the client is a requirement of its own.
    """
    return refusal_of(decided_of(exchange))


def error_body_of(exchange: Exchange) -> Refusal:
    """The view of a refusal whose body is a JSON object; raises as `refusal_of`, and Inconclusive.

    Whether it is one is a requirement of its own.
    """
    refusal = refusal_of(exchange)
    if not refusal.body.is_object:
        raise Inconclusive("the body is no JSON object: errors.body.is-json judges that")
    return refusal


def calling_of(exchange: Exchange) -> Completion:
    """The view of a chat completion with at least one tool call; raises Inconclusive."""
    completion = completion_of(exchange)
    if not completion.tool_calls:
        raise Inconclusive("the model called no tool")
    return completion


def calling_stream_of(exchange: Exchange) -> ChatStream:
    """The view of a stream with at least one tool call; raises Inconclusive."""
    stream = stream_of(exchange)
    if not stream.tool_call_deltas:
        raise Inconclusive("the model called no tool")
    return stream


def answered_of(exchange: Exchange) -> Answered:
    """The view of a chat answer, of the kind that was asked for; raises Inconclusive."""
    streamed = requested(exchange, "stream") is True
    return Answered(stream_of(exchange) if streamed else completion_of(exchange))


def response_of(exchange: Exchange) -> ResponseObject:
    """The response object of an answer, or of a stream's end; raises Inconclusive."""
    streamed = requested(exchange, "stream") is True
    root = response_stream_of(exchange).final.root if streamed else exchange.json
    if exchange.status != 200 or root is None or not root.is_object:
        raise Inconclusive(f"there is no response to judge: {status_line(exchange)}")
    return ResponseObject(root)


def response_stream_of(exchange: Exchange) -> ResponseStream:
    """The view of a streamed response; raises Inconclusive where nothing was streamed."""
    if exchange.status != 200 or not exchange.events:
        raise Inconclusive(f"there is no stream to judge: {status_line(exchange)}")
    return ResponseStream(exchange)


def items_of(stream: ResponseStream) -> list[StreamedItem]:
    """The announced output items of a streamed response; raises Inconclusive where none is."""
    if not stream.items:
        raise lacking(stream.final, "no output item was announced under an integer output_index")
    return stream.items


def lacking(response: ResponseObject, what: str) -> Undecided:
    """What to raise where a response has nothing to judge: `what` says what it lacks.

    NotApplicable where thinking took all the tokens that the request allowed; else Inconclusive.
    """
    if response.cut_before_message:
        return NotApplicable(f"the token limit ended the response before a message: {what}")
    return Inconclusive(what)


def final_output_of(stream: ResponseStream) -> Located:
    """The output at the end of a stream that announced items; raises Inconclusive."""
    items_of(stream)
    output = stream.final.root["output"]
    if not output.is_array:
        raise Inconclusive("the terminal event has no output to compare with")
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
"""The views of the answer to judge."""
