"""The views as pytest fixtures, so that a check gets one by naming it as an argument."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import pytest

from oaicheck.rules.requirement import requirement_of
from oaicheck.scenarios.scenario import Scenario
from oaicheck.verdicts.judge import VIEWS, view
from oaicheck.views.bench import Bench

BENCH = pytest.StashKey[Bench]()


class ViewFixtures:
    """A plugin object with one fixture for each view."""

    @pytest.fixture
    def scenario(self, request: pytest.FixtureRequest) -> Scenario:
        """The scenario that the check runs on; set by the plugin's parametrization."""
        return cast(Scenario, request.param)


def _fixture(name: str) -> Callable[..., Any]:
    @pytest.fixture(name=name)
    def provide(self: ViewFixtures, request: pytest.FixtureRequest, scenario: Scenario) -> Any:
        requirement = requirement_of(request.function)
        if requirement is None:
            raise pytest.UsageError(f"{request.node.nodeid} has no @requirement")
        return view(name, request.config.stash[BENCH], scenario, requirement)

    return provide


for _name in VIEWS:
    setattr(ViewFixtures, _name, _fixture(_name))
