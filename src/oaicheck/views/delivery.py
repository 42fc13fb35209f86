"""The delivery of a streamed answer: the pieces of generated text and their arrival times."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from oaicheck.rules.judging import Inconclusive, NotApplicable, at_span, require
from oaicheck.views.chat import ChatStream
from oaicheck.views.responses import DELTA_EVENTS, ResponseStream
from oaicheck.wire.exchange import Exchange, Located
from oaicheck.wire.sse import Event

LONG_ANSWER = 50
"""The number of tokens from which an answer is long enough to watch it grow."""

SHORTEST_GENERATION = 0.3
"""The time in seconds below which generation is too short to watch it."""

_FEW = 4
"""An answer with at most this many tokens counts as one that stopped after one token."""

_TEXTS = ("content", "reasoning_content", "reasoning")


@dataclass(frozen=True)
class Delivery:
    """The pieces of generated text in a stream, and their events."""

    texts: tuple[Located, ...]

    @cached_property
    def events(self) -> list[Event]:
        """The events with new text, each once, in the order in which they arrived."""
        events = {text.event.number: text.event for text in self.texts if text.event is not None}
        return list(events.values())

    @property
    def characters(self) -> int:
        """The total number of characters."""
        return sum(len(text.value) for text in self.texts)

    @property
    def first(self) -> float:
        """When the first piece arrived, in seconds since the request was sent."""
        return self.events[0].at

    @property
    def last(self) -> float:
        """When the last piece arrived."""
        return self.events[-1].at

    @property
    def span(self) -> float:
        """Seconds between the first piece and the last."""
        return self.last - self.first

    @property
    def longest_wait(self) -> float:
        """The longest time without a piece, between the request and the last piece, in seconds."""
        times = [0.0, *(event.at for event in self.events)]
        return max(later - earlier for earlier, later in pairwise(times))

    @property
    def is_spread(self) -> bool:
        """Whether pieces arrived all the time: the longest gap is at most half of it."""
        return self.last >= SHORTEST_GENERATION and self.longest_wait <= self.last / 2

    @property
    def interval(self) -> float:
        """The average time between two events, in seconds."""
        return self.span / max(1, len(self.events) - 1)

    @property
    def arrivals(self) -> int:
        """The number of arrivals: events that arrived together count once."""
        return len({event.at for event in self.events})


def delivery_of(stream: ChatStream) -> Delivery:
    """The delivery of text, reasoning and tool call arguments."""
    return _delivery(piece for entry in stream.entries for piece in _brought(entry))


def arguments_of(stream: ChatStream) -> Delivery:
    """The delivery of tool call arguments only."""
    return _delivery(part for entry in stream.entries for part in _arguments(entry))


def response_delivery_of(stream: ResponseStream) -> Delivery:
    """The delivery of a response's text, reasoning and function call arguments."""
    return _delivery(event["delta"] for event in stream.of_type(*DELTA_EVENTS))


def written_tokens(stream: ChatStream) -> int:
    """The number of tokens in a stream, from its pieces or its usage, whichever is higher."""
    return max(len(delivery_of(stream).events), stream.completion_tokens or 0)


def require_as_generated(delivery: Delivery, counted: int, beginning: ChatStream) -> None:
    """Require that a long answer arrived while it was generated, and not only at the end.

    `counted` is the token count in usage. `beginning` is the answer to a request for one token,
    which shows how long everything except generation takes. Raises Inconclusive, or NotApplicable
    if generation was too short to watch.
    """
    if counted > delivery.characters:
        raise Inconclusive("most tokens are not in the stream: the model may have been thinking")
    if delivery.is_spread:
        return
    if written_tokens(beginning) > _FEW:
        raise Inconclusive(
            f"{beginning.exchange.id} asked for one token and got "
            f"{written_tokens(beginning)}: the generation time is unknown"
        )
    generating = delivery.last - beginning.exchange.ended_at
    if generating < SHORTEST_GENERATION:
        raise NotApplicable(
            f"generation took only {max(0.0, generating):.2f} s: too short to tell whether output "
            "was held back"
        )
    first = delivery.texts[0]
    require(
        delivery.span >= generating / 4,
        first,
        expected=f"pieces spread over the {generating:.2f} s of generation",
        observed=f"nothing for {delivery.first:.2f} s, then all {len(delivery.events)} pieces "
        f"within {delivery.span:.2f} s; a one-token answer takes "
        f"{beginning.exchange.ended_at:.2f} s; the headers arrived after "
        f"{first.exchange.headers_at or 0:.2f} s",
        beside=beginning.exchange,
    )


def require_undisturbed(disturbed: Iterable[Exchange]) -> None:
    """Require that no exchange broke only because others ran at the same time."""
    for exchange in disturbed:
        require(
            False,
            at_span(exchange, exchange.events[-1]) if exchange.events else exchange,
            expected="a complete response, as for the same request alone",
            observed=f"{exchange.ending} while other requests ran: {exchange.detail}",
        )


def _delivery(pieces: Iterable[Located]) -> Delivery:
    return Delivery(tuple(piece for piece in pieces if piece.is_text))


def _brought(entry: Located) -> list[Located]:
    return [entry["delta"][name] for name in _TEXTS] + _arguments(entry)


def _arguments(entry: Located) -> list[Located]:
    return [call["function"]["arguments"] for call in entry["delta"]["tool_calls"]]
