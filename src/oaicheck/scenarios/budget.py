"""Budgets: which scenarios a run sends if it may send only so much.

`fixtures/quick.json` lists the scenarios, most revealing first. A run with a budget takes them in
this order while they fit. `docs/scenarios.md` says how the order is made.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from oaicheck.rules.requirement import Requirement
from oaicheck.scenarios.scenario import Scenario, matching

QUICK = 20
"""The number of requests of `--quick`."""

FACT = "budget"
"""The name of a budget in the facts of a recording."""

_FILE = "quick.json"
_LEAST_REQUESTS = 2


class BudgetError(ValueError):
    """The limits contradict each other, or nothing fits; the message says what to give."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What sending something takes: requests, and the tokens that the plan counts for them."""

    requests: int = 0
    tokens: int = 0

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.requests + other.requests, self.tokens + other.tokens)


@dataclass(frozen=True, slots=True)
class Need:
    """What one check needs: the scenario that it judges, the one to compare with, their company.

    `sent` are all scenarios that have to be sent before it can be judged.
    """

    requirement: str
    binding: bool
    scenario: str
    against: str | None
    sent: frozenset[str]

    @classmethod
    def of(
        cls,
        requirement: Requirement,
        scenario: str,
        known: Mapping[str, Scenario],
        *,
        binding: bool,
    ) -> Need:
        """What the check of a requirement on a scenario needs."""
        looked_at = [scenario] + ([requirement.against] if requirement.against else [])
        sent = with_company(looked_at, known)
        return cls(requirement.id, binding, scenario, requirement.against, sent)

    def is_met(self, chosen: Collection[str], possible: Collection[str]) -> bool:
        """Whether the check can be judged if the chosen ones of the possible scenarios are sent."""
        lacking = {name for name in self.sent if name not in chosen}
        return self.scenario not in lacking and lacking.isdisjoint(possible)


@dataclass(frozen=True, slots=True)
class Budget:
    """The most that a run may send. None means any number."""

    requests: int | None = None
    tokens: int | None = None
    quick: bool = False

    @classmethod
    def from_options(cls, options: Mapping[str, Any]) -> Budget:
        """Read `--quick`, `--max-requests` and `--max-tokens`. Raises BudgetError."""
        requests = _number(options, "max-requests", _LEAST_REQUESTS, ": the warm-up and a scenario")
        tokens = _number(options, "max-tokens", 1, "")
        quick = bool(options.get("quick"))
        if quick and requests not in (None, QUICK):
            raise BudgetError(
                f"--quick means --max-requests {QUICK}: leave out --quick or "
                f"--max-requests {requests}"
            )
        return cls(QUICK if quick else requests, tokens, quick)

    def __bool__(self) -> bool:
        """Whether there is a limit."""
        return self.requests is not None or self.tokens is not None

    @property
    def words(self) -> str:
        """The options that set it: `--quick --max-tokens 5000`."""
        words = ["--quick"] if self.quick else []
        if self.requests is not None and not self.quick:
            words.append(f"--max-requests {self.requests}")
        if self.tokens is not None:
            words.append(f"--max-tokens {self.tokens}")
        return " ".join(words)

    def allows(self, cost: Cost) -> bool:
        """Whether so much may be sent."""
        return self.share(cost) <= 1

    def share(self, cost: Cost) -> float:
        """The share of the budget that this takes, by the limit that is reached first."""
        shares = [
            used / limit
            for used, limit in ((cost.requests, self.requests), (cost.tokens, self.tokens))
            if limit is not None
        ]
        return max(shares, default=0.0)


@dataclass(slots=True)
class Allowance:
    """What is left of a budget while scenarios are sent. Retries count too.

    `costs` has the chosen scenarios, most revealing first. `facts` are for the recording: what a
    run without a budget would send.
    """

    budget: Budget = field(default_factory=Budget)
    costs: Mapping[str, Cost] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    spent: Cost = field(default_factory=Cost)
    refused: set[str] = field(default_factory=set)

    def begun(self, requests: int) -> None:
        """Note how many requests it took until the endpoint could be judged."""
        self.spent = Cost(requests, self.spent.tokens)

    def take(self, scenario: str, *, prepaid: bool = False) -> bool:
        """Count an attempt of a scenario. False, and nothing counts, if too little is left.

        The tokens of a `prepaid` one were counted before, with the first attempt.
        """
        if not self.budget:
            return True
        cost = self.costs.get(scenario)
        if cost is not None and prepaid:
            cost = Cost(cost.requests)
        if cost is None or not self.budget.allows(self.spent + cost):
            self.refused.add(scenario)
            return False
        self.spent += cost
        return True

    def spare(self) -> bool:
        """Count one small request that is in no scenario's cost. False if none is left."""
        one = Cost(1)
        if self.budget and not self.budget.allows(self.spent + one):
            return False
        self.spent += one
        return True

    def give_back(self, requests: int) -> None:
        """Note that an attempt ended so many requests before its end."""
        self.spent += Cost(-requests)


def load_order(fixtures: Path) -> tuple[str, ...]:
    """The names of the scenarios, most revealing first, from a fixtures folder."""
    return tuple(json.loads((fixtures / _FILE).read_text("utf-8"))["order"])


