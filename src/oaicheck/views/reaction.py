"""How an endpoint reacts to a request that may be invalid, and what every response must be."""

from __future__ import annotations

from dataclasses import dataclass

from oaicheck.rules.judging import Place, at_span, require
from oaicheck.views.answers import error_within
from oaicheck.views.chat import ChatStream
from oaicheck.views.refusal import Refusal
from oaicheck.wire.exchange import Ending, Exchange


@dataclass(frozen=True)
class Reaction:
    """The reaction to a request: a response, or none."""

    exchange: Exchange

    @property
    def ended(self) -> bool:
        """Whether the response is complete."""
        return self.exchange.ending is Ending.COMPLETE

    @property
    def refused(self) -> bool:
        """Whether the status says that the request failed."""
        return (self.exchange.status or 0) >= 400

    @property
    def unreadable(self) -> Place | None:
        """The part of a successful response that is neither a JSON object nor a JSON event."""
        if self.exchange.json is not None:
            return None if self.exchange.json.is_object else self.exchange.json
        if not self.exchange.events:
            return self.exchange
        malformed = self.exchange.derived(ChatStream).malformed
        return at_span(self.exchange, malformed[0]) if malformed else None

    @property
    def error_in_success(self) -> Place | None:
        """The error inside the response, whatever its status."""
        return error_within(self.exchange)


def require_an_end(reaction: Reaction) -> None:
    """Require a complete response."""
    require(
        reaction.ended,
        reaction.exchange,
        expected="a complete response",
        observed=f"{reaction.exchange.ending}: {reaction.exchange.detail}",
    )


def require_no_server_error(exchange: Exchange, beside: Exchange | None = None) -> None:
    """Require that the status is not a 5xx. `beside` is a similar request that was served."""
    require((exchange.status or 0) < 500, exchange, expected="HTTP 200 or 4xx", beside=beside)


def require_a_form(reaction: Reaction) -> None:
    """Require an error with a message if the request was refused, otherwise JSON or a stream."""
    if reaction.refused:
        message = Refusal(reaction.exchange).message
        require(message.is_text, message, expected="a non-empty error.message")
        return
    unreadable, error = reaction.unreadable, reaction.error_in_success
    if unreadable is not None:
        require(False, unreadable, expected="a JSON object or a stream")
    if error is not None:
        require(False, error, expected="no error in a successful response")
