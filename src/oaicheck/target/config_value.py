"""Configuration values that remember their file, line and column, even after a merge."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from oaicheck.rules.verdict import Evidence
from oaicheck.target.opencode.jsonc import Steps
from oaicheck.wire.json_text import ABSENT, shown

Sites = Mapping[Steps, str]
"""The place of each value, by its steps: `opencode.json:12:7`."""


@dataclass(frozen=True, slots=True)
class ConfigValue:
    """A configuration value, or an absent one. A finding can point at it."""

    value: Any
    steps: Steps
    sites: Sites

    def __getitem__(self, name: str) -> ConfigValue:
        """The member with this name. It is absent if there is none."""
        members = self.value if isinstance(self.value, dict) else {}
        return ConfigValue(members.get(name, ABSENT), (*self.steps, name), self.sites)

    def members(self) -> Iterator[tuple[str, ConfigValue]]:
        """The members of an object. Nothing if the value is not an object."""
        for name in self.value if isinstance(self.value, dict) else ():
            yield name, self[name]

    @property
    def absent(self) -> bool:
        """Whether the value is missing."""
        return self.value is ABSENT

    @property
    def is_text(self) -> bool:
        """Whether it is a non-empty string."""
        return isinstance(self.value, str) and self.value != ""

    @property
    def is_object(self) -> bool:
        """Whether it is an object; it may be empty."""
        return isinstance(self.value, dict)

    @property
    def path(self) -> str:
        """The path to it: `provider.xerotier.npm`."""
        return ".".join(map(str, self.steps)) or "the configuration"

    @property
    def site(self) -> str:
        """Its place in the file. If it is absent, the place of the object it is missing from."""
        for length in range(len(self.steps), -1, -1):
            if self.steps[:length] in self.sites:
                return self.sites[self.steps[:length]]
        return "the configuration"

    @property
    def origin(self) -> str:
        """Its place and path, to begin a message with."""
        return f"{self.site}: {self.path}"

    @property
    def words(self) -> str:
        """Its path and value, for a finding."""
        return f"{self.path} is {shown(self.value)}"

    def evidence(self) -> Evidence:
        """Its place, path and value, for a finding."""
        return Evidence(exchange=self.site, path=self.path, excerpt=shown(self.value))
