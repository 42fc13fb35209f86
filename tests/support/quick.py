"""The order of scenarios for runs with a budget, most revealing first, found by judging.

    PYTHONPATH=tests python -m support.quick          writes fixtures/quick.json, as support.matrix
                                                      does, but nothing else
    PYTHONPATH=tests python -m support.quick N        plays the kill matrix with the scenarios that
                                                      a run with N requests sends, and prints what
                                                      it catches; it writes nothing

The first command takes three to five minutes on two cores, the second half a minute for N = 20.
Run the first one after the impact matrix changed: then other faults may weigh more.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from pathlib import Path

from oaicheck.clients.agreement import is_serious
from oaicheck.engine.plan import plan
from oaicheck.reference import catalogue
from oaicheck.resources import locate
from oaicheck.rules.requirement import Level
from oaicheck.rules.verdict import Outcome
from oaicheck.scenarios.budget import (
    Budget,
    Cost,
    Need,
    choose,
    in_order,
    load_order,
)
from support.inprocess import judges, profile, requirements, scenarios, scenarios_of
from support.matrix import Found, Shown, load, matrix, models_for, recorded, tripped

DATA = locate("fixtures") / "quick.json"
MISSED = Path(__file__).parent.parent / "matrix" / "missed-by-few.json"
SHOWN = (20, 50)
"""The numbers of requests whose share of caught faults is written down."""

FIRST = Cost(1, plan([]).scenarios[0].tokens)
"""The warm-up."""

_TOKENS_OF_A_REQUEST = 50_000
"""So many tokens weigh as much as a request."""
_OF_ALL_CLIENTS = 1.5
"""What it counts, beside 1, to show a fault that breaks every client."""
_OF_AN_OUTCOME = {Outcome.FAIL: 1.0, Outcome.WARN: 0.01}
"""What it counts to show that a fault breaks a MUST, and that it breaks a SHOULD."""
_OF_A_CHECK = 0.0001
"""What it counts to judge one more MUST, when nothing shows another fault."""


@cache
def needs() -> Mapping[tuple[str, str], Need]:
    """What each check needs, by requirement and scenario."""
    asking = profile()
    levels = {id_: asking.level_of(each) for id_, each in requirements().items()}
    return {
        (requirement.id, scenario): Need.of(
            requirement, scenario, scenarios(), binding=levels[requirement.id] is Level.MUST
        )
        for _, requirement in judges()
        if levels[requirement.id] is not None
        for scenario in scenarios_of(requirement)
    }


@cache
def costs() -> Mapping[str, Cost]:
    """What each scenario takes."""
    _, *planned = plan(scenarios().values()).scenarios
    return {each.name: Cost(each.requests, each.tokens) for each in planned}


def ways(shown: Shown) -> dict[Outcome, set[frozenset[str]]]:
    """The ways to see a fault: what has to be sent for each requirement that fails or warns."""
    found: dict[Outcome, set[frozenset[str]]] = {}
    for outcome, id_, scenario in shown:
        found.setdefault(outcome, set()).add(needs()[id_, scenario].sent)
    return found


def faults() -> list[str]:
    """The faults, by name."""
    return [name for name, deviation in sorted(catalogue().items()) if deviation.kind == "fault"]


def failing() -> list[str]:
    """The faults that break a MUST of the default profile."""
    rows = load()
    return [name for name in faults() if "fail" in rows[name] and "profile" not in rows[name]]


@cache
def harm() -> Mapping[str, float]:
    """The share of the measured clients that each fault breaks."""
    impact = json.loads((locate("fixtures") / "impact.json").read_text("utf-8"))["faults"]
    return {
        fault: sum(map(is_serious, cells.values())) / len(cells) for fault, cells in impact.items()
    }


def order(found: Mapping[str, Found]) -> list[str]:
    """The scenarios: next comes what shows most of what is not shown yet, for what it takes."""
    unseen = {
        (fault, outcome): sent
        for fault in faults()
        for outcome, sent in ways(found[fault].shown).items()
        if outcome in _OF_AN_OUTCOME
    }
    weights = {
        (fault, outcome): (1 + _OF_ALL_CLIENTS * harm().get(fault, 0)) * _OF_AN_OUTCOME[outcome]
        for fault, outcome in unseen
    }
    prices = {
        name: cost.requests + cost.tokens / _TOKENS_OF_A_REQUEST for name, cost in costs().items()
    }
    left = Counter(need.sent for need in needs().values() if need.binding)
    left.update({need.sent: 0 for need in needs().values()})
    ordered: list[str] = []

    def worth(sent: frozenset[str]) -> tuple[float, list[str]]:
        then = sent.union(ordered)
        gain = _OF_A_CHECK * left[sent] + sum(
            weights[key] for key, each in unseen.items() if any(way <= then for way in each)
        )
        return gain / sum(prices[name] for name in then.difference(ordered)), sorted(sent)

    while left:
        best = max(left, key=worth)
        ordered += sorted(best.difference(ordered))
        then = set(ordered)
        left = Counter({sent: count for sent, count in left.items() if not sent <= then})
        unseen = {key: each for key, each in unseen.items() if not any(way <= then for way in each)}
    return ordered


def affordable(budget: Budget, ordered: Sequence[str]) -> list[str]:
    """The scenarios that a run against the embedded endpoint sends within a budget."""
    prices = {name: costs()[name] for name in in_order(costs(), ordered)}
    sent = choose(needs().values(), prices, budget, spent=FIRST)
    return [name for name in prices if name in sent]


def caught(sent: Collection[str], found: Mapping[str, Found]) -> set[str]:
    """The faults that a run would catch by a MUST if it sent only these scenarios."""
    return {
        name
        for name in failing()
        if any(way <= set(sent) for way in ways(found[name].shown).get(Outcome.FAIL, ()))
    }


def play(sent: Sequence[str], names: Iterable[str]) -> set[str]:
    """The deviations that fail a MUST in a run that sends only these scenarios, on two cores."""
    names = list(names)
    with ProcessPoolExecutor(max_workers=2) as pool:
        broken = pool.map(partial(fails, sent), names, chunksize=8)
        return {name for name, fails_ in zip(names, broken, strict=True) if fails_}


def fails(sent: Sequence[str], deviation: str) -> bool:
    """Whether a MUST fails on these scenarios with a deviation."""
    for model in models_for(deviation):
        recording = recorded(deviation, sent, model)
        for id_, outcome, scenario, _ in tripped(recording, model, sent, profile()):
            if outcome is Outcome.FAIL and needs()[id_, scenario].sent <= set(sent):
                return True
    return False


def counts(faults: Collection[str]) -> dict[str, int]:
    """How many faults these are, and how many of them break a client."""
    return {"faults": len(faults), "breaking": sum(harm().get(fault, 0) > 0 for fault in faults)}


def missed(ordered: Sequence[str], found: Mapping[str, Found]) -> dict[str, list[str]]:
    """The faults that runs with few requests miss, by the number of requests."""
    sent = {requests: affordable(Budget(requests), ordered) for requests in SHOWN}
    return {
        str(requests): sorted(set(failing()) - caught(names, found))
        for requests, names in sent.items()
    }


def shares(missing: Mapping[str, Collection[str]]) -> dict[str, dict[str, int]]:
    """How many faults runs with few requests catch, by the number of requests."""
    return {
        requests: counts(set(failing()).difference(names)) for requests, names in missing.items()
    }


def write_order(found: Mapping[str, Found]) -> None:
    """Write the order that the matrix gives, and what runs with few requests catch and miss."""
    ordered = order(found)
    missing = missed(ordered, found)
    data = {"all": counts(failing()), "caught": shares(missing), "order": ordered}
    DATA.write_text(json.dumps(data, indent=1) + "\n", "utf-8")
    MISSED.write_text(json.dumps(missing, indent=1) + "\n", "utf-8")


def show(requests: int) -> None:
    """Play the matrix with what a run with so many requests sends, and print what it catches."""
    sent = affordable(Budget(requests), load_order(locate("fixtures")))
    broken = play(sent, sorted(catalogue()))
    missed = [name for name in failing() if name not in broken]
    alarms = [name for name in sorted(broken) if catalogue()[name].kind == "variation"]
    whole, part = counts(failing()), counts(broken.intersection(failing()))
    print(f"sent: {', '.join(sent)}")
    for key, words in (("faults", "that break a MUST"), ("breaking", "that also break a client")):
        share = part[key] / whole[key]
        print(f"caught: {part[key]} of {whole[key]} faults {words} ({share:.1%})")
    print(f"false alarms: {', '.join(alarms) or 'none'}")
    print(f"missed: {', '.join(missed)}")


if __name__ == "__main__":
    if given := sys.argv[1:]:
        for each in given:
            show(int(each))
    else:
        write_order(matrix(sorted(catalogue())))
