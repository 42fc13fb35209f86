"""Which requirements a run judges, and at which level."""

from __future__ import annotations

from dataclasses import dataclass, replace

from oaicheck.rules.catalogue import selected
from oaicheck.rules.frozen import Frozen
from oaicheck.rules.requirement import Level, Requirement
from oaicheck.scenarios.profile import Profile


@dataclass(frozen=True, slots=True)
class Selection:
    """The options that select requirements."""

    only: tuple[str, ...]
    skip: tuple[str, ...]
    catalogue: str
    profile: Profile
    frozen: Frozen | None = None

    def level_of(self, requirement: Requirement) -> Level | None:
        """The level at which a requirement is judged, or None if it is not judged."""
        if not selected(requirement.id, self.only, self.skip):
            return None
        if self.frozen is not None:
            if requirement.id not in self.frozen.judged:
                return None
            requirement = replace(requirement, level=self.frozen.judged[requirement.id])
        return self.profile.level_of(requirement)
