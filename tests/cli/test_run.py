"""Whole runs, as a user starts them: exit codes, messages, what is left behind."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import jsonschema
import pytest

from oaicheck.reference import ReferenceEndpoint, Settings, running
from oaicheck.resources import locate
from oaicheck.wire.recording import load_recording
from support.commands import forked, neutral, report

KEY = "sk-a-key-that-nobody-may-see-4711"
CHECKOUT = Path(__file__).parent.parent.parent


def oaicheck(
    *arguments: str, cwd: Path, environ: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the command line in an environment that names no target of its own."""
    return forked(*arguments, cwd=cwd, timeout=120, **(environ or {}))


def outcomes(folder: Path) -> dict[tuple[str, str], str]:
    return {
        (result["requirement"], result["scenario"]): result["outcome"]
        for result in report(folder)["results"]
    }


@pytest.fixture
def endpoint() -> Iterator[str]:
    """The base URL of a reference endpoint that stands for somebody's server."""
    with running(ReferenceEndpoint(Settings(api_key=KEY))) as base_url:
        yield base_url


class Clean(NamedTuple):
    """A whole run against the embedded endpoint, and the folder of its report."""

    done: subprocess.CompletedProcess[str]
    folder: Path


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Clean:
    folder = tmp_path_factory.mktemp("clean")
    return Clean(oaicheck("--report-dir", "report", cwd=folder), folder / "report")


def test_the_embedded_endpoint_is_conformant(clean: Clean) -> None:
    done, folder = clean
    assert done.returncode == 0, done.stdout + done.stderr
    assert "CONFORMANT" in done.stdout
    assert "the embedded reference endpoint" in done.stdout
    assert done.stdout.strip().endswith("report: report")
    assert "report.html" not in done.stdout
    names = {path.name for path in folder.iterdir()}
    assert names == {
        *("report.html", "report.json", "junit.xml", "exchanges.jsonl"),
        *("oaicheck.sarif", "summary.md", "badge.json", "badge.svg"),
    }
    written = report(folder)
    schema = json.loads((locate("fixtures") / "schemas" / "report.schema.json").read_text("utf-8"))
    jsonschema.validate(written, schema)
    assert written["verdict"] == "conformant"
    broken = {"fail", "warn", "error", "inconclusive"} & set(outcomes(folder).values())
    assert not broken
    assert written["requests"] * 4 < len(written["results"])


def test_each_scenario_is_sent_once(clean: Clean) -> None:
    recording = load_recording(clean.folder / "exchanges.jsonl")
    ids = [exchange.id for exchange in recording.exchanges]
    assert len(ids) == len(set(ids))
    assert all(exchange.attempt == 1 for exchange in recording.exchanges)


def test_a_missing_sentinel_is_named_and_nothing_else(tmp_path: Path) -> None:
    selection = ("--only", "chat.framing.*", "--only", "chat.chunk.*")
    done = oaicheck(
        *selection, "--fault", "sse-missing-done", "--report-dir", "broken", cwd=tmp_path
    )
    assert done.returncode == 1
    assert "chat.framing.done-is-sent" in done.stdout
    assert "NON-CONFORMANT" in done.stdout
    live = outcomes(tmp_path / "broken")
    assert {id for (id, _), outcome in live.items() if outcome != "pass"} == {  # noqa: A001
        "chat.framing.done-is-sent"
    }
    again = oaicheck(
        *selection, "--replay", "broken/exchanges.jsonl", "--report-dir", "again", cwd=tmp_path
    )
    by_folder = oaicheck(*selection, "--replay", "broken", "--report-dir", "folder", cwd=tmp_path)
    assert by_folder.returncode == 1
    assert outcomes(tmp_path / "folder") == live
    assert again.returncode == 1
    assert outcomes(tmp_path / "again") == live
    before, after = report(tmp_path / "broken"), report(tmp_path / "again")
    assert before["judged_again"] is None
    assert before["started"] <= after["started"] < after["judged_again"]
    assert after["duration"] <= before["duration"]
    recorded = (tmp_path / "broken" / "exchanges.jsonl").read_bytes()
    assert (tmp_path / "again" / "exchanges.jsonl").read_bytes() == recorded


def test_a_warning_fails_a_stricter_gate_only(tmp_path: Path) -> None:
    rule = ("--only", "chat.chunk.model*")
    lenient = oaicheck(*rule, "--fault", "chunk-model-changes", "--report-dir", "a", cwd=tmp_path)
    again = ("--replay", "a", "--gate", "should", "--report-dir", "b")
    strict = oaicheck(*rule, *again, cwd=tmp_path)
    assert (lenient.returncode, strict.returncode) == (0, 1)
    assert report(tmp_path / "a")["verdict"] == report(tmp_path / "b")["verdict"] == "conformant"


def test_the_suites_files_are_named_only_when_asked(tmp_path: Path) -> None:
    plain = oaicheck("--only", "models.*", "--report-dir", "plain", cwd=tmp_path)
    asked = oaicheck("--only", "models.*", "--report-dir", "asked", "-v", cwd=tmp_path)
    assert "suites/" not in plain.stdout
    assert "suites/" in asked.stdout


