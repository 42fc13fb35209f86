"""Checks as items of pytest: collected without fixtures, and judged in one step.

A check does no I/O and its arguments are views, so it needs neither pytest's fixtures nor its
setup and teardown. A run has thousands of checks, and for each of them those cost more than the
check itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from oaicheck.resources import locate
from oaicheck.rules.catalogue import load_suite
from oaicheck.rules.requirement import Level, Requirement, requirement_of
from oaicheck.scenarios.scenario import Scenario
from oaicheck.verdicts.following import Judge, Judges
from oaicheck.views.bench import Bench

BENCH = pytest.StashKey[Bench]()
"""The key of the bench in the configuration's stash."""
_JUDGES = pytest.StashKey[Judges]()


class Check(pytest.Item):
    """One check on one scenario.

    `level` is the level at which the run judges it, or None if the run leaves it out.
    """

    def __init__(
        self,
        name: str,
        parent: pytest.Collector,
        function: Callable[..., None],
        requirement: Requirement,
        level: Level | None,
        scenario: Scenario | None,
    ) -> None:
        super().__init__(name, parent)
        self.function = self.obj = function
        self.requirement = requirement
        self.level = level
        self.scenario = scenario

    def judge(self) -> BaseException | None:
        """What the check raised; None if the requirement is met."""
        assert self.scenario is not None
        return _judges(self.session).judge(self.requirement.id, self.scenario)

    def runtest(self) -> None:
        """Judge, and raise what the check raised."""
        raised = self.judge()
        if raised is not None:
            raise raised

    def reportinfo(self) -> tuple[Path, int, str]:
        """The file, the line of the function (from 0) and the name."""
        return self.path, self.function.__code__.co_firstlineno - 1, self.name

    @property
    def location(self) -> tuple[str, int | None, str]:
        """The file below the root directory, the line and the name."""
        file = self.nodeid.partition("::")[0]
        return file, self.function.__code__.co_firstlineno - 1, self.name


class Suite(pytest.Module):
    """A file of the suites.

    The catalogue imports it, not pytest: pytest would register the folder `suites/http` as the
    module `http`, and hide Python's own.
    """

    def _getobj(self) -> ModuleType:
        return load_suite(self.path, locate("suites"))

    def collect(self) -> Iterator[pytest.Item | pytest.Collector]:
        """The checks in it, in their order."""
        for name, member in vars(self.obj).items():
            if requirement_of(member) is not None and member.__module__ == self.obj.__name__:
                found = self.ihook.pytest_pycollect_makeitem(collector=self, name=name, obj=member)
                yield from found or ()


def checks_of(
    collector: pytest.Collector,
    name: str,
    function: Callable[..., None],
    requirement: Requirement,
    level: Level | None,
    scenarios: list[Scenario],
) -> Iterator[Check]:
    """A check for each scenario; one without a scenario if there are none."""
    given: dict[str, Any] = {"function": function, "requirement": requirement, "level": level}
    if not scenarios:
        yield Check.from_parent(collector, name=name, scenario=None, **given)
    for scenario in scenarios:
        label = f"{name}[{scenario.name}]"
        yield Check.from_parent(collector, name=label, scenario=scenario, **given)


def _judges(session: pytest.Session) -> Judges:
    """All checks that the session judges."""
    if _JUDGES not in session.stash:
        found: dict[str, list[Check]] = {}
        for item in session.items:
            if isinstance(item, Check) and item.level is not None:
                found.setdefault(item.requirement.id, []).append(item)
        session.stash[_JUDGES] = Judges.of(
            session.config.stash[BENCH],
            (
                Judge(
                    first.function,
                    first.requirement,
                    first.level,
                    frozenset(item.scenario.name for item in (first, *others) if item.scenario),
                )
                for first, *others in found.values()
                if first.level is not None
            ),
        )
    return session.stash[_JUDGES]
