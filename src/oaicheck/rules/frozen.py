"""Frozen catalogues: what each published catalogue judges, and at which level.

A file in `fixtures/catalogues/` lists the requirements. So an upgrade of oaicheck changes nothing
for a target that pins a catalogue.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from oaicheck import CATALOGUE
from oaicheck.resources import locate
from oaicheck.rules.requirement import Level


@dataclass(frozen=True, slots=True)
class Frozen:
    """One published catalogue.

    `judged` maps the id of each requirement to its level. `not_judged` maps what was left out on
    purpose to the reason.
    """

    name: str
    judged: Mapping[str, Level]
    not_judged: Mapping[str, str]


def load_frozen(name: str, folder: Path | None = None) -> Frozen | None:
    """The catalogue of that name; None for the newest one, which still grows.

    Raises FileNotFoundError, ValueError or KeyError if its file is missing or malformed.
    """
    if name == CATALOGUE:
        return None
    folder = folder or locate("fixtures") / "catalogues"
    data = json.loads((folder / f"{name}.json").read_text("utf-8"))
    return Frozen(
        name=data["catalogue"],
        judged={id: Level(level) for id, level in data["judged"].items()},  # noqa: A001
        not_judged={entry["what"]: entry["why"] for entry in data["not_judged"]},
    )
