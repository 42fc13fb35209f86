"""Runs the tasks of real clients against an endpoint and records the results.

The tasks run one after another, each through a relay that records its exchanges.
"""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from oaicheck.clients.installing import refresh
from oaicheck.clients.observed import Ask
from oaicheck.clients.opencode import HELLO, OpenCodeError, run_once
from oaicheck.clients.relay import KEY, Errand, Relay, relaying
from oaicheck.clients.roster import Client, roster
from oaicheck.clients.worker import Worker, WorkerError
from oaicheck.engine.concealing import Concealer
from oaicheck.engine.prepare import THINKING_TOKENS
from oaicheck.engine.watch import Watch
from oaicheck.scenarios.scenario import Scenario
from oaicheck.target.target import Target
from oaicheck.views.client_run import client_and_task
from oaicheck.wire.exchange import RUN, Ending, Exchange, Request, Segment
from oaicheck.wire.recording import RecordingWriter

_SECONDS = 120.0
_TOKENS = 256
_CIRCLE = 4
"""A task that sends this many times the requests that it needs is looping."""


@dataclass(frozen=True, slots=True)
class _Account:
    """How a task ended: what the client printed, or why it printed nothing."""

    printed: Mapping[str, Any]
    outcome: str
    ending: Ending = Ending.COMPLETE
    detail: str = ""


async def try_clients(
    target: Target,
    scenarios: Iterable[Scenario],
    root: Path,
    writer: RecordingWriter,
    watch: Watch | None = None,
) -> None:
    """Run these scenarios against a target with the clients installed in a folder.

    Failures of clients and endpoint are recorded, not raised. Raises TargetError if the TLS
    settings cannot be used, and OSError if the recording cannot be written.
    """
    watch = watch or Watch()
    by_client: dict[str, list[Scenario]] = {}
    for scenario in scenarios:
        by_client.setdefault(client_and_task(scenario)[0], []).append(scenario)

    def record(exchange: Exchange) -> None:
        writer.add(exchange)
        watch.recorded(exchange)

    seconds = min(_SECONDS, target.limits.total)
    known = roster()
    async with relaying(target, record, seconds, watch.sending) as relay:
        for name, tasks in by_client.items():
            await _try_client(relay, known[name], tasks, root, writer, watch, seconds)


async def _try_client(
    relay: Relay,
    client: Client,
    scenarios: Iterable[Scenario],
    root: Path,
    writer: RecordingWriter,
    watch: Watch,
    seconds: float,
) -> None:
    target, given_up = relay.target, threading.Event()
    refresh(client, root)
    worker = Worker(client.command(root))
    try:
        for scenario in scenarios:
            errand = relay.errand(scenario, _CIRCLE * len(scenario.turns))
            ask = Ask(
                errand.base_url, KEY, target.model, target.model, seconds, _most_tokens(target)
            )
            started = time.time()
            account = await asyncio.to_thread(
                _carried_out, client, root, worker, errand, ask, given_up.is_set
            )
            took = time.time() - started
            await relay.finish()
            writer.add(_recorded(target, client, scenario, account, started, took))
            watch.finished(scenario.name)
    finally:
        given_up.set()
        worker.close()


def _most_tokens(target: Target) -> int:
    """The token limit for clients, or 0 for none: all of them send it as `max_tokens`."""
    if target.token_limit_parameter != "max_tokens":
        return 0
    return _TOKENS + THINKING_TOKENS if target.thinks else _TOKENS


def _carried_out(
    client: Client,
    root: Path,
    worker: Worker,
    errand: Errand,
    ask: Ask,
    given_up: Callable[[], bool],
) -> _Account:
    task = client_and_task(errand.scenario)[1]
    try:
        if client.runtime == "opencode":
            return _by_opencode(client.command(root), task, errand, ask, given_up)
        found = worker.run(ask, [task])
    except (WorkerError, OpenCodeError) as error:
        folder = client.folder(root)
        remedy = f"remove {folder} and run `oaicheck clients install {client.name}`"
        reason = f"{client.title} cannot be run: {error}: {remedy}"
        return _Account({}, "not run", Ending.NOT_CONNECTED, reason)
    seen = found.get(task) or found.get("all")
    if seen is None:
        reason = f"{client.title}: its program has no task named {task}"
        return _Account({}, "not run", Ending.NOT_CONNECTED, reason)
    if seen.hangs:
        return _endless(errand, ask, {})
    if seen.error is not None:
        return _Account({"error": seen.error}, "raised an error")
    return _Account({"observed": seen.seen}, "finished")


def _by_opencode(
    command: Iterable[str], task: str, errand: Errand, ask: Ask, given_up: Callable[[], bool]
) -> _Account:
    prompt = HELLO if task == "says-hello" else None
    transcript = run_once(list(command), ask, prompt, lambda: errand.circling or given_up())
    seen: dict[str, Any] = {
        "observed": {
            "exit_code": transcript.exit_code,
            "edited": transcript.edited,
            "events": list(transcript.events),
            "stderr": transcript.errors,
        }
    }
    if transcript.exit_code is None:
        return _endless(errand, ask, seen)
    if errors := transcript.of_type("error"):
        seen["error"] = _error(errors[0].get("error"))
    return _Account(seen, f"exit code {transcript.exit_code}")


def _error(event: Any) -> Mapping[str, Any]:
    """The error of an OpenCode event, in the same form as the errors of other clients."""
    told: dict[str, Any] = event if isinstance(event, dict) else {}
    found = told.get("data")
    data: dict[str, Any] = found if isinstance(found, dict) else {}
    return {
        "type": told.get("name", "error"),
        "status": data.get("statusCode"),
        "told": True,
        "message": str(data.get("message", ""))[:500],
    }


def _endless(errand: Errand, ask: Ask, seen: Mapping[str, Any]) -> _Account:
    if errand.circling:
        detail = f"still running after {errand.most} requests: the client loops"
    else:
        detail = f"not finished within {ask.seconds:g} s, after {errand.sent} requests"
    return _Account({**seen, "hangs": True}, "stopped", Ending.TOO_LONG, detail)


def _recorded(
    target: Target,
    client: Client,
    scenario: Scenario,
    account: _Account,
    started: float,
    took: float,
) -> Exchange:
    concealer = Concealer(target)
    printed = json.dumps(account.printed, ensure_ascii=False, indent=1).encode("utf-8", "replace")
    return Exchange(
        scenario=scenario.name,
        turn=0,
        attempt=1,
        request=Request(RUN, f"{client.title}: {client_and_task(scenario)[1]}", (), b""),
        status=None,
        reason=account.outcome,
        headers=(),
        segments=(Segment(took, concealer.data(printed)),),
        ending=account.ending,
        detail=concealer.text(account.detail),
        started=started,
        ended_at=took,
    )
