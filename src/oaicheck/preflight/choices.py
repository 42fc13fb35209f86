"""What the options of a run choose, and which of them contradict one another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from oaicheck.preflight.problem import UsageProblem
from oaicheck.preflight.resuming import Resumed
from oaicheck.scenarios.budget import Budget, BudgetError
from oaicheck.scenarios.fuzz import Fuzzing
from oaicheck.scenarios.scenario import Scenario
from oaicheck.target.target_source import OPTIONS as TARGET_OPTIONS
from oaicheck.wire.recording import Recording


def refuse_a_target(options: Mapping[str, Any]) -> None:
    """Raise UsageProblem if a replay is given a target: the recording already has one."""
    for name in ("fault", "no-overflow", *(option.name for option in TARGET_OPTIONS)):
        if options.get(name):
            raise UsageProblem(f"a replay judges the recorded endpoint: leave out --{name}")


def chosen_fuzzing(
    options: Mapping[str, Any], replayed: Recording | None, resumed: Resumed | None
) -> Fuzzing:
    """The random requests of a run. In a replay, those of the recording."""
    if replayed is not None and (options.get("fuzz") or options.get("fuzz-seed")):
        raise UsageProblem("a replay judges the recorded random requests: leave out --fuzz")
    try:
        given = Fuzzing.from_facts(replayed.facts) if replayed else Fuzzing.from_options(options)
    except ValueError as error:
        raise UsageProblem(str(error)) from error
    if resumed is None:
        return given
    return resumed.fuzzing(given, has_seed=options.get("fuzz-seed") is not None)


def left_out(options: Mapping[str, Any], scenarios: Iterable[Scenario]) -> Mapping[str, str]:
    """The scenarios that the options leave out, by name, each with the reason."""
    if not options.get("no-overflow"):
        return {}
    return {each.name: "left out by --no-overflow" for each in scenarios if each.overflows}


def chosen_budget(options: Mapping[str, Any], resumed: Resumed | None) -> Budget:
    """The most that the run may send."""
    try:
        budget = Budget.from_options(options)
    except BudgetError as error:
        raise UsageProblem(str(error)) from error
    if budget and options.get("replay"):
        raise UsageProblem(f"a replay sends nothing: leave out {budget.words}")
    if budget and options.get("clients"):
        raise UsageProblem(
            f"real clients send as many requests as they need: leave out {budget.words} or "
            "--clients"
        )
    if budget and resumed is not None and resumed.has_clients:
        raise UsageProblem(
            f"--resume {resumed.named}: it has real clients, and they send as many requests as "
            f"they need: leave out {budget.words}"
        )
    return budget


def with_clients(
    options: Mapping[str, Any], replayed: Recording | None, resumed: Resumed | None
) -> bool:
    """Whether real clients take part, or did in the recording that is replayed or resumed."""
    if replayed is not None and options.get("clients"):
        raise UsageProblem("a replay judges the recorded clients: leave out --clients")
    if resumed is not None and resumed.has_clients:
        return True
    return "clients" in replayed.facts if replayed else bool(options.get("clients"))


def all_client_scenarios() -> Mapping[str, Scenario]:
    """The tasks of real clients, as scenarios."""
    from oaicheck.clients.tasks import client_scenarios

    return client_scenarios()
