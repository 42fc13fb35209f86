"""The bench: the recording that is judged, with the target, profile and scenarios behind it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain, pairwise
from typing import Any

from oaicheck.rules.judging import Inconclusive, NoAnswer, NotApplicable, Unserved
from oaicheck.scenarios.capability import (
    KEYS,
    Capability,
    named_parameter,
    refused_capability,
)
from oaicheck.scenarios.profile import Profile
from oaicheck.scenarios.scenario import Scenario
from oaicheck.views.client_run import ClientRun, client_and_task, is_of_client
from oaicheck.views.reaction import Reaction
from oaicheck.views.refusal import is_rate_limited, ran_out_of_tokens, refusing
from oaicheck.wire.exchange import Ending, Exchange
from oaicheck.wire.recording import Conversation, Recording
from oaicheck.wire.silence import NOT_SENT, why_not_sent

_TIMED_OUT = (408, 504)
"""The statuses with which a gateway reports a timeout."""

COUNTED_PROMPTS = ("chat/whole/text", "chat/whole/non-ascii")
"""Scenarios with a short prompt and a longer one."""
_UNREACHED = (Ending.NOT_CONNECTED, Ending.TLS_FAILED)
"""Endings of requests that may never have reached the endpoint."""

_BROKEN = (Ending.NOT_CONNECTED, Ending.CUT, Ending.RESET)


@dataclass(slots=True)
class Bench:
    """Gives each check the exchange to judge, or says why there is none.

    `facts` describe the target at the time of the recording, so that a replay judges in the same
    way as the original run.
    """

    profile: Profile
    scenarios: Mapping[str, Scenario]
    capabilities: Mapping[str, Capability]
    facts: Mapping[str, Any]
    recording: Recording
    stopped: str = ""
    """Why the run stopped sending before its end; empty if it did not."""
    _conversations: dict[str, Conversation | None] = field(default_factory=dict)

    def lacking(self, scenario: Scenario) -> str | None:
        """Why a scenario should not be sent to this target, or None.

        A capability that the profile requires is tested even if the target declares it absent.
        """
        target = self.facts.get("target", {})
        declared = target.get("capabilities", {})
        if reason := self.facts.get("left_out", {}).get(scenario.name):
            return str(reason)
        if is_of_client(scenario):
            client = self.facts.get("clients", {}).get(client_and_task(scenario)[0], {})
            if reason := client.get("missing"):
                return str(reason)
        for name in scenario.needs:
            if name in KEYS:
                fact, words = KEYS[name]
                if not target.get(fact):
                    return f"needs {words}, which was not given"
            elif declared.get(name) is False and name not in self.profile.requires:
                return f"the target declares no support for {self.capabilities[name].title}"
        return None

    @property
    def promised(self) -> frozenset[str]:
        """The capabilities that the target declares to have, or that the profile requires."""
        declared = self.facts.get("target", {}).get("capabilities", {})
        return frozenset(
            (*self.profile.requires, *(name for name in declared if declared[name] is True))
        )

    def sent(self, scenario: str) -> Conversation | None:
        """All exchanges of the scenario with that name, or None if it was not sent."""
        if scenario not in self._conversations:
            self._conversations[scenario] = self.recording.conversation(scenario)
        return self._conversations[scenario]

    def has_company(self, scenarios: Iterable[str]) -> bool:
        """Whether all scenarios with these names were sent, except those that the target lacks."""
        return all(
            self.sent(name) is not None or self.lacking(self.scenarios[name]) is not None
            for name in scenarios
        )

    def conversation(self, scenario: Scenario) -> Conversation:
        """All exchanges of a scenario. Raises NotApplicable or NoAnswer if it was not sent."""
        found = self.sent(scenario.name)
        if found is None:
            if reason := self.lacking(scenario):
                raise NotApplicable(reason)
            if self.stopped:
                raise NoAnswer(f"not sent because {self.stopped}")
            why = why_not_sent(self.recording.exchanges)
            # Without the name of the scenario, all checks with this reason are one line.
            raise NoAnswer(f"{NOT_SENT}{why}" if why else f"{scenario.name} was not sent")
        return found

    def exchange(self, scenario: Scenario) -> Exchange:
        """The exchange to judge: the last turn of a scenario's last attempt.

        Raises NotApplicable, NoAnswer, or Inconclusive (rate limit, conversation ended early).
        """
        exchange = self._judgeable(self.conversation(scenario).turns[-1], scenario)
        # With `apart`, the later turns only follow if the first one is refused.
        ended = exchange.turn == len(scenario.turns) or (scenario.apart and exchange.turn == 1)
        if not ended:
            raise Unserved(f"{exchange.id}: the conversation ended early", exchange)
        return exchange

    def reaction(self, scenario: Scenario) -> Reaction:
        """The reaction to the last turn of a scenario's last attempt, even if no response came.

        Raises as `exchange` does, and NoAnswer if the request may not have reached the endpoint.
        """
        last = self.conversation(scenario).turns[-1]
        if last.ending in _UNREACHED:
            raise NoAnswer.to(last)
        return Reaction(self._judgeable(last, scenario) if last.answered else last)

    def client_run(self, scenario: Scenario) -> ClientRun:
        """The result of a real client, and its exchanges with the endpoint.

        Raises NoAnswer if the client cannot be run, sent no request, or cannot connect.
        """
        account, *exchanges = self.conversation(scenario).turns
        if not account.is_account:
            raise NoAnswer(f"{scenario.name} was interrupted")
        if account.ending is Ending.NOT_CONNECTED:
            raise NoAnswer(account.detail)
        run = ClientRun(account, tuple(exchanges))
        if not exchanges:
            said = account.detail or account.text
            raise NoAnswer(f"{account.request.url}: the client sent no request: {said}")
        if run.last.ending in _UNREACHED:
            raise NoAnswer.to(run.last)
        if run.last.answered:
            self._judgeable(run.last, scenario)
        return run

    def last_answer(self, scenario: Scenario) -> Exchange:
        """The answer to the last request. Raises Inconclusive if nothing arrived in time.

        The endpoint may have accepted the request and still be generating.
        """
        last = self.conversation(scenario).turns[-1]
        if last.ending is Ending.NO_FIRST_BYTE:
            raise Inconclusive(f"{last.id}: the endpoint was still busy with the request")
        return self.exchange(scenario)

    def opening(self, scenario: Scenario) -> Exchange:
        """The exchange of the last attempt's first turn. Raises as `exchange` does."""
        return self._judgeable(self.conversation(scenario).turns[0], scenario)

    def asked_apart(self, scenario: Scenario, turn: int) -> Exchange:
        """The exchange that decides about one thing of a scenario that asks `apart`.

        It is the first one, which asks for everything, if that was served; otherwise the one of
        this turn, which asks for this thing alone. Raises as `exchange` does.
        """
        together = self.opening(scenario)
        if together.status == 200:
            return together
        alone = [each for each in self.conversation(scenario).turns if each.turn == turn]
        if not alone:
            raise Unserved("it was not asked alone", together)
        return self._judgeable(alone[0], scenario)

    @property
    def answered(self) -> list[Exchange]:
        """Every exchange of the run with a response, in the order in which they ended."""
        return [exchange for exchange in self.recording.exchanges if exchange.answered]

    def disturbed(self, scenario: Scenario) -> list[Exchange]:
        """The exchanges of a scenario that broke while others ran, if it worked when run alone.

        Raises NotApplicable if no requests of the run were in flight at the same time, or NoAnswer.
        Which ones were is a matter of luck, and must not decide.
        """
        *earlier, last = self.conversation(scenario).attempts
        if scenario.alone or not self._is_concurrent():
            raise NotApplicable("no two requests were in flight at the same time")
        if not any(map(self.accompanied, (*chain.from_iterable(earlier), *last))):
            return []
        if any(turn.ending in _BROKEN or self.accompanied(turn) for turn in last):
            return []
        return [each for each in chain.from_iterable(earlier) if each.ending in _BROKEN]

    def accompanied(self, exchange: Exchange) -> bool:
        """Whether an exchange of another scenario ran at the same time."""
        return any(
            other.scenario != exchange.scenario and exchange.overlaps(other)
            for other in self.recording.exchanges
        )

    def _is_concurrent(self) -> bool:
        """Whether any two exchanges of different scenarios ran at the same time."""
        sent = sorted(self.recording.exchanges, key=lambda exchange: exchange.started)
        return any(a.scenario != b.scenario and a.overlaps(b) for a, b in pairwise(sent))

    def refuses(self, exchange: Exchange, capability: str) -> bool:
        """Whether a response shows that the endpoint lacks a capability, which nobody demands."""
        if self._served(capability) or self._is_claimed(capability):
            return False
        return refused_capability(exchange, [capability], self.capabilities) is not None

    def is_open(self) -> bool:
        """Whether the endpoint needs no key: it serves a missing key and a wrong key alike."""
        found = [self.sent(name) for name in ("auth/missing-key", "auth/wrong-key")]
        return all(each is not None and _is_served(each.turns[-1]) for each in found)

    def require_counted_prompts(self) -> None:
        """Raise Inconclusive if a longer prompt counts as many tokens as a short one.

        In that case prompt token counts prove nothing.
        """
        found = [self.sent(name) for name in COUNTED_PROMPTS]
        answers = [each.turns[-1].json for each in found if each is not None]
        counts = [root["usage"]["prompt_tokens"] for root in answers if root is not None]
        if len(counts) == 2 and all(count.is_integer for count in counts):
            short, longer = (count.value for count in counts)
            if short == longer:
                raise Inconclusive(
                    "prompt_tokens does not grow with the prompt (judged by "
                    "chat.usage.longer-prompt)",
                    told_by=("chat.usage.longer-prompt",),
                    anywhere=True,
                )

    def _judgeable(self, exchange: Exchange, scenario: Scenario) -> Exchange:
        if not exchange.answered:
            raise NoAnswer.to(exchange)
        if exchange.status in _TIMED_OUT:
            raise NoAnswer(f"{exchange.id}: the endpoint timed out: HTTP {exchange.status}")
        if is_rate_limited(exchange):
            raise Inconclusive(f"{exchange.id}: rate limited or overloaded: HTTP {exchange.status}")
        if (
            KEYS.keys() & set(scenario.needs)
            and "key" not in self.profile.requires
            and self.is_open()
        ):
            raise NotApplicable("the endpoint does not require a key")
        if ran_out_of_tokens(exchange) and scenario.turns[-1].limit_matters:
            raise NotApplicable(
                f"{exchange.id}: the model needs more tokens than the limit to think before it "
                "answers"
            )
        open_needs = [name for name in scenario.needs if not self._served(name)]
        refused = refused_capability(exchange, open_needs, self.capabilities)
        if refused is not None and not self._is_claimed(refused.name):
            words = refusing(refused.title, named_parameter(exchange, refused))
            raise NotApplicable(f"{exchange.id}: {words}")
        return exchange

    def _is_claimed(self, capability: str) -> bool:
        """Whether the profile requires a capability, or the target declares that it has it."""
        declared = self.facts.get("target", {}).get("capabilities", {})
        return capability in self.profile.requires or declared.get(capability) is True

    def _served(self, capability: str) -> bool:
        """Whether the endpoint served one of the scenarios that decide about a capability."""
        return any(
            exchange.status == 200
            for name in self.capabilities[capability].decided_by
            if (conversation := self.sent(name)) is not None
            for turns in conversation.attempts
            for exchange in turns
        )


def _is_served(exchange: Exchange) -> bool:
    """Whether a chat request got real content, not an error or an empty body with a status 200."""
    root = exchange.json
    return (
        exchange.status == 200
        and root is not None
        and any(choice["message"]["content"].is_text for choice in root["choices"])
    )
