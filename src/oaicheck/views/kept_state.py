"""The view of a conversation that the endpoint was asked to store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from oaicheck.rules.judging import Inconclusive, NotApplicable, Unserved, status_line
from oaicheck.views.refusal import is_a_refusal, is_rate_limited
from oaicheck.wire.exchange import Exchange
from oaicheck.wire.recording import Conversation


@dataclass(frozen=True)
class KeptState:
    """A conversation that the endpoint was asked to store.

    The scenario `responses/state` creates a response, continues it with a second one, retrieves the
    first one, lists its input items, deletes it, and tries to retrieve it again. Each exchange is
    None if the request was not sent.
    """

    turns: Mapping[int, Exchange]

    @property
    def first(self) -> Exchange:
        """The first response."""
        return self.turns[1]

    @property
    def continued(self) -> Exchange | None:
        """The response that continues the first one."""
        return self.turns.get(2)

    @property
    def retrieved(self) -> Exchange | None:
        """The first response, retrieved by its id."""
        return self.turns.get(3)

    @property
    def input_items(self) -> Exchange | None:
        """The input items of the first response."""
        return self.turns.get(4)

    @property
    def deleted(self) -> Exchange | None:
        """The deletion of the first response."""
        return self.turns.get(5)

    @property
    def gone(self) -> Exchange | None:
        """The attempt to retrieve the first response after its deletion."""
        return self.turns.get(6)


def kept_state(conversation: Conversation) -> KeptState:
    """The view of a conversation that the endpoint was asked to store."""
    return KeptState({exchange.turn: exchange for exchange in conversation.turns})


def continuation_in(state: KeptState) -> Exchange:
    """The exchange that continues the first response. Raises NotApplicable if it was refused."""
    continued = state.continued
    if continued is None:
        raise Inconclusive("the response was not continued: the conversation ended early")
    if is_rate_limited(continued):
        raise Unserved("the response was not continued", continued)
    if is_a_refusal(continued):
        raise NotApplicable(
            f"the endpoint does not store responses, and says so: {status_line(continued)}"
        )
    return continued
