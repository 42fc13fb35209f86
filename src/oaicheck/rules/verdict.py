"""Outcomes of single checks, and the verdict on a whole run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from oaicheck.rules.requirement import Level


class Outcome(StrEnum):
    """What a check found. A skip never reads as green: there is no such outcome."""

    PASS = "pass"
    FAIL = "fail"
    """A MUST is broken."""
    WARN = "warn"
    """A SHOULD is broken."""
    NOT_APPLICABLE = "not-applicable"
    """The target does not claim the capability that this is about."""
    INCONCLUSIVE = "inconclusive"
    """What came back does not show it: the model did not cooperate, or rates are limited."""
    ERROR = "error"
    """No answer could be had, or the check itself is broken."""


class RunVerdict(StrEnum):
    """What a run says about the target, as far as the selected checks go."""

    CONFORMANT = "conformant"
    NON_CONFORMANT = "non-conformant"
    INCOMPLETE = "incomplete"


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where something was seen: an exchange, and there an event, a path, a range of body bytes."""

    exchange: str
    event: int | None = None
    path: str | None = None
    span: tuple[int, int] | None = None
    excerpt: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """Why a requirement is broken: what was expected, what came, and where."""

    expected: str
    observed: str
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """The outcome of one requirement on one scenario."""

    requirement: str
    level: Level
    outcome: Outcome
    scenario: str
    nodeid: str
    message: str = ""
    finding: Finding | None = None
    exchanges: tuple[str, ...] = ()


def run_verdict(results: Iterable[Result]) -> RunVerdict | None:
    """The verdict on a run, or None where nothing was judged.

    Non-conformant when a MUST is broken; incomplete when a MUST got neither pass nor fail; what is
    not applicable never counts.
    """
    results = list(results)
    if any(result.outcome is Outcome.FAIL for result in results):
        return RunVerdict.NON_CONFORMANT
    if any(
        result.level is Level.MUST and result.outcome in (Outcome.INCONCLUSIVE, Outcome.ERROR)
        for result in results
    ):
        return RunVerdict.INCOMPLETE
    if not any(result.outcome in (Outcome.PASS, Outcome.WARN) for result in results):
        return None
    return RunVerdict.CONFORMANT
