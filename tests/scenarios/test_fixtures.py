"""The data under fixtures/ is whole: a slip in it is found here and not in somebody's run."""

from __future__ import annotations

import re

import pytest

from oaicheck.clients.tasks import client_scenarios
from oaicheck.resources import locate
from oaicheck.rules.requirement import Requirement
from oaicheck.scenarios.capability import load_capabilities
from oaicheck.scenarios.cooperation import SHOWS
from oaicheck.scenarios.fuzz import Fuzzing
from oaicheck.scenarios.scenario import (
    Scenario,
    ScenarioError,
    load_scenarios,
    matching,
    parse_scenario,
)
from oaicheck.views.bench import COUNTED_PROMPTS, Bench
from support.inprocess import capabilities, record, requirements, scenarios, verdicts

REQUIREMENTS = list(requirements().values())
KNOWN = {**scenarios(), **Fuzzing(6).scenarios(), **client_scenarios()}


@pytest.mark.parametrize("scenario", scenarios().values(), ids=lambda scenario: scenario.name)
def test_a_scenario_is_whole(scenario: Scenario) -> None:
    assert scenario.shows is None or scenario.shows in SHOWS
    assert set(scenario.needs) <= set(capabilities())
    assert len(scenario.rewordings) <= 2
    assert bool(scenario.rewordings) <= bool(scenario.shows)
    assert scenario.title


@pytest.mark.parametrize("scenario", scenarios().values(), ids=lambda scenario: scenario.name)
def test_a_scenario_serves_a_requirement(scenario: Scenario) -> None:
    used = {
        name
        for requirement in REQUIREMENTS
        for name in [*matching(requirement.on, [scenario.name]), requirement.against]
    }
    assert scenario.name in used


@pytest.mark.parametrize("found", REQUIREMENTS, ids=lambda found: found.id)
def test_a_requirement_names_scenarios_that_there_are(found: Requirement) -> None:
    for pattern in found.on:
        assert matching([pattern], KNOWN)
    assert found.against is None or found.against in scenarios()


def test_every_capability_is_needed() -> None:
    known = {**scenarios(), **client_scenarios()}
    needed = {name for scenario in known.values() for name in scenario.needs}
    assert set(load_capabilities(locate("fixtures"))) == needed


def test_slips_in_a_scenario_are_named(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("scenarios")
    (folder / "odd.json").write_text('{"title": "x", "answer": "error", "pth": "models"}')
    with pytest.raises(ScenarioError, match=re.escape("odd.json") + ".*pth"):
        load_scenarios(folder)
    with pytest.raises(ValueError, match="answer"):
        parse_scenario("x", {"title": "x", "answer": "answer", "path": "p"})


def test_what_concludes_from_counted_prompts_brings_the_prompts_along(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """However few requirements are chosen: else a count that never grows would be believed."""
    asked: list[bool] = []
    monkeypatch.setattr(Bench, "require_counted_prompts", lambda _: asked.append(True))
    lacking = set()
    for judged in verdicts(record()):
        scenario = scenarios()[judged.scenario]
        sent = {scenario.name, judged.requirement.against, *scenario.beside}
        if asked and not sent.issuperset(COUNTED_PROMPTS):
            lacking.add((judged.requirement.id, scenario.name))
        asked.clear()
    assert lacking == set()


def test_what_is_asked_wrongly_has_no_meaning_of_its_own() -> None:
    """GET on chat completions lists the stored ones, and -1 is some servers' word for no limit."""
    (wrong_method,) = scenarios()["method/put-chat"].turns
    assert wrong_method.method not in ("GET", "POST", "DELETE", "HEAD", "OPTIONS")
    (below_zero,) = scenarios()["limits/negative"].turns
    assert below_zero.body["max_tokens"] < -1
