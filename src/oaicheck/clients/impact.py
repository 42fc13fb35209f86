"""The impact matrix: the effect of each fault of the reference endpoint on each real client.

    python -m oaicheck.clients.impact [--clients DIR] [--out FILE] [--client NAME] [--fault NAME]
                                      [--new]

Every installed client runs its tasks against the embedded endpoint, first without a defect, then
with each fault and each legal variation. What its user gets is compared with the first run.
"""

from __future__ import annotations

import argparse
import json
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from oaicheck.clients.harm import Effect, Harm, effect
from oaicheck.clients.installing import missing
from oaicheck.clients.observed import Ask, Observations, Observed
from oaicheck.clients.opencode import OpenCodeError, serving
from oaicheck.clients.roster import Client, default_root, roster
from oaicheck.clients.worker import Worker, WorkerError
from oaicheck.reference import (
    Deviation,
    ReferenceEndpoint,
    Reply,
    Request,
    Settings,
    catalogue,
    running,
)
from oaicheck.resources import locate
from oaicheck.verdicts.exit_codes import ExitCode

_SECONDS = 6.0
_OPENCODE_SECONDS = 10.0
_OF_CHAT = {"body", "completion", "chunks", "each"}
_OF_RESPONSES = {"responses-body", "history", "item", "response", "whole-response", "events"}
_OF_RESPONSES |= {"state", "stored"}

Found = dict[str, Effect]
"""The effect of each deviation on one client, by the deviation's name."""


class Switched(ReferenceEndpoint):
    """A reference endpoint whose deviations can be changed while it runs."""

    def __init__(self) -> None:
        super().__init__(Settings())
        self._playing = ReferenceEndpoint(Settings())
        self.requests = 0

    def play(self, *names: str) -> None:
        """Apply these deviations from now on."""
        self._playing = ReferenceEndpoint(Settings(), names)

    def reply(self, request: Request) -> Reply:
        """Answer with the current deviations."""
        self.requests += 1
        return self._playing.reply(request)


def surfaces(deviation: Deviation, client: Client) -> list[str]:
    """The APIs that a client uses and that a deviation can affect."""
    if deviation.stage in _OF_CHAT:
        shown = {"chat"}
    elif deviation.stage in _OF_RESPONSES or deviation.name.startswith("responses-"):
        shown = {"responses"}
    elif deviation.stage == "models":
        shown = {"models"}
    else:
        shown = {"chat", "responses", "models"}
    return [surface for surface in client.speaks if surface in shown]


def impact(client: Client, root: Path, names: Iterable[str]) -> Found:
    """The effect of the named deviations on one client."""
    wanted = [catalogue()[name] for name in names]
    concerned = [(each.name, shown) for each in wanted if (shown := surfaces(each, client))]
    if client.runtime == "opencode":
        return _on_opencode(client, root, [name for name, _ in concerned])
    found: Found = {}
    with Worker(client.command(root)) as worker:
        whole = _run(worker, (), client.speaks)
        for name, shown in concerned:
            now = _run(worker, (name,), shown)
            if any(seen.hangs for seen in now.values()):
                now = _run(worker, (name,), shown)
            found[name] = effect(whole, now)
            _tell(client, name, found[name])
    return found


def _run(worker: Worker, names: Iterable[str], shown: Iterable[str]) -> Observations:
    settings = Settings()
    with running(ReferenceEndpoint(settings, names)) as url:
        return worker.run(_ask(url, settings, _SECONDS), shown)


def _ask(url: str, settings: Settings, seconds: float) -> Ask:
    model, reasoning = settings.models[:2]
    return Ask(url, settings.api_key or "", model, reasoning, seconds)


def _on_opencode(client: Client, root: Path, names: Iterable[str]) -> Found:
    endpoint = Switched()
    found: Found = {}
    with running(endpoint) as url:
        ask = _ask(url, endpoint.settings, _OPENCODE_SECONDS)
        with serving(client.command(root), ask, lambda: endpoint.requests) as server:
            server.edit(_OPENCODE_SECONDS * 4)
            whole = server.edit(_OPENCODE_SECONDS)
            for name in names:
                endpoint.play(name)
                now = server.edit(_OPENCODE_SECONDS)
                if now.hangs:
                    now = server.edit(_OPENCODE_SECONDS * 2)
                found[name] = _of_opencode(whole, now)
                endpoint.play()
                _tell(client, name, found[name])
    return found


