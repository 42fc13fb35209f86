"""Values out of a configuration that may be merged from several files, each with its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from oaicheck.rules.verdict import Evidence
from oaicheck.target.opencode.jsonc import Steps
from oaicheck.wire.json_text import ABSENT, shown

Sites = Mapping[Steps, str]
"""Where values stand, by their steps: `opencode.json:12:7`."""


@dataclass(frozen=True, slots=True)
class ConfigValue:
    """A value of a configuration, or its absence; a finding can point at it."""

    value: Any
    steps: Steps
    sites: Sites

    def __getitem__(self, name: str) -> ConfigValue:
        """The member of that name, absent where there is none."""
        members = self.value if isinstance(self.value, dict) else {}
        return ConfigValue(members.get(name, ABSENT), (*self.steps, name), self.sites)

    def members(self) -> Iterator[tuple[str, ConfigValue]]:
        """The members of an object; nothing where it is none."""
        for name in self.value if isinstance(self.value, dict) else ():
            yield name, self[name]

    @property
    def absent(self) -> bool:
        """It is not there."""
        return self.value is ABSENT

    @property
    def is_text(self) -> bool:
        """A string that is not empty."""
        return isinstance(self.value, str) and self.value != ""

    @property
    def is_object(self) -> bool:
        """An object, the empty one included."""
        return isinstance(self.value, dict)

    @property
    def path(self) -> str:
        """The way to it: `provider.xerotier.npm`."""
        return ".".join(map(str, self.steps)) or "the configuration"

    @property
    def site(self) -> str:
        """Where it stands, or what it is absent from."""
        for length in range(len(self.steps), -1, -1):
            if self.steps[:length] in self.sites:
                return self.sites[self.steps[:length]]
        return "the configuration"

    @property
    def origin(self) -> str:
        """Its place, for the beginning of a message."""
        return f"{self.site}: {self.path}"

    @property
    def words(self) -> str:
        """What stands there, for a finding."""
        return f"{self.path} is {shown(self.value)}"

    def evidence(self) -> Evidence:
        """Where it stands, for a finding."""
        return Evidence(exchange=self.site, path=self.path, excerpt=shown(self.value))
