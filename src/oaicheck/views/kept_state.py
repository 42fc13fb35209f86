"""The view of a conversation that the endpoint was asked to keep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from oaicheck.rules.judging import Inconclusive, NotApplicable, status_line
from oaicheck.views.refusal import is_a_refusal, is_rate_limited
from oaicheck.wire.exchange import Exchange
from oaicheck.wire.recording import Conversation


@dataclass(frozen=True)
class KeptState:
    """A conversation that the endpoint was asked to keep.

    In the scenario `responses/state` its requests are a first response, a second one that continues
    it, the first one retrieved, its input items, its deletion, and its retrieval after that. Each
    is None where it was not sent.
    """

    turns: Mapping[int, Exchange]

    @property
    def first(self) -> Exchange:
        """The first response."""
        return self.turns[1]

    @property
    def continued(self) -> Exchange | None:
        """The response that continues it."""
        return self.turns.get(2)

    @property
    def retrieved(self) -> Exchange | None:
        """The first response, asked for by its id."""
        return self.turns.get(3)

    @property
    def input_items(self) -> Exchange | None:
        """The input of the first response."""
        return self.turns.get(4)

    @property
    def deleted(self) -> Exchange | None:
        """The deletion of the first response."""
        return self.turns.get(5)

    @property
    def gone(self) -> Exchange | None:
        """The first response, asked for after its deletion."""
        return self.turns.get(6)


def kept_state(conversation: Conversation) -> KeptState:
    """The view of a conversation that the endpoint was asked to keep."""
    return KeptState({exchange.turn: exchange for exchange in conversation.turns})


def continuation_in(state: KeptState) -> Exchange:
    """The answer to the continuation; raises NotApplicable where it was refused."""
    continued = state.continued
    if continued is None:
        raise Inconclusive("the response was not continued: the conversation ended early")
    if is_rate_limited(continued):
        raise Inconclusive(f"the response was not continued: {status_line(continued)}")
    if is_a_refusal(continued):
        raise NotApplicable(f"the endpoint keeps no state and says so: {status_line(continued)}")
    return continued
