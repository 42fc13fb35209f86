"""The few scenarios that show all that a fault breaks: what the gate plays of the kill matrix."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from oaicheck.reference import catalogue
from support.inprocess import requirements, scenarios
from support.matrix import Found, Shown, matrix

DATA = Path(__file__).parent.parent / "matrix" / "shown-by.json"


class ShownBy(NamedTuple):
    """The scenarios that show each fault, by its name, and the faults that break more on those.

    What a check makes of an answer may depend on the answers that are there to compare it with.
    """

    few: dict[str, list[str]]
    need_all: list[str]

    def of_the_matrix(self) -> dict[str, list[str]]:
        """The scenarios by which the faults break just what they break on all scenarios."""
        return {name: sent for name, sent in self.few.items() if self.is_of_the_matrix(name)}

    def is_of_the_matrix(self, name: str) -> bool:
        """Whether a fault breaks on its few scenarios just what it breaks on all."""
        return name in self.few and name not in self.need_all


@cache
def load_shown_by() -> ShownBy:
    """What is written down."""
    return ShownBy(**json.loads(DATA.read_text("utf-8")))


def find_shown_by(found: Mapping[str, Found]) -> tuple[ShownBy, dict[str, Found]]:
    """The scenarios to play for each fault, and what is then found of all deviations."""
    few = {
        name: scenarios_that_show(each.shown)
        for name, each in found.items()
        if catalogue()[name].kind == "fault" and each.shown
    }
    on_few = matrix(few, few)
    need_all = [name for name in few if on_few[name].row != found[name].row]
    chosen = ShownBy(few, need_all)
    return chosen, {**found, **{name: on_few[name] for name in chosen.of_the_matrix()}}


def scenarios_that_show(shown: Shown) -> list[str]:
    """Few scenarios on which all these requirements do not pass; next comes what shows most."""
    left = {(outcome, id_) for outcome, id_, _ in shown}
    by_scenario: dict[str, set[tuple[str, str]]] = {}
    for outcome, id_, scenario in shown:
        by_scenario.setdefault(scenario, set()).add((outcome, id_))
    chosen: set[str] = set()
    while left:
        best = max(sorted(by_scenario), key=lambda name: len(by_scenario[name] & left))
        compared = {requirements()[id_].against for _, id_ in by_scenario[best] & left} - {None}
        chosen |= {best, *scenarios()[best].beside, *compared}
        left -= by_scenario[best]
    return [name for name in scenarios() if name in chosen]


def write_shown_by(chosen: ShownBy) -> None:
    """Write it down, a fault a line."""
    lines = [f"  {json.dumps(name)}: {json.dumps(sent)}" for name, sent in chosen.few.items()]
    few, need_all = ",\n".join(lines), json.dumps(chosen.need_all, indent=1)
    DATA.write_text(f'{{\n "few": {{\n{few}\n }},\n "need_all": {need_all}\n}}\n', "utf-8")