def test_a_run_without_a_verdict_is_no_pass(tmp_path: Path, endpoint: str) -> None:
    done = oaicheck(
        *("--endpoint", endpoint, "--model", "reference-1", "--capability", "no-tools"),
        *("--key-env", "K", "--only", "chat.tool-schemas.*"),
        cwd=tmp_path,
        environ={"K": KEY},
    )
    assert done.returncode == 5, done.stdout + done.stderr
    assert "NOTHING JUDGED" in done.stdout


def test_a_plan_sends_nothing(tmp_path: Path) -> None:
    done = oaicheck("--plan", "--endpoint", "http://127.0.0.1:9/v1", "--no-auth", cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    assert "chat/stream/text" in done.stdout
    assert not (tmp_path / "reports").exists()


def test_a_plan_counts_what_is_sent(tmp_path: Path, endpoint: str) -> None:
    target = ("--endpoint", endpoint, "--model", "reference-1", "--capability", "no-choices")
    chosen = ("--only", "chat.*choice*", "--only", "errors.authentication.*")
    done = oaicheck("--plan", *target, *chosen, cwd=tmp_path, environ={"OAICHECK_API_KEY": KEY})
    assert done.returncode == 0, done.stdout + done.stderr
    assert "not sent: auth/expired-key: needs an expired key, which was not given" in done.stdout
    lacking = "the target declares no support for several choices (n above 1)"
    assert f"not sent: chat/stream/choices: {lacking}" in done.stdout
    planned = int(done.stdout.partition(" scenarios and the warm-up ")[0].split()[-1])
    ran = oaicheck(*target, *chosen, cwd=tmp_path, environ={"OAICHECK_API_KEY": KEY})
    assert f"sending {planned} scenarios to " in ran.stdout


def test_long_prompts_can_be_left_out(tmp_path: Path) -> None:
    chosen = ("--only", "chat.limits.overflow*")
    left_out = "limits/overflow: left out by --no-overflow"
    planned = oaicheck("--plan", "--no-overflow", *chosen, cwd=tmp_path)
    assert f"not sent: {left_out}" in planned.stdout
    ran = oaicheck("--no-overflow", *chosen, "--report-dir", "report", cwd=tmp_path)
    assert ran.returncode == 5, ran.stdout + ran.stderr
    assert set(outcomes(tmp_path / "report").values()) == {"not-applicable"}
    again = oaicheck(*chosen, "--replay", "report", "--report-dir", "again", cwd=tmp_path)
    assert again.returncode == 5
    assert outcomes(tmp_path / "again") == outcomes(tmp_path / "report")
    result, *_ = report(tmp_path / "again")["results"]
    assert result["message"] == "left out by --no-overflow"


def test_a_report_is_never_overwritten(tmp_path: Path) -> None:
    arguments = ("--only", "models.list.status", "--report-dir", "report")
    assert oaicheck(*arguments, cwd=tmp_path).returncode == 0
    again = oaicheck(*arguments, cwd=tmp_path)
    assert again.returncode == 4
    assert "never overwrites" in again.stderr


def test_the_key_reaches_no_output(tmp_path: Path, endpoint: str) -> None:
    done = oaicheck(
        *("--endpoint", endpoint + "/", "--model", "reference-1", "--report-dir", "report"),
        *("--only", "errors.*", "-v"),
        cwd=tmp_path,
        environ={"OAICHECK_API_KEY": KEY},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    everything = done.stdout + done.stderr
    for path in (tmp_path / "report").iterdir():
        everything += path.read_text("utf-8")
    assert KEY not in everything
    assert KEY[:20] not in everything
    assert "$OAICHECK_API_KEY" in everything


def test_pytest_is_the_other_front_door(tmp_path: Path, endpoint: str) -> None:
    done = subprocess.run(
        [
            *(
                sys.executable,
                "-m",
                "pytest",
                "suites/chat/test_chunk.py",
                "-p",
                "no:cacheprovider",
            ),
            *("--oai-endpoint", endpoint, "--oai-model", "reference-1", "-k", "stream/text"),
            *("--oai-report-dir", str(tmp_path / "report")),
        ],
        cwd=CHECKOUT,
        env=neutral({"OAICHECK_API_KEY": KEY}),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    judged = report(tmp_path / "report")
    assert judged["target"]["base_url"] == endpoint
    assert {result["scenario"] for result in judged["results"]} == {"chat/stream/text"}


@pytest.mark.parametrize(
    ("arguments", "environ", "said"),
    [
        (["--endpoint", ""], {}, "empty"),
        ([], {"OAICHECK_API_KEY": KEY}, "the endpoint is missing"),
        ([], {"OAICHECK_ENDPOINT": ""}, "empty"),
        (["--model", "m"], {}, "endpoint"),
        (["--profile", "nobody"], {}, "known profiles: "),
        (["--replay", "nowhere.jsonl"], {}, "nowhere.jsonl"),
        (["--only", "no.such.rule"], {}, "oaicheck list"),
        (["--only", "chat.usage.stremed"], {}, "did you mean chat.usage.streamed or"),
        (["--skip", "no.such.rule.*"], {}, "--skip no.such.rule.*: no requirement matches"),
        (["--skip", "'models.*'"], {}, "leave out the quotes"),
        (["--catalogue", "newest"], {}, "version of oaicheck has 2026.1"),
        (["--catalogue", "2025.9"], {}, "no catalogue is named '2025.9'; this version of"),
        (["--replay", "r", "--endpoint", "http://host/v1"], {}, "leave out --endpoint"),
        (["--replay", "r", "--capability", "tools"], {}, "leave out --capability"),
        (
            ["--plan", "--capability", "tools"],
            {},
            "--capability is set, but the endpoint is missing",
        ),
        (["--replay", "r", "--fault", "sse-missing-done"], {}, "leave out --fault"),
        (["--replay", "r", "--no-overflow"], {}, "leave out --no-overflow"),
        (["--fault", "sse-missing-dona"], {}, "sse-missing-done"),
        (["--endpoint", "api.example.com"], {}, "http"),
        (["--endpoint", "http://127.0.0.1:9/v1", "--model", "m", "--key-file", "k"], {}, "k"),
        (["--endpoint", "http://127.0.0.1:9/v1", "--model", "m", "--no-auth"], {}, "refused"),
        (["--endpoint", "http://no-such-host.invalid/v1", "--model", "m", "--no-auth"], {}, "host"),
        (["--config", "missing.toml"], {}, "missing.toml"),
        (["--gate", "could"], {}, "must"),
        (["--endpont", "http://host/v1"], {}, "unknown option --endpont; did you mean --endpoint?"),
        (["--frobnicate"], {}, "unknown option --frobnicate; `oaicheck run --help`"),
        (["-n", "4", "-p", "no:xdist"], {}, "-n needs pytest-xdist: pip install"),
        (["--maxfail=x"], {}, "argument --maxfail: invalid int value: 'x'"),
        (["run", "nowhere.py"], {}, "file or directory not found: nowhere.py"),
        (["--concurrency", "0"], {}, "--concurrency: '0' is not a number above 0"),
        (["--replay", "r", "--plan"], {}, "a replay sends nothing: leave out --plan"),
        (["--report-dir", "file/report"], {}, "file is not a folder: name another --report-dir"),
        (["frobnicate"], {}, "unknown command"),
        (["explain", "no.such.rule"], {}, "oaicheck list"),
    ],
)
def test_what_cannot_be_done_is_one_message_and_nothing_else(
    tmp_path: Path, arguments: list[str], environ: dict[str, str], said: str
) -> None:
    (tmp_path / "file").touch()
    done = oaicheck(*arguments, cwd=tmp_path, environ=environ)
    assert done.returncode == 4, done.stdout + done.stderr
    assert done.stdout.strip() == ""
    assert done.stderr.startswith("oaicheck: ")
    assert said in done.stderr
    assert done.stderr.count("\n") == (3 if "cannot be judged" in done.stderr else 1)
    assert KEY not in done.stderr
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


def test_a_bad_target_is_told_before_anything_is_collected(tmp_path: Path) -> None:
    ended = oaicheck("-v", "--endpoint", "localhost:8000/v1", "--model", "m", cwd=tmp_path)
    assert ended.returncode == 4
    assert "localhost:8000/v1 has no scheme" in ended.stderr
    assert "collected" not in ended.stdout
    assert list(tmp_path.iterdir()) == []


def test_a_refused_key_is_one_message(tmp_path: Path, endpoint: str) -> None:
    done = oaicheck(
        *("--endpoint", endpoint, "--model", "reference-1", "--report-dir", "report"),
        cwd=tmp_path,
        environ={"OAICHECK_API_KEY": "sk-some-other-key-0815"},
    )
    assert done.returncode == 4
    assert "it refuses the key: 401" in done.stderr
    assert done.stdout == ""
    assert not (tmp_path / "report").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for another process")
def test_an_interrupted_run_keeps_what_it_has(tmp_path: Path) -> None:
    stalling = ["--fault", "sse-stalls-mid-stream"]
    # A shell that starts the tests in the background makes all their children ignore SIGINT.
    listening = "import signal, runpy; signal.signal(signal.SIGINT, signal.default_int_handler)"
    run = f"{listening}; runpy.run_module('oaicheck', run_name='__main__')"
    process = subprocess.Popen(
        [sys.executable, "-c", run, "--report-dir=report", "--concurrency=1", *stalling],
        cwd=tmp_path,
        env=neutral({}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    recorded = tmp_path / "report" / "exchanges.jsonl"
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if recorded.exists() and recorded.read_text("utf-8").count("\n") > 2:
            break
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 2, output
    assert len(load_recording(recorded).exchanges) >= 1
    assert report(tmp_path / "report")["problem"].startswith("interrupted: ")
