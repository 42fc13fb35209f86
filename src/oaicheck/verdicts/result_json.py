"""Results as JSON values: in report.json, and between the processes of a run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from oaicheck.rules.requirement import Level
from oaicheck.rules.verdict import Evidence, Finding, Outcome, Result


def result_data(result: Result) -> dict[str, Any]:
    """A result as a JSON value. `expected` and `observed` are null unless something is broken."""
    finding = result.finding
    return {
        "requirement": result.requirement,
        "level": result.level.value,
        "outcome": result.outcome.value,
        "scenario": result.scenario,
        "message": result.message,
        "expected": finding.expected if finding else None,
        "observed": finding.observed if finding else None,
        "evidence": [_evidence(evidence) for evidence in finding.evidence] if finding else [],
        "follows": result.follows or None,
        "nodeid": result.nodeid,
        "exchanges": list(result.exchanges),
    }


def result_from(data: Mapping[str, Any]) -> Result:
    """The result that `result_data` wrote. Raises KeyError, TypeError or ValueError."""
    finding = None
    if data["expected"] is not None:
        evidence = tuple(map(_evidence_from, data["evidence"]))
        finding = Finding(str(data["expected"]), str(data["observed"]), evidence)
    return Result(
        requirement=data["requirement"],
        level=Level(data["level"]),
        outcome=Outcome(data["outcome"]),
        scenario=data["scenario"],
        nodeid=data["nodeid"],
        message=data["message"],
        finding=finding,
        exchanges=tuple(data["exchanges"]),
        follows=data.get("follows") or "",
    )


def _evidence(evidence: Evidence) -> dict[str, Any]:
    return {
        "exchange": evidence.exchange,
        "event": evidence.event,
        "path": evidence.path,
        "span": list(evidence.span) if evidence.span else None,
        "excerpt": evidence.excerpt,
    }


def _evidence_from(data: Mapping[str, Any]) -> Evidence:
    span = data["span"]
    return Evidence(
        exchange=data["exchange"],
        event=data["event"],
        path=data["path"],
        span=(int(span[0]), int(span[1])) if span else None,
        excerpt=data["excerpt"],
    )
