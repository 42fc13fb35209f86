"""The bench: a recording under judgement, with the circumstances in which it was made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from oaicheck.capability import Capability, refused_capability
from oaicheck.judging import Inconclusive, NoAnswer, NotApplicable, status_line
from oaicheck.profile import Profile
from oaicheck.recording import Conversation, Recording
from oaicheck.scenario import Scenario
from oaicheck.wire.exchange import Exchange

_RATE_LIMITED = (429, 503)


@dataclass(slots=True)
class Bench:
    """Hands each check the exchange it judges, or says why there is none.

    `facts` describe the target as it was when the recording was made, so that a replay judges as
    the run itself did.
    """

    profile: Profile
    scenarios: Mapping[str, Scenario]
    capabilities: Mapping[str, Capability]
    facts: Mapping[str, Any]
    recording: Recording
    _conversations: dict[str, Conversation | None] = field(default_factory=dict)

    def lacking(self, scenario: Scenario) -> str | None:
        """Why a scenario is not worth sending to this target, or None."""
        target = self.facts.get("target", {})
        declared = target.get("capabilities", {})
        for name in scenario.needs:
            if name == "key":
                if not target.get("authenticated"):
                    return "the target has no key"
            elif declared.get(name) is False:
                return f"the target declares that it lacks {self.capabilities[name].title}"
        return None

    def conversation(self, scenario: Scenario) -> Conversation:
        """All exchanges of a scenario; raises NotApplicable or NoAnswer."""
        if scenario.name not in self._conversations:
            self._conversations[scenario.name] = self.recording.conversation(scenario.name)
        found = self._conversations[scenario.name]
        if found is None:
            reason = self.lacking(scenario)
            raise NotApplicable(reason) if reason else NoAnswer(f"{scenario.name} was not sent")
        return found

    def exchange(self, scenario: Scenario) -> Exchange:
        """The answer to judge: the last turn of a scenario's last attempt.

        Raises NotApplicable, NoAnswer, or Inconclusive where rates are limited.
        """
        exchange = self.conversation(scenario).turns[-1]
        if not exchange.answered:
            raise NoAnswer(f"{exchange.id}: {exchange.ending}: {exchange.detail}")
        if exchange.status in _RATE_LIMITED:
            raise Inconclusive(f"{exchange.id}: rate limited or overloaded: HTTP {exchange.status}")
        refused = refused_capability(exchange, scenario.needs, self.capabilities)
        if refused is not None:
            raise NotApplicable(f"{exchange.id}: the endpoint refuses {refused.title}")
        if exchange.turn < len(scenario.turns):
            raise Inconclusive(
                f"{exchange.id}: the conversation ended early: {status_line(exchange)}"
            )
        return exchange
