"""oaicheck.sarif: what is broken, as SARIF 2.1.0, for services that collect findings.

A result is a requirement and what was observed, with its count; a cause comes before what else it
breaks. It points at the line of the exchange in the `exchanges.jsonl` of the same folder. Checks
without a verdict become notifications, because they say nothing about the endpoint.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from oaicheck.report.causes import Observation, causes, observations
from oaicheck.report.run import Judged, Run
from oaicheck.report.wording import counted, sources_of, where_words
from oaicheck.rules.requirement import Level
from oaicheck.rules.verdict import Outcome, Result
from oaicheck.wire.printable import printable

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS: Mapping[Level, str] = {Level.MUST: "error", Level.SHOULD: "warning"}
_NOTIFIED: Mapping[Outcome, str] = {Outcome.ERROR: "error", Outcome.INCONCLUSIVE: "note"}
RECORDING = "exchanges.jsonl"


def sarif(run: Run) -> dict[str, Any]:
    """The report as a SARIF log, without hidden characters in its texts."""
    lines = {exchange.id: n for n, exchange in enumerate(run.recording.exchanges, start=2)}
    index = {judged.requirement.id: n for n, judged in enumerate(run.judged)}
    broken = [
        observation
        for cause in causes(run)
        for judged in (cause.judged, *cause.others)
        for observation in observations(run, judged.broken)
    ]
    return {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "oaicheck",
                        "semanticVersion": run.version,
                        "rules": [_rule(judged) for judged in run.judged],
                    }
                },
                "automationDetails": {
                    "id": printable(f"oaicheck/{run.profile}/{run.target.get('model', '')}")
                },
                "invocations": [_invocation(run)],
                "columnKind": "unicodeCodePoints",
                "properties": {
                    "verdict": run.verdict.value if run.verdict else None,
                    "endpoint": printable(str(run.target.get("base_url", ""))),
                    "catalogue": run.catalogue,
                },
                "results": [
                    _result(run, each, index[each.first.requirement], lines) for each in broken
                ],
            }
        ],
    }


def _rule(judged: Judged) -> dict[str, Any]:
    requirement = judged.requirement
    sources = sources_of(requirement)
    listed = "; ".join(f"{s.title} <{s.url}>" if s.url else s.title for s in sources)
    rule = {
        "id": requirement.id,
        "shortDescription": {"text": printable(requirement.sentence)},
        "fullDescription": {"text": printable(requirement.sentence)},
        "help": {"text": printable(f"{requirement.remedy} Source: {listed}")},
        "defaultConfiguration": {"level": _LEVELS[judged.level]},
        "properties": {"tags": [judged.section, judged.level.value]},
    }
    urls = [source.url for source in sources if source.url]
    return {**rule, "helpUri": urls[0]} if urls else rule


def _result(
    run: Run, observation: Observation, rule: int, lines: Mapping[str, int]
) -> dict[str, Any]:
    """One result for each distinct observation: its first place, and the others as related ones."""
    result, *others = observation.results
    evidence = result.finding.evidence if result.finding else ()
    text = result.message or "broken"
    if result.finding:
        text = f"expected {result.finding.expected}; observed {result.finding.observed}"
    if evidence:
        text += f" (at {where_words(evidence[0])})"
    if others:
        text += f"; the same on {counted(len(others), 'more scenario')}"
    scenario = printable(result.scenario)
    value: dict[str, Any] = {
        "ruleId": result.requirement,
        "ruleIndex": rule,
        "kind": "fail",
        "level": _LEVELS[result.level],
        "message": {"text": f"{scenario}: {printable(text)}"},
        "occurrenceCount": len(observation.results),
        "locations": [_location(result, lines)],
        "relatedLocations": [_location(other, lines) for other in others],
        "partialFingerprints": {"oaicheck/v1": f"{result.requirement} [{scenario}]"},
    }
    if run.baseline is not None:
        value["suppressions"] = []
    if run.baseline is not None and run.knows(result):
        suppression = {"kind": "external", "status": "accepted"}
        reason = printable(run.baseline.reason(result))
        value["suppressions"] = [suppression | ({"justification": reason} if reason else {})]
    return value


def _location(result: Result, lines: Mapping[str, int]) -> dict[str, Any]:
    evidence = result.finding.evidence if result.finding else ()
    cited = [item.exchange for item in evidence] + list(result.exchanges)
    scenario = printable(result.scenario)
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": RECORDING},
            "region": {"startLine": next((lines[id_] for id_ in cited if id_ in lines), 1)},
        },
        "logicalLocations": [
            {"name": scenario, "fullyQualifiedName": scenario, "kind": "scenario"}
        ],
    }


def _invocation(run: Run) -> dict[str, Any]:
    notifications = [
        {
            "level": _NOTIFIED[result.outcome],
            "message": {"text": printable(f"{result.scenario}: {result.message}")},
            "associatedRule": {"id": result.requirement},
        }
        for result in run.results
        if result.outcome in _NOTIFIED
    ]
    if run.problem is not None:
        notifications.insert(
            0, {"level": "error", "message": {"text": printable(" ".join(run.problem.split()))}}
        )
    return {
        "executionSuccessful": run.problem is None and run.exit_code in (0, 1),
        "exitCode": run.exit_code,
        "startTimeUtc": _time(run.started),
        "endTimeUtc": _time(run.started + run.duration),
        "toolExecutionNotifications": notifications,
    }


def _time(moment: float) -> str:
    text = datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")
