"""Tries real clients on an endpoint: what raises or hangs there, and does not on the reference.

What a model says is no client's fault: other words, or a call that is not made, are no harm here.
"""

from __future__ import annotations

from pathlib import Path

from oaicheck.clients.harm import Effect, Harm, effect
from oaicheck.clients.observed import Ask, Observations, Observed
from oaicheck.clients.opencode import run_once
from oaicheck.clients.roster import Client
from oaicheck.clients.worker import Worker
from oaicheck.reference import ReferenceEndpoint, Settings, running

_SECONDS = 120.0


def asking(base_url: str, key: str, model: str) -> Ask:
    """An ask of an endpoint that has one model for everything, with a patience for real models."""
    return Ask(base_url, key, model, model, _SECONDS)


def trial(client: Client, root: Path, ask: Ask) -> Effect:
    """The harm that a client comes to; raises WorkerError where it cannot be started."""
    if client.runtime == "opencode":
        return _opencode(client, root, ask)
    settings = Settings()
    with Worker(client.command(root)) as worker:
        with running(ReferenceEndpoint(settings)) as url:
            before = worker.run(
                asking(url, settings.api_key or "", settings.models[0]), client.speaks
            )
        return effect(before, _without_words(before, worker.run(ask, client.speaks)))


def _without_words(before: Observations, now: Observations) -> Observations:
    """The tasks that came to an end count as done, whatever the model said in them."""
    done = {task: seen for task, seen in before.items() if seen.error is None}
    return {
        task: done[task] if task in done and seen.error is None and not seen.hangs else seen
        for task, seen in now.items()
    }


def _opencode(client: Client, root: Path, ask: Ask) -> Effect:
    transcript = run_once(client.command(root), ask)
    if transcript.exit_code is None:
        return effect({}, {"edits-a-file": Observed(hangs=True)})
    if errors := transcript.of_type("error"):
        error = errors[0]["error"]
        return Effect(Harm.BREAKS, f"edits a file: {error['name']}: {error['data']['message']}")
    if not transcript.edited:
        called = "a call failed" if transcript.of_type("tool_use") else "no tool was called"
        return Effect(Harm.DEGRADED, f"edits a file: the file is as before: {called}")
    return Effect(Harm.WORKS)
