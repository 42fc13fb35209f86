"""Serves behaviours in a process of their own, so that they do not slow down who meets them."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from support.commands import neutral

_TESTS = Path(__file__).parent.parent.parent


@contextlib.contextmanager
def served(names: Iterable[str], number: int) -> Iterator[dict[str, int]]:
    """Serve each behaviour from the connection of this number on; yields the ports by name."""
    command = [sys.executable, "-m", "support.hostile", str(number), *names]
    environ = neutral({"PYTHONPATH": str(_TESTS)})
    with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            yield json.loads(server.stdout.readline())
        finally:
            server.kill()
