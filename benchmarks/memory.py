"""Measures the memory of a run whose answers are as long as oaicheck reads them.

    python benchmarks/memory.py BIN/oaicheck [KIND…]

It serves answers of 16 MiB, each kind in turn, to a run of 64 requests, and then judges the
recording again. Without a kind, all kinds are mixed. It prints the peak memory of both, and their
CPU time. Memory is what the operating system counts, with Python itself.
"""

from __future__ import annotations

import argparse
import json
import os
import socketserver
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path

_SIZE = 16 * 1024 * 1024 - 1024
"""Just less than `--max-bytes`, so that answers are complete."""
_REQUESTS = 64
_JSON, _STREAM, _BYTES = "application/json", "text/event-stream", "application/octet-stream"


def _completion(content: str) -> bytes:
    message = {"role": "assistant", "content": content}
    choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
    usage = {"prompt_tokens": 5, "completion_tokens": 7, "total_tokens": 12}
    whole = {
        **{"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "m"},
        **{"choices": [choice], "usage": usage},
    }
    return json.dumps(whole, ensure_ascii=False).encode()


def _filled(text: str) -> bytes:
    return _completion(text * ((_SIZE - 500) // len(text.encode())))


def _stream() -> bytes:
    chunk = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    events, size = [], 0
    while size < _SIZE - 1000:
        delta = {"content": f" word{len(events)}"}
        choice = {"index": 0, "delta": delta, "finish_reason": None, "logprobs": None}
        events.append(f"data: {json.dumps({**chunk, 'choices': [choice]})}\n\n")
        size += len(events[-1])
    return ("".join(events) + "data: [DONE]\n\n").encode()


KINDS: Mapping[str, Callable[[], tuple[str, bytes]]] = {
    "words": lambda: (_JSON, _filled("word ")),
    "emoji": lambda: (_JSON, _filled("\U0001f600 word ")),
    "chunks": lambda: (_STREAM, _stream()),
    "binary": lambda: (_BYTES, os.urandom(_SIZE)),
    "controls": lambda: (_BYTES, b"\1" * _SIZE),
    "line": lambda: (_STREAM, b"data: " + b"a" * _SIZE),
}
"""What is served: a media type and a body."""


@contextmanager
def served(kinds: list[str]) -> Iterator[str]:
    """The base URL of an endpoint that gives a small answer first, and long ones after it."""
    answers = cycle([KINDS[kind]() for kind in kinds])
    begun = [(_JSON, _completion("hello"))]

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            lines = list(iter(lambda: self.rfile.readline().strip(), b""))
            lengths = [line for line in lines if line.lower().startswith(b"content-length:")]
            self.rfile.read(int(lengths[0].split(b":")[1]) if lengths else 0)
            kind, body = begun.pop() if begun else next(answers)
            head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
            try:
                self.wfile.write(head.encode())
                self.wfile.write(body)
            except OSError:
                # Some requests hang up.
                return

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
        server.shutdown()


def measured(command: str, folder: Path, *arguments: str) -> str:
    """The peak memory, the CPU time and the wall time of a run in a folder, in words."""
    environ = {name: value for name, value in os.environ.items() if "OAICHECK" not in name}
    began = time.perf_counter()
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(
            [command, "run", *arguments], cwd=folder, env=environ, stdout=output, stderr=output
        )
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    wall, cpu = time.perf_counter() - began, used.ru_utime + used.ru_stime
    return (
        f"{used.ru_maxrss / 1024:,.0f} MiB, {cpu:.1f} s of CPU, {wall:.1f} s, "
        f"exit code {process.returncode}"
    )


def main() -> None:
    """Measure a run and a replay, and print the figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("oaicheck", help="the command to measure")
    parser.add_argument("kinds", nargs="*", metavar="KIND", help=", ".join(KINDS))
    parser.add_argument("--requests", type=int, default=_REQUESTS)
    options = parser.parse_args()
    command = str(Path(options.oaicheck).absolute())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with served(options.kinds or list(KINDS)) as url:
            target = ("--endpoint", url, "--model", "m", "--no-auth", "--report-dir", "live")
            most = ("--max-requests", str(options.requests))
            print(f"run: {measured(command, folder, *target, *most)}", flush=True)
        size = (folder / "live" / "exchanges.jsonl").stat().st_size
        print(f"recording: {size / 1024**2:,.0f} MiB", flush=True)
        again = ("--replay", "live", "--report-dir", "again")
        print(f"replay: {measured(command, folder, *again)}")


if __name__ == "__main__":
    main()
