"""When a streamed answer came: the pieces that a model generated, and their arrival times."""

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
"""An answer of so many tokens is long enough to be seen growing."""

SHORTEST_GENERATION = 0.3
"""Seconds below which a generation is over too soon to be seen growing."""

_FEW = 4
"""An answer of no more tokens has stopped after about one."""

_TEXTS = ("content", "reasoning_content", "reasoning")


@dataclass(frozen=True)
class Delivery:
    """The pieces of generated text in a stream, and the events in which they came."""

    texts: tuple[Located, ...]

    @cached_property
    def events(self) -> list[Event]:
        """The events that bring something new, each once, in the order of their arrival."""
        events = {text.event.number: text.event for text in self.texts if text.event is not None}
        return list(events.values())

    @property
    def characters(self) -> int:
        """How much text came in all."""
        return sum(len(text.value) for text in self.texts)

    @property
    def first(self) -> float:
        """When the first piece was there, in seconds since the request was sent."""
        return self.events[0].at

    @property
    def last(self) -> float:
        """When the last piece was there."""
        return self.events[-1].at

    @property
    def span(self) -> float:
        """Seconds between the first piece and the last."""
        return self.last - self.first

    @property
    def longest_wait(self) -> float:
        """The longest time in which nothing came, from the request to the last piece."""
        times = [0.0, *(event.at for event in self.events)]
        return max(later - earlier for earlier, later in pairwise(times))

    @property
    def is_spread(self) -> bool:
        """Whether pieces came all the time: what was held back was so for half of it at most."""
        return self.last >= SHORTEST_GENERATION and self.longest_wait <= self.last / 2

    @property
    def interval(self) -> float:
        """Seconds from one event to the next, on average."""
        return self.span / max(1, len(self.events) - 1)

    @property
    def arrivals(self) -> int:
        """How many times something came: events that came together count once."""
        return len({event.at for event in self.events})


def delivery_of(stream: ChatStream) -> Delivery:
    """The delivery of text, reasoning, and the arguments of tool calls."""
    return _delivery(piece for entry in stream.entries() for piece in _brought(entry))


def arguments_of(stream: ChatStream) -> Delivery:
    """The delivery of the arguments of tool calls alone."""
    return _delivery(part for entry in stream.entries() for part in _arguments(entry))


def response_delivery_of(stream: ResponseStream) -> Delivery:
    """The delivery of a response's text, reasoning, and arguments of function calls."""
    return _delivery(event["delta"] for event in stream.of_type(*DELTA_EVENTS))


def written_tokens(stream: ChatStream) -> int:
    """How many tokens a stream brought, as far as its pieces or its usage tell."""
    return max(len(delivery_of(stream).events), stream.completion_tokens or 0)


def require_as_generated(delivery: Delivery, counted: int, beginning: ChatStream) -> None:
    """Require that a long answer came while it was generated, and not at its end.

    `counted` is how many tokens usage tells, `beginning` the answer to a request for one token: it
    tells how long everything but the generation takes. Raises Inconclusive, or NotApplicable where
    that was over at once.
    """
    if counted > delivery.characters:
        raise Inconclusive("most of the tokens are not shown: the model may have thought first")
    if delivery.is_spread:
        return
    if written_tokens(beginning) > _FEW:
        raise Inconclusive(
            f"{beginning.exchange.id} was to stop after one token and wrote "
            f"{written_tokens(beginning)}: it cannot be told how long generation took"
        )
    generating = delivery.last - beginning.exchange.ended_at
    if generating < SHORTEST_GENERATION:
        raise NotApplicable(
            f"generation took only {max(0.0, generating):.2f} s: nobody waits for what is held back"
        )
    first = delivery.texts[0]
    require(
        delivery.span >= generating / 4,
        first,
        expected=f"pieces over the {generating:.2f} s that generation took",
        observed=f"nothing for {delivery.first:.2f} s, then all {len(delivery.events)} pieces "
        f"within {delivery.span:.2f} s; one token takes {beginning.exchange.ended_at:.2f} s, and "
        f"the headers came after {first.exchange.headers_at or 0:.2f} s",
        beside=beginning.exchange,
    )


def require_undisturbed(disturbed: Iterable[Exchange]) -> None:
    """Require that no exchange broke that came whole when it was alone."""
    for exchange in disturbed:
        require(
            False,
            at_span(exchange, exchange.events[-1]) if exchange.events else exchange,
            expected="a whole answer, as the same request got alone",
            observed=f"{exchange.ending} beside others: {exchange.detail}",
        )


def _delivery(pieces: Iterable[Located]) -> Delivery:
    return Delivery(tuple(piece for piece in pieces if piece.is_text))


def _brought(entry: Located) -> list[Located]:
    return [entry["delta"][name] for name in _TEXTS] + _arguments(entry)


def _arguments(entry: Located) -> list[Located]:
    return [call["function"]["arguments"] for call in entry["delta"]["tool_calls"]]
