"""How an endpoint takes a request that may not be right, and what any answer to it has to be."""

from __future__ import annotations

from dataclasses import dataclass

from oaicheck.rules.judging import Place, at_span, require
from oaicheck.views.answers import error_within
from oaicheck.views.chat import ChatStream
from oaicheck.views.refusal import Refusal
from oaicheck.wire.exchange import Ending, Exchange


@dataclass(frozen=True)
class Reaction:
    """The last thing that came to a request, if anything came."""

    exchange: Exchange

    @property
    def ended(self) -> bool:
        """Whether the answer came to its end."""
        return self.exchange.ending is Ending.COMPLETE

    @property
    def refused(self) -> bool:
        """Whether the status says that the request failed."""
        return (self.exchange.status or 0) >= 400

    @property
    def unreadable(self) -> Place | None:
        """What of a success is neither a JSON object nor an event with one."""
        if self.exchange.json is not None:
            return None if self.exchange.json.is_object else self.exchange.json
        if not self.exchange.events:
            return self.exchange
        malformed = self.exchange.derived(ChatStream).malformed
        return at_span(self.exchange, malformed[0]) if malformed else None

    @property
    def error_in_success(self) -> Place | None:
        """The error that an answer holds whose status tells of none."""
        return error_within(self.exchange)


def require_an_end(reaction: Reaction) -> None:
    """Require that the answer came, and came to its end."""
    require(
        reaction.ended,
        reaction.exchange,
        expected="an answer that comes to its end",
        observed=f"{reaction.exchange.ending}: {reaction.exchange.detail}",
    )


def require_no_server_error(exchange: Exchange, beside: Exchange | None = None) -> None:
    """Require a status that does not blame the endpoint; `beside` is what it served without."""
    require((exchange.status or 0) < 500, exchange, expected="HTTP 200, or a 4xx", beside=beside)


def require_a_form(reaction: Reaction) -> None:
    """Require an error with a message where it was refused, else a JSON object or a stream."""
    if reaction.refused:
        message = Refusal(reaction.exchange).message
        require(message.is_text, message, expected="an error.message that is not empty")
        return
    unreadable, error = reaction.unreadable, reaction.error_in_success
    if unreadable is not None:
        require(False, unreadable, expected="a JSON object, or a stream")
    if error is not None:
        require(False, error, expected="no error in a success")
