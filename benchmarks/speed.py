"""Compares the speed of two installed builds of oaicheck, side by side.

    python benchmarks/speed.py OLD/bin/oaicheck NEW/bin/oaicheck

Runs alternate, so that both builds meet the same load. For each row it prints the median of both
builds and the ratio new ÷ old. CPU is user and system time of the process and its children.
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

_SECONDS = 600
_TAG = re.compile("<[a-z]")
_IN_TEMPLATES = re.compile("<template>.*?</template>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Run:
    """What one run of a command took, in seconds, and the folder that it wrote."""

    cpu: float
    wall: float
    folder: Path


def run(command: str, *arguments: str) -> Run:
    """Run a build in an empty folder, without settings from the environment."""
    folder = Path(tempfile.mkdtemp())
    environ = {name: value for name, value in os.environ.items() if "OAICHECK" not in name}
    before, began = os.times(), time.perf_counter()
    subprocess.run(
        [command, *arguments],
        cwd=folder,
        env=environ,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=_SECONDS,
        check=False,
    )
    wall, after = time.perf_counter() - began, os.times()
    cpu = after.children_user + after.children_system
    cpu -= before.children_user + before.children_system
    return Run(cpu, wall, folder)


def page_of(found: Run) -> str:
    return (found.folder / "report" / "report.html").read_text("utf-8")


def elements(found: Run) -> float:
    """The elements of the page before anybody opens anything."""
    return len(_TAG.findall(_IN_TEMPLATES.sub("", page_of(found))))


def rows(recording: str) -> Mapping[str, tuple[tuple[str, ...], Callable[[Run], float]]]:
    """What is measured: the arguments of a run, and which figure of it."""
    full = ("run", "--report-dir", "report")
    replay = (*full, "--replay", recording)
    return {
        "CPU of a replay, s": (replay, lambda found: found.cpu),
        "CPU of a full run, s": (full, lambda found: found.cpu),
        "wall time of a full run, s": (full, lambda found: found.wall),
        "CPU until a wrong flag is told, s": (("run", "--no-such-flag"), lambda found: found.cpu),
        "CPU until a bad URL is told, s": (
            ("run", "--endpoint", "localhost:8000/v1", "--model", "m"),
            lambda found: found.cpu,
        ),
        "CPU until a closed port is told, s": (
            ("run", "--endpoint", "http://127.0.0.1:9/v1", "--model", "m", "--no-auth"),
            lambda found: found.cpu,
        ),
        "size of report.html, kB": (replay, lambda found: len(page_of(found).encode()) / 1000),
        "elements of report.html": (replay, elements),
    }


def main() -> int:
    """Measure, and print a table in Markdown."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("old", help="the command of the build to compare with")
    parser.add_argument("new", help="the command of the build to judge")
    parser.add_argument("--runs", type=int, default=5, metavar="N", help="runs per row (default 5)")
    options = parser.parse_args()
    recording = run(options.new, "run", "--report-dir", "report").folder / "report"
    print("| what | old | new | new ÷ old |\n|---|--:|--:|--:|")
    for name, (arguments, figure) in rows(str(recording)).items():
        found: dict[str, list[float]] = {options.old: [], options.new: []}
        for _ in range(options.runs):
            for command, figures in found.items():
                figures.append(figure(run(command, *arguments)))
        old, new = (statistics.median(figures) for figures in found.values())
        print(f"| {name} | {old:,.2f} | {new:,.2f} | {new / old:.2f} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
