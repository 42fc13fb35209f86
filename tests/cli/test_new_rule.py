"""`oaicheck new-rule`: the skeleton is well formed, and fails until it is filled in."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from oaicheck.cli.new_rule import new_rule_command
from oaicheck.resources import locate

CHECKOUT = Path(__file__).parent.parent.parent
FAULTS = Path("src/oaicheck/reference/faults")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what the command reads and writes."""
    for name in ("src", "suites", "fixtures"):
        shutil.copytree(
            CHECKOUT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__")
        )
    return tmp_path


def oaicheck(checkout: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environ = {name: value for name, value in os.environ.items() if "OAICHECK" not in name}
    return subprocess.run(
        [sys.executable, "-m", "oaicheck", *arguments],
        cwd=checkout,
        env={**environ, "PYTHONPATH": str(checkout / "src"), "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def is_formatted(checkout: Path) -> bool:
    """Whether the linter and the formatter accept what was written."""
    config = ["--config", str(CHECKOUT / "pyproject.toml")]
    ruff = [sys.executable, "-m", "ruff"]
    return all(
        subprocess.run(
            [*ruff, *command, *config, "suites", str(FAULTS)],
            cwd=checkout,
            check=False,
            timeout=60,
        ).returncode
        == 0
        for command in (["check", "--no-cache"], ["format", "--check", "--no-cache"])
    )


def test_a_rule_of_a_section_that_is_there(checkout: Path) -> None:
    written = oaicheck(checkout, "new-rule", "chat.chunk.sorted", "--level", "SHOULD")
    assert written.returncode == 0, written.stderr
    suite = (checkout / "suites/chat/test_chunk.py").read_text("utf-8")
    assert 'since="2026.2",\n)\ndef test_sorted(stream: ChatStream) -> None:' in suite
    assert "def _chunk_sorted_broken(" in (checkout / FAULTS / "chat/chunks.py").read_text("utf-8")
    matrix = json.loads((checkout / "src/oaicheck/reference/kill-matrix.json").read_text("utf-8"))
    assert matrix["chunk-sorted-broken"] == {"warn": ["chat.chunk.sorted"]}
    assert list(matrix) == sorted(matrix)
    assert is_formatted(checkout)
    judged = oaicheck(checkout, "--only", "chat.chunk.sorted")
    assert judged.returncode == 3
    assert "NotImplementedError: state the rule" in judged.stdout


def test_a_rule_of_a_new_section(checkout: Path) -> None:
    arguments = ("new-rule", "errors.new-section.first", "--on", "refused/*")
    written = oaicheck(checkout, *arguments)
    assert written.returncode == 0, written.stderr
    assert (checkout / "suites/errors/test_new_section.py").is_file()
    assert is_formatted(checkout)
    listed = oaicheck(checkout, "serve", "--list-faults")
    assert "new-section-first-broken" in listed.stdout


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["chat.chunk.object"], "chat.chunk.object already exists, in suites/chat/test_chunk.py"),
        (["Chunk"], "'Chunk' is not a valid id"),
        (["chat.unheard-of.rule"], "give --on"),
        (["chat.chunk.new", "--on", "chat/nothing"], "--on chat/nothing: unknown scenario"),
        (["chat.chunk.new", "--checkout", "."], "needs a checkout"),
    ],
)
def test_what_cannot_be_written_is_refused(
    arguments: list[str],
    reason: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    before = (locate("suites") / "chat" / "test_chunk.py").read_bytes()
    assert new_rule_command(arguments) == 4
    assert reason in capsys.readouterr().err
    assert (locate("suites") / "chat" / "test_chunk.py").read_bytes() == before
