"""Whom the breach of a requirement breaks, as measured with real clients.

The data is drawn by `oaicheck.clients.page` from the impact matrix (fault × client) and the kill
matrix (fault × requirement).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from oaicheck.resources import locate

FILE = "impact-by-requirement.json"
_HARM = {"breaks": "break", "hangs": "hang", "degraded": "degrade"}

_SERIOUS = ("breaks", "hangs")


@dataclass(frozen=True, slots=True)
class Harm:
    """What the breach of one requirement does to one client, and the fault that showed it.

    `sometimes` is true where a breach in another manner does the client less harm, or none.
    """

    client: str
    outcome: str
    symptom: str
    fault: str
    sometimes: bool = False

    @property
    def sentence(self) -> str:
        """`breaks curl 8: no end`, or `can break curl 8: no end (seen with `fault`)`."""
        verb = _HARM[self.outcome]
        if self.sometimes:
            return f"can {verb} {self.client}: {self.symptom} (seen with `{self.fault}`)"
        return f"{verb}s {self.client}: {self.symptom}"


def whom_it_breaks(requirement_id: str) -> list[str]:
    """Sentences that say which clients come to harm and how, the worst first, and who tolerates it.

    What a breach in some manners only does is told where a client breaks. Empty where no measured
    fault stands for the requirement alone.
    """
    harms = measured().get(requirement_id, ())
    told = [(outcome, False) for outcome in _HARM] + [(outcome, True) for outcome in _SERIOUS]
    sentences = [
        harm.sentence for each in told for harm in harms if (harm.outcome, harm.sometimes) == each
    ]
    unharmed = _suffering(requirement_id, "works")
    if unharmed:
        sentences.append(f"tolerated by {', '.join(unharmed)}")
    return sentences


def clients_broken(requirement_id: str) -> list[str]:
    """The clients that a breach breaks or hangs, in whatever manner, with their versions."""
    return _suffering(requirement_id, *_SERIOUS)


def severity(requirement_id: str) -> tuple[int, int]:
    """How much harm a breach does: how many clients it breaks or hangs, and how many it degrades.

    Nothing, too, where no measured fault stands for the requirement alone.
    """
    return len(clients_broken(requirement_id)), len(_suffering(requirement_id, "degraded"))


def _suffering(requirement_id: str, *outcomes: str) -> list[str]:
    harms = measured().get(requirement_id, ())
    return [harm.client for harm in harms if harm.outcome in outcomes and not harm.sometimes]


@cache
def measured() -> Mapping[str, tuple[Harm, ...]]:
    """The harm of each requirement's breach, by its id."""
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
                sometimes=cell.get("sometimes", False),
            )
            for client, cell in cells.items()
        )
        for requirement, cells in data["requirements"].items()
    }
