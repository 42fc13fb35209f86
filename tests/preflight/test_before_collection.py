"""A mistake is one message, last and alone: nothing is collected and no folder is made."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from oaicheck.reference import ReferenceEndpoint, Settings, running
from oaicheck.wire.recording import load_recording
from support.commands import DONE, Command, python

CHECKOUT = Path(__file__).parent.parent.parent
CLOSED = ("--endpoint", "http://127.0.0.1:9/v1", "--model", "m", "--no-auth")
TO_CLOSED = ("--oai-endpoint=http://127.0.0.1:9/v1", "--oai-model=m", "--oai-no-auth")

_PROBE = """
import json, sys
from oaicheck.cli.main import main
code = main(sys.argv[2:])
with open(sys.argv[1], "w") as file:
    json.dump(sorted(sys.modules), file)
raise SystemExit(code)
"""


def modules_after(folder: Path, *arguments: str, **environ: str) -> tuple[set[str], str]:
    """The modules that a refused command has imported, and its message."""
    found = folder / "modules.json"
    ended = python("-c", _PROBE, str(found), *arguments, cwd=folder, timeout=60, **environ)
    assert ended.returncode == 4, ended.stdout + ended.stderr
    assert ended.stdout == ""
    modules = set(json.loads(found.read_text("utf-8")))
    found.unlink()
    assert list(folder.iterdir()) == []
    return modules, ended.stderr


def front_door(*arguments: str, cwd: Path = CHECKOUT) -> subprocess.CompletedProcess[str]:
    return python("-m", "pytest", "-p", "no:cacheprovider", *arguments, cwd=cwd, timeout=120)


@pytest.fixture
def endpoint() -> Iterator[str]:
    with running(ReferenceEndpoint(Settings())) as base_url:
        yield base_url


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--endpoint", "localhost:8000/v1", "--model", "m"], "has no scheme"),
        (["--model", "m"], "the endpoint is missing"),
        ([*CLOSED], "127.0.0.1:9 refused the connection: nothing listens there"),
        (["-v", "-x", "-k", "text", *CLOSED], "127.0.0.1:9 refused the connection"),
        (["--profile", "nobody"], "unknown profile 'nobody'"),
    ],
)
def test_a_plain_mistake_waits_for_nothing_that_takes_long(
    tmp_path: Path, arguments: list[str], said: str
) -> None:
    modules, message = modules_after(tmp_path, *arguments)
    assert said in message
    assert not modules & {"pytest", "httpx", "jsonschema", "hypothesis", "oaicheck.views"}


def test_a_wrong_flag_waits_for_pytest_only(tmp_path: Path) -> None:
    modules, message = modules_after(tmp_path, "--endpont", "http://host/v1", "--model", "m")
    assert message == "oaicheck: unknown option --endpont; did you mean --endpoint?\n"
    assert not modules & {"httpx", "jsonschema", "hypothesis", "oaicheck.plugin", "oaicheck.views"}


def test_an_option_of_pytest_lets_a_mistake_wait_for_no_more(tmp_path: Path) -> None:
    modules, message = modules_after(tmp_path, "--tb=short", *CLOSED)
    assert "refused the connection" in message
    assert not modules & {"httpx", "jsonschema", "hypothesis", "oaicheck.plugin", "oaicheck.views"}


def test_a_refused_key_costs_one_request(tmp_path: Path, endpoint: str) -> None:
    target = ("--endpoint", endpoint, "--model", "reference-1")
    modules, message = modules_after(tmp_path, *target, OAICHECK_API_KEY="sk-wrong")
    assert message.startswith(f"oaicheck: {endpoint} cannot be judged\n  it refuses the key: 401")
    assert "oaicheck.plugin" not in modules
    assert not any(name.startswith("oaicheck_suites") for name in modules)


def test_the_other_front_door_says_it_once_too(tmp_path: Path) -> None:
    ended = front_door("suites", *TO_CLOSED, f"--oai-report-dir={tmp_path / 'report'}")
    assert ended.returncode == 4
    assert ended.stdout == ""
    assert ended.stderr.startswith("ERROR: http://127.0.0.1:9/v1 cannot be judged\n")
    assert not (tmp_path / "report").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ["tests/wire/test_printable.py"],
        ["suites/models", "--collect-only", "-q"],
        ["suites/models", "--oai-plan"],
        ["suites/models", "--fixtures"],
    ],
)
def test_a_session_that_judges_nothing_sends_nothing(arguments: list[str]) -> None:
    """A request would end the session: nothing listens at the target."""
    ended = front_door(*arguments, *TO_CLOSED)
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_suites_that_the_command_line_does_not_name_are_judged_too(
    tmp_path: Path, endpoint: str
) -> None:
    """Whether a folder above them has any is known only once they are collected."""
    (tmp_path / "key").write_text(Settings().api_key or "", "utf-8")
    chosen = ("--ignore=tests", "--ignore=findings", "-k", "test_the_list_is_served", ".")
    folder = tmp_path / "report"
    refused = front_door(*chosen, *TO_CLOSED, f"--oai-report-dir={folder}")
    assert refused.stderr.startswith("ERROR: http://127.0.0.1:9/v1 cannot be judged\n")
    assert not folder.exists()
    target = (f"--oai-endpoint={endpoint}", "--oai-model=reference-1")
    key = f"--oai-key-file={tmp_path / 'key'}"
    judged = front_door(*chosen, *target, key, f"--oai-report-dir={folder}")
    assert judged.returncode == 0, judged.stdout + judged.stderr
    assert load_recording(folder).exchanges[0].id == "warm-up#1"


@pytest.mark.parametrize("workers", [[], ["-n", "2"]])
def test_the_first_request_is_recorded_first_and_once(
    tmp_path: Path, oaicheck: Command, workers: list[str]
) -> None:
    ended = oaicheck(*DONE, *workers, "-k", "text", "--report-dir", "report")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    ids = [each.id for each in load_recording(tmp_path / "report").exchanges]
    assert ids[0] == "warm-up#1"
    assert len([each for each in ids if each.startswith("warm-up")]) == 1


def test_the_options_are_read_once(tmp_path: Path, broken: Path) -> None:
    counting = """
import sys
from oaicheck.preflight.chosen import Choices
read, original = [], Choices.from_options
Choices.from_options = classmethod(lambda cls, options: read.append(1) or original(options))
from oaicheck.cli.main import main
code = main(sys.argv[1:])
print("read", len(read))
"""
    arguments = ("--replay", str(broken), "--only", "chat.framing.*", "--skip", "chat.framing.s*")
    chosen = (*arguments, "--gate", "should", "-k", "text")
    ended = python("-c", counting, *chosen, cwd=tmp_path, timeout=60)
    assert ended.stdout.endswith("read 1\n"), ended.stdout + ended.stderr
