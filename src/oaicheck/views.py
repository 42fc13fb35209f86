"""What a check may ask for by the names of its arguments, and how that is had from a bench.

Each view ends the check without a breach where there is nothing to judge: that a request was
answered at all, and by the right kind of answer, is a requirement of its own.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from oaicheck.answered import Answered
from oaicheck.bench import Bench
from oaicheck.chat import ChatStream, Completion, requested
from oaicheck.judging import Inconclusive, NoAnswer, NotApplicable, Undecided, status_line
from oaicheck.kept_state import kept_state
from oaicheck.opencode_setup import setup_in
from oaicheck.recording import Conversation
from oaicheck.refusal import Refusal
from oaicheck.requirement import Requirement
from oaicheck.responses import ResponseObject, ResponseStream, StreamedItem
from oaicheck.scenario import Answer, Scenario
from oaicheck.wire.exchange import Exchange
from oaicheck.wire.located import Located


class ViewError(TypeError):
    """A check asks for a view that is not there."""


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

_OF_AN_ANSWER: Mapping[Answer, str] = {
    Answer.STREAM: "stream",
    Answer.COMPLETION: "completion",
    Answer.ERROR: "refusal",
    Answer.RESPONSE: "response",
    Answer.RESPONSE_STREAM: "response_stream",
}


def view(name: str, bench: Bench, scenario: Scenario, requirement: Requirement) -> Any:
    """The view of that name for a check; raises Undecided where there is nothing to judge.

    `against` is the answer that the requirement compares with, in the view that fits it;
    `conversation` is the scenario with all its turns and attempts, `opening` the answer to its
    first turn, a completion with at least one tool call; `first_response` that answer as a
    response, `reaction` what came, be it nothing, and `state` the conversation that the endpoint
    was asked to keep. `disturbed` are exchanges that broke beside others. `opencode_config` is the
    file that the target comes from, `client_run` what a real client got.
    """
    if name in OF_AN_EXCHANGE:
        return bench.exchange(scenario).derived(OF_AN_EXCHANGE[name])
    if name == "against":
        if requirement.against is None:
            raise ViewError(f"{requirement.id} names no exchange to compare against")
        other = bench.scenarios[requirement.against]
        fitting = _OF_AN_ANSWER.get(other.answer, "exchange")
        return bench.exchange(other).derived(OF_AN_EXCHANGE[fitting])
    if name == "conversation":
        return _answered(bench.conversation(scenario))
    if name == "disturbed":
        return bench.disturbed(scenario)
    if name == "reaction":
        return bench.reaction(scenario)
    if name == "client_run":
        return bench.client_run(scenario)
    if name == "opening":
        return calling_of(bench.opening(scenario))
    if name == "first_response":
        return response_of(bench.opening(scenario))
    if name == "state":
        response_of(bench.opening(scenario))
        return kept_state(_answered(bench.conversation(scenario)))
    if name == "opencode_config":
        return setup_in(bench.facts)
    if name in ("bench", "profile", "scenario"):
        return {"bench": bench, "profile": bench.profile, "scenario": scenario}[name]
    raise ViewError(f"{requirement.id}: no view is named {name!r}")


VIEWS = (
    *OF_AN_EXCHANGE,
    "against",
    "conversation",
    "opening",
    "disturbed",
    "reaction",
    "client_run",
    "first_response",
    "state",
    "opencode_config",
    "bench",
    "profile",
)
"""Every name that `view` knows, but the scenario itself."""


@cache
def views_of(check: Callable[..., None]) -> tuple[str, ...]:
    """The names of the views that a check asks for."""
    return tuple(inspect.signature(check).parameters)


def judge(
    check: Callable[..., None], bench: Bench, scenario: Scenario, requirement: Requirement
) -> BaseException | None:
    """Run a check outside pytest; what it raised, or None where the requirement is met."""
    try:
        check(**{name: view(name, bench, scenario, requirement) for name in views_of(check)})
    except Exception as raised:
        return raised
    return None


def _answered(conversation: Conversation) -> Conversation:
    for exchange in conversation.turns:
        if not exchange.answered:
            raise NoAnswer.to(exchange)
    return conversation
