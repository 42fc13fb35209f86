"""The parts of a sharded run make the same report as the run in one piece."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from oaicheck.report.folder import write_folder
from oaicheck.report.merging import Part, merged, read_part
from oaicheck.report.reading import ReportError
from oaicheck.report.run import Run
from oaicheck.rules.verdict import Outcome, Result, RunVerdict, run_verdict
from oaicheck.verdicts.baseline import Compared, Entry
from oaicheck.wire.recording import RecordingWriter, load_recording
from support.commands import Command, outcomes, report
from support.sample_run import build_run


def part(run: Run, folder: Path) -> Part:
    folder.mkdir(exist_ok=True)
    write_folder(run, folder)
    with RecordingWriter(folder / "exchanges.jsonl", run.recording.facts) as writer:
        for exchange in run.recording.exchanges:
            writer.add(exchange)
    return read_part(folder)


def only(run: Run, *sections: str) -> Run:
    results = tuple(r for r in run.results if r.requirement.startswith(sections))
    return dataclasses.replace(run, results=results, verdict=run_verdict(results))


def by_check(results: tuple[Result, ...]) -> dict[tuple[str, str], Result]:
    return {(result.requirement, result.scenario): result for result in results}


def test_two_halves_make_the_whole(tmp_path: Path) -> None:
    run = build_run()
    one = part(only(run, "chat."), tmp_path / "a")
    two = part(only(run, "errors.", "images.", "models."), tmp_path / "b")
    whole = merged([one, two])
    assert by_check(whole.results) == by_check(run.results)
    assert whole.verdict is run.verdict
    assert whole.counts == run.counts
    assert whole.requests == run.requests
    assert whole.exit_code == 1


def test_the_verdict_is_that_of_the_whole(tmp_path: Path) -> None:
    run = build_run()
    good = part(dataclasses.replace(only(run, "models."), exit_code=0), tmp_path / "a")
    bad = part(only(run, "chat.framing"), tmp_path / "b")
    assert good.report.data["verdict"] == "conformant"
    assert merged([good, bad]).verdict is RunVerdict.NON_CONFORMANT


def test_a_part_with_a_budget_limits_the_whole(tmp_path: Path) -> None:
    run = build_run()

    def limited(name: str, **chosen: object) -> Part:
        selection = {**run.selection, "only": [], "skip": [], "pytest": [], **chosen}
        return part(dataclasses.replace(run, selection=selection), tmp_path / name)

    quick = limited("a", budget={"options": "--quick", "of": 90})
    few = limited("b", only=["models.*"], budget={"options": "--max-requests 2", "of": 8})
    selected, whole = limited("c", only=["chat.*"]), limited("d")
    both = merged([quick, few]).selection["budget"]
    assert both == {"options": "--quick, --max-requests 2", "of": 98}
    mixed = merged([quick, selected]).selection["budget"]
    assert mixed == {"options": "--quick", "of": 90 + run.requests}
    assert "budget" not in merged([quick, whole]).selection
    assert "budget" not in merged([selected, selected]).selection


def test_the_same_scenario_sent_twice_becomes_two_attempts(tmp_path: Path) -> None:
    run = build_run()
    again = dataclasses.replace(
        run,
        recording=dataclasses.replace(
            run.recording,
            exchanges=[
                dataclasses.replace(exchange, started=exchange.started + 60)
                for exchange in run.recording.exchanges
            ],
        ),
    )
    one = part(only(run, "models."), tmp_path / "a")
    two = part(only(again, "chat.framing"), tmp_path / "b")
    whole = merged([one, two])
    assert len(whole.exchanges) == whole.requests == 2 * run.requests
    broken = next(result for result in whole.results if result.outcome is Outcome.FAIL)
    assert broken.exchanges == ("stream/text#1.2",)
    assert broken.finding is not None
    assert broken.finding.evidence[0].exchange == "stream/text#1.2"
    assert whole.exchanges["stream/text#1.2"].started == run.recording.exchanges[0].started + 60


def test_of_two_outcomes_the_worse_one_stands(tmp_path: Path) -> None:
    run = build_run()
    better = dataclasses.replace(
        run,
        results=tuple(
            r
            if r.outcome is Outcome.NOT_APPLICABLE
            else dataclasses.replace(r, outcome=Outcome.PASS)
            for r in run.results
        ),
    )
    whole = merged([part(better, tmp_path / "a"), part(run, tmp_path / "b")])
    assert whole.counts == run.counts


def test_what_the_parts_knew_is_known(tmp_path: Path) -> None:
    run = only(build_run(), "chat.framing", "models.")
    broken = [result for result in run.results if result.outcome is Outcome.FAIL]
    known = {(r.requirement, r.scenario): Entry(r.requirement, r.scenario, "#7") for r in broken}
    run = dataclasses.replace(run, baseline=Compared("known.json", known, ()), exit_code=0)
    whole = merged([part(run, tmp_path / "a"), part(only(run, "models."), tmp_path / "b")])
    assert whole.exit_code == 0
    assert whole.verdict is RunVerdict.NON_CONFORMANT
    assert whole.baseline is not None
    assert {entry.reason for entry in whole.baseline.known.values()} == {"#7"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"profile": "opencode"}, "profile"),
        ({"catalogue": "2025.1"}, "catalogue"),
        ({"version": "9.9"}, "version"),
        ({"target": {**build_run().target, "model": "other"}}, "model"),
        ({"target": {**build_run().target, "base_url": "https://b/v1"}}, "base url"),
        ({"gate": "should"}, "--gate"),
    ],
)
def test_strangers_are_refused(tmp_path: Path, change: dict[str, object], said: str) -> None:
    run = build_run()
    parts = [
        part(run, tmp_path / "a"),
        part(dataclasses.replace(run, **change), tmp_path / "b"),  # type: ignore[arg-type]
    ]
    with pytest.raises(ReportError, match=said):
        merged(parts)


def test_a_part_without_its_recording_is_refused(tmp_path: Path) -> None:
    part(build_run(), tmp_path / "a")
    (tmp_path / "a" / "exchanges.jsonl").unlink()
    with pytest.raises(ReportError, match="complete report folders"):
        read_part(tmp_path / "a")


def test_an_interrupted_part_makes_an_interrupted_whole(tmp_path: Path) -> None:
    run = build_run()
    recorded = {**run.selection, "recorded": {"scenarios": 3, "of": 8}}
    stopped = dataclasses.replace(run, exit_code=2, problem="interrupted", selection=recorded)
    whole = merged([part(run, tmp_path / "a"), part(stopped, tmp_path / "b")])
    assert (whole.exit_code, whole.problem) == (2, "interrupted")
    assert whole.recorded == {"scenarios": 3, "of": 8}
    both = merged([part(stopped, tmp_path / "c"), part(stopped, tmp_path / "d")])
    assert both.recorded == {"scenarios": 6, "of": 16}


def test_shards_of_a_real_run(tmp_path: Path, oaicheck: Command, broken: Path) -> None:
    replay = ("--replay", str(broken / "exchanges.jsonl"))
    first = ("--only", "chat.framing.done*")
    assert oaicheck(*first, *replay, "--report-dir", "a").returncode == 1
    rest = ("--only", "chat.framing.*", "--skip", "chat.framing.done*")
    assert oaicheck(*rest, *replay, "--report-dir", "b").returncode == 0
    done = oaicheck("merge", "a", "b", "--report-dir", "whole")
    assert done.returncode == 1, done.stdout + done.stderr
    assert done.stdout.strip().endswith("report: whole")
    whole = tmp_path / "whole"
    assert {path.name for path in whole.iterdir()} == {path.name for path in broken.iterdir()}
    assert sorted(outcomes(whole)) == sorted(outcomes(broken))
    assert report(whole)["verdict"] == "non-conformant"
    assert len(load_recording(whole / "exchanges.jsonl").exchanges) == report(broken)["requests"]
    assert "chat.framing.done-is-sent" in (whole / "report.html").read_text("utf-8")
    assert oaicheck("merge", "a", "b", "--report-dir", "whole").returncode == 4
    again = oaicheck(
        *("--only", "chat.framing.*", "--replay", "whole/exchanges.jsonl", "--report-dir", "c")
    )
    assert again.returncode == 1
    assert sorted(outcomes(tmp_path / "c")) == sorted(outcomes(broken))
    json.loads((whole / "oaicheck.sarif").read_text("utf-8"))
