"""report.json: a run as data for other programs, described by `report.schema.json`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from oaicheck.report.run import Judged, Run, section_of
from oaicheck.report.wording import sources_of
from oaicheck.rules.verdict import Outcome, Result
from oaicheck.verdicts.baseline import Compared
from oaicheck.verdicts.impact import clients_broken
from oaicheck.verdicts.result_json import result_data

SCHEMA = "oaicheck.report/1"


def to_json(run: Run) -> dict[str, Any]:
    """The report as a JSON value.

    Texts from the endpoint are not changed, so escape them before you print them. Only lone
    surrogates, which are not valid Unicode text, become backslash escapes.
    """
    value = {
        "schema": SCHEMA,
        "oaicheck": run.version,
        "catalogue": run.catalogue,
        "profile": run.profile,
        "verdict": run.verdict.value if run.verdict else None,
        "gate": run.gate,
        "exit_code": run.exit_code,
        "problem": run.problem,
        "baseline": _baseline(run.baseline) if run.baseline else None,
        "target": dict(run.target),
        "selection": dict(run.selection),
        "started": _moment(run.started),
        "duration": round(run.duration, 3),
        "judged_again": _moment(run.judged_again) if run.judged_again is not None else None,
        "requests": run.requests,
        "tokens": run.tokens.total,
        "costs": _costs(run),
        "broken": {"MUST": run.broken_musts, "SHOULD": run.broken_shoulds},
        "counts": _counts(run.counts),
        "sections": {name: _counts(run.counts_in(name)) for name in run.sections},
        "requirements": {judged.requirement.id: _requirement(judged) for judged in run.judged},
        "curl": dict(run.curl),
        "results": [_result(run, result) for result in run.results],
    }
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        clean: dict[str, Any] = _unicode(value)
        return clean
    return value


def _moment(timestamp: float) -> str:
    return datetime.fromtimestamp(timestamp, UTC).isoformat(timespec="milliseconds")


def _costs(run: Run) -> dict[str, Any]:
    return {
        "input_tokens": run.tokens.input,
        "output_tokens": run.tokens.output,
        "estimated_responses": run.tokens.estimated,
        "refused_input_tokens": run.tokens.refused,
        "scenarios": {
            name: {"input_tokens": each.input, "output_tokens": each.output}
            for name, each in run.tokens_by_scenario.items()
            if each.total
        },
    }


def _counts(counts: Mapping[Outcome, int]) -> dict[str, int]:
    return {outcome.value: count for outcome, count in counts.items()}


def _requirement(judged: Judged) -> dict[str, Any]:
    requirement = judged.requirement
    return {
        "level": judged.level.value,
        "section": judged.section,
        "sentence": requirement.sentence,
        "sources": [
            {"key": source.key, "title": source.title, "url": source.url}
            for source in sources_of(requirement)
        ],
        "remedy": requirement.remedy,
        "since": requirement.since,
        "follows": list(requirement.follows),
        "outcome": judged.outcome.value,
        "breaks": clients_broken(requirement.id) if judged.broken else [],
    }


def _result(run: Run, result: Result) -> dict[str, Any]:
    return {
        **result_data(result),
        "section": section_of(result.requirement),
        "sentence": run.requirements[result.requirement].sentence,
        "known": run.knows(result),
        "reason": run.baseline.reason(result) if run.baseline else "",
    }


def _baseline(compared: Compared) -> dict[str, Any]:
    return {
        "file": compared.file,
        "known": len(compared.known),
        "stale": [
            {"requirement": e.requirement, "scenario": e.scenario, "reason": e.reason}
            for e in compared.stale
        ],
        "allow_stale": compared.allow_stale,
    }


def _unicode(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    if isinstance(value, Mapping):
        return {_unicode(key): _unicode(member) for key, member in value.items()}
    if isinstance(value, list | tuple):
        return [_unicode(element) for element in value]
    return value
