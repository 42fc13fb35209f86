"""Fuzzing: scenarios with random bodies, which Hypothesis draws before anything is sent.

`fuzz/damaged/7-12` is the body with seed 7 and number 12. The name determines the body, so a plan
can count it, a replay can rebuild it from the recording's facts, and `oaicheck curl` can print it.
A larger number of bodies for a seed adds bodies and changes none. Another version of Hypothesis may
draw other bodies with other titles. Names and needs stay the same, so any version can replay a
recording.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

from oaicheck.scenarios.scenario import Answer, Credential, Scenario, Turn

PREFIX = "fuzz/"
MOST = 10_000
_DRAWN_AT_ONCE = 10
_NAME = re.compile(rf"{PREFIX}[a-z/]+/(\d+)-(\d+)")


@dataclass(frozen=True, slots=True)
class _Kind:
    name: str
    needs: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()


_TOOLS = {"needs": ("tools",), "beside": ("chat/whole/tool-call",)}
_KINDS = (
    _Kind("damaged"),
    _Kind("unicode/text"),
    _Kind("schemas/definition", **_TOOLS),
    _Kind("damaged/tools", **_TOOLS),
    _Kind("unicode/odd"),
    _Kind("schemas/arguments", **_TOOLS),
)
"""The kinds of bodies, in turn. The number alone decides the kind."""


@dataclass(frozen=True, slots=True)
class Fuzzing:
    """How many random bodies there are, and their seed."""

    count: int = 0
    seed: int = 1

    @classmethod
    def from_options(cls, options: Mapping[str, Any]) -> Fuzzing:
        """Read `--fuzz` and `--fuzz-seed`. Raises ValueError."""
        return cls(
            _number(options, "fuzz", cls().count, MOST),
            _number(options, "fuzz-seed", cls().seed, 2**63),
        )

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any]) -> Fuzzing:
        """Read the facts of a recording. Raises ValueError."""
        said = facts.get("fuzz", {})
        if not isinstance(said, dict):
            raise ValueError("its facts about fuzzing are not an object")
        return cls.from_options({"fuzz": said.get("count"), "fuzz-seed": said.get("seed")})

    @property
    def facts(self) -> Mapping[str, Any]:
        """The facts for a recording. Empty if there is no fuzzing."""
        return {"fuzz": {"count": self.count, "seed": self.seed}} if self.count else {}

    def scenarios(self) -> dict[str, Scenario]:
        """The random scenarios by name, in the order of their numbers."""
        if not self.count:
            return {}
        bodies = {kind.name: _bodies(kind.name, self.seed) for kind in _KINDS}
        found = (
            _scenario(kind, f"{self.seed}-{number}", *next(bodies[kind.name]))
            for number in range(self.count)
            for kind in [_KINDS[number % len(_KINDS)]]
        )
        return {scenario.name: scenario for scenario in found}


def scenario_named(name: str) -> Scenario | None:
    """The random scenario with this name, or None if it is not the name of one."""
    found = _NAME.fullmatch(name)
    if found is None or int(found[2]) >= MOST:
        return None
    return Fuzzing(int(found[2]) + 1, int(found[1])).scenarios().get(name)


def _number(options: Mapping[str, Any], name: str, default: int, most: int) -> int:
    given = options.get(name)
    if given is None:
        return default
    if not re.fullmatch("[0-9]{1,19}", str(given)) or int(given) > most:
        raise ValueError(f"--{name} {given}: give a whole number from 0 to {most}")
    return int(given)


def _bodies(kind: str, seed: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """The titles and bodies of a kind, without end and without repeating a body."""
    from oaicheck.scenarios.fuzz_bodies import drawn

    known = set()
    for block in count():
        digest = hashlib.sha256(f"{kind} {seed} {block}".encode()).digest()
        for title, body in drawn(kind, int.from_bytes(digest[:8], "big"), _DRAWN_AT_ONCE):
            text = json.dumps(body)
            if text not in known:
                known.add(text)
                yield title, body


def _scenario(kind: _Kind, number: str, title: str, body: dict[str, Any]) -> Scenario:
    """Make a scenario. It is sent alone, so that its effects do not disturb other scenarios."""
    turn = Turn("POST", "chat/completions", body, None, {}, Credential.OWN, limit_matters=True)
    return Scenario(
        name=f"{PREFIX}{kind.name}/{number}",
        title=title,
        answer=Answer.ANY,
        turns=(turn,),
        needs=kind.needs,
        shows=None,
        rewordings=(),
        alone=True,
        beside=kind.beside,
    )
