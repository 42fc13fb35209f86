"""Checks are items of pytest: what selects, stops and reports items works on them."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from oaicheck.resources import locate
from support.commands import SECTION, Command, outcomes


@pytest.fixture
def replay(oaicheck: Command, broken: Path, tmp_path: Path) -> Command:
    """Judges a recording again: of an endpoint that never sends the sentinel, by its section."""
    again = ("--replay", str(broken), "--report-dir", str(tmp_path / "again"))
    return lambda *arguments: oaicheck("run", *again, *(arguments or SECTION))


def test_a_quiet_run_says_nothing_of_checks_that_passed(replay: Command) -> None:
    ended = replay()
    before = ended.stdout.partition("FAIL  MUST")[0]
    assert "replaying" in before
    assert not [line for line in before.splitlines() if re.fullmatch(r"[.F]+( *\[.*\])?", line)]
    assert "passed in" not in ended.stdout


def test_a_verbose_run_has_a_line_for_every_check(replay: Command, tmp_path: Path) -> None:
    ended = replay(*SECTION, "-v")
    judged = outcomes(tmp_path / "again")
    lines = [line for line in ended.stdout.splitlines() if "test_framing.py::" in line]
    assert len(lines) == len(judged) > 200
    assert sum(" FAIL " in line for line in lines) == 18


def test_the_first_failure_stops_a_run(replay: Command, tmp_path: Path) -> None:
    ended = replay(*SECTION, "-x")
    found = [outcome for _, _, outcome, _ in outcomes(tmp_path / "again")]
    assert found.count("fail") == 1
    assert found[-1] == "fail"
    assert "stopping after 1 failures" in ended.stdout


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["-k", "test_done_is_sent"], 18),
        (["-k", "test_done_is_sent and long-call"], 1),
        (["--only", "chat.framing.status"], 18),
    ],
)
def test_checks_are_selected(
    replay: Command, tmp_path: Path, arguments: list[str], expected: int
) -> None:
    replay(*arguments)
    assert len(outcomes(tmp_path / "again")) == expected


def test_a_plugin_that_wants_all_reports_gets_them(replay: Command, tmp_path: Path) -> None:
    replay(*SECTION, "--junitxml", str(tmp_path / "junit.xml"))
    cases = ET.parse(tmp_path / "junit.xml").getroot().findall(".//testcase")
    judged = outcomes(tmp_path / "again")
    assert len(cases) == len(judged)
    assert sum(case.find("failure") is not None for case in cases) == 18


def test_the_debugger_stops_at_a_failure(replay: Command) -> None:
    ended = replay(*SECTION, "--pdb", "-x")
    assert "entering PDB" in ended.stdout
    assert "test_done_is_sent()\n-> require(" in ended.stdout


def test_the_debugger_leaves_alone_what_does_not_apply(oaicheck: Command, tmp_path: Path) -> None:
    report = tmp_path / "report"
    only = ("--only", "chat.delivery.undisturbed", "--only", "chat.framing.status")
    ended = oaicheck("run", *only, "--pdb", "--report-dir", str(report))
    assert ended.returncode == 0, ended.stdout
    assert "not-applicable" in [outcome for _, _, outcome, _ in outcomes(report)]
    assert "PDB" not in ended.stdout


def test_suites_hide_no_module_of_python(oaicheck: Command) -> None:
    """`suites/http` and Python's own package `http` have one name."""
    ended = oaicheck("--collect-only", "-q", "--only", "http.headers.*")
    assert ended.returncode == 0, ended.stdout
    assert f"{locate('suites').name}" not in ended.stderr
    assert "test_headers.py::" in ended.stdout
