"""An interrupted run judges what it recorded, and another one goes on from there."""

from __future__ import annotations

import json
import signal
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from oaicheck.plugin.interruption import PLANNED, Interruption
from oaicheck.resources import locate
from oaicheck.wire.exchange import Exchange
from oaicheck.wire.recording import Recording, load_recording
from oaicheck.wire.silence import STILL_THERE
from support.answers import answer
from support.commands import BROKEN, Command, outcomes, report
from support.commands import SECTION as WITH_CONVERSATIONS
from support.holding import Ended, Process, holding, lines_in
from support.inprocess import scenarios

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="Windows has no SIGINT for another process"
)

SIGNALS = (signal.SIGINT, signal.SIGTERM)
SECTION = (*WITH_CONVERSATIONS, "-k", "not stop")
"""Scenarios of one request each."""
ONE_AT_A_TIME = ("--concurrency", "1")
TURNS = ("--only", "responses.state.*")


def interrupted(
    number: signal.Signals, most: int, *arguments: str, cwd: Path, folder: str = "first"
) -> Ended:
    """A run that a signal ended after so many requests."""
    with holding(most) as (endpoint, target):
        process = Process(
            "oaicheck", *target, *ONE_AT_A_TIME, *arguments, "--report-dir", folder, cwd=cwd
        )
        endpoint.wait_until_it_holds()
        lines_in(cwd / folder / "exchanges.jsonl", most + 1)
        process.signal(number)
        ended = process.end()
    assert "Traceback" not in ended.output
    assert "!!!" not in ended.output
    return ended


def valid(folder: Path) -> Any:
    found = report(folder)
    schema = json.loads((locate("fixtures") / "schemas" / "report.schema.json").read_text("utf-8"))
    jsonschema.validate(found, schema)
    return found


@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
def test_what_was_recorded_is_judged(tmp_path: Path, number: signal.Signals) -> None:
    ended = interrupted(number, 4, *SECTION, cwd=tmp_path)
    assert ended.code == 2, ended.output
    found = valid(tmp_path / "first")
    recorded = found["selection"]["recorded"]
    assert recorded["scenarios"] == 3 < recorded["of"]
    how = f"interrupted: 3 of {recorded['of']} scenarios are recorded; the rest: oaicheck run"
    assert found["problem"].startswith(f"{how} --resume first … ")
    assert f"  stopped   {how} --resume first … (with the same options)\n" in ended.output
    verdict, where = ended.output.splitlines()[-2:]
    assert verdict.startswith(
        f"CONFORMANT as far as 3 of {recorded['of']} scenarios show (interrupted, partial run)"
    )
    assert where == "report: first"
    assert (found["exit_code"], found["verdict"]) == (2, "conformant")
    judged = outcomes(tmp_path / "first")
    exchanges = load_recording(tmp_path / "first").exchanges
    assert {each[1] for each in judged} == {each.scenario for each in exchanges} - {"warm-up"}
    assert {each[2] for each in judged} == {"pass"}
    part = f"conformant, 3 of {recorded['of']} scenarios"
    assert part in (tmp_path / "first" / "badge.json").read_text("utf-8")
    assert "--resume first" in (tmp_path / "first" / "report.html").read_text("utf-8")


def test_another_run_goes_on(tmp_path: Path, oaicheck: Command) -> None:
    with holding(5) as (endpoint, target):
        command = (*target, *ONE_AT_A_TIME, *SECTION)
        process = Process("oaicheck", *command, "--report-dir", "first", cwd=tmp_path)
        endpoint.wait_until_it_holds()
        lines_in(tmp_path / "first" / "exchanges.jsonl", 6)
        process.signal(signal.SIGTERM)
        assert process.end().code == 2
        endpoint.released.set()

        planned = oaicheck("--plan", "--resume", "first", *command)
        assert planned.returncode == 0, planned.stdout + planned.stderr
        before = endpoint.asked
        done = oaicheck("--resume", "first", *command, "--report-dir", "second")
        assert done.returncode == 0, done.stdout + done.stderr
        sent = endpoint.asked - before
        whole = oaicheck(*command, "--report-dir", "whole")
        assert whole.returncode == 0
    first, second = load_recording(tmp_path / "first"), load_recording(tmp_path / "second")
    total = report(tmp_path / "whole")["requests"]
    assert sent == total - 4
    assert second.exchanges[:5] == first.exchanges
    assert len({each.id for each in second.exchanges}) == len(second.exchanges) == total + 1
    recorded = f"4 of {total - 1} scenarios are recorded in first\n"
    assert recorded in planned.stdout
    assert recorded in done.stdout
    assert f"{sent - 1} scenarios and the warm-up" in planned.stdout
    assert [each["exchanges"] for each in second.facts["resumed"]] == [5]
    assert valid(tmp_path / "second")["problem"] is None
    assert outcomes(tmp_path / "second") == outcomes(tmp_path / "whole")
    assert done.stdout.splitlines()[-2].startswith("CONFORMANT (partial run)")


