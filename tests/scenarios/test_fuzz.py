"""Fuzzing: what is drawn, that it is planned and replayed like all else, and who survives it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from oaicheck.engine.plan import plan
from oaicheck.rules.requirement import MUST, requirement_of
from oaicheck.rules.verdict import Outcome
from oaicheck.scenarios.fuzz import MOST, Fuzzing, scenario_named
from oaicheck.scenarios.scenario import Scenario
from oaicheck.verdicts.judge import judge
from oaicheck.verdicts.outcomes import outcome_of
from oaicheck.views.bench import Bench
from oaicheck.wire.exchange import Ending
from oaicheck.wire.recording import Recording, load_recording
from support.commands import forked
from support.inprocess import capabilities, checks, profile, record, scenarios, verdicts

CHECKS = {
    requirement.id: (requirement, check)
    for check in checks()
    if (requirement := requirement_of(check)) and requirement.id.startswith("fuzz.")
}
KILLED = {
    "fuzz.damaged.ends": "errors-validation-unanswered",
    "fuzz.damaged.no-server-error": "errors-validation-500",
    "fuzz.damaged.answer": "errors-fastapi-detail",
    "fuzz.damaged.refused": "params-messages-type-accepted",
    "fuzz.unicode.ends": "timing-never-answers",
    "fuzz.unicode.no-server-error": "params-lone-surrogate-500",
    "fuzz.unicode.answer": "errors-html-body",
    "fuzz.unicode.utf-8": "errors-surrogates-quoted",
    "fuzz.unicode.served": "params-astral-characters-400",
    "fuzz.schemas.ends": "sse-stalls-mid-stream",
    "fuzz.schemas.no-server-error": "params-arguments-not-json-500",
    "fuzz.schemas.answer": "errors-midstream-error-event-200",
    "fuzz.schemas.served": "tools-schema-ref-rejected",
}
"""A fault that trips each requirement."""
BESIDE = "chat/whole/tool-call"
DRAWN = Fuzzing(36).scenarios()
KNOWN = {**scenarios(), **DRAWN}


def body_of(scenario: Scenario) -> dict[str, Any]:
    body = scenario.turns[0].body
    assert isinstance(body, dict)
    return body


def bodies(fuzzing: Fuzzing) -> dict[str, str]:
    return {name: json.dumps(body_of(s)) for name, s in fuzzing.scenarios().items()}


def oaicheck(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return forked(*arguments, cwd=cwd, timeout=120)


def outcomes(folder: Path) -> dict[tuple[str, str], str]:
    report = json.loads((folder / "report.json").read_text("utf-8"))
    return {(each["requirement"], each["scenario"]): each["outcome"] for each in report["results"]}


def test_a_seed_draws_the_same_bodies() -> None:
    assert bodies(Fuzzing(30, 7)) == bodies(Fuzzing(30, 7))
    assert bodies(Fuzzing(30, 7)).values() != bodies(Fuzzing(30, 8)).values()


def test_what_is_in_memory_does_not_matter() -> None:
    program = (
        "import json; from oaicheck.scenarios.fuzz import Fuzzing;"
        "drawn = Fuzzing(30, 7).scenarios().items();"
        "print(json.dumps({n: json.dumps(s.turns[0].body) for n, s in drawn}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert json.loads(done.stdout) == bodies(Fuzzing(30, 7))


def test_more_of_a_seed_changes_none() -> None:
    few, many = bodies(Fuzzing(20, 3)), bodies(Fuzzing(90, 3))
    assert few.items() <= many.items()
    assert len(set(many.values())) == len(many) == 90


def test_a_name_says_what_its_body_is() -> None:
    for name, drawn in Fuzzing(12, 5).scenarios().items():
        assert scenario_named(name) == drawn
    for name in ("fuzz/damaged/5-1", "fuzz/damaged/x", f"fuzz/damaged/1-{MOST}", "chat/whole/text"):
        assert scenario_named(name) is None


def test_every_kind_and_many_fields_have_their_turn() -> None:
    drawn = Fuzzing(120).scenarios()
    kinds = Counter(name.removeprefix("fuzz/").rsplit("/", 1)[0] for name in drawn)
    assert set(kinds.values()) == {20}
    assert len(kinds) == 6
    assert len({scenario.title for scenario in drawn.values()}) >= 30


def test_a_body_stays_small_and_holds_no_placeholder_but_the_model() -> None:
    for scenario in Fuzzing(300, 2).scenarios().values():
        body = body_of(scenario)
        assert body["max_tokens"] == 8
        text = json.dumps({**body, "model": None})
        assert len(text) < 10_000
        assert not any(mark in text for mark in ("$nonce", "$model", "$answer", "$repeat"))
        assert "\\ue000" not in text


def test_drawn_requests_are_planned() -> None:
    planned = plan(Fuzzing(24).scenarios().values())
    assert planned.requests == 24 + 1
    assert planned.output_tokens == 24 * 8 + planned.scenarios[0].output_tokens


def test_the_reference_endpoint_survives() -> None:
    drawn = Fuzzing(300, 11).scenarios()
    known = {**scenarios(), **drawn}
    recording = record(names=[BESIDE, *drawn], known=known)
    judged = list(verdicts(recording, only="fuzz.*", known=known))
    assert {each.scenario for each in judged} == set(drawn)
    assert [each for each in judged if each.outcome is not Outcome.PASS] == []


def test_every_requirement_has_a_fault() -> None:
    assert CHECKS.keys() == KILLED.keys()


@pytest.mark.parametrize(("requirement", "fault"), KILLED.items())
def test_a_fault_is_found(requirement: str, fault: str) -> None:
    recording = record([fault], names=[BESIDE, *DRAWN], known=KNOWN)
    found = {judged.outcome for judged in verdicts(recording, only=requirement, known=KNOWN)}
    level = CHECKS[requirement][0].level
    assert (Outcome.FAIL if level is MUST else Outcome.WARN) in found


def test_silence_is_a_failure_and_no_connection_an_error() -> None:
    name = next(name for name in DRAWN if name.startswith("fuzz/damaged/"))
    requirement, check = CHECKS["fuzz.damaged.ends"]
    came = record(names=[name], known=KNOWN)
    for ending, outcome in (
        (Ending.NO_FIRST_BYTE, Outcome.FAIL),
        (Ending.RESET, Outcome.FAIL),
        (Ending.NOT_CONNECTED, Outcome.ERROR),
    ):
        recording = Recording(came.facts, [silent(exchange, ending) for exchange in came.exchanges])
        bench = Bench(profile(), KNOWN, capabilities(), recording.facts, recording)
        raised = judge(check, bench, KNOWN[name], requirement)
        assert outcome_of(raised, MUST) is outcome, ending


def silent(exchange: Any, ending: Ending) -> Any:
    return replace(exchange, status=None, headers=(), segments=(), ending=ending)


def test_a_run_is_replayed_from_its_recording(tmp_path: Path) -> None:
    chosen = ("--only", "fuzz.*")
    done = oaicheck(
        *("--fuzz", "18", "--fuzz-seed", "4", *chosen),
        *("--fault", "params-lone-surrogate-500", "--fault", "errors-fastapi-detail"),
        *("--report-dir", "live"),
        cwd=tmp_path,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    recorded = tmp_path / "live" / "exchanges.jsonl"
    recording = load_recording(recorded)
    assert recording.facts["fuzz"] == {"count": 18, "seed": 4}
    names = {exchange.scenario for exchange in recording.exchanges}
    assert {*Fuzzing(18, 4).scenarios(), BESIDE} <= names
    live = outcomes(tmp_path / "live")
    assert {scenario for _, scenario in live} == set(Fuzzing(18, 4).scenarios())
    again = oaicheck(*chosen, "--replay", str(recorded), "--report-dir", "again", cwd=tmp_path)
    assert again.returncode == 1, again.stdout + again.stderr
    assert outcomes(tmp_path / "again") == live
    assert not (tmp_path / ".hypothesis").exists()


def test_curl_prints_a_drawn_body(tmp_path: Path) -> None:
    name = next(iter(Fuzzing(1, 4).scenarios()))
    done = oaicheck("curl", name, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "max_tokens" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--fuzz", "many"], "--fuzz many: give a whole number"),
        (["--fuzz", "-1"], "whole number"),
        (["--fuzz", str(MOST + 1)], str(MOST)),
        (["--only", "fuzz.unicode.*"], "--fuzz N"),
        (["--replay", "exchanges.jsonl", "--fuzz", "3"], "leave out --fuzz"),
    ],
)
def test_slips_are_named(tmp_path: Path, arguments: list[str], said: str) -> None:
    (tmp_path / "exchanges.jsonl").write_text('{"format": "oaicheck.recording/1"}\n')
    done = oaicheck(*arguments, cwd=tmp_path)
    assert done.returncode == 4, done.stdout + done.stderr
    assert said in done.stdout + done.stderr


def test_without_fuzzing_hypothesis_is_not_even_imported() -> None:
    program = (
        "import sys, oaicheck.plugin, oaicheck.cli; from oaicheck.scenarios.fuzz import Fuzzing;"
        "assert Fuzzing().scenarios() == {}; print('hypothesis.strategies' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "False"
