"""Whole commands, as a pipeline starts them, and report folders for them to work on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

Command = Callable[..., subprocess.CompletedProcess[str]]

DONE = ("--only", "chat.framing.done-is-sent")
SECTION = ("--only", "chat.framing.*")
BROKEN = ("--fault", "sse-missing-done")


@pytest.fixture
def oaicheck(tmp_path: Path) -> Command:
    """Runs the command line in an empty folder and a neutral environment."""

    def run(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "oaicheck", *arguments],
            cwd=tmp_path,
            env=neutral(environ),
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )

    return run


def neutral(more: Mapping[str, str]) -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("OAICHECK_", "OPENAI_", "PYTEST_", "GITHUB_", "GATE_"))
    }
    kept.pop("CI", None)
    return {**kept, "PYTHONUTF8": "1", **more}


def report(folder: Path) -> Any:
    return json.loads((folder / "report.json").read_text("utf-8"))


def outcomes(folder: Path) -> list[tuple[str, str, str, bool]]:
    return [
        (r["requirement"], r["scenario"], r["outcome"], r["known"])
        for r in report(folder)["results"]
    ]


@pytest.fixture(scope="session")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of an endpoint that never sends the sentinel; its recording replays in no time."""
    folder = tmp_path_factory.mktemp("broken") / "report"
    subprocess.run(
        [
            *(sys.executable, "-m", "oaicheck", "-q", *SECTION, *BROKEN),
            *("--report-dir", str(folder)),
        ],
        cwd=folder.parent,
        env=neutral({}),
        capture_output=True,
        check=False,
        timeout=180,
    )
    assert report(folder)["verdict"] == "non-conformant"
    return folder
