"""The words that the terminal, the page and JUnit have in common, ready to be shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from oaicheck.report.run import Run
from oaicheck.rules.requirement import Requirement
from oaicheck.rules.sources import Source, resolve
from oaicheck.rules.verdict import Evidence, Outcome, Result, RunVerdict
from oaicheck.verdicts.gate import missed
from oaicheck.verdicts.impact import clients_broken, clients_degraded
from oaicheck.wire.printable import printable

OUTCOMES: Final[Mapping[Outcome, str]] = {
    Outcome.FAIL: "fail",
    Outcome.WARN: "warn",
    Outcome.ERROR: "error",
    Outcome.INCONCLUSIVE: "inconclusive",
    Outcome.PASS: "pass",
    Outcome.NOT_APPLICABLE: "not applicable",
}
"""The outcomes as they are named to a reader, in the order of their urgency."""

_COUNTED: Final[Mapping[Outcome, str]] = {**OUTCOMES, Outcome.PASS: "passed"}


def verdict_words(run: Run) -> str:
    """The verdict as it is announced, of a part as well: `CONFORMANT, as far as selected`."""
    part = ", as far as selected" if run.chosen and run.verdict is not None else ""
    return f"{verdict_word(run.verdict)}{part}"


def verdict_word(verdict: RunVerdict | None) -> str:
    """The verdict as it is announced."""
    return "NOTHING JUDGED" if verdict is None else verdict.value.upper()


def broken_words(run: Run) -> str:
    """How much is broken: `3 MUST broken, 2 SHOULD broken`, or `nothing broken`.

    Empty where nothing was judged.
    """
    if run.verdict is None:
        return ""
    parts = [
        f"{count} {level} broken"
        for count, level in ((run.broken_musts, "MUST"), (run.broken_shoulds, "SHOULD"))
        if count
    ]
    return ", ".join(parts) or "nothing broken"


def gate_words(run: Run) -> str:
    """What the gate says, and why: `missed by 1 new failure, exit code 1; 3 known failures`."""
    undecided = sum(result.outcome is Outcome.INCONCLUSIVE for result in run.known)
    known = [
        counted(count, noun, plural)
        for count, noun, plural in (
            (len(run.known) - undecided, "known failure", ""),
            (undecided, "check known to be undecided", "checks known to be undecided"),
        )
        if count
    ]
    if run.exit_code == 0:
        return "; ".join(("passed", *known))
    by = _missed_by(run)
    return "; ".join((f"missed{by}, exit code {run.exit_code}", *known))


def _missed_by(run: Run) -> str:
    found = missed(run.results, run.gate, run.baseline)
    new = "new " if run.baseline is not None else ""
    counts = (
        (len(found.failures), f"{new}failure", ""),
        (
            len(found.undecided),
            "binding check that could not be judged",
            "binding checks that could not be judged",
        ),
        (len(found.warnings), f"{new}warning", ""),
        (len(found.stale), "stale entry", "stale entries"),
    )
    told = [counted(count, noun, plural) for count, noun, plural in counts if count]
    *first, last = told or [""]
    return f" by {', '.join(first)}{' and ' if first else ''}{last}" if last else ""


def counts_words(counts: Mapping[Outcome, int]) -> str:
    """Counts of checks without those that are zero: `1 fail · 187 passed`."""
    return " · ".join(f"{counts[o]:,} {word}" for o, word in _COUNTED.items() if counts[o])


def target_words(run: Run) -> str:
    """Who was judged."""
    url = printable(str(run.target.get("base_url", "")))
    return "the embedded reference endpoint" if run.target.get("embedded") else url


def harm_words(requirement_id: str) -> str:
    """Which real clients a breach breaks, or else degrades: `breaks OpenCode 1.18.34, curl`."""
    for verb, clients in (
        ("breaks", clients_broken(requirement_id)),
        ("degrades", clients_degraded(requirement_id)),
    ):
        if clients:
            return f"{verb} {', '.join(clients)}"
    return ""


def load_words(run: Run, results: Sequence[Result]) -> str:
    """What to do where checks have no verdict because of the endpoint's load; else empty."""
    refused = run.refused_for_load(results)
    if not refused:
        return ""
    statuses = "/".join(map(str, sorted(refused)))
    return (
        f"{counted(refused.total(), 'request')} came back with {statuses}, though fewer were sent "
        "then: run with --concurrency 1, or with --rpm N below the endpoint's rate limit"
    )


def where_words(evidence: Evidence) -> str:
    """The place of a piece of evidence: `stream/text#1, event 5, choices[0].delta`."""
    parts = [evidence.exchange]
    if evidence.event is not None:
        parts.append(f"event {evidence.event}")
    if evidence.path is not None:
        parts.append(evidence.path)
    if evidence.span is not None:
        parts.append(f"bytes {evidence.span[0]}–{evidence.span[1]}")
    return ", ".join(printable(part) for part in parts)


def sources_of(requirement: Requirement) -> list[Source]:
    """Where a requirement is written."""
    return [resolve(key) for key in requirement.sources]


def seconds_words(seconds: float) -> str:
    """A duration: `84 ms`, `7.3 s`, `3 min 12 s`."""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    return f"{whole // 60} min {whole % 60} s"


def counted(count: int, noun: str, plural: str = "") -> str:
    """A number and what is counted: `1 scenario`, `1,204 requests`."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def scenarios_words(results: Sequence[Result]) -> str:
    """On which scenarios: `on stream/text`, or `on 3 scenarios: stream/text, …`."""
    names = [printable(result.scenario) for result in results]
    if len(names) == 1:
        return f"on {names[0]}"
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return f"on {len(names)} scenarios: {', '.join(names[:3])}{more}"
