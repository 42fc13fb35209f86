"""Profiles: whose expectations to judge by. They change levels and require capabilities."""

from __future__ import annotations

import fnmatch
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from oaicheck.rules.requirement import Level, Requirement

_OFF = "off"
_CAPABILITY = "capability."


class ProfileError(ValueError):
    """A profile is unknown or invalid."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What one client or vendor expects of an endpoint.

    `levels` maps requirement ids to a level, or to `off`. `requires` lists capabilities that the
    target must have: `capability.NAME` is a MUST for these, and off for all others. `facts` are a
    vendor's own names, such as the name of its clamp header. `remedies` replace the remedies of
    requirements. Ids may contain wildcards; the last match counts.
    """

    name: str
    title: str
    levels: Mapping[str, str] = field(default_factory=dict)
    requires: tuple[str, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)
    remedies: Mapping[str, str] = field(default_factory=dict)

    def level_of(self, requirement: Requirement) -> Level | None:
        """The level of a requirement in this profile, or None if the profile turns it off."""
        level = requirement.level.value
        if requirement.id.startswith(_CAPABILITY):
            required = requirement.id.removeprefix(_CAPABILITY) in self.requires
            level = Level.MUST.value if required else _OFF
        level = _last_match(self.levels, requirement.id, level)
        return None if level == _OFF else Level(level)

    def remedy_of(self, requirement: Requirement) -> str:
        """The remedy for a broken requirement."""
        return _last_match(self.remedies, requirement.id, requirement.remedy)

    def stale_entries(self, ids: Iterable[str]) -> list[str]:
        """Patterns that match no requirement: outdated entries, or typos."""
        ids = list(ids)
        return [
            pattern
            for pattern in (*self.levels, *self.remedies)
            if not any(fnmatch.fnmatchcase(id, pattern) for id in ids)  # noqa: A001
        ]


def _last_match(by_pattern: Mapping[str, str], id: str, default: str) -> str:  # noqa: A002
    found = [value for pattern, value in by_pattern.items() if fnmatch.fnmatchcase(id, pattern)]
    return found[-1] if found else default


def load_profile(name: str, folder: Path) -> Profile:
    """Load a profile by its name in the folder, or by the path of a file.

    Raises ProfileError, which lists the known profiles or names the invalid member.
    """
    path = folder / f"{name}.json"
    if not path.is_file():
        path = Path(name)
        if not path.is_file():
            known = ", ".join(sorted(known.stem for known in folder.glob("*.json")))
            raise ProfileError(
                f"unknown profile {name!r}; known profiles: {known}; or give the path of a file"
            )
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
        raise ProfileError(f"{path}: not a valid profile: {error}") from error
    return profile
