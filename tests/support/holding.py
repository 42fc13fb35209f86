"""An endpoint that stands still after some requests, so that a run can be interrupted there."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from oaicheck.reference import ReferenceEndpoint, Reply, Request, Settings, running
from support.commands import neutral

_LONGEST = 120.0
"""Seconds that anything here may take on a slow machine."""

# A shell that starts the tests in the background makes all their children ignore SIGINT.
_LISTENING = "import signal, runpy, sys; signal.signal(signal.SIGINT, signal.default_int_handler)"


class Holding(ReferenceEndpoint):
    """Serves so many requests, and then none until it is released."""

    def __init__(self, most: int) -> None:
        super().__init__(Settings(api_key=None, models=("reference-1",), reasoning_models=()))
        self.asked = 0
        self.released = threading.Event()
        self._most = most

    def reply(self, request: Request) -> Reply:
        self.asked += 1
        if self.asked > self._most:
            self.released.wait(_LONGEST)
        return super().reply(request)

    def wait_until_it_holds(self) -> None:
        _until(lambda: self.asked > self._most)


@contextlib.contextmanager
def holding(most: int) -> Iterator[tuple[Holding, tuple[str, ...]]]:
    """The endpoint while it runs, and the options that name it."""
    endpoint = Holding(most)
    with running(endpoint) as url:
        try:
            yield endpoint, ("--endpoint", url, "--model", "reference-1", "--no-auth")
        finally:
            endpoint.released.set()


@dataclass
class Ended:
    """How a process ended: its exit code, and all that it printed."""

    code: int
    output: str


class Process:
    """A command that runs on while the test does something else."""

    def __init__(self, module: str, *arguments: str, cwd: Path) -> None:
        start = f"{_LISTENING}; runpy.run_module({module!r}, run_name='__main__', alter_sys=True)"
        self._process = subprocess.Popen(
            [sys.executable, "-c", start, *arguments],
            cwd=cwd,
            env=neutral({"PYTHONPATH": os.pathsep.join(sys.path)}),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def end(self) -> Ended:
        output, _ = self._process.communicate(timeout=_LONGEST)
        return Ended(self._process.returncode, output)


def lines_in(recording: Path, count: int) -> None:
    """Wait until a recording has so many lines."""
    _until(lambda: recording.exists() and recording.read_text("utf-8").count("\n") >= count)


def _until(condition: object) -> None:
    assert callable(condition)
    deadline = time.monotonic() + _LONGEST
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)
