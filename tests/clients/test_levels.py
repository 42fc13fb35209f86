"""Levels agree with what real clients were seen to do, or somebody explained why they do not."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from oaicheck.clients.agreement import breaking, by_requirement, harmless, is_serious
from oaicheck.clients.levels import (
    OFFICIAL,
    Explanations,
    Held,
    explanations,
    held,
    is_documented,
    kill_matrix,
    reason,
)
from oaicheck.clients.roster import roster
from oaicheck.resources import locate
from oaicheck.rules.requirement import MUST, SHOULD, Requirement
from oaicheck.verdicts.impact import whom_it_breaks

DATA = json.loads((locate("fixtures") / "impact.json").read_text("utf-8"))
WHY = explanations()
BREAKS = {"outcome": "breaks", "symptom": "TypeError"}
WORKS = {"outcome": "works"}


@pytest.fixture(scope="module")
def both() -> Held:
    return held(DATA, kill_matrix())


def test_what_breaks_opencode_fails_its_profile_or_is_explained(both: Held) -> None:
    missed = both.agreement("opencode", ["opencode", "ai-sdk-2.0.41"]).missed
    assert [one.fault for one in missed if reason(WHY.passing, one.fault) is None] == []


def test_what_breaks_an_official_sdk_fails_openai_or_is_explained(both: Held) -> None:
    missed = {one.fault for one in both.agreement("openai", OFFICIAL).missed}
    assert {name for name in missed if reason(WHY.passing, name) is None} == set()
    assert missed == {
        *("models-retrieve-404", "sse-event-without-data", "responses-event-without-data"),
        *("http-flaky-502", "overload-plain-text", "overload-retry-after-words"),
    }


def test_what_breaks_any_client_fails_openai_or_is_explained(both: Held) -> None:
    assert [name for name in both.passing() if reason(WHY.passing, name) is None] == []


def test_what_breaks_any_client_is_at_least_advised_about(both: Held) -> None:
    assert [name for name, _ in breaking(both.faults) if not both.advised(name)] == []


def test_a_variation_that_breaks_a_client_is_advised_about_or_explained(both: Held) -> None:
    assert [name for name in both.unadvised() if reason(WHY.variations, name) is None] == []


def test_the_advice_names_the_clients_that_a_variation_breaks(both: Held) -> None:
    for name, _ in breaking(both.variations):
        for requirement in both.advised(name):
            told = " ".join(whom_it_breaks(requirement))
            for client, cell in both.variations[name].items():
                assert not is_serious(cell) or roster()[client].title in told, (name, requirement)


def test_a_gate_that_fails_without_harm_has_a_documented_clause(both: Held) -> None:
    strict = both.failing["openai"]
    gates = {id_ for fault in harmless(both.faults, strict) for id_ in strict[fault]}
    gates |= set(both.unharmful())
    assert [id_ for id_ in sorted(gates) if not is_documented(both.rules[id_])] == []


def test_a_gate_of_opencode_that_fails_without_harm_is_explained(both: Held) -> None:
    assert [id_ for id_ in both.unharmful() if reason(WHY.harmless, id_) is None] == []


def test_no_explanation_is_dead(both: Held) -> None:
    assert WHY.dead(both.passing(), both.unadvised(), both.unharmful()) == []


def test_an_explanation_that_another_one_hides_is_dead() -> None:
    why = Explanations({"a-*": "one", "a-b": "two"}, {"c": "three"}, {})
    assert reason(why.passing, "a-b") == "one"
    assert reason(why.variations, "d") is None
    assert why.dead(["a-b"], [], []) == ["a-b", "c"]


def test_reports_of_others_are_no_documentation() -> None:
    rule = Requirement(
        "a.a", MUST, "A rule.", ("chat/whole/*",), None, ("github:a/b#1",), "Do it.", "2026.1"
    )
    assert not is_documented(rule)
    assert not is_documented(replace(rule, sources=("client:opencode",)))
    assert is_documented(replace(rule, sources=("github:a/b#1", "rfc9112#8")))
    assert is_documented(replace(rule, level=SHOULD, sources=("seed:opencode#Tool Calling",)))


def test_a_gap_of_the_levels_is_seen(both: Held) -> None:
    fault, variation = "sse-bom", "sse-crlf"
    broken = {"opencode": BREAKS, "openai-node": BREAKS}
    gap = replace(
        both,
        faults={fault: broken},
        variations={variation: broken},
        kills={fault: {"warn": ["chat.chunk.role-first"]}, variation: {}},
        failing={"openai": {fault: ()}, "opencode": {fault: ()}},
    )
    assert list(gap.passing()) == [fault]
    assert gap.unadvised() == {variation: "opencode"}
    assert gap.unharmful() == {}
    strict = replace(
        gap, faults={fault: {"opencode": WORKS}}, failing={"opencode": {fault: ("http.a",)}}
    )
    assert strict.unharmful() == {"http.a": [fault]}


def test_a_variation_stands_for_what_it_is_advised_about() -> None:
    found = by_requirement({"legal": {"curl": BREAKS}}, {"legal": {"warn": ["a.a"]}})
    assert found == {"a.a": {"curl": {**BREAKS, "fault": "legal"}}}
