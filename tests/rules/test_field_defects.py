"""Every defect that was met in the field is covered by a requirement, or it is said why not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from oaicheck.reference import catalogue
from oaicheck.resources import locate
from oaicheck.rules.verdict import Outcome
from oaicheck.scenarios.scenario import matching
from support.inprocess import profile, record, requirements, scenarios, verdicts

DEFECTS: dict[str, dict[str, Any]] = json.loads(
    (locate("fixtures") / "field-defects.json").read_text("utf-8")
)
REQUIREMENTS = requirements()
COVERED = {slug: entry for slug, entry in DEFECTS.items() if "requirements" in entry}
MODELS = ("reference-1", "reference-reasoning-1")


def test_there_are_as_many_as_were_met() -> None:
    assert len(DEFECTS) == 155


@pytest.mark.parametrize("slug", DEFECTS)
def test_an_entry_says_one_thing(slug: str) -> None:
    entry = DEFECTS[slug]
    assert len({"requirements", "not_judged", "pending"} & entry.keys()) == 1
    assert entry.keys() <= {"requirements", "not_judged", "pending", "note", "profile"}
    assert all(entry.values())


@pytest.mark.parametrize("slug", COVERED)
def test_the_requirements_stand_at_that_level(slug: str) -> None:
    named = COVERED[slug]["requirements"]
    assert named == {id: REQUIREMENTS[id].level for id in named}  # noqa: A001


@pytest.mark.parametrize("slug", [slug for slug in COVERED if slug in catalogue()])
def test_the_fault_trips_one_of_them(slug: str) -> None:
    assert any(trips(slug, model) for model in MODELS)


def trips(slug: str, model: str) -> bool:
    """Whether the reference endpoint with that fault breaks a requirement that is named for it."""
    entry = COVERED[slug]
    wanted = [REQUIREMENTS[id] for id in entry["requirements"]]  # noqa: A001
    names = [
        name
        for requirement in wanted
        for name in [*matching(requirement.on, scenarios()), requirement.against]
        if name
    ]
    recording = record([slug], list(dict.fromkeys(names)), model)
    asking = profile(entry.get("profile", "openai"))
    return any(
        judged.outcome in (Outcome.FAIL, Outcome.WARN)
        for requirement in wanted
        for judged in verdicts(recording, asking, requirement.id)
    )
