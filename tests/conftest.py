"""Settings for the project's own tests, and whole commands for all of them."""

from __future__ import annotations

import subprocess
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from support.commands import BROKEN, SECTION, Command, forked, report

# How fast the machine is today is no property of the code.
settings.register_profile(
    "oaicheck", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
settings.register_profile(
    "thorough", settings.get_profile("oaicheck"), max_examples=2_000, derandomize=False
)
settings.load_profile("oaicheck")

LONG = ("matrix", "real", "clients", "hostile", "browser", "cli", "plugin", "preflight")
"""The folders of the tests that take longest: some wait, and some fill both cores."""


@pytest.fixture
def oaicheck(tmp_path: Path) -> Command:
    """Runs the command line in an empty folder and a neutral environment."""

    def run(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
        return forked(*arguments, cwd=tmp_path, timeout=180, **environ)

    return run


@pytest.fixture(scope="session")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of an endpoint that never sends the sentinel; its recording replays in no time."""
    folder = tmp_path_factory.mktemp("broken") / "report"
    arguments = (*SECTION, *BROKEN, "--report-dir", str(folder))
    forked("-q", *arguments, cwd=folder.parent, timeout=180)
    assert report(folder)["verdict"] == "non-conformant"
    return folder


def pytest_configure(config: pytest.Config) -> None:
    """Let pytest-xdist keep the order of the files, which is set below."""
    if hasattr(config.option, "loadscopereorder"):
        config.option.loadscopereorder = False


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest: at the end, one of them would run alone."""
    counted = Counter(item.path for item in items)
    long = {folder: number for number, folder in enumerate(LONG)}
    items.sort(key=lambda item: (long.get(item.path.parent.name, len(long)), -counted[item.path]))
