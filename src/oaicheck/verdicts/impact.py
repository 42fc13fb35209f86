"""Which real clients break if a requirement is broken, as measured.

`oaicheck.clients.page` computes the data from the impact matrix (fault × client) and the kill
matrix (fault × requirement).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from oaicheck.resources import locate

FILE = "impact-by-requirement.json"
_VERBS = {"breaks": "break", "hangs": "hang", "degraded": "degrade"}
_SERIOUS = ("breaks", "hangs")


@dataclass(frozen=True, slots=True)
class Harm:
    """The worst effect of breaking one requirement on one client, and the fault that showed it.

    `least` is the mildest effect of the other faults that break the requirement, if it is milder.
    """

    client: str
    outcome: str
    symptom: str
    fault: str
    least: str = ""

    @property
    def sure(self) -> str:
        """What happens to the client in any case."""
        return self.least or self.outcome

    @property
    def sentence(self) -> str:
        """`breaks curl 8: no end`, or `can break curl 8: no end (seen with `fault`)`."""
        verb, told = _VERBS[self.outcome], f"{self.client}: {self.symptom}"
        is_sure = self.sure == self.outcome or self.sure in _SERIOUS
        return f"{verb}s {told}" if is_sure else f"can {verb} {told} (seen with `{self.fault}`)"


def whom_it_breaks(requirement_id: str) -> list[str]:
    """Sentences that say which clients are harmed and how, worst first, and which tolerate it.

    Empty if no measured fault breaks this requirement alone.
    """
    harms = measured().get(requirement_id, ())
    serious = [harm for harm in harms if harm.outcome in _SERIOUS]
    degraded = [harm for harm in harms if harm.outcome == "degraded"]
    sentences = [harm.sentence for harm in serious if harm.sure in _SERIOUS]
    sentences += [harm.sentence for harm in degraded if harm.sure == "degraded"]
    sentences += [harm.sentence for harm in serious if harm.sure not in _SERIOUS]
    for told, names in (
        ("can degrade", [harm.client for harm in degraded if harm.sure == "works"]),
        ("tolerated by", [harm.client for harm in harms if harm.outcome == "works"]),
    ):
        sentences += [f"{told} {', '.join(names)}"] if names else []
    return sentences


def clients_broken(requirement_id: str) -> list[str]:
    """The clients, with versions, that break or hang whichever way the requirement is broken."""
    return _surely(requirement_id, *_SERIOUS)


def clients_degraded(requirement_id: str) -> list[str]:
    """The clients, with versions, that are degraded whichever way the requirement is broken."""
    return _surely(requirement_id, "degraded")


def severity(requirement_id: str) -> tuple[int, int]:
    """The harm of a breach: how many clients it breaks or hangs, and how many it degrades.

    Both are 0 if no measured fault breaks this requirement alone.
    """
    return len(clients_broken(requirement_id)), len(clients_degraded(requirement_id))


def _surely(requirement_id: str, *outcomes: str) -> list[str]:
    harms = measured().get(requirement_id, ())
    return [harm.client for harm in harms if harm.sure in outcomes]


@cache
def measured() -> Mapping[str, tuple[Harm, ...]]:
    """The measured harm of breaking each requirement, by its id."""
    path = locate("fixtures") / FILE
    if not path.is_file():
        return {}
    data = json.loads(path.read_text("utf-8"))
    titles = data["versions"]
    return {
        requirement: tuple(
            Harm(
                titles[client],
                cell["outcome"],
                cell.get("symptom", ""),
                cell["fault"],
                cell.get("least", ""),
            )
            for client, cell in cells.items()
        )
        for requirement, cells in data["requirements"].items()
    }
