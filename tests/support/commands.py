"""Whole commands, as a pipeline starts them, and what they leave behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

Command = Callable[..., subprocess.CompletedProcess[str]]

DONE = ("--only", "chat.framing.done-is-sent")
SECTION = ("--only", "chat.framing.*")
BROKEN = ("--fault", "sse-missing-done")


def neutral(more: Mapping[str, str]) -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("OAICHECK_", "OPENAI_", "PYTEST_", "GITHUB_", "GATE_"))
    }
    kept.pop("CI", None)
    return {**kept, "PYTHONUTF8": "1", **more}


def python(
    *arguments: str, cwd: Path, timeout: float, **environ: str
) -> subprocess.CompletedProcess[str]:
    """Run this Python in a neutral environment."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        env=neutral(environ),
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def report(folder: Path) -> Any:
    return json.loads((folder / "report.json").read_text("utf-8"))


def outcomes(folder: Path) -> list[tuple[str, str, str, bool]]:
    return [
        (r["requirement"], r["scenario"], r["outcome"], r["known"])
        for r in report(folder)["results"]
    ]
