"""Puts a LiteLLM proxy, on loopback, in front of an OpenAI-compatible endpoint.

Prints `READY http://127.0.0.1:PORT/v1` once it answers, and lives until its standard input ends or
it is told to terminate. LiteLLM runs in a process of its own, under the Python given with --python.
"""

import argparse
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HOST = "127.0.0.1"

# Runs the proxy, and ends it with the pipe that this program holds open: it cannot be left behind.
PROXY = """
import os, sys, threading
threading.Thread(target=lambda: (sys.stdin.buffer.read(), os._exit(0)), daemon=True).start()
from litellm import run_server
run_server()
"""

# Unset, these make LiteLLM look for prices, models and licences on the internet.
OFFLINE = {
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "LITELLM_TELEMETRY": "False",
    "LITELLM_LOG": "ERROR",
    "NO_DOCS": "True",
    "NO_PROXY": "127.0.0.1,localhost",
}


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("base_url", help="of the endpoint behind it, ending in /v1")
    parser.add_argument("--model", default="smollm2-135m-instruct", help="that endpoint's model")
    parser.add_argument("--upstream-key", default="", help="that endpoint's key")
    parser.add_argument("--alias", default="", help="the model's name at the gateway; as --model")
    parser.add_argument("--master-key", default="sk-gateway", help="the gateway's own key")
    parser.add_argument("--python", default=sys.executable, help="one that has litellm[proxy]")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--start-timeout", type=float, default=90.0, metavar="SECONDS")
    parser.add_argument("--verbose", action="store_true", help="LiteLLM's log on standard error")
    return parser.parse_args()


def configuration(options: argparse.Namespace) -> dict[str, object]:
    upstream = {
        "model": f"openai/{options.model}",
        "api_base": options.base_url,
        "api_key": options.upstream_key or "none",
    }
    return {
        "model_list": [
            {"model_name": options.alias or options.model, "litellm_params": upstream},
        ],
        "litellm_settings": {"telemetry": False, "num_retries": 0, "request_timeout": 120},
        "general_settings": {"master_key": options.master_key},
    }


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def proxy(options: argparse.Namespace, port: int) -> Iterator[subprocess.Popen[bytes]]:
    log = sys.stderr if options.verbose else subprocess.DEVNULL
    python = shutil.which(options.python)
    if python is None:
        raise SystemExit(f"--python {options.python}: there is no such program")
    with tempfile.TemporaryDirectory(prefix="oaicheck-gateway-") as folder:
        config = Path(folder, "config.yaml")
        config.write_text(json.dumps(configuration(options)), encoding="utf-8")  # YAML too
        command = [str(Path(python).absolute()), "-c", PROXY, "--config", str(config)]
        command += ["--host", HOST, "--port", str(port), "--telemetry", "False"]
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            env=os.environ | OFFLINE,
            cwd=folder,
        )
        try:
            yield process
        finally:
            process.kill()
            process.communicate()


def await_health(address: str, process: subprocess.Popen[bytes], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise SystemExit(
                f"LiteLLM ended with {process.returncode} before it answered (see --verbose); "
                "does the Python given with --python have tests/real/requirements-gateway.txt?"
            )
        try:
            with urllib.request.urlopen(f"{address}/health/liveliness", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise SystemExit(f"no good answer from {address}/health/liveliness within {seconds:g} s")


def main() -> None:
    options = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    port = options.port or free_port()
    address = f"http://{HOST}:{port}"
    with proxy(options, port) as process:
        await_health(address, process, options.start_timeout)
        print(f"READY {address}/v1", flush=True)
        sys.stdin.buffer.read()


if __name__ == "__main__":
    main()
