"""`oaicheck opencode init` and `lint`, and a run on an opencode.json, as a user starts them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from oaicheck.cli.opencode import opencode_command
from oaicheck.cli.opencode_init import Endpoint, endpoint_of_target, provider_name, written
from oaicheck.reference import ReferenceEndpoint, Settings, running
from oaicheck.target.target import Target
from oaicheck.target.target_source import resolve
from support.inprocess import profile
from support.opencode import AUTHORIZATION, MODEL, changed

KEY = "sk-a-key-that-nobody-may-see-4711"


@pytest.fixture(scope="module")
def base_url() -> Iterator[str]:
    with running(ReferenceEndpoint(Settings(api_key=KEY))) as url:
        yield url


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in [n for n in os.environ if n.startswith(("OAICHECK_", "OPENCODE_", "XDG_"))]:
        monkeypatch.delenv(name)


def report(path: Path, **changes: Any) -> Path:
    """A report.json of an endpoint that passed, but for some changes."""
    target = {
        "base_url": "https://api.host.example/v1",
        "model": "org/big-1",
        "embedded": False,
        "authenticated": True,
        "headers": ["X-Team"],
        "query": ["api-version"],
        "capabilities": {},
    }
    none = dict.fromkeys(("pass", "fail", "warn", "not-applicable", "inconclusive", "error"), 0)
    data = {
        "schema": "oaicheck.report/1",
        "oaicheck": "0.1.0",
        "catalogue": "2026.1",
        "profile": "opencode",
        "verdict": "conformant",
        "gate": "must",
        "exit_code": 0,
        "problem": None,
        "baseline": None,
        "target": target,
        "selection": {"only": [], "skip": [], "not_sent": {}},
        "started": "2026-01-01T00:00:00.000+00:00",
        "duration": 1.0,
        "requests": 1,
        "tokens": 1,
        "broken": {"MUST": 0, "SHOULD": 0},
        "counts": none,
        "sections": {},
        "requirements": {},
        "curl": {},
        "results": [],
    }
    path.write_text(json.dumps({**data, **changes}))
    return path


def config(path: str = "opencode.json") -> Any:
    return json.loads(Path(path).read_text("utf-8"))


def test_what_is_written_for_a_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert opencode_command(["init", "--report", str(report(tmp_path / "report.json"))]) == 0
    assert config() == {
        "$schema": "https://opencode.ai/config.json",
        "provider": {
            "host": {
                "npm": "@ai-sdk/openai-compatible",
                "name": "host",
                "options": {
                    "baseURL": "https://api.host.example/v1",
                    "headers": {
                        "Authorization": "Bearer {env:OAICHECK_API_KEY}",
                        "X-Team": "{env:OAICHECK_HEADER_X_TEAM}",
                    },
                    "queryParams": {"api-version": "{env:OAICHECK_QUERY_API_VERSION}"},
                },
                "models": {
                    "org/big-1": {
                        "name": "org/big-1",
                        "reasoning": False,
                        "tool_call": True,
                        "tools": True,
                    }
                },
            }
        },
        "tools": {"*": True},
        "model": "host/org/big-1",
    }
    said = capsys.readouterr().out
    assert "set OAICHECK_API_KEY" in said
    assert "set OAICHECK_HEADER_X_TEAM" in said


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"verdict": "non-conformant"}, "the endpoint is non-conformant"),
        ({"verdict": None}, "the endpoint is not judged"),
        ({"profile": "openai"}, "uses the profile openai"),
        ({"selection": {"only": ["chat.*"]}}, "is a partial run"),
        ({"selection": {"budget": {"options": "--quick", "of": 9}}}, "run without --quick"),
    ],
)
def test_what_did_not_pass_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], changes: dict[str, Any], said: str
) -> None:
    path = str(report(tmp_path / "report.json", **changes))
    assert opencode_command(["init", "--report", path]) == 4
    assert said in capsys.readouterr().err
    assert not Path("opencode.json").exists()
    assert opencode_command(["init", "--report", path, "--force"]) == 0
    assert config()["model"] == "host/org/big-1"


def test_a_file_is_not_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(report(tmp_path / "report.json"))
    Path("opencode.json").write_text("{}")
    assert opencode_command(["init", "--report", path]) == 4
    assert "opencode.json already exists" in capsys.readouterr().err
    assert opencode_command(["init", "--report", path, "-o", "other.json"]) == 0


def test_no_endpoint_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert opencode_command(["init"]) == 4
    assert "no endpoint given" in capsys.readouterr().err
    assert opencode_command(["init", "--report", "nowhere.json"]) == 4
    assert "nowhere.json" in capsys.readouterr().err
    embedded = report(tmp_path / "report.json", target={"embedded": True})
    assert opencode_command(["init", "--report", str(embedded)]) == 4
    assert "give --endpoint" in capsys.readouterr().err
    other = str(report(tmp_path / "report.json"))
    arguments = ["init", "--report", other, "--endpoint", "https://x.example/v1", "--no-auth"]
    assert opencode_command(arguments) == 4
    assert "is about another endpoint: its base_url" in capsys.readouterr().err


def test_reasoning_is_what_the_report_shows(tmp_path: Path) -> None:
    shown = {"chat.reasoning.whole": requirement("pass")}
    path = report(tmp_path / "report.json", requirements=shown)
    assert opencode_command(["init", "--report", str(path)]) == 0
    assert config()["provider"]["host"]["models"]["org/big-1"]["reasoning"] is True


def requirement(outcome: str) -> dict[str, Any]:
    return {
        "level": "MUST",
        "section": "chat.reasoning",
        "sentence": "It is so.",
        "sources": [],
        "remedy": "Do it.",
        "since": "2026.1",
        "outcome": outcome,
    }


def test_names_of_ones_own() -> None:
    made = written(Endpoint("https://h.example/v1", "org/big-1"), "mine", "big")
    assert made["model"] == "mine/big"
    model = made["provider"]["mine"]["models"]["big"]
    assert (model["id"], model["name"]) == ("org/big-1", "org/big-1")
    assert "headers" not in made["provider"]["mine"]["options"]


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://api.xerotier.ai/proj_ABC123/x/v1", "xerotier"),
        ("https://llm.internal.example.com/v1", "example"),
        ("http://127.0.0.1:8000/v1", "local"),
        ("http://[::1]:8000/v1", "local"),
        ("http://localhost:8000/v1", "local"),
    ],
)
def test_a_provider_is_called_by_its_host(url: str, name: str) -> None:
    assert provider_name(url) == name


def test_no_secret_is_written() -> None:
    target = Target(
        "https://h.example/v1",
        "m",
        key=KEY,
        auth_header="api-key",
        auth_scheme="",
        headers={"X-Token": "s3cr3t-token", "X-Team": "blue", "X-Tenant": "of-us"},
        query={"sig": "s3cr3t-sig", "api-version": "1"},
        referenced=frozenset({"x-tenant"}),
    )
    made = written(endpoint_of_target(target), None, None)
    options = made["provider"]["h"]["options"]
    assert options["headers"] == {
        "api-key": "{env:OAICHECK_API_KEY}",
        "X-Token": "{env:OAICHECK_HEADER_X_TOKEN}",
        "X-Team": "blue",
        "X-Tenant": "{env:OAICHECK_HEADER_X_TENANT}",
    }
    assert options["queryParams"] == {"sig": "{env:OAICHECK_QUERY_SIG}", "api-version": "1"}


def test_it_reads_what_it_writes(
    base_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OAICHECK_API_KEY", KEY)
    arguments = ["--endpoint", base_url, "--model", "reference-1"]
    assert opencode_command(["init", *arguments]) == 0
    assert KEY not in Path("opencode.json").read_text()
    target = resolve({"opencode-config": "opencode.json"}, os.environ, tmp_path)
    assert target is not None
    assert (target.base_url, target.model, target.key) == (base_url, "reference-1", KEY)
    assert opencode_command(["lint"]) == 0


def test_lint_says_what_is_broken(capsys: pytest.CaptureFixture[str]) -> None:
    Path("opencode.json").write_text(changed({AUTHORIZATION: KEY, f"{MODEL}.tools": None}))
    assert opencode_command(["lint"]) == 1
    said = capsys.readouterr().out
    assert "FAIL  opencode.config.authorization-form  opencode.json:" in said
    assert "WARN  opencode.config.model-tools  opencode.json:" in said
    assert "2 broken, 2 not checked because they need requests" in said
    assert KEY not in said
    assert opencode_command(["lint", "--profile", "xerotier"]) == 1
    said = capsys.readouterr().out
    assert "FAIL  opencode.config.model-tools" in said
    assert profile("xerotier").remedies["opencode.config.model-tools"] in said


def test_lint_refuses_what_cannot_be_read(capsys: pytest.CaptureFixture[str]) -> None:
    assert opencode_command(["lint"]) == 4
    assert capsys.readouterr().err.startswith(
        "oaicheck: opencode lint: no opencode.json in this folder"
    )
    Path("opencode.json").write_text("{,}")
    assert opencode_command(["lint", "--opencode-config", "opencode.json"]) == 4
    assert capsys.readouterr().err.startswith("oaicheck: opencode.json: line 1, column 2: ")


def oaicheck(*arguments: str, environ: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "oaicheck", *arguments],
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_run_on_it(base_url: str, tmp_path: Path) -> None:
    assert opencode_command(["init", "--endpoint", base_url, "--model", "reference-1"]) == 0
    made = config()
    options = made["provider"]["local"]["options"]
    options["headers"] = {"Authorization": "Bearer {env:THE_KEY}"}
    made["tools"] = {"*": False}
    Path("opencode.json").write_text(json.dumps(made))
    only = ("--only", "opencode.*", "--report-dir", "out")
    ran = oaicheck("-q", "--opencode-config", *only, environ={"THE_KEY": KEY})
    assert ran.returncode == 1, ran.stdout + ran.stderr
    results = json.loads((tmp_path / "out/report.json").read_text())["results"]
    outcomes = {r["requirement"].removeprefix("opencode.config."): r["outcome"] for r in results}
    assert {name for name, outcome in outcomes.items() if outcome == "fail"} == {"tools"}
    assert outcomes["served"] == "pass"
    assert outcomes["sent-name"] == "not-applicable"
    for file in Path("out").iterdir():
        assert KEY not in file.read_text("utf-8"), file
    replayed = oaicheck("-q", "--replay", "out/exchanges.jsonl", "--only", "opencode.*", environ={})
    assert replayed.returncode == 1
    assert "opencode.config.tools" in replayed.stdout


def test_a_bad_one_is_one_line(base_url: str) -> None:
    Path("opencode.json").write_text(changed({AUTHORIZATION: "Bearer {env:THE_KEY}"}))
    ran = oaicheck("-q", "--opencode-config", environ={})
    assert ran.returncode == 4
    assert "the environment variable THE_KEY is not set" in ran.stderr
    ran = oaicheck("-q", "--opencode-config", "--provider", "nobody", environ={"THE_KEY": KEY})
    assert ran.returncode == 4
    assert "--provider nobody" in ran.stderr
    wrong = changed({"provider.xerotier.options.baseURL": base_url})
    Path("opencode.json").write_text(wrong)
    ran = oaicheck("-q", "--opencode-config", environ={})
    assert ran.returncode == 4
    assert "`oaicheck opencode lint` checks the opencode.json" in ran.stderr
