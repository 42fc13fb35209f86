"""A client program as one long-lived process that reads and writes JSON lines."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import re
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from types import TracebackType
from typing import IO, Self

from oaicheck.clients.observed import Ask, Observations, Observed

_GRACE = 10.0
_START = 60.0
_LONGEST_LINE = 1 << 20
_SHOWN = 200
_ERROR = re.compile(r"\s*(?:\w+\.)*\w*Error\b")


class WorkerError(RuntimeError):
    """A client program could not be started, or ended by itself."""


class Worker:
    """Starts the program at the first task, and again if it had to be killed."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = command
        self._process: subprocess.Popen[str] | None = None
        self._lines: queue.Queue[str] = queue.Queue()
        self._complaints: IO[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Kill the program."""
        self._kill()
        if self._complaints is not None:
            self._complaints.close()

    def run(self, ask: Ask, tasks: Iterable[str]) -> Observations:
        """What the client's user gets in each task.

        If the program itself does not answer in time, the result is one task `all` that hangs.
        Raises WorkerError if the program cannot be started or ends by itself.
        """
        patience = ask.seconds + _GRACE + (_START if self._process is None else 0)
        process = self._process or self._start()
        assert process.stdin is not None
        try:
            process.stdin.write(json.dumps({**asdict(ask), "tasks": list(tasks)}) + "\n")
            process.stdin.flush()
            line = self._lines.get(timeout=patience)
            found = json.loads(line)
        except queue.Empty:
            self._kill()
            return {"all": Observed(hangs=True)}
        except (OSError, ValueError, RecursionError) as error:
            self._kill()
            said = self._last_complaint()
            raise WorkerError(f"{self._command[-1]}: ended without a result{said}") from error
        return {task: Observed.of(data) for task, data in found.items()}

    def _start(self) -> subprocess.Popen[str]:
        if self._complaints is None:
            self._complaints = tempfile.TemporaryFile()  # noqa: SIM115 - `close` does
        try:
            process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._complaints,
                text=True,
                encoding="utf-8",
                env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
                start_new_session=True,
            )
        except OSError as error:
            raise WorkerError(f"{self._command[0]}: {error}") from error
        assert process.stdout is not None
        self._lines = queue.Queue()
        threading.Thread(target=_read, args=(process.stdout, self._lines), daemon=True).start()
        self._process = process
        return process

    def _last_complaint(self) -> str:
        """The last error message on the program's standard error."""
        if self._complaints is None:
            return ""
        self._complaints.seek(0)
        lines = self._complaints.read().decode("utf-8", "replace").splitlines()
        errors = [line.strip() for line in lines if _ERROR.match(line)]
        return f": {errors[-1][:_SHOWN]}" if errors else ""

    def _kill(self) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            for pipe in (self._process.stdin, self._process.stdout):
                with contextlib.suppress(OSError):
                    if pipe is not None:
                        pipe.close()
            self._process = None


def _read(pipe: IO[str], lines: queue.Queue[str]) -> None:
    """Pass on every line. An empty line means that the program has ended."""
    with contextlib.suppress(ValueError):
        while line := pipe.readline(_LONGEST_LINE):
            lines.put(line)
    lines.put("")
