"""Turns what a check raised into an outcome and a result."""

from __future__ import annotations

from oaicheck.rules.judging import Breach, Inconclusive, NoAnswer, NotApplicable
from oaicheck.rules.requirement import Level, Requirement
from oaicheck.rules.verdict import Finding, Outcome, Result
from oaicheck.verdicts.following import Follows


def outcome_of(raised: BaseException | None, level: Level) -> Outcome:
    """The outcome of a check at this level, from what it raised (None: nothing)."""
    match raised:
        case None:
            return Outcome.PASS
        case Breach():
            return Outcome.FAIL if level is Level.MUST else Outcome.WARN
        case NotApplicable():
            return Outcome.NOT_APPLICABLE
        case Inconclusive():
            return Outcome.INCONCLUSIVE
        case _:
            return Outcome.ERROR


def result_of(
    raised: BaseException | None,
    requirement: Requirement,
    level: Level,
    scenario: str,
    nodeid: str,
    exchanges: tuple[str, ...],
) -> Result:
    """The result of a check."""
    finding: Finding | None = None
    message = ""
    if isinstance(raised, Breach):
        finding = raised.finding
        message = str(raised)
    elif isinstance(raised, NotApplicable | Inconclusive | NoAnswer):
        message = str(raised)
    elif raised is not None:
        message = (
            f"internal error in this check, please report it: {type(raised).__name__}: {raised}"
        )
    return Result(
        requirement=requirement.id,
        level=level,
        outcome=outcome_of(raised, level),
        scenario=scenario,
        nodeid=nodeid,
        message=message,
        finding=finding,
        exchanges=exchanges,
        follows=raised.cause if isinstance(raised, Follows) else "",
    )


def is_internal(raised: BaseException | None) -> bool:
    """Whether a check failed because of a bug in the check, not because of the endpoint."""
    return raised is not None and not isinstance(
        raised, Breach | NotApplicable | Inconclusive | NoAnswer
    )
