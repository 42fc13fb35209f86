"""The harm to a client's user: observations compared with those on the faultless endpoint."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from oaicheck.clients.observed import Observations, Observed

_LONGEST = 220
_NAMED = 3
_LOOPBACK = re.compile(r"127\.0\.0\.1:\d+")
_ID = re.compile(r"\b((?:call|chatcmpl|resp|req|msg|fc|ses)_?-?)[0-9a-zA-Z]{16,}\b")
_NAMES = {
    "text": "text",
    "reasoning": "reasoning",
    "finish": "finish reason",
    "usage": "usage",
    "ran": "tool calls that ran",
    "calls": "tool calls",
    "invalid": "tool calls that cannot be read",
    "answer": "answer to the tool's result",
    "final": "final response",
    "status": "status",
    "found": "models",
    "id": "model",
    "edited": "edit",
}


class Harm(StrEnum):
    """What a client's user experiences."""

    WORKS = "works"
    DEGRADED = "degraded"
    BREAKS = "breaks"
    HANGS = "hangs"


_WORST = tuple(Harm)


@dataclass(frozen=True, slots=True)
class Effect:
    """The worst outcome for one client, and the tasks in which it happened."""

    outcome: Harm
    symptom: str = ""


def effect(before: Observations, now: Observations) -> Effect:
    """The worst effect over all tasks, grouped by symptom."""
    found = [(task, *_of_task(before.get(task), seen)) for task, seen in now.items()]
    worst = max((harm for _, harm, _ in found), key=_WORST.index, default=Harm.WORKS)
    if worst is Harm.WORKS:
        return Effect(worst)
    symptoms: dict[str, list[str]] = {}
    for task, harm, symptom in found:
        if harm is worst:
            symptoms.setdefault(symptom, []).append(_spoken(task))
    texts = [f"{_some(tasks)}: {symptom}" for symptom, tasks in symptoms.items()]
    return Effect(worst, _short("; ".join(texts)))


def _of_task(before: Observed | None, now: Observed) -> tuple[Harm, str]:
    if now.hangs:
        return Harm.HANGS, "no end within the time"
    if before is None:
        return Harm.WORKS, ""
    if now.error is not None and before.error is None:
        return Harm.BREAKS, f"{now.error['type']}: {now.error['message']}"
    if before.error is not None:
        if now.error is None:
            return Harm.DEGRADED, f"no {before.error['type']} is raised"
        return _other_error(before.error, now.error)
    differences = list(_differences(before.seen, now.seen))
    return (Harm.DEGRADED, ", ".join(differences)) if differences else (Harm.WORKS, "")


def _other_error(before: Any, now: Any) -> tuple[Harm, str]:
    if now["type"] != before["type"]:
        return Harm.DEGRADED, f"{now['type']} is raised instead of {before['type']}"
    if now["status"] != before["status"]:
        return Harm.DEGRADED, f"the error has status {now['status']}, not {before['status']}"
    if before["told"] and not now["told"]:
        return Harm.DEGRADED, "the endpoint's message does not reach the user"
    return Harm.WORKS, ""


def _differences(before: Any, now: Any) -> Iterator[str]:
    if not isinstance(before, dict) or not isinstance(now, dict):
        if before != now:
            yield f"another answer: {_flat(now)}"
        return
    changed = {key: value for key, value in before.items() if not _same(value, now.get(key))}
    if len(changed) > 1:
        changed.pop("usage", None)  # a different text has a different token count
    for key, value in changed.items():
        yield f"{_NAMES.get(key, key)} {_changed(value, now.get(key))}"


def _same(before: Any, now: Any) -> bool:
    return before == now or (_empty(before) and _empty(now))


def _changed(before: Any, now: Any) -> str:
    if _empty(now):
        return "lost"
    if _empty(before):
        return f"{_flat(now)} instead of none"
    if isinstance(before, str) and isinstance(now, str):
        if now == before * 2:
            return "doubled"
        if now and now in before:
            return f"incomplete: {_flat(now)}"
    if isinstance(before, list) and isinstance(now, list) and len(now) < len(before):
        return f"only {_flat(now)}"
    return f"{_flat(now)} instead of {_flat(before)}"


def _empty(value: Any) -> bool:
    if isinstance(value, list | dict):
        members = value.values() if isinstance(value, dict) else value
        return all(map(_empty, members))
    return value in (None, "", False)


def _flat(value: Any) -> str:
    text = re.sub(r"[{}\[\]\"\\']", "", str(value)) if not isinstance(value, str) else value
    text = " ".join(text.split()).strip(" ,")
    return text if len(text) <= 60 else f"{text[:60]}…"


def _some(tasks: list[str]) -> str:
    rest = len(tasks) - _NAMED
    return ", ".join(tasks[:_NAMED]) + (f" and {rest} more" if rest > 0 else "")


def _spoken(task: str) -> str:
    return task.replace("-", " ")


def _short(text: str) -> str:
    text = " ".join(_ID.sub(r"\1…", _LOOPBACK.sub("HOST", text)).split())
    # A client may quote half a character (a lone surrogate), which cannot be written to a file.
    text = text.encode("utf-8", "backslashreplace").decode("utf-8")
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
