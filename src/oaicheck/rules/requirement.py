"""Requirements: what a conformant endpoint does, said in one sentence, beside the check itself.

A check is a pytest test function with `@requirement(...)` on it. The catalogue page, `oaicheck
list` and every report are generated from what stands there.
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

    `on` names the scenarios that show it (with wildcards), `against` the one that an exchange is
    compared with. `sources` are keys that `oaicheck.sources` turns into titles and links. `since`
    is the catalogue in which the rule first stood.
    """

    id: str
    level: Level
    sentence: str
    on: tuple[str, ...]
    against: str | None
    sources: tuple[str, ...]
    remedy: str
    since: str


def requirement(
    id: str,  # noqa: A002 - the field's own name for it
    level: Level,
    sentence: str,
    *,
    on: str | tuple[str, ...],
    source: str | tuple[str, ...],
    remedy: str,
    against: str | None = None,
    since: str = "2026.1",
) -> Callable[[Check], Check]:
    """Declare the requirement that the decorated test checks.

    Raises ValueError where the declaration is incomplete or malformed.
    """
    if not is_requirement_id(id):
        raise ValueError(f"{id!r} is not a requirement id: lower-case words joined by '-' and '.'")
    declared = Requirement(
        id=id,
        level=level,
        sentence=sentence,
        on=(on,) if isinstance(on, str) else on,
        against=against,
        sources=(source,) if isinstance(source, str) else source,
        remedy=remedy,
        since=since,
    )
    for name in ("sentence", "on", "sources", "remedy"):
        if not getattr(declared, name):
            raise ValueError(f"requirement {id}: {name} is empty")

    def attach(check: Check) -> Check:
        setattr(check, _ATTRIBUTE, declared)
        return check

    return attach


def is_requirement_id(text: str) -> bool:
    """Whether a text has the form of an id, such as `chat.chunk.object`."""
    return _ID.fullmatch(text) is not None


def requirement_of(check: object) -> Requirement | None:
    """The requirement that a test function checks, or None where it carries none."""
    declared = getattr(check, _ATTRIBUTE, None)
    return declared if isinstance(declared, Requirement) else None
