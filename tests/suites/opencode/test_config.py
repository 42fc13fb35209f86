"""Each slip in an opencode.json trips the requirements that are about it, and no others."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from oaicheck.rules.judging import Breach
from oaicheck.rules.requirement import MUST, requirement_of
from oaicheck.rules.verdict import Outcome
from oaicheck.target.opencode.config import Choice
from oaicheck.wire.recording import Recording
from support.inprocess import checks, profile, verdicts
from support.opencode import (
    AUTHORIZATION,
    DEPLOYED,
    EXAMPLE,
    KEY,
    MODEL,
    OPTIONS,
    PROVIDER,
    SERVED,
    changed,
    recording,
)

SECTION = "opencode.config."
LEVELS = {
    found.id.removeprefix(SECTION): found.level
    for check in checks()
    if (found := requirement_of(check)) and found.id.startswith(SECTION)
}
SLIPS: list[tuple[dict[str, Any], dict[str, str]]] = [
    ({f"{PROVIDER}.npm": "@ai-sdk/anthropic"}, {"npm": f"{PROVIDER}.npm"}),
    ({f"{PROVIDER}.npm": None}, {}),
    ({f"{OPTIONS}.baseURL": "https://h.example/p/e"}, {"base-url": f"{OPTIONS}.baseURL"}),
    ({f"{OPTIONS}.baseURL": "https://h.example/v1/"}, {}),
    ({AUTHORIZATION: None}, {"authorization": AUTHORIZATION}),
    ({f"{OPTIONS}.headers": None}, {"authorization": AUTHORIZATION}),
    ({f"{OPTIONS}.headers": None, f"{OPTIONS}.apiKey": KEY}, {}),
    (
        {f"{OPTIONS}.headers": None, f"{OPTIONS}.apiKey": f"Bearer {KEY}"},
        {"authorization-form": f"{OPTIONS}.apiKey"},
    ),
    ({AUTHORIZATION: KEY}, {"authorization-form": AUTHORIZATION}),
    ({AUTHORIZATION: f"Bearer  {KEY}"}, {"authorization-form": AUTHORIZATION}),
    ({AUTHORIZATION: f"Bearer: {KEY}"}, {"authorization-form": AUTHORIZATION}),
    ({AUTHORIZATION: "Bearer"}, {"authorization-form": AUTHORIZATION}),
    ({AUTHORIZATION: f"Bearer Bearer {KEY}"}, {"authorization-form": AUTHORIZATION}),
    ({AUTHORIZATION: f"Bearer {KEY}\n"}, {"authorization-form": AUTHORIZATION}),
    ({AUTHORIZATION: f"bearer {KEY}"}, {}),
    ({AUTHORIZATION: f"Basic {KEY}"}, {"bearer": AUTHORIZATION}),
    ({"model": "my-model"}, {"model-form": "model"}),
    ({"model": "xerotier/"}, {"model-form": "model", "model-known": "model"}),
    ({"model": 7}, {"model-form": "model"}),
    ({"model": "xerotier/My-Model"}, {"model-known": "model"}),
    ({"model": "xeroteir/my-model"}, {"model-known": "model"}),
    ({"model": "other/my-model"}, {"model-known": "model"}),
    ({"model": "anthropic/claude"}, {}),
    ({"model": None}, {}),
    ({f"{MODEL}.name": None}, {"name": f"{MODEL}.name"}),
    ({f"{MODEL}.name": ""}, {"name": f"{MODEL}.name"}),
    ({f"{MODEL}.name": DEPLOYED.upper()}, {"served": f"{MODEL}.name"}),
    ({f"{MODEL}.name": "DeepSeek R1", f"{MODEL}.id": DEPLOYED}, {}),
    ({f"{MODEL}.id": "deepseek"}, {"served": f"{MODEL}.id"}),
    ({f"{MODEL}.tool_call": False}, {"tool-call": f"{MODEL}.tool_call"}),
    ({f"{MODEL}.tool_call": None}, {"tool-call": f"{MODEL}.tool_call"}),
    ({f"{MODEL}.tool_call": "true"}, {"flags": f"{MODEL}.tool_call"}),
    ({f"{MODEL}.reasoning": "yes"}, {"flags": f"{MODEL}.reasoning"}),
    ({f"{MODEL}.reasoning": False}, {}),
    ({f"{MODEL}.tools": False}, {"model-tools": f"{MODEL}.tools"}),
    ({f"{MODEL}.tools": None}, {"model-tools": f"{MODEL}.tools"}),
    ({"tools": {"*": False}}, {"tools": "tools"}),
    ({"tools": True}, {"tools": "tools"}),
    ({"tools": {"bash": False}}, {}),
    ({"tools": None}, {}),
]


def broken(
    folder: Path, text: str, served: Iterable[str] = SERVED, choice: Choice | None = None
) -> dict[str, str]:
    """The requirements that break, without their section, each with the place of the evidence."""
    found = {}
    for judged in verdicts(recording(folder, text, served, choice), only=f"{SECTION}*"):
        assert judged.outcome is not Outcome.ERROR, judged
        if isinstance(judged.raised, Breach):
            evidence = judged.raised.finding.evidence[0]
            found[judged.requirement.id.removeprefix(SECTION)] = evidence.path or ""
    return found


@pytest.mark.parametrize("asking", ["openai", "opencode", "xerotier"])
def test_the_example_of_the_page_breaks_nothing(tmp_path: Path, asking: str) -> None:
    made = recording(tmp_path, EXAMPLE)
    found = {v.requirement.id: v.outcome for v in verdicts(made, profile(asking), f"{SECTION}*")}
    assert len(found) == len(LEVELS)
    assert set(found.values()) == {Outcome.PASS}


@pytest.mark.parametrize(("changes", "trips"), SLIPS, ids=str)
def test_a_slip_trips_what_is_about_it(
    tmp_path: Path, changes: dict[str, Any], trips: dict[str, str]
) -> None:
    assert broken(tmp_path, changed(changes)) == trips


def test_every_requirement_is_tripped() -> None:
    tripped = {name for _, trips in SLIPS for name in trips} | {"sent-name"}
    assert tripped == set(LEVELS)


def test_what_opencode_sends_is_another_name(tmp_path: Path) -> None:
    assert broken(tmp_path, EXAMPLE, [DEPLOYED]) == {"sent-name": MODEL}


def test_without_a_list_nothing_is_said_about_it(tmp_path: Path) -> None:
    made = recording(tmp_path, EXAMPLE, [])
    found = {v.requirement.id: v.outcome for v in verdicts(made, only=f"{SECTION}*")}
    assert found[f"{SECTION}served"] is Outcome.INCONCLUSIVE
    assert found[f"{SECTION}npm"] is Outcome.PASS


def test_a_model_by_option_is_not_in_the_file(tmp_path: Path) -> None:
    text = changed({f"{PROVIDER}.models.second": {"name": "second"}, "model": None})
    made = recording(tmp_path, text, choice=Choice(needs_model=False))
    found = {v.requirement.id: v.outcome for v in verdicts(made, only=f"{SECTION}*")}
    assert found[f"{SECTION}name"] is Outcome.NOT_APPLICABLE
    assert found[f"{SECTION}npm"] is Outcome.PASS


def test_no_file_is_nothing_to_judge(tmp_path: Path) -> None:
    made = Recording({}, recording(tmp_path, EXAMPLE).exchanges)
    found = {judged.outcome for judged in verdicts(made, only=f"{SECTION}*")}
    assert found == {Outcome.NOT_APPLICABLE}


def test_the_evidence_is_the_line_in_the_file(tmp_path: Path) -> None:
    text = changed({"model": "my-model"})
    made = recording(tmp_path, text)
    raised = [v.raised for v in verdicts(made, only=f"{SECTION}model-form")]
    assert isinstance(raised[0], Breach)
    line = next(n for n, row in enumerate(text.split("\n"), 1) if row.startswith('  "model":'))
    assert raised[0].finding.evidence[0].exchange == f"opencode.json:{line}:12"
    assert raised[0].finding.observed == 'model is "my-model"'


@pytest.mark.parametrize(
    "authorization", [f"Bearer {KEY}", KEY, f"Bearer Bearer {KEY}", f'"Bearer {KEY}"', f"x={KEY}"]
)
def test_no_key_reaches_the_facts(tmp_path: Path, authorization: str) -> None:
    text = changed(
        {
            AUTHORIZATION: authorization,
            f"{OPTIONS}.headers.X-Short": "s3cr3t",
            f"{OPTIONS}.apiKey": KEY,
            f"{PROVIDER}.env": [KEY],
            "mcp": {"files": {"headers": {"Authorization": KEY}}},
            "provider.other": {"options": {"apiKey": KEY}, "models": {"m": {"name": KEY}}},
        }
    )
    facts = json.dumps(recording(tmp_path, text).facts)
    assert KEY not in facts
    assert "s3cr3t" not in facts


def test_what_is_binding() -> None:
    binding = {name for name, level in LEVELS.items() if level is MUST}
    assert binding == {"authorization-form", "model-form", "model-known", "flags", "tools"}
