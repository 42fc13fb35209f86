"""When a streamed answer came: the pieces that a model generated, and their arrival times."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from oaicheck.chat import ChatStream
from oaicheck.judging import at_span, require
from oaicheck.wire.exchange import Exchange
from oaicheck.wire.located import Located
from oaicheck.wire.sse import Event

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
