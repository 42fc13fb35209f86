"""Compares the impact matrix with the kill matrix: the harm of a breach, and disagreements.

The kill matrix says which requirements a fault breaks, the impact matrix which clients it harms.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from oaicheck.clients.harm import Harm
from oaicheck.rules.requirement import Level, Requirement
from oaicheck.scenarios.profile import Profile

_MOST_TRIPPED = 3
"""If a fault breaks more requirements, it does not show which of them matters."""
_WORST = tuple(Harm)
_SERIOUS = (Harm.BREAKS, Harm.HANGS)

Cells = Mapping[str, Mapping[str, str]]
"""The effect of one fault by client: `outcome` and `symptom`."""


def tripped(row: Mapping[str, list[str]]) -> list[str]:
    """The requirements that a row of the kill matrix breaks."""
    return [*row.get("fail", ()), *row.get("warn", ())]


def is_serious(cell: Mapping[str, str]) -> bool:
    """Whether a client breaks or hangs."""
    return cell["outcome"] in _SERIOUS


def by_requirement(
    faults: Mapping[str, Cells], kills: Mapping[str, Mapping[str, list[str]]]
) -> dict[str, dict[str, dict[str, Any]]]:
    """The worst effect of breaking each requirement on each client, and the evidence.

    The evidence is a fault, or a legal variation that a requirement advises against. Only those
    count that break the fewest other requirements. A requirement can be broken in several ways, and
    not all of them break the client: a cell has the `least` harm too, if it differs.
    """
    evidence: dict[str, dict[str, int]] = {}
    for fault, row in kills.items():
        ids = tripped(row)
        if fault in faults and len(ids) <= _MOST_TRIPPED:
            for id_ in ids:
                evidence.setdefault(id_, {})[fault] = len(ids)
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for id_, counts in sorted(evidence.items()):
        fewest = min(counts.values())
        shown: dict[str, dict[str, Mapping[str, str]]] = {}
        for fault in (fault for fault, count in counts.items() if count == fewest):
            for client, cell in faults[fault].items():
                shown.setdefault(client, {})[fault] = cell
        found[id_] = {client: _worst_of(cells) for client, cells in shown.items()}
    return found


def _worst_of(cells: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """The worst of the effects of some faults on a client."""
    fault = max(cells, key=lambda name: _rank(cells[name]))
    least = min((cell["outcome"] for cell in cells.values()), key=_WORST.index)
    worst = {**cells[fault], "fault": fault}
    return worst if least == worst["outcome"] else {**worst, "least": least}


def _rank(cell: Mapping[str, str]) -> int:
    return _WORST.index(Harm(cell["outcome"]))


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A fault about which a profile and a client disagree."""

    fault: str
    client: str
    outcome: str
    symptom: str
    gates: tuple[str, ...]
    """The requirements that it breaks and that are MUST in the profile."""
    advises: tuple[str, ...]
    """The other requirements that it breaks."""


def gates(
    row: Mapping[str, list[str]], profile: Profile, rules: Mapping[str, Requirement]
) -> tuple[str, ...]:
    """The requirements of a row that are MUST in a profile.

    A row that was measured only for some profiles says nothing about the others.
    """
    if profile.name not in row.get("profile", (profile.name,)):
        return ()
    known = (rules[id_] for id_ in tripped(row) if id_ in rules)
    return tuple(rule.id for rule in known if profile.level_of(rule) is Level.MUST)


@dataclass(frozen=True)
class Agreement:
    """The figures, and every fault on which a profile and its clients disagree."""

    judged: int
    agreeing: int
    missed: tuple[Disagreement, ...]
    """Faults that break the client but pass the profile."""
    unharmful: tuple[Disagreement, ...]
    """Faults that fail the profile but do not harm the client at all."""


def agreement(
    matrix: Mapping[str, Any],
    kills: Mapping[str, Mapping[str, list[str]]],
    clients: Sequence[str],
    failing: Mapping[str, tuple[str, ...]],
) -> Agreement:
    """A profile's verdict against the worst effect on its clients, for every fault with both."""
    missed, unharmful, judged = [], [], 0
    for fault, cells in matrix.items():
        measured = [client for client in clients if client in cells]
        if not measured or fault not in kills:
            continue
        judged += 1
        client = max(measured, key=lambda name: _rank(cells[name]))
        cell = cells[client]
        found = failing[fault]
        others = tuple(id_ for id_ in tripped(kills[fault]) if id_ not in found)
        symptom = cell.get("symptom", "")
        one = Disagreement(fault, client, cell["outcome"], symptom, found, others)
        if is_serious(cell) and not found:
            missed.append(one)
        if cell["outcome"] == Harm.WORKS and found:
            unharmful.append(one)
    agreeing = judged - len(missed) - len(unharmful)
    return Agreement(judged, agreeing, tuple(missed), tuple(unharmful))


def breaking(matrix: Mapping[str, Cells]) -> Iterator[tuple[str, str]]:
    """Every fault or variation that breaks or hangs a client, with the first such client."""
    for name, cells in matrix.items():
        broken = [client for client, cell in cells.items() if is_serious(cell)]
        if broken:
            yield name, broken[0]


def harmless(matrix: Mapping[str, Cells], failing: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    """Faults that fail a gate although every measured client works."""
    for fault, cells in matrix.items():
        works = all(cell["outcome"] == Harm.WORKS for cell in cells.values())
        if cells and works and failing.get(fault):
            yield fault
