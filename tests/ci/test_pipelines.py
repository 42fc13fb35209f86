"""The GitHub action, the GitLab template and the examples, as far as that goes here."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from oaicheck.resources import locate
from oaicheck.scenarios.capability import load_capabilities
from oaicheck.target.target_source import resolve
from support.commands import neutral

CHECKOUT = Path(__file__).parent.parent.parent
EXAMPLES = sorted((CHECKOUT / "examples").glob("oaicheck-*.toml"))
ACTION = (CHECKOUT / "action.yml").read_text("utf-8")
TEMPLATE = (CHECKOUT / "templates" / "gitlab.yml").read_text("utf-8")
JUDGE = (CHECKOUT / "ci" / "judge.sh").read_text("utf-8")

needs_sh = pytest.mark.skipif(shutil.which("sh") is None, reason="needs a shell")
needs_timeout = pytest.mark.skipif(shutil.which("timeout") is None, reason="needs coreutils")


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_a_target(path: Path, tmp_path: Path) -> None:
    shutil.copy(path, tmp_path / "oaicheck.toml")
    keys = dict.fromkeys(re.findall(r"env:(\w+)", path.read_text("utf-8")), "sk-example")
    target = resolve({}, keys, tmp_path)
    assert target is not None
    assert target.base_url.endswith("/v1")
    assert set(target.capabilities) <= set(load_capabilities(locate("fixtures")))
    if "azure" in path.stem:
        assert (target.auth_header, target.auth_scheme) == ("api-key", "")
    commented = path.read_text("utf-8").replace("# ", "")
    assert commented.count("[target]") == 1


def test_there_is_an_example_for_each() -> None:
    names = {path.stem.removeprefix("oaicheck-") for path in EXAMPLES}
    assert names == {"vllm", "llama-cpp", "ollama", "litellm", "azure"}


def judge(
    folder: Path, **variables: str
) -> tuple[subprocess.CompletedProcess[str], dict[str, str]]:
    """Run the script as a pipeline does; what it did, and its outputs."""
    scripts = folder / "venv" / "bin"
    scripts.mkdir(parents=True, exist_ok=True)
    program = scripts / "oaicheck"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m oaicheck "$@"\n', "utf-8")
    program.chmod(0o755)
    done = subprocess.run(
        ["sh", str(CHECKOUT / "ci" / "judge.sh")],
        cwd=folder,
        env=neutral({"GATE_VENV": "venv", "GATE_OUTPUT": "outputs", **variables}),
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    lines = (folder / "outputs").read_text("utf-8").splitlines()
    return done, dict(line.split("=", 1) for line in lines)


@needs_sh
def test_a_passing_gate(tmp_path: Path) -> None:
    done, outputs = judge(
        tmp_path,
        GATE_ENDPOINT="embedded",
        GATE_ARGS="--only models.list.* -q",
        GATE_LEVEL="should",
        GATE_PREFIX="OAICHECK_",
        GITHUB_STEP_SUMMARY=str(tmp_path / "summary"),
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert outputs["OAICHECK_verdict"] == "conformant"
    assert outputs["OAICHECK_exit_code"] == "0"
    assert int(outputs["OAICHECK_passed"]) > 0
    assert (tmp_path / outputs["OAICHECK_report"]).is_file()
    assert (tmp_path / outputs["OAICHECK_sarif"]).is_file()
    assert "CONFORMANT" in (tmp_path / "summary").read_text("utf-8")


@needs_sh
def test_a_missed_gate(tmp_path: Path) -> None:
    done, outputs = judge(
        tmp_path,
        GATE_ENDPOINT="embedded",
        GATE_ARGS="--only chat.framing.done-is-sent --fault sse-missing-done",
        GATE_REPORT_DIR="a report",
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert outputs["verdict"] == "non-conformant"
    assert (outputs["must_broken"], outputs["report"]) == ("1", "a report/report.html")


@needs_sh
def test_no_gate_rests_on_the_embedded_endpoint(tmp_path: Path) -> None:
    done, outputs = judge(tmp_path)
    assert done.returncode == 4
    assert "no endpoint" in done.stderr
    assert outputs == {"verdict": "none", "exit_code": "4"}


@needs_sh
def test_a_run_that_never_began_has_outputs(tmp_path: Path) -> None:
    done, outputs = judge(tmp_path, GATE_ENDPOINT="no-scheme", GATE_MODEL="m")
    assert done.returncode == 4
    assert (outputs["verdict"], outputs["exit_code"]) == ("none", "4")


@needs_sh
def test_an_earlier_report_gives_no_verdict(tmp_path: Path) -> None:
    arguments = {"GATE_ENDPOINT": "embedded", "GATE_ARGS": "--only models.list.status"}
    done, outputs = judge(tmp_path, **arguments)
    assert (done.returncode, outputs["verdict"]) == (0, "conformant")
    (tmp_path / "outputs").unlink()
    done, outputs = judge(tmp_path, **arguments)
    assert done.returncode == 4
    assert "name another --report-dir" in done.stderr
    assert outputs == {"verdict": "none", "exit_code": "4"}


@needs_sh
@needs_timeout
def test_a_run_is_stopped_in_time(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        done, outputs = judge(
            tmp_path,
            GATE_ENDPOINT=f"http://127.0.0.1:{port}/v1",
            GATE_ARGS="--no-auth",
            GATE_TIMEOUT="0.02",
        )
    assert done.returncode == 2, done.stdout + done.stderr
    assert "stopped after 0.02 minutes" in done.stderr
    assert outputs["exit_code"] == "2"


@needs_sh
@pytest.mark.parametrize("minutes", ["an hour", "60m", "1.2.3", "."])
def test_a_timeout_is_a_number(minutes: str, tmp_path: Path) -> None:
    done, outputs = judge(tmp_path, GATE_ENDPOINT="embedded", GATE_TIMEOUT=minutes)
    assert done.returncode == 4
    assert f"'{minutes}' is not a number of minutes" in done.stderr
    assert outputs == {"verdict": "none", "exit_code": "4"}


@needs_sh
def test_without_the_command_there_is_no_timeout(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "sh").symlink_to(shutil.which("sh") or "")
    done, outputs = judge(
        tmp_path,
        GATE_ENDPOINT="embedded",
        GATE_ARGS="--only models.list.status",
        GATE_TIMEOUT="0.001",
        PATH=str(tmp_path / "bin"),
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "no time limit" in done.stderr
    assert outputs["verdict"] == "conformant"


@needs_sh
@pytest.mark.parametrize("name", ["install.sh", "judge.sh"])
def test_a_script_can_be_read_by_any_shell(name: str) -> None:
    subprocess.run(["sh", "-n", str(CHECKOUT / "ci" / name)], check=True)
    assert os.access(CHECKOUT / "ci" / name, os.X_OK)


@pytest.mark.parametrize("text", [ACTION, TEMPLATE], ids=["github", "gitlab"])
def test_every_input_is_handed_on_and_every_variable_read(text: str) -> None:
    head, _, rest = text.partition("outputs:" if text is ACTION else "\n---\n")
    inputs = set(re.findall(r"^ {2,4}([a-z-]+):$", head.partition("inputs:")[2], re.MULTILINE))
    used = set(re.findall(r"inputs\.([a-z-]+)", rest))
    assert inputs == used
    variables = set(re.findall(r"GATE_\w+", text))
    assert variables <= set(re.findall(r"GATE_\w+", JUDGE))
    assert "${{ inputs" not in "".join(re.findall(r"run: .*", text))


def test_the_template_can_be_included_twice() -> None:
    head, _, job = TEMPLATE.partition("\n---\n")
    assert job.startswith('"$[[ inputs.job-name ]]":\n')
    assert "default: oaicheck\n" in head
    assert "default: OAICHECK_\n" in head
    assert 'GATE_PREFIX: "$[[ inputs.prefix ]]"' in job


def test_every_output_of_the_action_is_written(tmp_path: Path) -> None:
    used = set(re.findall(r"steps\.judge\.outputs\.(\w+)", ACTION))
    source = (CHECKOUT / "src" / "oaicheck" / "cli" / "reports.py").read_text("utf-8")
    assert all(f'"{name}":' in source for name in used)


@pytest.mark.parametrize("text", [ACTION, TEMPLATE], ids=["github", "gitlab"])
def test_a_pipeline_has_a_timeout_and_a_pip_cache(text: str) -> None:
    timeout = re.search(
        r"^( +)timeout:\n(?:\1  .*\n)*?\1  default: \"?(\d+)\"?\n", text, re.MULTILINE
    )
    assert timeout is not None
    assert int(timeout[2]) > 0
    assert re.search(r"GATE_TIMEOUT: \S*\[?\[?.*inputs\.timeout", text)
    cached = re.search(r"PIP_CACHE_DIR: (.*)", text)
    assert cached is not None
    where = cached[1].removeprefix("$CI_PROJECT_DIR/")
    assert re.search(rf"^ +(- |path: ){re.escape(where)}$", text, re.MULTILINE)


def test_the_action_keeps_its_cache_although_the_gate_is_missed() -> None:
    steps = re.split(r"^    - ", ACTION.partition("  steps:\n")[2], flags=re.MULTILINE)
    restored, saved, judged = (
        next(at for at, step in enumerate(steps) if word in step)
        for word in ("uses: actions/cache/restore@", "uses: actions/cache/save@", "ci/judge.sh")
    )
    assert restored < saved < judged
    where = [re.findall(r"^ +path: (.*)", steps[at], re.MULTILINE) for at in (restored, saved)]
    assert where[0] == where[1] == re.findall(r"PIP_CACHE_DIR: (.*)", ACTION)


def test_the_action_leaves_the_python_of_the_job_alone() -> None:
    (setup,) = re.findall(r"uses: actions/setup-python@.*\n((?: {6,}.*\n)+)", ACTION)
    assert "update-environment: false\n" in setup
    assert re.findall(r"PYTHON: (.*)", ACTION) == ["${{ steps.python.outputs.python-path }}"]
    assert set(re.findall(r"GATE_VENV: (.*)", ACTION)) == {"${{ runner.temp }}/oaicheck-venv"}
    assert not re.search(r"GITHUB_(PATH|ENV)", ACTION)


def test_a_gitlab_job_ends_later_than_its_run() -> None:
    (limit,) = re.findall(r"^  timeout: (.*)", TEMPLATE, re.MULTILINE)
    assert limit == "$[[ inputs.timeout ]] minutes 600 seconds"
