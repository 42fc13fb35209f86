"""The wording that the terminal, the HTML page and JUnit share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from oaicheck.report.causes import Cause
from oaicheck.report.run import Run
from oaicheck.rules.requirement import Requirement
from oaicheck.rules.sources import Source, resolve
from oaicheck.rules.verdict import Evidence, Outcome, Result, RunVerdict
from oaicheck.verdicts.gate import missed
from oaicheck.verdicts.impact import clients_broken, clients_degraded
from oaicheck.wire.printable import printable
from oaicheck.wire.silence import NOT_SENT

OUTCOMES: Final[Mapping[Outcome, str]] = {
    Outcome.FAIL: "fail",
    Outcome.WARN: "warn",
    Outcome.ERROR: "error",
    Outcome.INCONCLUSIVE: "inconclusive",
    Outcome.PASS: "pass",
    Outcome.NOT_APPLICABLE: "not applicable",
}
"""What readers see for each outcome, most urgent first."""

_DEAREST = 3
_NAMED = 6

_COUNTED: Final[Mapping[Outcome, str]] = {**OUTCOMES, Outcome.PASS: "passed"}


def verdict_words(run: Run) -> str:
    """The verdict to display, marked if only a part was judged: `CONFORMANT (partial run)`.

    If a budget limited the requests: `CONFORMANT as far as 20 of 163 requests show`. After an
    interruption: `CONFORMANT as far as 40 of 152 scenarios show (interrupted)`.
    """
    words = verdict_word(run.verdict)
    if run.verdict is None:
        return f"{words} (interrupted)" if run.is_interrupted else words
    notes = ["interrupted"] if run.is_interrupted else []
    notes += ["partial run"] if run.is_selected else []
    if run.verdict is RunVerdict.CONFORMANT and part_words(run):
        words += f" as far as {part_words(run)} show"
    elif part_words(run):
        notes = [part_words(run), *notes]
    return f"{words} ({', '.join(notes)})" if notes else words


def part_words(run: Run) -> str:
    """What was sent of the whole: `20 of 163 requests`, or `40 of 152 scenarios`.

    Empty if neither a budget nor an interruption left anything out.
    """
    if run.budget is not None:
        return f"{run.requests:,} of {run.budget['of']:,} requests"
    if run.recorded is not None:
        return f"{run.recorded['scenarios']:,} of {run.recorded['of']:,} scenarios"
    return ""


def rest_words(run: Run) -> str:
    """How to judge what a budget left out. Empty without a budget."""
    if run.budget is None:
        return ""
    return (
        f"the same command without {run.budget['options']} judges the rest: "
        f"it sends {counted(run.budget['of'], 'request')}"
    )


def verdict_word(verdict: RunVerdict | None) -> str:
    """The verdict to display."""
    return "NOTHING JUDGED" if verdict is None else verdict.value.upper()


def broken_words(run: Run) -> str:
    """How much is broken: `3 MUST requirements broken, 1 SHOULD requirement broken`.

    `nothing broken` if all is well; empty if nothing was judged.
    """
    if run.verdict is None:
        return ""
    parts = [
        f"{counted(count, f'{level} requirement')} broken"
        for count, level in ((run.broken_musts, "MUST"), (run.broken_shoulds, "SHOULD"))
        if count
    ]
    return ", ".join(parts) or "nothing broken"


def gate_words(run: Run) -> str:
    """The gate's result and why, to follow the word "gate".

    It counts checks: `(must) failed: 4 checks failed; exit code 1; 3 checks are known failures`.
    """
    undecided = sum(result.outcome is Outcome.INCONCLUSIVE for result in run.known)
    known = [
        counted(count, noun, plural)
        for count, noun, plural in (
            (
                len(run.known) - undecided,
                "check is a known failure",
                "checks are known failures",
            ),
            (undecided, "check is known to be inconclusive", "checks are known to be inconclusive"),
        )
        if count
    ]
    if run.exit_code == 0:
        return "; ".join((f"({run.gate}) passed", *known))
    why = _why_failed(run)
    if run.is_interrupted and not why:
        return "; ".join((f"({run.gate}) open: the run was interrupted", "exit code 2", *known))
    failed = f"({run.gate}) failed{': ' if why else ''}{why}"
    return "; ".join((failed, f"exit code {run.exit_code}", *known))


def _why_failed(run: Run) -> str:
    found = missed(run.results, run.gate, run.baseline)
    new = " (not in the baseline)" if run.baseline is not None else ""
    reasons = []
    if found.failures:
        reasons.append(f"{counted(len(found.failures), 'check')} failed{new}")
    if found.undecided:
        reasons.append(f"{counted(len(found.undecided), 'MUST check')} could not be judged")
    if found.warnings:
        reasons.append(f"{counted(len(found.warnings), 'check')} gave a warning{new}")
    if found.stale:
        stale = ("baseline entry is stale", "baseline entries are stale")
        reasons.append(counted(len(found.stale), *stale))
    return ", ".join(reasons)


def counts_words(counts: Mapping[Outcome, int]) -> str:
    """How many checks had each outcome, zeros left out: `1 fail · 187 passed`."""
    return " · ".join(f"{counts[o]:,} {word}" for o, word in _COUNTED.items() if counts[o])


def target_words(run: Run) -> str:
    """The endpoint that was judged."""
    url = printable(str(run.target.get("base_url", "")))
    return "the embedded reference endpoint" if run.target.get("embedded") else url


def harm_words(requirement_id: str) -> str:
    """The real clients that a breach breaks, otherwise those it degrades: `breaks curl 8.14`."""
    for verb, clients in (
        ("breaks", clients_broken(requirement_id)),
        ("degrades", clients_degraded(requirement_id)),
    ):
        if clients:
            return f"{verb} {', '.join(clients)}"
    return ""


def cause_words(cause: Cause) -> str:
    """What a cause breaks, and for whom: `11 checks fail; breaks curl 8; 40 more checks follow`."""
    verb = ("fails", "fail") if cause.judged.outcome is Outcome.FAIL else ("warns", "warn")
    parts = [f"{counted(cause.checks, 'check')} {verb[cause.checks > 1]}"]
    for effect, clients in (("breaks", cause.clients), ("degrades", cause.degraded)):
        if clients:
            parts.append(f"{effect} {', '.join(clients)}")
    if cause.following:
        more = len(cause.following)
        parts.append(counted(more, "more check follows", "more checks follow"))
    return "; ".join(parts)


def following_words(cause: Cause) -> str:
    """What follows from a cause: `12 checks are not applicable: a.b, a.c and 4 more`."""
    names = cause.consequences
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    noun = ("check is not applicable", "checks are not applicable")
    return f"{counted(len(cause.following), *noun)}: {', '.join(names[:_NAMED])}{more}"


def load_words(run: Run, results: Sequence[Result]) -> str:
    """What to do if checks have no verdict because the endpoint was overloaded; empty if not."""
    refused = run.refused_for_load(results)
    if not refused:
        return ""
    statuses = "/".join(map(str, sorted(refused)))
    return (
        f"the endpoint answered {counted(refused.total(), 'request')} with HTTP {statuses}, even "
        "after oaicheck slowed down: run with --concurrency 1, or with --rpm N below the "
        "endpoint's rate limit"
    )


def silence_words(run: Run, results: Sequence[Result]) -> str:
    """What to do if checks have no verdict because the endpoint fell silent; empty if not."""
    if all(result.message.startswith(NOT_SENT) for result in results):
        return "check the server and its log"
    if not run.fell_silent(results):
        return ""
    return (
        "check the server and its log; if it is only slow, give it more time: --concurrency 1 "
        "--first-byte-timeout 600 --gap-timeout 600"
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
    """The sources of a requirement."""
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
    """A number and what it counts: `1 scenario`, `1,204 requests`."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def tokens_words(run: Run) -> str:
    """The tokens of a run: `24 input + 90 output`.

    It says how many responses reported none, and how many tokens were refused.
    """
    used = run.tokens
    text = f"{used.input:,} input + {used.output:,} output"
    if used.estimated:
        text += f" (estimated for {counted(used.estimated, 'response')} without usage)"
    if used.refused:
        text += f"; about {used.refused:,} more in refused requests, usually not billed"
    return text


def dearest_words(run: Run) -> str:
    """The scenarios that used most tokens: `stream/text 72, chat/text 42`. Empty if none did."""
    dearest = list(run.tokens_by_scenario.items())[:_DEAREST]
    return ", ".join(f"{printable(name)} {used.total:,}" for name, used in dearest if used.total)


def scenarios_words(results: Sequence[Result]) -> str:
    """The scenarios of some results: `on stream/text`, or `on 3 scenarios: stream/text, …`."""
    names = [printable(result.scenario) for result in results]
    if len(names) == 1:
        return f"on {names[0]}"
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return f"on {len(names)} scenarios: {', '.join(names[:3])}{more}"
