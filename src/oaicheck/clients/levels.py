"""Checks that levels agree with real clients, unless an explanation says why they do not.

The impact matrix says which fault or variation breaks which client, the kill matrix which
requirements it breaks, and a profile which of these are MUSTs.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from oaicheck.clients.agreement import (
    Agreement,
    Cells,
    Disagreement,
    agreement,
    breaking,
    gates,
    tripped,
)
from oaicheck.clients.roster import programs, roster
from oaicheck.reference import catalogue
from oaicheck.resources import locate
from oaicheck.rules.catalogue import load_catalogue
from oaicheck.rules.requirement import Requirement
from oaicheck.scenarios.profile import load_profile

OPENCODE = ("opencode", "ai-sdk-2.0.41")
"""OpenCode, and the version of the AI SDK that it pins."""
OFFICIAL = ("openai-python", "openai-node")
"""OpenAI's own SDKs."""

_DOCUMENTATION = ("openai:", "openresponses:", "deepseek:", "rfc", "whatwg:", "seed:")
"""The prefixes of sources that define a rule. Other sources only report an experience."""

Row = Mapping[str, list[str]]
Reasons = Mapping[str, str]
"""Explanations by name or pattern with wildcards; the first match counts."""


@dataclass(frozen=True)
class Explanations:
    """Why levels and clients differ, written by hand after reading each case."""

    passing: Reasons
    """By fault: it breaks a client, but no MUST of the profile for that client."""
    variations: Reasons
    """By variation: it breaks a client, but no requirement."""
    harmless: Reasons
    """By requirement: it is a MUST, although some breaches of it harm no client."""

    def dead(
        self, passing: Iterable[str], variations: Iterable[str], harmless: Iterable[str]
    ) -> list[str]:
        """The patterns that match none of these faults, variations and requirements."""
        return [
            pattern
            for reasons, names in (
                (self.passing, passing),
                (self.variations, variations),
                (self.harmless, harmless),
            )
            for pattern in sorted(reasons.keys() - {_matching(reasons, name) for name in names})
        ]


def reason(reasons: Reasons, name: str) -> str | None:
    """The explanation for a name, or None."""
    pattern = _matching(reasons, name)
    return None if pattern is None else reasons[pattern]


def _matching(reasons: Reasons, name: str) -> str | None:
    return next((pattern for pattern in reasons if fnmatchcase(name, pattern)), None)


def is_documented(rule: Requirement) -> bool:
    """Whether a requirement has a documented source."""
    return any(source.startswith(_DOCUMENTATION) for source in rule.sources)


@dataclass(frozen=True)
class Held:
    """The impact matrix and the kill matrix together, with the levels of the profiles."""

    faults: Mapping[str, Cells]
    variations: Mapping[str, Cells]
    kills: Mapping[str, Row]
    rules: Mapping[str, Requirement]
    failing: Mapping[str, Mapping[str, tuple[str, ...]]]
    """The MUSTs that each deviation breaks, by profile."""

    def agreement(self, profile: str, clients: Sequence[str]) -> Agreement:
        """A profile's verdicts compared with the effect of the faults on these clients."""
        return agreement(self.faults, self.kills, clients, self.failing[profile])

    def passing(self) -> dict[str, Disagreement]:
        """The faults that pass a profile but break a client, by name.

        The client is OpenCode for the profile `opencode`, and any client for `openai`.
        """
        judged = (("opencode", OPENCODE), ("openai", tuple(roster())))
        return {
            one.fault: one
            for profile, clients in judged
            for one in self.agreement(profile, clients).missed
        }

    def advised(self, name: str) -> list[str]:
        """The requirements that a fault or variation breaks, at any level."""
        return tripped(self.kills.get(name, {}))

    def unadvised(self) -> dict[str, str]:
        """The variations that break a client but no requirement, and the client."""
        return {
            name: client for name, client in breaking(self.variations) if not self.advised(name)
        }

    def unharmful(self) -> dict[str, list[str]]:
        """The MUSTs of `opencode` that some faults break without harm, and these faults."""
        found: dict[str, list[str]] = {}
        for one in self.agreement("opencode", OPENCODE).unharmful:
            for gate in one.gates:
                found.setdefault(gate, []).append(one.fault)
        return found


def held(matrix: Mapping[str, Any], kills: Mapping[str, Row]) -> Held:
    """Both matrices, with the levels of the built-in profiles."""
    rules = {id_: entry.requirement for id_, entry in load_catalogue(locate("suites")).items()}
    profiles = [
        load_profile(name, locate("fixtures") / "profiles") for name in ("openai", "opencode")
    ]
    return Held(
        _of_kind(matrix, "fault"),
        _of_kind(matrix, "variation"),
        kills,
        rules,
        {
            profile.name: {name: gates(row, profile, rules) for name, row in kills.items()}
            for profile in profiles
        },
    )


def _of_kind(matrix: Mapping[str, Any], kind: str) -> dict[str, Cells]:
    known = catalogue()
    return {n: c for n, c in matrix["faults"].items() if n in known and known[n].kind == kind}


def kill_matrix() -> dict[str, Row]:
    """The requirements that each fault breaks, as measured on the reference endpoint."""
    path = Path(__file__).parent.parent / "reference" / "kill-matrix.json"
    rows: dict[str, Row] = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    return rows


def explanations() -> Explanations:
    """The explanations in `disagreements.json`."""
    return Explanations(**json.loads((programs() / "disagreements.json").read_text("utf-8")))