def _of_opencode(whole: Observed, now: Observed) -> Effect:
    if now.hangs:
        sent = now.seen["requests"]
        word = f"{sent} requests and no end" if sent > 3 else f"no end after {sent} requests"
        return Effect(Harm.HANGS, f"edits a file: {word}")
    found = effect({"edits-a-file": whole}, {"edits-a-file": now})
    if now.error is None and not now.seen["edited"]:
        return Effect(Harm.BREAKS, found.symptom)
    return found


_TELLING = threading.Lock()


def _tell(client: Client, name: str, found: Effect) -> None:
    with _TELLING:
        print(f"{client.name:<16}{name:<48}{found.outcome:<10}{found.symptom[:120]}", flush=True)


def matrix(
    clients: Iterable[Client], root: Path, names: Mapping[str, Iterable[str]]
) -> Iterator[tuple[Client, Found]]:
    """The effects on each client of the deviations named for it; two clients run at a time."""
    with ThreadPoolExecutor(max_workers=2) as pool:
        runs = {pool.submit(impact, each, root, names[each.name]): each for each in clients}
        for run in as_completed(runs):
            yield runs[run], run.result()


def load(path: Path) -> Mapping[str, Any]:
    """The matrix in a file, or an empty one."""
    data: dict[str, Any] = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    return data


def merged(data: Mapping[str, Any], client: Client, found: Found) -> dict[str, Any]:
    """The matrix as data, updated with the effects on one client."""
    known = catalogue()
    rows: dict[str, dict[str, Any]] = {
        name: dict(row) for name, row in data.get("faults", {}).items() if name in known
    }
    for name, seen in found.items():
        cell = {"outcome": seen.outcome.value}
        if seen.symptom:
            cell["symptom"] = seen.symptom
        rows.setdefault(name, {})[client.name] = cell
    clients = roster()
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "versions": {name: each.title for name, each in clients.items()},
        "faults": {
            name: {each: rows[name][each] for each in clients if each in rows[name]}
            for name in sorted(rows)
        },
    }


def main() -> int:
    """Run the installed clients and write the results. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m oaicheck.clients.impact", allow_abbrev=False)
    parser.add_argument("--clients", type=Path, default=default_root(), metavar="DIR")
    parser.add_argument("--out", type=Path, metavar="FILE")
    parser.add_argument("--client", action="append", default=[], metavar="NAME")
    parser.add_argument("--fault", action="append", default=[], metavar="NAME")
    parser.add_argument("--new", action="store_true", help="only measure what the file lacks")
    options = parser.parse_args()
    out: Path = options.out or locate("fixtures") / "impact.json"
    known = roster()
    for kind, given, there in (
        ("client", options.client, known),
        ("fault or variation", options.fault, catalogue()),
    ):
        if strangers := [name for name in given if name not in there]:
            print(f"oaicheck: there is no {kind} {strangers[0]!r}", file=sys.stderr)
            return int(ExitCode.USAGE)
    ready = []
    for client in (known[name] for name in options.client or known):
        if reason := missing(client, options.clients):
            print(f"left out: {reason}", file=sys.stderr)
        else:
            ready.append(client)
    rows = load(out).get("faults", {}) if options.new else {}
    names = {
        client.name: [
            name for name in options.fault or catalogue() if client.name not in rows.get(name, {})
        ]
        for client in ready
    }
    started = time.monotonic()
    try:
        for client, found in matrix(ready, options.clients, names):
            text = json.dumps(merged(load(out), client, found), ensure_ascii=False, indent=1)
            out.write_text(text + "\n", "utf-8")
    except (WorkerError, OpenCodeError) as error:
        print(f"oaicheck: {error}", file=sys.stderr)
        return 1
    print(f"{out} after {time.monotonic() - started:.0f} s", file=sys.stderr)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
