"""Keeps a run within its budget: chooses what it sends, and the checks that this allows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import TYPE_CHECKING

import pytest

from oaicheck.plugin.conformance import Conformance
from oaicheck.plugin.items import Check
from oaicheck.preflight.problem import UsageProblem
from oaicheck.report.wording import counted
from oaicheck.resources import locate
from oaicheck.rules.requirement import Level
from oaicheck.scenarios.budget import FACT, BudgetError, Cost, Need, choose, in_order, load_order

if TYPE_CHECKING:
    from oaicheck.preflight.contact import Contact


def within_budget(
    conformance: Conformance, items: Sequence[pytest.Item], contact: Contact | None
) -> list[pytest.Item]:
    """The items that can be judged within the run's budget, and those that are no checks.

    `contact` is the endpoint, if it was asked already.
    Raises UsageProblem if the budget is too small.
    """
    allowance = conformance.allowance
    if not allowance.budget or conformance.replayed is not None:
        return list(items)
    needs = {
        item: Need.of(
            item.requirement,
            item.scenario.name,
            conformance.scenarios,
            binding=item.level is Level.MUST,
        )
        for item in items
        if isinstance(item, Check) and item.scenario is not None
    }
    names = {name for need in needs.values() for name in need.sent}
    first, *rest = conformance.plan(names, contact.target if contact else None).scenarios
    costs = {each.name: Cost(each.requests, each.tokens) for each in rest}
    costs = {name: costs[name] for name in in_order(costs, load_order(locate("fixtures")))}
    allowance.spent = Cost(contact.requests if contact else first.requests, first.tokens)
    try:
        chosen = choose(
            needs.values(),
            costs,
            allowance.budget,
            spent=allowance.spent,
            only=conformance.choices.selection.only,
        )
    except BudgetError as error:
        raise UsageProblem(str(error)) from error
    if not chosen:
        # The target lacks all of them, so that nothing is sent, and every check says why.
        return list(items)
    whole = {
        "options": allowance.budget.words,
        "scenarios": len(costs),
        "of": 1 + sum(cost.requests for cost in costs.values()),
    }
    allowance.facts = {FACT: whole}
    allowance.costs = {name: cost for name, cost in costs.items() if name in chosen}
    return [
        item
        for item in items
        if not isinstance(item, Check) or (item in needs and needs[item].is_met(chosen, costs))
    ]


def left_out(conformance: Conformance) -> Iterator[str]:
    """A line of a plan on what the budget leaves out; none without a budget."""
    allowance = conformance.allowance
    if whole := allowance.facts.get(FACT):
        left = whole["scenarios"] - len(allowance.costs)
        yield (
            f"left out by {allowance.budget.words}: {left} of "
            f"{counted(whole['scenarios'], 'scenario')}; the same command without it sends "
            f"{counted(whole['of'], 'request')}"
        )


def recorded_already(conformance: Conformance, names: Collection[str]) -> Iterator[str]:
    """A line of a plan on what need not be sent again; none if the run begins anew."""
    if conformance.choices.resumed is not None:
        whole = len(conformance.plan(names).scenarios)
        left = len(conformance.plan(names, without_recorded=True).scenarios)
        yield conformance.choices.resumed.words(whole - left, whole - 1)


def judgeable(
    conformance: Conformance, items: Sequence[pytest.Item], say: Callable[[str], None]
) -> list[pytest.Item]:
    """The items that can be judged now that everything is sent, and those that are no checks."""
    bench, words = conformance.bench, conformance.allowance.budget.words
    assert bench is not None
    refused = [
        name for name in conformance.allowance.costs if name in conformance.allowance.refused
    ]
    unsent = [name for name in refused if bench.sent(name) is None]
    if len(unsent) < len(refused):
        again = counted(len(refused) - len(unsent), "scenario")
        say(f"{again} not sent again, although that might help: {words} is used up")
    if not unsent and conformance.interruption is None:
        return list(items)
    kept = [
        item
        for item in items
        if not isinstance(item, Check)
        or item.scenario is None
        or conformance.can_judge(item.requirement, item.scenario)
    ]
    if conformance.interruption is not None:
        return kept
    say(
        f"{counted(len(unsent), 'scenario')} not sent: retries used up {words}; "
        f"{counted(len(kept), 'check')} left"
    )
    return kept
