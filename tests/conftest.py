"""Settings for the project's own tests, and whole commands for all of them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from support.commands import BROKEN, SECTION, Command, neutral, report

# How fast the machine is today is no property of the code.
settings.register_profile(
    "oaicheck", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
settings.load_profile("oaicheck")


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
