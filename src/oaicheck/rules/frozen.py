"""Frozen catalogues: what each published catalogue judges, and at which level.

A file under `fixtures/catalogues/` lists it, so that an upgrade of oaicheck cannot change what a
target that pins a catalogue is judged by.
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

    `judged` has the level of each requirement by its id. `not_judged` says what was known and left
    out on purpose, each with the reason.
    """

    name: str
    judged: Mapping[str, Level]
    not_judged: Mapping[str, str]


def load_frozen(name: str, folder: Path | None = None) -> Frozen | None:
    """The catalogue of that name; None for the newest one, to which requirements are still added.

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
