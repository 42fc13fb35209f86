"""Who wants to hear how sending goes on."""

from __future__ import annotations

from oaicheck.wire.exchange import Exchange


class Watch:
    """Hears how sending goes on. This one does not care; others inherit from it."""

    def sending(self, scenario: str) -> None:
        """A request of a scenario goes out."""

    def recorded(self, exchange: Exchange) -> None:
        """What came back was recorded."""

    def finished(self, scenario: str) -> None:
        """Nothing more will be sent for a scenario."""
