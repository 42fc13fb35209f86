"""Shows that verdicts do not depend on CPU load or on network noise.

    python benchmarks/noise.py --runs 20

It judges the reference endpoint with `oaicheck run`, as users do, that many times under each
condition: under CPU load (twice as many busy processes as cores), and over a network with latency
and jitter (`oaicheck serve --latency --jitter`, with another seed in each run). It repeats both on
an endpoint that has faults, a quarter as often. It compares every outcome of every check with that
of a quiet run. It prints how many outcomes it compared, which ones differ, and how long the runs
took, in seconds. The exit code is 1 if any outcome differs.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from oaicheck.reference import Settings

LATENCY, JITTER = 0.05, 0.1
"""Seconds."""

FAULTS = ("http-gateway-buffers-stream", "http-second-request-cut", "sse-missing-done")
"""Two faults that show in timing and connections, where noise could hide them; one in the bytes."""

Outcomes = dict[tuple[str, str], str]
"""Outcome by requirement and scenario."""


@dataclass(frozen=True)
class Condition:
    """The conditions of a series of runs."""

    name: str
    runs: int
    faults: tuple[str, ...] = ()
    loaded: bool = False
    far: bool = False
    """Whether a network with latency and jitter is simulated."""


@dataclass(frozen=True)
class Judged:
    """The results of one run."""

    outcomes: Outcomes
    messages: dict[tuple[str, str], str]
    seconds: float


def main() -> int:
    """Run all conditions. Returns 1 if an outcome differs from that of a quiet run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=20, metavar="N", help="runs per condition (20)")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keep the reports in this folder")
    options = parser.parse_args()
    some = max(1, options.runs // 4)
    differing = 0
    with contextlib.ExitStack() as stack:
        folder = options.keep or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        for faults, runs in (((), options.runs), (FAULTS, some)):
            what = f"faults {', '.join(faults)}" if faults else "the faultless endpoint"
            quiet = judged(Condition("quiet", 1, faults), folder, 0)
            print(f"{what}: {len(quiet.outcomes)} checks, {_counts(quiet.outcomes)}", flush=True)
            for condition in (
                Condition("CPU load", runs, faults, loaded=True),
                Condition("latency and jitter", runs, faults, far=True),
            ):
                differing += compared(condition, quiet, folder)
    print(f"{differing} outcomes differ" if differing else "all outcomes are the same")
    return 1 if differing else 0


def compared(condition: Condition, quiet: Judged, folder: Path) -> int:
    """Do all runs of a condition, print and count the outcomes that differ from a quiet run."""
    with busy((os.cpu_count() or 1) * 2 if condition.loaded else 0):
        runs = [judged(condition, folder, number) for number in range(1, condition.runs + 1)]
    differing = 0
    for number, run in enumerate(runs, 1):
        for check in sorted(quiet.outcomes.keys() | run.outcomes.keys()):
            before, now = quiet.outcomes.get(check, "-"), run.outcomes.get(check, "-")
            if before != now:
                differing += 1
                print(f"    run {number}: {' on '.join(check)}: {before}, now {now}")
                print(f"      {run.messages.get(check, '')}")
    seconds = [run.seconds for run in runs]
    print(
        f"  {condition.name}: {len(runs)} runs, {sum(len(run.outcomes) for run in runs)} outcomes, "
        f"{differing} differ; duration {min(seconds):.1f} s to {max(seconds):.1f} s, "
        f"median {statistics.median(seconds):.1f} s",
        flush=True,
    )
    return differing


def judged(condition: Condition, folder: Path, number: int) -> Judged:
    """Run `oaicheck run` once, in its own process."""
    words = [condition.name, *condition.faults, str(number)]
    report = folder / "-".join(words).replace(" ", "-")
    with _endpoint(condition, number) as (arguments, environment):
        done = subprocess.run(
            [sys.executable, "-m", "oaicheck", "run", "--report-dir", str(report), *arguments],
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            check=False,
        )
    if not (report / "report.json").exists():
        raise SystemExit(f"{' '.join(words)}: no report\n{done.stdout}{done.stderr}")
    run = json.loads((report / "report.json").read_text("utf-8"))
    checks = {(result["requirement"], result["scenario"]): result for result in run["results"]}
    return Judged(
        {check: result["outcome"] for check, result in checks.items()},
        {check: result["message"] for check, result in checks.items()},
        run["duration"],
    )


@contextlib.contextmanager
def _endpoint(condition: Condition, number: int) -> Iterator[tuple[Sequence[str], dict[str, str]]]:
    """The arguments and the environment variables that lead a run to its endpoint."""
    faults = [word for fault in condition.faults for word in ("--fault", fault)]
    if not condition.far:
        yield faults, {}
        return
    network = ["--latency", str(LATENCY), "--jitter", str(JITTER), "--seed", str(number)]
    command = [sys.executable, "-m", "oaicheck", "serve", *network, *faults]
    settings = Settings()
    keys = {
        "OAICHECK_API_KEY": settings.api_key or "",
        "EXPIRED_KEY": settings.expired_key,
        "SCOPELESS_KEY": settings.scopeless_key,
    }
    piped, silent = subprocess.PIPE, subprocess.DEVNULL
    with subprocess.Popen(command, stdout=piped, stderr=silent, text=True) as server:
        try:
            assert server.stdout is not None
            address = server.stdout.readline().strip()
            references = [
                "--expired-key",
                "env:EXPIRED_KEY",
                "--scopeless-key",
                "env:SCOPELESS_KEY",
            ]
            yield ["--endpoint", address, "--model", settings.models[0], *references], keys
        finally:
            server.terminate()


@contextlib.contextmanager
def busy(processes: int) -> Iterator[None]:
    """Keep this many processes busy while the block runs."""
    command = [sys.executable, "-c", "while True: pass"]
    started = [subprocess.Popen(command) for _ in range(processes)]
    try:
        yield
    finally:
        for process in started:
            process.kill()
            process.wait()


def _counts(outcomes: Outcomes) -> str:
    return ", ".join(f"{count} {name}" for name, count in Counter(outcomes.values()).most_common())


if __name__ == "__main__":
    raise SystemExit(main())
