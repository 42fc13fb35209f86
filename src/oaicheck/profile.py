"""Profiles: who is asking. Data that re-levels requirements and names required capabilities."""

from __future__ import annotations

import fnmatch
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from oaicheck.requirement import Level, Requirement

_OFF = "off"


class ProfileError(ValueError):
    """A profile is unknown or malformed."""


@dataclass(frozen=True, slots=True)
class Profile:
    """A point of view on an endpoint.

    `levels` maps requirement ids (with wildcards; the last match counts) to a level, or to `off`.
    `requires` are capabilities that the target has to have. `facts` are a vendor's own names, such
    as the clamp header's. `remedies` replace a requirement's own advice.
    """

    name: str
    title: str
    levels: Mapping[str, str] = field(default_factory=dict)
    requires: tuple[str, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)
    remedies: Mapping[str, str] = field(default_factory=dict)

    def level_of(self, requirement: Requirement) -> Level | None:
        """The level of a requirement in this profile, or None where it is switched off."""
        level = requirement.level.value
        for pattern, named in self.levels.items():
            if fnmatch.fnmatchcase(requirement.id, pattern):
                level = named
        return None if level == _OFF else Level(level)

    def remedy_of(self, requirement: Requirement) -> str:
        """What to do when the requirement is broken."""
        return self.remedies.get(requirement.id, requirement.remedy)

    def stale_entries(self, ids: Iterable[str]) -> list[str]:
        """Patterns that name no requirement: leftovers, or slips of the pen."""
        ids = list(ids)
        return [
            pattern
            for pattern in (*self.levels, *self.remedies)
            if not any(fnmatch.fnmatchcase(id, pattern) for id in ids)  # noqa: A001
        ]


def load_profile(name: str, folder: Path) -> Profile:
    """The profile of that name in the folder, or in the file of that path.

    Raises ProfileError, which names the known profiles or the malformed member.
    """
    path = folder / f"{name}.json"
    if not path.is_file():
        path = Path(name)
        if not path.is_file():
            known = ", ".join(sorted(known.stem for known in folder.glob("*.json")))
            raise ProfileError(f"no profile {name!r}; known are {known}, or give a file's path")
    try:
        data = json.loads(path.read_text("utf-8"))
        profile = Profile(
            name=path.stem,
            title=data.pop("title"),
            levels=data.pop("levels", {}),
            requires=tuple(data.pop("requires", ())),
            facts=data.pop("facts", {}),
            remedies=data.pop("remedies", {}),
        )
        for pattern, level in profile.levels.items():
            if level not in (*Level, _OFF):
                raise ValueError(f"levels: {pattern}: {level!r} is not MUST, SHOULD or off")
        if data:
            raise ValueError(f"unknown members: {', '.join(sorted(data))}")
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ProfileError(f"{path}: not a profile: {error}") from error
    return profile
