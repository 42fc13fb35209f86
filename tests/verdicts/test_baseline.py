"""Known failures: they do not fail the gate, new ones do, and so do entries that pass now."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import jsonschema
import pytest

from oaicheck.resources import locate
from oaicheck.rules.requirement import Level
from oaicheck.rules.verdict import Outcome, Result
from oaicheck.verdicts.baseline import (
    Baseline,
    BaselineError,
    Entry,
    baseline_text,
    load_baseline,
    updated,
)
from oaicheck.verdicts.gate import exit_code
from support.commands import DONE, SECTION, Command, outcomes, report


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


def test_what_cannot_be_judged_misses_no_gate_once_it_is_known() -> None:
    """And neither a failure nor a pass of it does: the one is new, and the other no surprise."""
    open_, minor = result(Outcome.INCONCLUSIVE), result(Outcome.INCONCLUSIVE, level=Level.SHOULD)
    (entry,) = updated([open_, minor], ())
    assert entry == Entry("chat.x.y", "chat/stream/text", undecided=True)
    known = Baseline("known.json", {entry.check: entry})
    for outcome, code in (
        (Outcome.INCONCLUSIVE, 0),
        (Outcome.PASS, 0),
        (Outcome.ERROR, 1),
        (Outcome.FAIL, 1),
    ):
        results = [result(outcome), result(Outcome.PASS, "chat/stream/long")]
        assert exit_code(results, "must", known.compare(results, allow_stale=False)) == code
    assert updated([result(Outcome.FAIL)], [entry]) == (Entry("chat.x.y", "chat/stream/text"),)
    assert updated([result(Outcome.PASS)], [entry]) == ()
    failing = Entry("chat.x.y", "chat/stream/text", "#7")
    assert updated([open_], [failing]) == (failing,)


def test_an_undecided_entry_is_one_in_the_file_too(tmp_path: Path) -> None:
    entries = (Entry("a.b", "s", "#7", undecided=True), Entry("a.c", "s"))
    path = tmp_path / "known.json"
    path.write_text(baseline_text(entries), "utf-8")
    assert tuple(load_baseline(path).entries.values()) == entries


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


def test_an_endpoint_of_which_nothing_can_be_said_passes_by_its_own_baseline(
    tmp_path: Path, oaicheck: Command
) -> None:
    """Though its checks end before they begin, for want of the view that they ask for."""
    only = ("--only", "chat.tools.streamed-id", "--only", "chat.framing.done-is-sent")
    first = oaicheck(*only, "--fault", "tools-choice-required-ignored", "--report-dir", "a")
    assert first.returncode == 1
    assert "MUST checks could not be judged" in first.stdout
    written = oaicheck("baseline", "a", "-o", "known.json")
    assert "known.json: 0 known failures" in written.stdout
    known = ("--baseline", "known.json", "--report-dir", "b")
    again = oaicheck(*only, "--replay", "a/exchanges.jsonl", *known)
    assert again.returncode == 0, again.stdout
    assert "checks are known to be inconclusive" in again.stdout
    assert outcomes(tmp_path / "b") == [
        (id_, scenario, outcome, outcome == "inconclusive")
        for id_, scenario, outcome, _ in outcomes(tmp_path / "a")
    ]


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
