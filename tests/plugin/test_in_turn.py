"""Long bodies that stay in the file, and ceilings of a run, as whole commands show them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from support.commands import SECTION, Command, python, report

_ALL_LONG = """
import sys
from oaicheck.cli.main import main
from oaicheck.wire import laid_aside, recording
recording.LONG, laid_aside.ROOM, laid_aside.ROOM_FOR_TWO = -1, 1, 1
sys.exit(main(sys.argv[1:]))
"""
"""Judges as if every body were long, and there were room for one of them in memory."""


def without_times(folder: Path) -> dict[str, Any]:
    found = dict(report(folder))
    del found["judged_again"]
    return found


def test_long_bodies_are_judged_as_short_ones_are(
    tmp_path: Path, broken: Path, oaicheck: Command
) -> None:
    again = ("run", "--replay", str(broken), *SECTION, "--report-dir")
    assert oaicheck(*again, "short").returncode == 1
    done = python("-c", _ALL_LONG, *again, "long", cwd=tmp_path, timeout=180)
    assert done.returncode == 1, done.stdout + done.stderr
    assert without_times(tmp_path / "long") == without_times(tmp_path / "short")
    pages = [
        (tmp_path / name / "report.html").read_text("utf-8").partition('id="oaicheck-data"')[2]
        for name in ("long", "short")
    ]
    assert pages[0].partition("</script>")[0] == pages[1].partition("</script>")[0] != ""


def test_a_run_that_reaches_its_ceiling_is_judged_and_says_so_in_one_line(
    tmp_path: Path, oaicheck: Command
) -> None:
    ceiling = ("--max-run-bytes", "1000", "--concurrency", "1")
    done = oaicheck("run", *SECTION, *ceiling, "--report-dir", "stopped")
    assert done.returncode == 1, done.stdout + done.stderr
    told = [line for line in done.stdout.splitlines() if "scenarios not sent" in line]
    assert len(told) == 1
    assert "of answers were recorded; " in told[0]
    assert "--max-run-bytes allows more" in told[0]
    results = report(tmp_path / "stopped")["results"]
    errors = {each["message"] for each in results if each["outcome"] == "error"}
    (reason,) = errors
    assert reason.startswith("not sent because ")
    assert {each["outcome"] for each in results} == {"error", "pass"}
    assert done.stdout.count("not sent because") == 1
