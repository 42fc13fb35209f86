"""What the commands that only print say, and how they end."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from oaicheck.cli import main
from oaicheck.command_line import USAGE


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in [n for n in os.environ if n.startswith(("OAICHECK_", "OPENAI_", "PYTEST_"))]:
        monkeypatch.delenv(name)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no EPIPE")
@pytest.mark.parametrize(
    "arguments",
    [
        ["list"],
        ["explain", "chat.framing.done-is-sent"],
        ["serve", "--list-faults"],
        ["-q", "--only", "models.list.status"],
        ["--plan"],
    ],
    ids=" ".join,
)
def test_it_ends_quietly_where_nobody_reads_on(arguments: Sequence[str]) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "oaicheck", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    process.stdout.close()
    _, said = process.communicate(timeout=60)
    assert said == ""
    assert process.returncode == 2
