"""Merges the reports of a sharded run into one report, as if the run had not been sharded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Any

from oaicheck.report.machine.sarif import RECORDING
from oaicheck.report.reading import Report, ReportError, read_report
from oaicheck.report.run import Run
from oaicheck.report.wording import OUTCOMES
from oaicheck.rules.requirement import Level, Requirement
from oaicheck.rules.sources import resolve
from oaicheck.rules.verdict import Result, run_verdict
from oaicheck.verdicts.baseline import Baseline, Check, Compared, Entry
from oaicheck.verdicts.exit_codes import ExitCode
from oaicheck.verdicts.gate import exit_code
from oaicheck.wire.exchange import Exchange
from oaicheck.wire.recording import Recording, RecordingError, load_recording

_EARLY = (ExitCode.INTERNAL_ERROR, ExitCode.INTERRUPTED, ExitCode.USAGE)
"""Exit codes that the merged run takes over from a part, because something was not judged."""


@dataclass(frozen=True, slots=True)
class Part:
    """One report folder: its report and its recording."""

    report: Report
    recording: Recording


def read_part(folder: Path) -> Part:
    """The part in a report folder, or next to a report.json. Raises ReportError."""
    report = read_report(folder)
    path = report.path.parent / RECORDING
    try:
        recording = load_recording(path)
    except OSError as error:
        raise ReportError(
            f"{path}: cannot be read: {error.strerror}; `oaicheck merge` needs complete report "
            "folders"
        ) from error
    except RecordingError as error:
        raise ReportError(str(error)) from error
    return Part(report, recording)


def merged(
    parts: Sequence[Part],
    *,
    gate: str | None = None,
    baseline: Baseline | None = None,
    allow_stale: bool = False,
) -> Run:
    """The parts as one run. Raises ReportError if they do not belong together.

    If several parts judged a check, its worst outcome counts. Without a `baseline`, the known
    failures are those of the parts.
    """
    _refuse_strangers(parts)
    data = [part.report.data for part in parts]
    gates = {str(each["gate"]) for each in data}
    if gate is None and len(gates) > 1:
        used = ", ".join(sorted(gates))
        raise ReportError(f"the reports used different gates ({used}): choose one with --gate")
    gate = gate or gates.pop()
    recording, results = _joined(parts)
    if baseline is not None:
        compared: Compared | None = baseline.compare(results, allow_stale=allow_stale)
    else:
        compared = _known(data, results, allow_stale=allow_stale)
    early = {int(each["exit_code"]) for each in data}
    code = next((c for c in _EARLY if c in early), exit_code(results, gate, compared))
    problems = [each["problem"] for each in data if each["problem"]]
    started = min(part.started for part in map(_span, data))
    return Run(
        verdict=run_verdict(results),
        target=data[0]["target"],
        profile=data[0]["profile"],
        catalogue=data[0]["catalogue"],
        version=data[0]["oaicheck"],
        started=started,
        duration=max(part.ended for part in map(_span, data)) - started,
        selection=_selection(data),
        requirements={
            id_: _requirement(id_, requirement)
            for each in data
            for id_, requirement in each["requirements"].items()
        },
        results=results,
        recording=recording,
        curl={name: line for each in data for name, line in each["curl"].items()},
        gate=gate,
        exit_code=int(code),
        problem="; ".join(dict.fromkeys(problems)) or None,
        baseline=compared,
    )


def _refuse_strangers(parts: Sequence[Part]) -> None:
    first = parts[0].report
    for other in (part.report for part in parts[1:]):
        terms = [
            (word, first.data[key], other.data[key])
            for key, word in (
                ("profile", "profile"),
                ("catalogue", "catalogue"),
                ("oaicheck", "version of oaicheck"),
            )
        ]
        terms += [
            (f"target's {key.replace('_', ' ')}", one, two)
            for key, one, two in _target_terms(first.data["target"], other.data["target"])
        ]
        for word, one, two in terms:
            if one != two:
                raise ReportError(
                    f"{first.path} and {other.path} are not parts of one run: "
                    f"the {word} differs: {one!r} and {two!r}"
                )


def _target_terms(one: Mapping[str, Any], two: Mapping[str, Any]) -> Iterable[tuple[str, Any, Any]]:
    """Both values of each member. The embedded endpoint's URL is skipped: its port varies."""
    for key in sorted({*one, *two}):
        if key != "base_url" or not (one.get("embedded") and two.get("embedded")):
            yield key, one.get(key), two.get(key)


def _joined(parts: Sequence[Part]) -> tuple[Recording, tuple[Result, ...]]:
    """All exchanges, each with a unique id, and the results that cite them."""
    recording = Recording(parts[0].recording.facts)
    results: dict[Check, Result] = {}
    for part in parts:
        ids = _add(recording, part.recording.exchanges)
        for result in part.report.results:
            check = result.requirement, result.scenario
            cited = _citing(result, ids)
            if check not in results or _rank(cited) < _rank(results[check]):
                results[check] = cited
    ordered = sorted(results.values(), key=lambda result: result.nodeid.partition("::")[0])
    return recording, tuple(ordered)


