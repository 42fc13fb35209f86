"""A budget buys the most revealing scenarios, each with what has to be sent with it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from oaicheck.resources import locate
from oaicheck.scenarios.budget import (
    Allowance,
    Budget,
    BudgetError,
    Cost,
    Need,
    choose,
    in_order,
    limited,
    load_order,
    with_company,
)
from support.inprocess import scenarios

COSTS = {
    "dear": Cost(5, 1000),
    "first": Cost(1, 100),
    "second": Cost(1, 10),
    "company": Cost(1, 1),
    "third": Cost(1, 10),
}
"""Most revealing first."""


def need(scenario: str, *others: str, against: str | None = None, **more: Any) -> Need:
    sent = {scenario, *others} | ({against} if against else set())
    given = {"requirement": "a.rule", "binding": True, **more}
    return Need(scenario=scenario, against=against, sent=frozenset(sent), **given)


SIMPLE = [need("dear"), need("first"), need("second", "company"), need("third")]


def bought(budget: Budget, needs: list[Need] = SIMPLE, **more: Any) -> set[str]:
    return set(choose(needs, COSTS, budget, spent=Cost(1, 16), **more))


@pytest.mark.parametrize(
    ("budget", "expected"),
    [
        (Budget(2), {"first"}),
        (Budget(3), {"first", "third"}),
        (Budget(4), {"first", "second", "company"}),
        (Budget(5), {"first", "second", "company", "third"}),
        (Budget(6), {"dear"}),
        (Budget(7), {"dear", "first"}),
        (Budget(100), set(COSTS)),
        (Budget(tokens=26), {"third"}),
        (Budget(tokens=126), {"first", "third"}),
        (Budget(tokens=10_000), set(COSTS)),
        (Budget(100, 40), {"second", "company", "third"}),
        (Budget(3, 10_000), {"first", "third"}),
        (Budget(), set(COSTS)),
    ],
)
def test_a_budget_takes_what_fits_in_order(budget: Budget, expected: set[str]) -> None:
    assert bought(budget) == expected


def test_a_must_comes_before_what_only_a_should_needs() -> None:
    needs = [need("first", binding=False), need("third")]
    assert bought(Budget(2), needs) == {"third"}
    assert bought(Budget(3), needs) == {"first", "third"}


def test_a_comparison_is_bought_with_the_scenario_that_needs_it() -> None:
    compared = need("third", against="first")
    assert bought(Budget(3), [compared]) == {"first", "third"}
    assert bought(Budget(3), [compared, need("second")]) == {"first", "third"}
    with pytest.raises(BudgetError, match="--max-requests 3 is the smallest"):
        bought(Budget(2), [compared])


def test_something_of_every_pattern_is_judged() -> None:
    needs = [need("first", requirement="a.one"), need("third", requirement="b.other")]
    assert bought(Budget(3), needs, only=["b.*", "a.*", "c.*"]) == {"first", "third"}
    both = [*needs, need("second", requirement="a.one"), need("second", requirement="b.other")]
    assert bought(Budget(2), both, only=["a.*", "b.*"]) == {"second"}


@pytest.mark.parametrize(
    ("budget", "only", "least"),
    [
        (Budget(2), ["a.*", "b.*"], "--max-requests 3"),
        (Budget(20, 20), [], "--max-requests 20 --max-tokens 26"),
        (Budget(2, 20), ["a.*", "b.*"], "--max-requests 3 --max-tokens 126"),
        (Budget(tokens=17), ["a.*"], "--max-tokens 116"),
        (Budget(20, 20, quick=True), [], "--max-requests 20 --max-tokens 26"),
    ],
)
def test_the_smallest_budget_is_named_and_works(
    budget: Budget, only: list[str], least: str
) -> None:
    needs = [need("first", requirement="a.one"), need("third", requirement="b.other")]
    with pytest.raises(BudgetError) as caught:
        bought(budget, needs, only=only)
    said = f"{budget.words} is too little for what is selected: {least} is the smallest budget"
    assert str(caught.value).startswith(said)
    words = least.split()
    enough = Budget.from_options(dict(zip([w[2:] for w in words[::2]], words[1::2], strict=True)))
    assert bought(enough, needs, only=only)


def test_what_the_target_lacks_costs_nothing() -> None:
    needs = [need("lacking"), need("third", "lacking"), need("second", against="lacking")]
    assert bought(Budget(3), needs) == {"second", "third"}
    assert bought(Budget(2), [need("lacking", "first")]) == set()
    assert not need("lacking").is_met(["first"], COSTS)
    assert need("first", "lacking").is_met(["first"], COSTS)
    assert not need("first", "second").is_met(["first"], COSTS)


@pytest.mark.parametrize(
    ("options", "expected", "words"),
    [
        ({}, Budget(), ""),
        ({"quick": True}, Budget(20, quick=True), "--quick"),
        ({"quick": True, "max-requests": "20"}, Budget(20, quick=True), "--quick"),
        ({"max-requests": "50"}, Budget(50), "--max-requests 50"),
        (
            {"quick": True, "max-tokens": "900"},
            Budget(20, 900, quick=True),
            "--quick --max-tokens 900",
        ),
        ({"max-tokens": "1"}, Budget(tokens=1), "--max-tokens 1"),
    ],
)
def test_options_set_a_budget(options: dict[str, Any], expected: Budget, words: str) -> None:
    budget = Budget.from_options(options)
    assert budget == expected
    assert budget.words == words
    assert bool(budget) == bool(words)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        *(
            ({"max-requests": given}, f"--max-requests {given}: give a whole number, 2 or more")
            for given in ("0", "1", "-5", "many", "2.5", "")
        ),
        ({"max-tokens": "0"}, "--max-tokens 0: give a whole number, 1 or more"),
        ({"quick": True, "max-requests": "5"}, "leave out --quick or --max-requests 5"),
    ],
)
def test_limits_that_mean_nothing_are_refused(options: dict[str, Any], said: str) -> None:
    with pytest.raises(BudgetError) as caught:
        Budget.from_options(options)
    assert said in str(caught.value)


def test_an_allowance_counts_every_attempt() -> None:
    allowance = Allowance(Budget(5, 300), {"a": Cost(2, 100), "b": Cost(1, 150)})
    allowance.spent = Cost(1, 16)
    allowance.begun(2)
    assert allowance.take("a")
    assert not allowance.take("a")
    assert not allowance.take("a", prepaid=True)
    allowance.give_back(1)
    assert allowance.take("b")
    assert not allowance.take("b")
    assert not allowance.take("unplanned")
    assert allowance.spent == Cost(4, 266)
    assert allowance.refused == {"a", "b", "unplanned"}


def test_the_tokens_of_a_prepaid_attempt_count_once() -> None:
    allowance = Allowance(Budget(tokens=150), {"a": Cost(1, 100)})
    assert allowance.take("a")
    assert allowance.take("a", prepaid=True)
    assert allowance.spent == Cost(2, 100)
    assert not allowance.take("a")


def test_without_a_budget_nothing_is_refused() -> None:
    allowance = Allowance()
    assert all(allowance.take("a") for _ in range(1000))
    assert allowance.refused == set()


def test_a_report_says_what_a_budget_left_out() -> None:
    facts = {"budget": {"options": "--quick", "scenarios": 2, "of": 3}}
    assert limited(facts, {"warm-up", "a"}) == {"budget": {"options": "--quick", "of": 3}}
    assert limited(facts, {"warm-up", "warm-up/models", "a", "b"}) == {}
    assert limited({}, {"a"}) == {}


def test_the_order_names_every_scenario_once() -> None:
    ordered = load_order(locate("fixtures"))
    assert sorted(ordered) == sorted(scenarios())


def test_unknown_scenarios_come_last_in_their_own_order() -> None:
    assert in_order(["z", "a", "second", "first"], COSTS) == ["first", "second", "z", "a"]


def test_company_is_sent_along() -> None:
    sent = with_company(["auth/empty-key"], scenarios())
    assert sent == {"auth/empty-key", "auth/missing-key", "auth/wrong-key"}


def test_few_requests_catch_most_faults() -> None:
    """Counted by the kill matrix, which holds the numbers."""
    data = json.loads((locate("fixtures") / "quick.json").read_text("utf-8"))
    docs = (locate("fixtures").parent / "docs" / "scenarios.md").read_text("utf-8")
    shares = {}
    for requests, caught in data["caught"].items():
        cells = []
        for kind, whole in data["all"].items():
            shares[requests, kind] = caught[kind] / whole
            cells.append(f"{caught[kind]} of {whole} ({caught[kind] / whole:.0%})")
        row = f"| {requests} | {' | '.join(cells)} |"
        assert row.replace("%", " %") in docs
    assert shares["20", "faults"] >= 0.67
    assert shares["20", "breaking"] >= 0.90
    assert shares["50", "faults"] >= 0.81
    assert shares["50", "breaking"] >= 0.96
