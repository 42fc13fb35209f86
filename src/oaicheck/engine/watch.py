"""The progress of sending, for whoever wants to show it."""

from __future__ import annotations

from oaicheck.wire.exchange import Exchange


class Watch:
    """Is notified of the progress of sending. This base class ignores it."""

    def sending(self, scenario: str) -> None:
        """A request of a scenario starts."""

    def recorded(self, exchange: Exchange) -> None:
        """An exchange has ended and is recorded."""

    def finished(self, scenario: str) -> None:
        """A scenario is finished: it sends nothing more."""
