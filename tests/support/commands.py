"""Whole commands, as a pipeline starts them, and what they leave behind."""

from __future__ import annotations

import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
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


_FORKING = multiprocessing.get_context("forkserver")
_FORKING.set_forkserver_preload(
    ["oaicheck.cli.main", "oaicheck.contact.models", "oaicheck.reference.server", "pytest"]
)


def forked(
    *arguments: str, cwd: Path, timeout: float, **environ: str
) -> subprocess.CompletedProcess[str]:
    """Run the command line in a neutral environment, in a process that has imported the libraries.

    That takes half the time of a process that has not. Raises TimeoutError.
    """
    with tempfile.TemporaryDirectory() as folder:
        out, err = Path(folder, "out"), Path(folder, "err")
        process = _FORKING.Process(
            target=_command_line, args=(arguments, cwd, neutral(environ), out, err)
        )
        process.start()
        process.join(timeout)
        if process.exitcode is None:
            process.kill()
            process.join()
            raise TimeoutError(f"{arguments} took more than {timeout} s: {out.read_text('utf-8')}")
        return subprocess.CompletedProcess(
            arguments, process.exitcode, out.read_text("utf-8"), err.read_text("utf-8")
        )


def _command_line(
    arguments: tuple[str, ...], cwd: Path, environ: Mapping[str, str], out: Path, err: Path
) -> None:
    from oaicheck.cli.main import main

    for stream, path in ((1, out), (2, err)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT), stream)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(environ)
    sys.path.insert(0, "")
    sys.argv = ["oaicheck", *arguments]
    raise SystemExit(main(list(arguments)))


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
