"""The outcomes of single checks, and the verdict on a whole run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from oaicheck.rules.requirement import Level


class Outcome(StrEnum):
    """What a check found. There is no "skipped", so that nothing unjudged looks like a pass."""

    PASS = "pass"
    FAIL = "fail"
    """A MUST is broken."""
    WARN = "warn"
    """A SHOULD is broken."""
    NOT_APPLICABLE = "not-applicable"
    """The target does not claim the capability, or another broken requirement explains it."""
    INCONCLUSIVE = "inconclusive"
    """The response does not show it: the model did not cooperate, or the endpoint limits rates."""
    ERROR = "error"
    """No response came, or the check has a bug."""


class RunVerdict(StrEnum):
    """What a run says about the target, based on the selected checks."""

    CONFORMANT = "conformant"
    NON_CONFORMANT = "non-conformant"
    INCOMPLETE = "incomplete"


@dataclass(frozen=True, slots=True)
class Evidence:
    """A place: an exchange and, in it, an event, a path or a range of body bytes."""

    exchange: str
    event: int | None = None
    path: str | None = None
    span: tuple[int, int] | None = None
    excerpt: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """Why a requirement is broken: what was expected, what was observed, and where."""

    expected: str
    observed: str
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """The outcome of a check: one requirement on one scenario.

    `follows` is the broken requirement that it follows from; then it is not applicable.
    """

    requirement: str
    level: Level
    outcome: Outcome
    scenario: str
    nodeid: str
    message: str = ""
    finding: Finding | None = None
    exchanges: tuple[str, ...] = ()
    follows: str = ""


def run_verdict(results: Iterable[Result]) -> RunVerdict | None:
    """The verdict on a run, or None if nothing was judged.

    Non-conformant if a MUST is broken; incomplete if a MUST is inconclusive or in error. Results
    that are not applicable never count.
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
