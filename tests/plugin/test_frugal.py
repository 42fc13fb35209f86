"""A run with a budget sends the most revealing scenarios, and says how far its verdict goes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
import pytest

from oaicheck.reference import ReferenceEndpoint, Settings, running
from oaicheck.resources import locate
from oaicheck.scenarios.budget import load_order
from oaicheck.wire.recording import load_recording
from support.commands import Command, outcomes, report

KEY = "sk-a-key-that-nobody-may-see-4711"
SETTINGS = Settings(api_key=KEY, models=("reference-1",), reasoning_models=())


def sent(folder: Path) -> list[str]:
    return [exchange.scenario for exchange in load_recording(folder).exchanges]


def test_a_quick_run(tmp_path: Path, oaicheck: Command) -> None:
    done = oaicheck("--quick", "--report-dir", "quick")
    assert done.returncode == 0, done.stdout + done.stderr
    last = done.stdout.splitlines()[-2]
    whole = json.loads((tmp_path / "quick" / "report.json").read_text("utf-8"))
    budget = whole["selection"]["budget"]
    assert last.startswith(f"CONFORMANT as far as 20 of {budget['of']} requests show")
    assert f"the same command without --quick judges the rest: it sends {budget['of']}" in (
        done.stdout
    )
    schema = json.loads((locate("fixtures") / "schemas" / "report.schema.json").read_text("utf-8"))
    jsonschema.validate(whole, schema)
    assert len(sent(tmp_path / "quick")) == whole["requests"] == 20
    judged = outcomes(tmp_path / "quick")
    assert {outcome for _, _, outcome, _ in judged} == {"pass", "not-applicable"}
    assert {scenario for _, scenario, _, _ in judged} <= set(sent(tmp_path / "quick"))

    again = oaicheck("--replay", "quick", "--report-dir", "again")
    assert again.returncode == 0, again.stdout + again.stderr
    assert again.stdout.splitlines()[-2] == last
    assert outcomes(tmp_path / "again") == judged

    shared = oaicheck("--quick", "-n", "2", "--report-dir", "shared")
    assert shared.returncode == 0, shared.stdout + shared.stderr
    assert shared.stdout.splitlines()[-2].startswith("CONFORMANT as far as 20 of ")
    # Which requests run at the same time differs from run to run, and with it what applies.
    found = outcomes(tmp_path / "shared")
    assert [each[:2] for each in found] == [each[:2] for each in judged]
    assert {outcome for _, _, outcome, _ in found} == {"pass", "not-applicable"}


def test_a_selection_is_limited_too(tmp_path: Path, oaicheck: Command) -> None:
    chosen = ("--only", "errors.authentication.*", "--skip", "*.empty-key", "-k", "wrong_key")
    done = oaicheck(*chosen, "--max-requests", "3", "--report-dir", "report")
    assert done.returncode == 0, done.stdout + done.stderr
    assert sorted(sent(tmp_path / "report")) == ["auth/missing-key", "auth/wrong-key", "warm-up"]
    assert "CONFORMANT as far as 3 of " in done.stdout
    assert "requests show (partial run)" in done.stdout


def test_a_budget_that_leaves_nothing_out_is_not_mentioned(
    tmp_path: Path, oaicheck: Command
) -> None:
    done = oaicheck("--quick", "--only", "models.list.*", "--report-dir", "report")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "CONFORMANT (partial run)" in done.stdout
    assert "budget" not in report(tmp_path / "report")["selection"]


def test_tokens_are_limited_as_the_plan_counts_them(tmp_path: Path, oaicheck: Command) -> None:
    done = oaicheck("--max-tokens", "400", "--report-dir", "report")
    assert done.returncode == 0, done.stdout + done.stderr
    planned = oaicheck("--max-tokens", "400", "--plan").stdout
    names = re.findall(r"^([\w-]+/[\w/-]+) ", planned, re.MULTILINE)
    assert set(sent(tmp_path / "report")) == {"warm-up", *names}
    assert not set(names) & {"limits/overflow", "chat/stream/long"}


def test_a_plan_shows_what_is_chosen(oaicheck: Command) -> None:
    done = oaicheck("--plan", "--max-requests", "4")
    assert done.returncode == 0, done.stdout + done.stderr
    first = load_order(locate("fixtures"))[0]
    assert first in done.stdout
    assert "3 scenarios and the warm-up" in done.stdout
    left_out = next(line for line in done.stdout.splitlines() if line.startswith("left out"))
    whole = len(load_order(locate("fixtures")))
    assert left_out.startswith(f"left out by --max-requests 4: {whole - 3} of {whole} scenarios")


def test_retries_count(tmp_path: Path, oaicheck: Command) -> None:
    done = oaicheck("--quick", "--fault", "http-rate-limited", "--report-dir", "report")
    assert len(sent(tmp_path / "report")) == 20
    assert "scenarios not sent: retries used up --quick; " in done.stdout
    found = {outcome for _, _, outcome, _ in outcomes(tmp_path / "report")}
    assert found <= {"pass", "not-applicable", "inconclusive"}


def test_what_the_target_lacks_costs_nothing(tmp_path: Path, oaicheck: Command) -> None:
    with running(ReferenceEndpoint(SETTINGS)) as base_url:
        target = ("--endpoint", base_url, "--key-env", "K", "--report-dir", "report")
        done = oaicheck(*target, "--capability", "no-responses", "--max-requests", "9", K=KEY)
    assert done.returncode == 0, done.stdout + done.stderr
    names = sent(tmp_path / "report")
    # No model was named, so that one request listed the models, before anything was recorded.
    assert len(names) == 8
    assert not any(name.startswith("responses/") for name in names)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--max-requests", "0"], "--max-requests 0: give a whole number, 2 or more"),
        (["--max-requests=-7"], "--max-requests -7: give a whole number, 2 or more"),
        (["--max-tokens", "few"], "--max-tokens few: give a whole number, 1 or more"),
        (["--quick", "--max-requests", "5"], "leave out --quick or --max-requests 5"),
        (["--quick", "--clients"], "leave out --quick or --clients"),
        (["--max-requests", "9", "--replay", "r"], "a replay sends nothing: leave out --max-req"),
        (
            ["--max-requests", "2", "--only", "errors.authentication.wrong-key"],
            "--max-requests 2 is too little for what is selected: --max-requests 3 is the smallest",
        ),
    ],
)
def test_a_budget_that_cannot_work_is_refused_in_one_line(
    oaicheck: Command, tmp_path: Path, arguments: list[str], said: str
) -> None:
    done = oaicheck(*arguments)
    assert done.returncode == 4, done.stdout + done.stderr
    told = [line for line in done.stderr.splitlines() if line.strip()]
    assert len(told) == 1
    assert said in told[0]
    assert list(tmp_path.iterdir()) == []
