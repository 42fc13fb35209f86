"""The profiles that are shipped, and how a profile is read."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from oaicheck.resources import locate
from oaicheck.rules.requirement import MUST, SHOULD, Requirement
from oaicheck.rules.verdict import Outcome
from oaicheck.scenarios.profile import Profile, ProfileError, load_profile
from oaicheck.scenarios.scenario import matching
from oaicheck.wire.recording import Recording
from support.inprocess import capabilities, profile, record, requirements, scenarios, verdicts

FOLDER = locate("fixtures") / "profiles"
SHIPPED = sorted(path.stem for path in FOLDER.glob("*.json"))
REQUIREMENTS = requirements()
CAPABILITIES = sorted(
    known.removeprefix("capability.") for known in REQUIREMENTS if known.startswith("capability.")
)


def requiring(*names: str) -> Profile:
    return replace(profile(), requires=names)


def rule(id: str = "chat.chunk.id") -> Requirement:  # noqa: A002
    return replace(REQUIREMENTS["chat.chunk.id"], id=id, level=SHOULD, remedy="its own")


def written(folder: Path, **members: object) -> Profile:
    path = folder / "mine.json"
    path.write_text(json.dumps({"title": "Mine", **members}))
    return load_profile(str(path), FOLDER)


def test_the_three_are_shipped() -> None:
    assert SHIPPED == ["openai", "opencode", "xerotier"]


@pytest.mark.parametrize("name", SHIPPED)
def test_a_profile_names_what_there_is(name: str) -> None:
    assert profile(name).stale_entries(REQUIREMENTS) == []
    assert set(profile(name).requires) <= set(capabilities())


@pytest.mark.parametrize("name", SHIPPED)
def test_the_reference_endpoint_conforms(name: str) -> None:
    broken = [
        (judged.requirement.id, judged.scenario, str(judged.raised))
        for judged in verdicts(record(), profile(name))
        if judged.outcome in (Outcome.FAIL, Outcome.ERROR)
    ]
    assert broken == []


def test_the_case_of_a_model_matters_to_one_profile() -> None:
    recording = record(["params-model-case-ignored"], ["unknown/model-case", "models/list"])
    found = {
        name: [v.outcome for v in verdicts(recording, profile(name), "errors.unknown.model-case")]
        for name in SHIPPED
    }
    assert found["xerotier"] == [Outcome.FAIL]
    assert found["openai"] == [Outcome.WARN]


@pytest.mark.parametrize("name", SHIPPED)
def test_no_capability_is_judged_that_is_not_required(name: str) -> None:
    asking = profile(name)
    for capability in CAPABILITIES:
        level = asking.level_of(REQUIREMENTS[f"capability.{capability}"])
        assert level == (MUST if capability in asking.requires else None)


@pytest.mark.parametrize("name", CAPABILITIES)
def test_a_required_capability_that_is_refused_is_a_fail(name: str) -> None:
    requirement = REQUIREMENTS[f"capability.{name}"]
    names = matching(requirement.on, scenarios())
    assert all(name in scenarios()[scenario].needs for scenario in names)
    deviation = REFUSALS.get(name) or f"refuses-{capabilities()[name].parameters[0]}"
    refusing = record([deviation], names)
    asked = verdicts(refusing, requiring(name), requirement.id)
    assert {judged.outcome for judged in asked} == {Outcome.FAIL}
    served = verdicts(record(names=names), requiring(name), requirement.id)
    assert {judged.outcome for judged in served} == {Outcome.PASS}


REFUSALS = {
    "named-tool-choice": "refuses-named-tool-choice",
    "json-object": "refuses-response_format",
    "json-schema": "refuses-response_format",
    "responses": "responses-absent",
    "response-tools": "responses-refuses-tools",
}
"""Variations that refuse a capability under another name than its first parameter's."""


def test_a_capability_that_is_required_is_asked_for_even_if_declared_absent() -> None:
    recording = record(names=["chat/whole/tool-call"])
    target = {**recording.facts["target"], "capabilities": {"tools": False}}
    recording.facts = {"target": target}
    outcomes = [v.outcome for v in verdicts(recording, requiring("tools"), "capability.tools")]
    assert outcomes == [Outcome.PASS]


def test_the_last_pattern_counts(tmp_path_factory: pytest.TempPathFactory) -> None:
    asking = written(
        tmp_path_factory.mktemp("profiles"),
        levels={"chat.*": "off", "chat.chunk.*": "MUST"},
        remedies={"chat.*": "one", "chat.chunk.i*": "two"},
    )
    assert asking.level_of(rule()) == MUST
    assert asking.level_of(rule("chat.usage.whole")) is None
    assert asking.level_of(rule("models.list.data")) == SHOULD
    assert asking.remedy_of(rule()) == "two"
    assert asking.remedy_of(rule("chat.usage.whole")) == "one"
    assert asking.remedy_of(rule("models.list.data")) == "its own"


def test_stale_entries_are_named(tmp_path_factory: pytest.TempPathFactory) -> None:
    asking = written(tmp_path_factory.mktemp("profiles"), levels={"chat.chnk.*": "off"})
    assert asking.stale_entries(REQUIREMENTS) == ["chat.chnk.*"]


@pytest.mark.parametrize(
    ("members", "message"),
    [({"levels": {"chat.*": "MAY"}}, "MAY"), ({"level": {}}, "unknown members: level")],
)
def test_a_malformed_profile_is_refused(
    members: dict[str, object], message: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with pytest.raises(ProfileError, match=message):
        written(tmp_path_factory.mktemp("profiles"), **members)


def test_an_unknown_profile_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ProfileError, match="openai, opencode, xerotier"):
        load_profile("openia", FOLDER)


def test_what_a_target_declares_it_may_not_refuse() -> None:
    recording = record(["refuses-tools"], ["chat/whole/tool-call"])
    declared = {"target": {**recording.facts["target"], "capabilities": {"tools": True}}}
    claiming = Recording(declared, recording.exchanges)
    for facts, outcome in ((recording, Outcome.NOT_APPLICABLE), (claiming, Outcome.FAIL)):
        (judged,) = verdicts(facts, profile("openai"), "chat.completion.status")
        assert judged.outcome is outcome
