"""The tasks of real clients as scenarios, such as `clients/openai-python/streams`.

They are defined in `fixtures/clients/tasks.json`, by client program. Such a scenario has no request
that could be sent without the client: its turns only count the requests that the client will send.
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
"""The scenarios that decide whether a task applies, by what the task needs."""

_SHORT_PROMPT = 20
"""The input tokens of a request, unless the task says otherwise."""


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
    """The facts that a recording needs about the clients of some scenarios.

    They map the client's name to its `title` and to why it is `missing`, or null if it can be run.
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
        expected_input=task.get("input", _SHORT_PROMPT * task["requests"]),
        beside=tuple(other for need in needs for other in _BESIDE.get(need, ())),
    )
