"""The tasks of real clients as scenarios: `clients/openai-python/streams` is one task of one.

They are data in `fixtures/clients/tasks.json`, by the programs that carry them out. A scenario of
a client has no request that could be sent without it: its turns only count what it will send.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from oaicheck.clients.installing import missing
from oaicheck.clients.roster import Client, programs, roster
from oaicheck.scenarios.scenario import Answer, Credential, Scenario, Turn
from oaicheck.views.client_run import PREFIX, client_and_task

_BESIDE = {
    "key": ("auth/missing-key", "auth/wrong-key"),
    "tools": ("chat/whole/tool-call",),
}
"""What decides whether a task applies, by what the task needs."""


def client_scenarios() -> dict[str, Scenario]:
    """The tasks of all known clients, installed or not, by name."""
    tasks = json.loads((programs() / "tasks.json").read_text("utf-8"))
    found = (
        _scenario(client, name, task)
        for client in roster().values()
        for name, task in tasks[client.program].items()
    )
    return {scenario.name: scenario for scenario in found}


def client_facts(root: Path, scenarios: Iterable[Scenario]) -> Mapping[str, Any]:
    """What a recording has to say of the clients that scenarios need.

    By the client's name its title, and why it is `missing`, or null where it can be run.
    """
    known = roster()
    names = dict.fromkeys(client_and_task(scenario)[0] for scenario in scenarios)
    return {
        name: {"title": known[name].title, "missing": missing(known[name], root)} for name in names
    }


def _scenario(client: Client, name: str, task: Mapping[str, Any]) -> Scenario:
    needs = tuple(task.get("needs", ()))
    turn = Turn("POST", "chat/completions", None, None, {}, Credential.OWN)
    return Scenario(
        name=f"{PREFIX}{client.name}/{name}",
        title=task["title"],
        answer=Answer.ANY,
        turns=(turn,) * task["requests"],
        needs=(f"client-{Path(client.program).stem}", *needs),
        shows=None,
        rewordings=(),
        alone=True,
        expected_tokens=task.get("tokens", 0),
        beside=tuple(other for need in needs for other in _BESIDE.get(need, ())),
    )
