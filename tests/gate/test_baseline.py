"""Known failures: they do not fail the gate, new ones do, and so do entries that pass now."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import jsonschema
import pytest

from oaicheck.baseline import Baseline, BaselineError, Entry, load_baseline, updated
from oaicheck.gate import exit_code
from oaicheck.requirement import Level
from oaicheck.resources import locate
from oaicheck.verdict import Outcome, Result

from .conftest import DONE, SECTION, Command, outcomes, report


def result(
    outcome: Outcome, scenario: str = "chat/stream/text", level: Level = Level.MUST
) -> Result:
    return Result("chat.x.y", level, outcome, scenario, f"f.py::t[{scenario}]")


def baseline(*scenarios: str) -> Baseline:
    entries = [Entry("chat.x.y", scenario, "#7") for scenario in scenarios]
    return Baseline("known.json", {entry.check: entry for entry in entries})


@pytest.mark.parametrize(
    ("outcome", "level", "gate", "code"),
    [
        (Outcome.PASS, Level.MUST, "must", 0),
        (Outcome.FAIL, Level.MUST, "must", 1),
        (Outcome.WARN, Level.SHOULD, "must", 0),
        (Outcome.WARN, Level.SHOULD, "should", 1),
        (Outcome.INCONCLUSIVE, Level.MUST, "must", 1),
        (Outcome.ERROR, Level.MUST, "must", 1),
        (Outcome.NOT_APPLICABLE, Level.MUST, "must", 5),
    ],
)
def test_the_gate_without_a_baseline(outcome: Outcome, level: Level, gate: str, code: int) -> None:
    assert exit_code([result(outcome, level=level)], gate) == code


def test_known_failures_pass_and_new_ones_do_not() -> None:
    old, new = result(Outcome.FAIL), result(Outcome.FAIL, "chat/stream/long")
    known = baseline("chat/stream/text")
    assert exit_code([old], "must", known.compare([old], allow_stale=False)) == 0
    compared = known.compare([old, new], allow_stale=False)
    assert exit_code([old, new], "must", compared) == 1
    assert compared.knows(old)
    assert not compared.knows(new)


@pytest.mark.parametrize("outcome", [Outcome.WARN, Outcome.ERROR, Outcome.INCONCLUSIVE])
def test_a_known_check_need_not_fail_in_the_same_way(outcome: Outcome) -> None:
    results = [result(outcome), result(Outcome.PASS, "chat/stream/long")]
    compared = baseline("chat/stream/text").compare(results, allow_stale=False)
    assert exit_code(results, "should", compared) == 0


def test_an_entry_that_passes_is_stale() -> None:
    results = [result(Outcome.PASS)]
    known = baseline("chat/stream/text")
    compared = known.compare(results, allow_stale=False)
    assert [entry.scenario for entry in compared.stale] == ["chat/stream/text"]
    assert exit_code(results, "must", compared) == 1
    assert exit_code(results, "must", known.compare(results, allow_stale=True)) == 0


def test_an_entry_on_what_was_not_judged_is_not_stale() -> None:
    results = [result(Outcome.PASS, "chat/stream/long"), result(Outcome.NOT_APPLICABLE)]
    compared = baseline("chat/stream/text", "chat/never/sent").compare(results, allow_stale=False)
    assert compared.stale == ()
    assert exit_code(results, "must", compared) == 0


def test_an_update_keeps_reasons_and_what_was_not_judged() -> None:
    old = [Entry("chat.x.y", name, "why") for name in ("mended", "broken", "elsewhere")]
    results = [result(Outcome.PASS, "mended"), result(Outcome.FAIL, "broken")]
    results.append(result(Outcome.FAIL, "fresh"))
    assert updated(results, old) == (
        Entry("chat.x.y", "broken", "why"),
        Entry("chat.x.y", "elsewhere", "why"),
        Entry("chat.x.y", "fresh"),
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "not JSON"),
        ("[]", "oaicheck.baseline/1"),
        ('{"schema": "oaicheck.baseline/1"}', "known"),
        ('{"schema": "oaicheck.baseline/1", "known": [{"requirement": "a.b"}]}', "scenario"),
        (
            '{"schema": "oaicheck.baseline/1", "known": ['
            '{"requirement": "a.b", "scenario": "s"}, {"requirement": "a.b", "scenario": "s"}]}',
            "twice",
        ),
    ],
)
def test_a_file_that_is_none_is_said(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "known.json"
    path.write_text(text, "utf-8")
    with pytest.raises(BaselineError, match=said):
        load_baseline(path)


def test_from_a_report_to_a_passing_gate_and_back(
    tmp_path: Path, oaicheck: Command, broken: Path
) -> None:
    written = oaicheck("baseline", str(broken), "-o", "known.json")
    assert written.returncode == 0, written.stderr
    data = json.loads((tmp_path / "known.json").read_text("utf-8"))
    schema = locate("fixtures") / "schemas" / "baseline.schema.json"
    jsonschema.validate(data, json.loads(schema.read_text("utf-8")))
    data["known"][0]["reason"] = "ticket 7"
    (tmp_path / "known.json").write_text(json.dumps(data), "utf-8")

    replay = ("--replay", str(broken / "exchanges.jsonl"))
    known = oaicheck(*SECTION, *replay, "--baseline", "known.json", "--report-dir", "known")
    assert known.returncode == 0, known.stdout
    assert "NON-CONFORMANT" in known.stdout
    assert "KNOWN  " in known.stdout
    assert "ticket 7" in known.stdout
    judged = report(tmp_path / "known")
    assert (judged["verdict"], judged["exit_code"]) == ("non-conformant", 0)
    assert judged["baseline"]["known"] == len(data["known"])
    assert {
        known for _, _, outcome, known in outcomes(tmp_path / "known") if outcome == "fail"
    } == {True}
    suites = ET.parse(tmp_path / "known" / "junit.xml").getroot()
    assert suites.get("failures") == "0"
    assert "known fail (ticket 7)" in (tmp_path / "known" / "junit.xml").read_text("utf-8")
    page = (tmp_path / "known" / "report.html").read_text("utf-8")
    assert "Compared with the baseline" in page
    assert "ticket 7" in page

    data["known"].pop()
    (tmp_path / "known.json").write_text(json.dumps(data), "utf-8")
    new = oaicheck(*SECTION, *replay, "--baseline", "known.json", "--report-dir", "new")
    assert new.returncode == 1
    assert ET.parse(tmp_path / "new" / "junit.xml").getroot().get("failures") == "1"

    stale = oaicheck(*DONE, "--baseline", "known.json", "--report-dir", "stale")
    assert stale.returncode == 1, stale.stdout
    assert "STALE" in stale.stdout
    assert report(tmp_path / "stale")["verdict"] == "conformant"
    failures = ET.parse(tmp_path / "stale" / "junit.xml").getroot().iter("failure")
    assert {failure.get("type") for failure in failures} == {"stale"}
    allowed = ("--baseline", "known.json", "--allow-stale", "--report-dir", "allowed")
    replayed = ("--replay", "stale/exchanges.jsonl")
    assert oaicheck(*DONE, *replayed, *allowed).returncode == 0

    emptied = oaicheck("baseline", "stale", "-o", "known.json")
    assert emptied.stdout.startswith("known.json: 0 known failures")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--baseline", "nowhere.json"], "nowhere.json"),
        (["--allow-stale"], "--baseline"),
        (["baseline", "nowhere.json"], "nowhere.json"),
    ],
)
def test_what_cannot_be_done_is_said(oaicheck: Command, arguments: list[str], said: str) -> None:
    done = oaicheck(*arguments)
    assert done.returncode == 4
    assert said in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