def test_a_conversation_that_was_cut_is_not_judged(tmp_path: Path, oaicheck: Command) -> None:
    scenario = "responses/kept/turns"
    ended = interrupted(signal.SIGINT, 2, "-k", scenario, cwd=tmp_path)
    assert ended.code == 2, ended.output
    exchanges = load_recording(tmp_path / "first").exchanges
    assert [each.id for each in exchanges] == ["warm-up#1", f"{scenario}#1"]
    assert outcomes(tmp_path / "first") == []
    assert "NOTHING JUDGED (interrupted)" in ended.output

    again = oaicheck("--replay", "first", "--report-dir", "again")
    assert again.returncode == 5, again.stdout + again.stderr

    with holding(1000) as (_, target):
        options = (*target, "-k", scenario, "--report-dir", "second")
        other = oaicheck("--resume", "first", *options)
        assert other.returncode == 4
        assert "first: its recording is of http" in other.stderr
        head, *rest = (tmp_path / "first" / "exchanges.jsonl").read_text("utf-8").splitlines(True)
        facts = json.loads(head)
        facts["target"]["base_url"] = target[1]
        # A killed process may leave a part of a line.
        text = "".join([json.dumps(facts) + "\n", *rest, rest[-1][:100]])
        (tmp_path / "first" / "exchanges.jsonl").write_text(text, "utf-8")
        done = oaicheck("--resume", "first", *options)
    assert done.returncode == 0, done.stdout + done.stderr
    last = [each.id for each in load_recording(tmp_path / "second").exchanges][-3:]
    assert last == [f"{scenario}#{turn}.2" for turn in (1, 2, 3)]
    assert {each[2] for each in outcomes(tmp_path / "second")} == {"pass"}


def test_a_replay_says_how_much_was_recorded(tmp_path: Path, oaicheck: Command) -> None:
    assert interrupted(signal.SIGINT, 4, *SECTION, cwd=tmp_path).code == 2
    done = oaicheck("--replay", "first", *SECTION, "--report-dir", "again")
    assert done.returncode == 0, done.stdout + done.stderr
    of = report(tmp_path / "first")["selection"]["recorded"]["of"]
    words = f"CONFORMANT as far as 3 of {of} scenarios show (partial run)"
    assert done.stdout.splitlines()[-2].startswith(words)
    assert outcomes(tmp_path / "again") == outcomes(tmp_path / "first")


@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
@pytest.mark.parametrize("module", ["oaicheck", "pytest"])
def test_the_first_request_can_be_interrupted(
    tmp_path: Path, number: signal.Signals, module: str
) -> None:
    with holding(0) as (endpoint, target):
        prefix, suites = (
            ("--", ()) if module == "oaicheck" else ("--oai-", (str(locate("suites")),))
        )
        options = [each.replace("--", prefix) for each in (*target, "--report-dir", "report")]
        process = Process(module, *suites, *options, cwd=tmp_path)
        endpoint.wait_until_it_holds()
        process.signal(number)
        ended = process.end()
    assert ended.code == 2, ended.output
    told = [line for line in ended.output.splitlines() if line]
    assert told[-1] == "interrupted before anything was recorded: there is no report"
    assert module == "pytest" or len(told) == 1
    assert "Traceback" not in ended.output
    assert "!!!" not in ended.output
    assert not (tmp_path / "report").exists()