def in_order(names: Iterable[str], order: Iterable[str]) -> list[str]:
    """The names, most revealing first; those that the order lacks come last."""
    place = {name: number for number, name in enumerate(order)}
    return sorted(names, key=lambda name: place.get(name, math.inf))


def limited(facts: Mapping[str, Any], sent: Collection[str]) -> Mapping[str, Any]:
    """What a report says of a budget, from the facts of a recording and the scenarios in it.

    Empty if there was no budget, or if it left nothing out.
    """
    budget = facts.get(FACT)
    beginning = sum(name.partition("/")[0] == "warm-up" for name in sent)
    if budget is None or len(sent) - beginning >= budget["scenarios"]:
        return {}
    return {FACT: {"options": budget["options"], "of": budget["of"]}}


def with_company(names: Iterable[str], known: Mapping[str, Scenario]) -> frozenset[str]:
    """The names with those that are sent beside them."""
    names = frozenset(names)
    return names.union(*(known[name].beside for name in names))


def choose(
    needs: Iterable[Need],
    costs: Mapping[str, Cost],
    budget: Budget,
    *,
    spent: Cost,
    only: Sequence[str] = (),
) -> frozenset[str]:
    """The scenarios to send within a budget, of which `spent` is gone.

    `costs` has the scenarios that can be sent, most revealing first. Of each pattern in `only`, a
    requirement is judged at least once; raises BudgetError if the budget is too small for that.
    The rest of the budget goes to MUSTs first.
    """
    possible = [need for need in needs if need.scenario in costs]
    choice = _Choice(costs, budget, spent)
    choice.cover([_matched(pattern, possible) for pattern in only or ("*",)])
    if not budget.allows(choice.spent):
        raise BudgetError(_too_small(budget, choice.spent))
    if len(only) < 2:
        # Whatever comes first serves a single pattern; it need not be what costs least.
        choice = _Choice(costs, budget, spent)
    choice.fill([need for need in possible if need.binding])
    choice.fill(possible)
    return frozenset(choice.chosen)


class _Choice:
    """The scenarios that were chosen so far, and what they take."""

    def __init__(self, costs: Mapping[str, Cost], budget: Budget, spent: Cost) -> None:
        self.chosen: set[str] = set()
        self.spent = spent
        self._costs = costs
        self._budget = budget
        self._place = {name: number for number, name in enumerate(costs)}

    def cover(self, groups: Iterable[Collection[Need]]) -> None:
        """Choose what serves at least one need of each group, at the least cost."""
        left = [needs for needs in groups if needs]
        while left:
            serves = Counter(sent for needs in left for sent in {need.sent for need in needs})
            best = min(
                serves, key=lambda sent: (self._extra(sent) / serves[sent], self._rank(sent))
            )
            self._take(best)
            left = [
                needs
                for needs in left
                if not any(need.is_met(self.chosen, self._costs) for need in needs)
            ]

    def fill(self, needs: Iterable[Need]) -> None:
        """Choose what else fits, in the order of the scenarios."""
        by_name: dict[str, set[frozenset[str]]] = {}
        for need in needs:
            for name in (need.scenario, need.against):
                if name is not None and name in self._costs:
                    by_name.setdefault(name, set()).add(need.sent)
        for name in self._costs:
            fitting = [
                sent
                for sent in by_name.get(name, ())
                if self._budget.allows(self.spent + self._cost(sent))
            ]
            if fitting:
                self._take(min(fitting, key=lambda sent: (self._extra(sent), self._rank(sent))))

    def _take(self, sent: frozenset[str]) -> None:
        self.spent += self._cost(sent)
        self.chosen |= sent & self._costs.keys()

    def _cost(self, sent: frozenset[str]) -> Cost:
        """What these scenarios take in addition to the chosen ones."""
        more = (sent & self._costs.keys()) - self.chosen
        return sum((self._costs[name] for name in more), Cost())

    def _extra(self, sent: frozenset[str]) -> float:
        return self._budget.share(self._cost(sent))

    def _rank(self, sent: frozenset[str]) -> list[int]:
        return sorted(self._place[name] for name in sent & self._costs.keys())


def _matched(pattern: str, needs: Iterable[Need]) -> list[Need]:
    """The MUSTs that match a pattern, or all requirements that do if no MUST does."""
    found = [need for need in needs if matching([pattern], [need.requirement])]
    return [need for need in found if need.binding] or found


def _too_small(budget: Budget, needed: Cost) -> str:
    least = Budget(
        requests=budget.requests and max(budget.requests, needed.requests),
        tokens=budget.tokens and max(budget.tokens, needed.tokens),
    )
    return (
        f"{budget.words} is too little for what is selected: {least.words} is the smallest budget "
        "that works"
    )


def _number(options: Mapping[str, Any], name: str, least: int, why: str) -> int | None:
    given = options.get(name)
    if given is None:
        return None
    if not re.fullmatch("[0-9]{1,12}", str(given)) or int(given) < least:
        raise BudgetError(f"--{name} {given}: give a whole number, {least} or more{why}")
    return int(given)
