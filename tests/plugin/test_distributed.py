"""Under pytest-xdist everything is sent once, and the report is the same."""

from __future__ import annotations

from pathlib import Path

from oaicheck.report.reading import read_report
from oaicheck.wire.recording import load_recording
from support.commands import BROKEN, DONE, SECTION, Command, report

WORKERS = ("-n", "2")


def test_the_report_is_the_same(tmp_path: Path, oaicheck: Command, broken: Path) -> None:
    replay = ("--replay", str(broken / "exchanges.jsonl"))
    done = oaicheck(*SECTION, *replay, *WORKERS, "--report-dir", "shared")
    assert done.returncode == 1, done.stdout + done.stderr
    alone = oaicheck(*SECTION, *replay, "--report-dir", "alone")
    assert alone.returncode == 1
    shared, single = report(tmp_path / "shared"), report(tmp_path / "alone")
    for value in (shared, single):
        del value["judged_again"]
    assert shared == single
    assert done.stdout.count("replaying") == 1


def test_everything_is_sent_once(tmp_path: Path, oaicheck: Command) -> None:
    done = oaicheck(*DONE, *BROKEN, *WORKERS, "-k", "text or length", "--report-dir", "report")
    assert done.returncode == 1, done.stdout + done.stderr
    exchanges = load_recording(tmp_path / "report" / "exchanges.jsonl").exchanges
    assert len({exchange.id for exchange in exchanges}) == len(exchanges)
    sent = {exchange.scenario for exchange in exchanges} - {"warm-up"}
    judged = {result.scenario for result in read_report(tmp_path / "report").results}
    assert sent == judged
    assert all("text" in name or "length" in name for name in sent)


def test_a_plan_needs_no_workers(tmp_path: Path, oaicheck: Command) -> None:
    done = oaicheck(*DONE, *WORKERS, "--plan")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "chat/stream/text" in done.stdout
    assert not list(tmp_path.iterdir())


def test_an_unreachable_endpoint_is_one_message(oaicheck: Command) -> None:
    target = ("--endpoint", "http://127.0.0.1:9/v1", "--model", "m", "--no-auth")
    done = oaicheck(*DONE, *WORKERS, *target, "--report-dir", "report")
    assert done.returncode == 4, done.stdout + done.stderr
    assert (done.stdout + done.stderr).count("refused") == 1
    assert "Traceback" not in done.stdout + done.stderr