def test_judging_can_be_interrupted_too(tmp_path: Path, broken: Path) -> None:
    (tmp_path / "impatient.py").write_text(
        "import os, signal\n"
        "seen = []\n"
        "def pytest_runtest_logreport(report):\n"
        "    seen.append(report)\n"
        "    if len(seen) == 20:\n"
        "        os.kill(os.getpid(), signal.SIGTERM)\n"
    )
    process = Process(
        "oaicheck",
        *WITH_CONVERSATIONS,
        *("--replay", str(broken), "-p", "impatient"),
        cwd=tmp_path,
    )
    ended = process.end()
    assert ended.code == 2, ended.output
    assert "Traceback" not in ended.output
    assert "!!!" not in ended.output
    (folder,) = (tmp_path / "reports").iterdir()
    found = valid(folder)
    checks = len(report(broken)["results"])
    assert len(found["results"]) == 7
    assert found["problem"] == (
        f"interrupted: 7 of {checks} checks judged; all of them: oaicheck run --replay "
        f"reports/{folder.name}"
    )


def test_workers_judge_what_was_recorded(tmp_path: Path) -> None:
    ended = interrupted(signal.SIGINT, 4, *SECTION, "-n", "2", cwd=tmp_path)
    assert ended.code == 2, ended.output
    found = valid(tmp_path / "first")
    assert found["selection"]["recorded"]["scenarios"] == 3
    judged = {each[1] for each in outcomes(tmp_path / "first")}
    exchanges = load_recording(tmp_path / "first").exchanges
    assert judged == {each.scenario for each in exchanges} - {"warm-up"}


def test_a_run_of_the_embedded_endpoint_goes_on(
    tmp_path: Path, oaicheck: Command, broken: Path
) -> None:
    lines = (broken / "exchanges.jsonl").read_text("utf-8").splitlines(keepends=True)
    (tmp_path / "part").mkdir()
    text = "".join([*lines[:5], lines[5][:50]])
    (tmp_path / "part" / "exchanges.jsonl").write_text(text, "utf-8")
    ids = ("--only", "http.headers.completion-id-unique")
    done = oaicheck(
        "--resume", "part", *WITH_CONVERSATIONS, *ids, *BROKEN, "--report-dir", "report"
    )
    assert done.returncode == 1, done.stdout + done.stderr
    exchanges = load_recording(tmp_path / "report").exchanges
    assert exchanges[:4] == load_recording(broken).exchanges[:4]
    assert len({each.id for each in exchanges}) == len(exchanges)
    found = outcomes(tmp_path / "report")
    assert [each for each in found if each[0] != ids[1]] == outcomes(broken)
    assert [each[2] for each in found if each[0] == ids[1]] == ["pass"]


def test_a_budget_chooses_the_same_scenarios_again(tmp_path: Path, oaicheck: Command) -> None:
    budget = ("--max-requests", "8")
    whole = oaicheck(*budget, "--report-dir", "whole")
    assert whole.returncode == 0, whole.stdout + whole.stderr
    lines = (tmp_path / "whole" / "exchanges.jsonl").read_text("utf-8").splitlines(keepends=True)
    (tmp_path / "part.jsonl").write_text("".join(lines[:5]), "utf-8")
    done = oaicheck("--resume", "part.jsonl", *budget, "--report-dir", "second")
    assert done.returncode == 0, done.stdout + done.stderr
    names = [
        {each.scenario for each in load_recording(tmp_path / folder).exchanges}
        for folder in ("whole", "second")
    ]
    assert names[0] == names[1]
    assert outcomes(tmp_path / "second") == outcomes(tmp_path / "whole")
    assert "CONFORMANT as far as 9 of " in done.stdout


@pytest.mark.parametrize(("asked", "missing"), [((), 1), ((answer(STILL_THERE),), None)])
def test_what_a_silent_endpoint_was_not_sent_is_no_interruption(
    asked: tuple[Exchange, ...], missing: int | None
) -> None:
    names = ["chat/whole/text", "chat/stream/text"]
    recording = Recording({PLANNED: names}, [answer(names[0]), *asked])
    found = Interruption.found_in(recording, scenarios())
    assert (found and len(found.missing)) == missing
