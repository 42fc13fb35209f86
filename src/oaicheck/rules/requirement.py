"""Requirements: one sentence on what a conformant endpoint does, declared next to its check.

A check is a pytest test function with `@requirement(...)`. The catalogue page, `oaicheck list` and
every report are generated from these declarations.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

_ID = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")
_ATTRIBUTE = "__oaicheck_requirement__"

Check = TypeVar("Check", bound=Callable[..., None])


class Level(StrEnum):
    """How binding a requirement is, as in RFC 2119."""

    MUST = "MUST"
    SHOULD = "SHOULD"


MUST = Level.MUST
SHOULD = Level.SHOULD


@dataclass(frozen=True, slots=True)
class Requirement:
    """One rule.

    `on` names the scenarios to judge (with wildcards), `against` the scenario to compare them with.
    `sources` are keys that `oaicheck.rules.sources` turns into titles and links. `since` is the
    first catalogue that has the rule. `follows` names the requirements whose breach also breaks
    this one: where one of them is broken, this one is not applicable.
    """

    id: str
    level: Level
    sentence: str
    on: tuple[str, ...]
    against: str | None
    sources: tuple[str, ...]
    remedy: str
    since: str
    follows: tuple[str, ...] = ()


def requirement(
    id: str,  # noqa: A002 - the name of the field
    level: Level,
    sentence: str,
    *,
    on: str | tuple[str, ...],
    source: str | tuple[str, ...],
    remedy: str,
    against: str | None = None,
    follows: tuple[str, ...] = (),
    since: str = "2026.1",
) -> Callable[[Check], Check]:
    """Declare the requirement that the decorated test checks.

    Raises ValueError if the declaration is incomplete or malformed.
    """
    if not is_requirement_id(id):
        raise ValueError(
            f"{id!r} is not a requirement id: use lower-case words joined by '-' and '.'"
        )
    declared = Requirement(
        id=id,
        level=level,
        sentence=sentence,
        on=(on,) if isinstance(on, str) else on,
        against=against,
        sources=(source,) if isinstance(source, str) else source,
        remedy=remedy,
        since=since,
        follows=follows,
    )
    for name in ("sentence", "on", "sources", "remedy"):
        if not getattr(declared, name):
            raise ValueError(f"requirement {id}: {name} is empty")

    def attach(check: Check) -> Check:
        setattr(check, _ATTRIBUTE, declared)
        return check

    return attach


def is_requirement_id(text: str) -> bool:
    """Whether a text is a well-formed id, such as `chat.chunk.object`."""
    return _ID.fullmatch(text) is not None


def requirement_of(check: object) -> Requirement | None:
    """The requirement that a test function checks, or None if it has none."""
    declared = getattr(check, _ATTRIBUTE, None)
    return declared if isinstance(declared, Requirement) else None
