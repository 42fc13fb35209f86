"""Views of answers that refuse: the error object, and what should not stand in it."""

from __future__ import annotations

from dataclasses import dataclass

from oaicheck.wire.exchange import Exchange
from oaicheck.wire.located import ABSENT, Located


@dataclass(frozen=True)
class Refusal:
    """An answer with a status of 400 or above."""

    exchange: Exchange

    @property
    def status(self) -> int:
        """The status."""
        return self.exchange.status or 0

    @property
    def body(self) -> Located:
        """The body as JSON; absent where it is none."""
        found = self.exchange.json
        return Located(ABSENT, (), self.exchange) if found is None else found

    @property
    def error(self) -> Located:
        """The error object."""
        return self.body["error"]

    @property
    def message(self) -> Located:
        """The message for a person."""
        return self.error["message"]
