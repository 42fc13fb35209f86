"""Compares the speed of two installed builds of oaicheck, side by side.

    python benchmarks/speed.py OLD/bin/oaicheck NEW/bin/oaicheck

Runs alternate, so that both builds meet the same load. For each row it prints the median of both
builds and the ratio new ÷ old. CPU is user and system time of a run; memory is its peak.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import multiprocessing
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_TAG = re.compile("<[a-z]")
_IN_TEMPLATES = re.compile("<template>.*?</template>", re.DOTALL)
_STREAM = "chat/stream/text"
_CHUNKS = 100_000
_LINE = 50_000_000
_LATENCY = 0.2
_AT_ONCE = 4
_KEY = "oaicheck-reference-key"
_RECORDING = "exchanges.jsonl"


@dataclass(frozen=True, slots=True)
class Run:
    """What one run of a command took, in seconds and bytes, and the folder that it wrote."""

    cpu: float
    wall: float
    memory: int
    folder: Path

    @property
    def page(self) -> str:
        """The text of report.html."""
        return (self.folder / "report" / "report.html").read_text("utf-8")

    @property
    def elements(self) -> int:
        """The elements of the page before anybody opens anything."""
        return len(_TAG.findall(_IN_TEMPLATES.sub("", self.page)))

    @property
    def over_bound(self) -> float:
        """How much longer sending took than it has to: the sum of all requests ÷ those at once."""
        records = _records(self.folder / "report")
        ends = [record["started"] + record["ended_at"] for record in records]
        took: float = max(ends) - min(record["started"] for record in records)
        needed: float = sum(record["ended_at"] for record in records) / _AT_ONCE
        return took / needed


def run(command: str, *arguments: str) -> Run:
    """Run a build in an empty folder, without settings from the environment."""
    folder = Path(tempfile.mkdtemp())
    environ = {name: value for name, value in os.environ.items() if "OAICHECK" not in name}
    if "--endpoint" in arguments:
        environ["OAICHECK_API_KEY"] = _KEY
    began = time.perf_counter()
    process = subprocess.Popen(
        [command, *arguments],
        cwd=folder,
        env=environ,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, _, used = os.wait4(process.pid, 0)
    process.returncode = 0
    wall = time.perf_counter() - began
    return Run(used.ru_utime + used.ru_stime, wall, used.ru_maxrss * 1024, folder)


def _records(folder: Path) -> list[dict[str, Any]]:
    _, *lines = (folder / _RECORDING).read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


def _with_stream(recording: Path, texts: Callable[[], list[str]]) -> str:
    """A recording of one stream: that of a full run, with a chunk for each of these texts.

    Another process writes it: the peak memory of a command that is started from here counts what
    this process has in memory.
    """
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_written, (recording, texts))


def _many_chunks() -> list[str]:
    return [f" w{number % 9}" for number in range(_CHUNKS)]


def _one_line() -> list[str]:
    return [" word" * (_LINE // 5)]


def _written(recording: Path, texts: Callable[[], list[str]]) -> str:
    head = (recording / _RECORDING).read_text("utf-8").partition("\n")[0]
    record = next(each for each in _records(recording) if each["scenario"] == _STREAM)
    events = record["body"]["utf8"].split("\n\n")[:-1]
    chunk = json.loads(events[1].removeprefix("data: "))
    chunk = {name: chunk[name] for name in ("id", "object", "created", "model", "choices")}
    middle = []
    for text in texts():
        chunk["choices"][0]["delta"] = {"content": text}
        middle.append("data: " + json.dumps(chunk, separators=(",", ":")))
    said = [f"{event}\n\n" for event in (events[0], *middle, *events[-3:])]
    record["body"] = {"utf8": "".join(said)}
    record["segments"] = [[len(event.encode()), 0.1 + n / 1000] for n, event in enumerate(said)]
    record["ended_at"] = 0.1 + len(said) / 1000
    folder = Path(tempfile.mkdtemp())
    (folder / _RECORDING).write_text(f"{head}\n{json.dumps(record)}\n", "utf-8")
    return str(folder)


@contextlib.contextmanager
def _served(command: str) -> Iterator[str]:
    """The embedded endpoint as a server with latency."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    server = subprocess.Popen(
        [command, "serve", "--latency", str(_LATENCY), "--port", str(port)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert server.stdout is not None
        yield server.stdout.readline().strip()
    finally:
        server.terminate()
        server.wait()


Figure = Callable[[Run], float]


def _cpu(found: Run) -> float:
    return found.cpu


def _memory(found: Run) -> float:
    return found.memory / 1e6


def measured(
    recording: Path, endpoint: str
) -> Iterator[tuple[tuple[str, ...], Mapping[str, Figure]]]:
    """The arguments of a run, and what is measured of it."""
    full = ("run", "--report-dir", "report")
    yield (
        (*full, "--replay", str(recording)),
        {
            "CPU of a replay, s": _cpu,
            "size of report.html, kB": lambda found: len(found.page.encode()) / 1000,
            "elements of report.html": lambda found: found.elements,
        },
    )
    yield (
        full,
        {
            "CPU of a full run, s": _cpu,
            "wall time of a full run, s": lambda found: found.wall,
        },
    )
    mistakes: Mapping[str, tuple[str, ...]] = {
        "a wrong flag": ("--no-such-flag",),
        "a bad URL": ("--endpoint", "localhost:8000/v1", "--model", "m"),
        "a half-set target": ("--model", "m", "--no-auth"),
        "a closed port": ("--endpoint", "http://127.0.0.1:9/v1", "--model", "m", "--no-auth"),
    }
    for name, arguments in mistakes.items():
        yield ("run", *arguments), {f"CPU until {name} is told, s": _cpu}
    huge = {
        "a stream of 100,000 chunks": _many_chunks,
        "a line of 50 MB": _one_line,
    }
    for name, texts in huge.items():
        yield (
            (*full, "--replay", _with_stream(recording, texts)),
            {f"{name}: CPU, s": _cpu, f"{name}: memory, MB": _memory},
        )
    target = ("--endpoint", endpoint, "--model", "reference-1", "--concurrency", str(_AT_ONCE))
    yield (*full, *target), {"sending with latency, × the bound": lambda found: found.over_bound}


def main() -> int:
    """Measure, and print a table in Markdown."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("old", help="the command of the build to compare with")
    parser.add_argument("new", help="the command of the build to judge")
    parser.add_argument("--runs", type=int, default=5, metavar="N", help="runs per row (default 5)")
    parser.add_argument(
        "--only", default="", metavar="TEXT", help="only runs with a row with this text"
    )
    options = parser.parse_args()
    recording = run(options.new, "run", "--report-dir", "report").folder / "report"
    print("| what | old | new | new ÷ old |\n|---|--:|--:|--:|")
    with _served(options.new) as endpoint:
        for arguments, figures in measured(recording, endpoint):
            if not any(options.only in name for name in figures):
                continue
            old, new = [], []
            for _ in range(options.runs):
                old.append(run(options.old, *arguments))
                new.append(run(options.new, *arguments))
            for name, figure in figures.items():
                before, after = (statistics.median(map(figure, found)) for found in (old, new))
                print(f"| {name} | {before:,.2f} | {after:,.2f} | {after / before:.2f} |")
            sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