def _add(recording: Recording, exchanges: Iterable[Exchange]) -> dict[str, str]:
    """Add exchanges, as further attempts if their ids are taken. Returns new ids by old ids."""
    attempts: dict[str, int] = {}
    present = {exchange.id: exchange for exchange in recording.exchanges}
    for exchange in recording.exchanges:
        attempts[exchange.scenario] = max(attempts.get(exchange.scenario, 0), exchange.attempt)
    ids = {}
    for exchange in exchanges:
        added = exchange
        if present.get(exchange.id) != exchange:
            added = replace(exchange, attempt=exchange.attempt + attempts.get(exchange.scenario, 0))
            recording.exchanges.append(added)
        ids[exchange.id] = added.id
    return ids


def _citing(result: Result, ids: Mapping[str, str]) -> Result:
    finding = result.finding
    if finding is not None:
        evidence = tuple(
            replace(each, exchange=ids.get(each.exchange, each.exchange))
            for each in finding.evidence
        )
        finding = replace(finding, evidence=evidence)
    exchanges = tuple(ids.get(id_, id_) for id_ in result.exchanges)
    return replace(result, finding=finding, exchanges=exchanges)


def _rank(result: Result) -> int:
    return list(OUTCOMES).index(result.outcome)


def _known(
    data: Sequence[Mapping[str, Any]], results: Iterable[Result], *, allow_stale: bool
) -> Compared | None:
    """The parts' own baselines combined; None if no part had one."""
    compared = [each["baseline"] for each in data if each["baseline"]]
    if not compared:
        return None
    entries = [
        Entry(result["requirement"], result["scenario"], result["reason"])
        for each in data
        for result in each["results"]
        if result["known"]
    ]
    entries += [
        Entry(stale["requirement"], stale["scenario"], stale["reason"])
        for each in compared
        for stale in each["stale"]
    ]
    files = ", ".join(dict.fromkeys(each["file"] for each in compared))
    allowed = allow_stale or all(each["allow_stale"] for each in compared)
    baseline = Baseline(files, {entry.check: entry for entry in entries})
    return baseline.compare(results, allow_stale=allowed)


@dataclass(frozen=True, slots=True)
class _Span:
    started: float
    ended: float


def _span(data: Mapping[str, Any]) -> _Span:
    started = datetime.fromisoformat(data["started"]).timestamp()
    return _Span(started, started + data["duration"])


def _selection(data: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The selections combined: if any part judged everything, so does the whole."""
    only = [list(each["selection"].get("only", ())) for each in data]
    skip = [list(each["selection"].get("skip", ())) for each in data]
    chosen = [list(each["selection"].get("pytest", ())) for each in data]
    not_sent: dict[str, str] = {}
    for each in data:
        not_sent.update(each["selection"].get("not_sent", {}))
    return {
        "only": list(dict.fromkeys(chain(*only))) if all(only) else [],
        "skip": [pattern for pattern in skip[0] if all(pattern in other for other in skip)],
        "pytest": [words for words in chosen[0] if all(words in other for other in chosen)],
        "not_sent": not_sent,
        **_budget(data),
        **_recorded(data),
    }


def _budget(data: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What limited the parts together; nothing if any part judged everything."""
    selections = [each["selection"] for each in data]
    names = ("only", "skip", "pytest", "budget")
    budgets = [each["budget"] for each in selections if "budget" in each]
    if not budgets or not all(any(each.get(name) for name in names) for each in selections):
        return {}
    return {
        "budget": {
            "options": ", ".join(dict.fromkeys(each["options"] for each in budgets)),
            "of": sum(
                each["selection"].get("budget", {"of": each["requests"]})["of"] for each in data
            ),
        }
    }


def _recorded(data: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """How much the interrupted parts recorded together; nothing if none was interrupted."""
    found = [each["selection"]["recorded"] for each in data if "recorded" in each["selection"]]
    if not found:
        return {}
    return {"recorded": {name: sum(each[name] for each in found) for name in ("scenarios", "of")}}


def _requirement(id_: str, data: Mapping[str, Any]) -> Requirement:
    sources = tuple(source["key"] for source in data["sources"])
    for key in sources:
        try:
            resolve(key)
        except KeyError as error:
            raise ReportError(
                f"{id_}: a different version of oaicheck wrote this report: {error.args[0]}"
            ) from error
    return Requirement(
        id=id_,
        level=Level(data["level"]),
        sentence=data["sentence"],
        on=(),
        against=None,
        sources=sources,
        remedy=data["remedy"],
        since=data["since"],
        follows=tuple(data.get("follows", ())),
    )
