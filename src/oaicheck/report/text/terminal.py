"""The end of the terminal output: what is broken, where, how to fix it, and the verdict."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from typing import Final

from oaicheck.report.causes import Cause, Observation, causes, to_fix_first
from oaicheck.report.place import glimpse
from oaicheck.report.refusals import refusals, refused_name, unjudged_words
from oaicheck.report.run import Judged, Run, binding
from oaicheck.report.wording import (
    OUTCOMES,
    broken_words,
    cause_words,
    counted,
    counts_words,
    dearest_words,
    following_words,
    gate_words,
    harm_words,
    load_words,
    rest_words,
    seconds_words,
    silence_words,
    sources_of,
    target_words,
    tokens_words,
    verdict_words,
    where_words,
)
from oaicheck.rules.requirement import Level
from oaicheck.rules.verdict import Outcome, Result, RunVerdict
from oaicheck.verdicts.baseline import Compared
from oaicheck.verdicts.impact import clients_broken, whom_it_breaks
from oaicheck.wire.json_text import shortened
from oaicheck.wire.printable import printable, without_commands

COLUMNS = 100
"""The line width, unless the terminal is narrower."""

_LABEL = 10
_TOLD_IN_FULL = 12
_REASONS = 8
_NAMED = 6
_OBSERVED = 4
_CLIENTS = 3
_TEXT = 300
_MARGIN = " " * (_LABEL + 2)


Style = Mapping[str, bool]
"""Markup for pytest's terminal writer."""

Line = tuple[str, Style]

_PLAIN: Final[Style] = {}
_DIM: Final[Style] = {"light": True}
_BLANK: Final[Line] = ("", _PLAIN)
_OF_OUTCOME: Final[Mapping[Outcome, Style]] = {
    Outcome.FAIL: {"red": True, "bold": True},
    Outcome.WARN: {"yellow": True, "bold": True},
    Outcome.ERROR: {"purple": True, "bold": True},
    Outcome.INCONCLUSIVE: {"cyan": True, "bold": True},
}
_OF_VERDICT: Final[Mapping[RunVerdict | None, Style]] = {
    RunVerdict.CONFORMANT: {"green": True, "bold": True},
    RunVerdict.NON_CONFORMANT: {"red": True, "bold": True},
    RunVerdict.INCOMPLETE: {"yellow": True, "bold": True},
    None: {"yellow": True, "bold": True},
}


def summary_lines(run: Run, columns: int = COLUMNS) -> list[Line]:
    """The lines in order, each with its style; the last is the verdict.

    All lines fit the columns, except the verdict and what is meant to be copied.
    """
    lines = [*_to_fix_first(run, columns)]
    new = [cause for cause in causes(run) if not run.is_known(cause.judged)]
    for cause in new[:_TOLD_IN_FULL]:
        lines += _broken(run, cause, columns)
        lines.append(_BLANK)
    rest = new[_TOLD_IN_FULL:]
    for cause in rest:
        lines += [_title(cause.judged), *_field(columns, "", cause.judged.requirement.sentence)]
        lines += _also(cause, columns)
    if rest:
        lines.append(_BLANK)
    undecided = list(_undecided(run, columns))
    if undecided:
        lines += [*undecided, _BLANK]
    if run.baseline is not None:
        lines += _baseline(run, run.baseline, columns)
    return [*lines, *_ending(run, columns)]


def _to_fix_first(run: Run, columns: int) -> Iterator[Line]:
    """The most urgent causes, each with its remedy and what it breaks."""
    first = to_fix_first(run)
    if not first:
        return
    yield "FIX THESE FIRST", {"bold": True}
    for number, cause in enumerate(first, start=1):
        requirement = cause.judged.requirement
        told = f"{cause.judged.level}  {requirement.id}: {cause_words(cause)}"
        yield from _names(columns, str(number), told, _PLAIN)
        yield from _field(columns, " ", requirement.remedy)
    yield _BLANK


def _broken(run: Run, cause: Cause, columns: int) -> Iterator[Line]:
    requirement = cause.judged.requirement
    first = cause.observations[0].first
    yield _title(cause.judged)
    yield from _field(columns, "", requirement.sentence)
    for observation in cause.observations[:_OBSERVED]:
        yield from _observation(run, observation, columns)
    if len(cause.observations) > _OBSERVED:
        more = counted(len(cause.observations) - _OBSERVED, "other observation")
        yield from _field(columns, "", f"and {more}: see the report")
    yield from _also(cause, columns)
    for source in sources_of(requirement):
        yield from _field(columns, "source", source.title, _DIM)
    yield from _field(columns, "remedy", requirement.remedy)
    for sentence in _clients(requirement.id)[:_CLIENTS]:
        yield from _field(columns, "clients", sentence, _DIM)
    if first.scenario in run.curl:
        yield f"  {'repeat':<{_LABEL}}{printable(run.curl[first.scenario])}", _PLAIN


def _observation(run: Run, observation: Observation, columns: int) -> Iterator[Line]:
    """What was observed, how often, and the first place."""
    first = observation.first
    if first.finding is not None:
        yield from _field(columns, "expected", first.finding.expected)
    yield from _field(columns, "observed", observation.text)
    for evidence in first.finding.evidence if first.finding else ():
        yield from _field(columns, "where", where_words(evidence))
        seen = glimpse(run.exchanges.get(evidence.exchange), evidence, columns - len(_MARGIN))
        if seen:
            yield without_commands(_MARGIN + seen), _DIM
    names = _some([result.scenario for result in observation.results])
    told = f"{counted(len(observation.results), 'check')}, on {names}"
    yield from _names(columns, "count", told, _PLAIN)


def _also(cause: Cause, columns: int) -> Iterator[Line]:
    """What else the observation breaks, and what follows from it."""
    if cause.others:
        names = _some([f"{each.level} {each.requirement.id}" for each in cause.others])
        yield from _names(columns, "breaks", f"{names} too", _PLAIN)
    if cause.following:
        yield from _names(columns, "follows", following_words(cause))


def _clients(requirement_id: str) -> list[str]:
    """What happens to real clients: if several break, first their names, then their symptoms."""
    sentences = whom_it_breaks(requirement_id)
    several = len(clients_broken(requirement_id)) > 1
    return [harm_words(requirement_id), *sentences] if several else sentences


def _title(judged: Judged) -> Line:
    outcome = judged.broken[0].outcome
    text = f"{OUTCOMES[outcome].upper()}  {judged.level}  {printable(judged.requirement.id)}"
    return text, _OF_OUTCOME[outcome]


def _field(columns: int, label: str, text: str, style: Style = _PLAIN) -> Iterator[Line]:
    """A labelled text, wrapped to the columns; without a label, it starts where labels do."""
    text = shortened(" ".join(text.split()), _TEXT)
    yield from _names(columns, label, text, style)


def _names(columns: int, label: str, text: str, style: Style = _DIM) -> Iterator[Line]:
    """Like `_field`, but never shortened: readers copy these names, for example to `--only`."""
    text = printable(text)
    margin = "  " + " " * (_LABEL if label else 0)
    wrapped = textwrap.wrap(
        text,
        columns,
        initial_indent=f"  {label:<{_LABEL}}" if label else margin,
        subsequent_indent=margin,
        break_on_hyphens=False,
    )
    for line in wrapped:
        yield without_commands(line), style


def _undecided(run: Run, columns: int) -> Iterator[Line]:
    """Why checks have no verdict, grouped by reason."""
    for (outcome, reason), results in list(run.undecided.items())[:_REASONS]:
        word = OUTCOMES[outcome].upper()
        level = Level.MUST if binding(results) else Level.SHOULD
        yield f"{word}  {level}  {counted(len(results), 'check')}", _OF_OUTCOME[outcome]
        yield from _field(columns, "reason", reason)
        yield from _names(columns, "checks", _some([_check(result) for result in results]))
        remedy = load_words(run, results) or silence_words(run, results)
        if remedy:
            yield from _field(columns, "remedy", remedy)
    if len(run.undecided) > _REASONS:
        more = counted(len(run.undecided) - _REASONS, "more reason")
        yield f"  and {more}: see the report", _PLAIN


def _baseline(run: Run, compared: Compared, columns: int) -> Iterator[Line]:
    """The known failures, and the stale entries of the baseline."""
    if run.known:
        listed = f"{counted(len(run.known), 'check')} listed in the baseline"
        yield f"KNOWN  {listed}", _OF_OUTCOME[Outcome.WARN]
    reasons: dict[str, list[Result]] = {}
    for result in run.known:
        reasons.setdefault(compared.reason(result), []).append(result)
    for reason, results in list(reasons.items())[:_REASONS]:
        yield from _field(columns, "reason", reason or "none given")
        yield from _names(columns, "checks", _some([_check(result) for result in results]))
    if len(reasons) > _REASONS:
        yield f"  and {counted(len(reasons) - _REASONS, 'more reason')}: see the report", _PLAIN
    if run.known:
        yield _BLANK
    if compared.stale:
        style = _DIM if compared.allow_stale else _OF_OUTCOME[Outcome.FAIL]
        entries = counted(len(compared.stale), "entry", "entries")
        yield f"STALE  {entries} of {printable(compared.file)}", style
        names = _some([f"{entry.requirement} [{entry.scenario}]" for entry in compared.stale])
        yield from _names(columns, "pass now", names, _PLAIN)
        remedy = f"Run `oaicheck baseline REPORT -o {compared.file}` to remove them."
        yield from _field(columns, "remedy", remedy)
        yield _BLANK


def _refused(run: Run, columns: int) -> Iterator[Line]:
    """What the endpoint refuses, and what that leaves unjudged."""
    found = refusals(run)
    for number, refusal in enumerate(found[:_NAMED]):
        text = f"{refused_name(refusal)} → {unjudged_words(refusal, run.results)}"
        yield from _names(columns, " " if number else "refused", text, _PLAIN)
    if len(found) > _NAMED:
        yield from _names(columns, " ", f"and {len(found) - _NAMED} more: see the report", _PLAIN)


def _check(result: Result) -> str:
    return f"{result.requirement} [{result.scenario}]"


def _some(names: list[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def _ending(run: Run, columns: int) -> Iterator[Line]:
    if run.problem is not None:
        # It may name a command to copy.
        words = printable(" ".join(run.problem.split()))
        yield f"  {'stopped':<{_LABEL}}{words}", _OF_OUTCOME[Outcome.ERROR]
    checks = counted(len(run.results), "check")
    requirements = counted(len(run.judged), "requirement")
    requests = counted(run.requests, "request")
    tokens = counted(run.tokens.total, "token")
    again = ", judged again" if run.judged_again is not None else ""
    yield (
        f"{checks} of {requirements} from {requests} "
        f"({tokens}, {seconds_words(run.duration)}{again})",
        _DIM,
    )
    if run.requests:
        yield from _names(columns, "tokens", tokens_words(run))
    if dearest := dearest_words(run):
        yield from _names(columns, "most for", dearest)
    yield from _refused(run, columns)
    if run.chosen:
        yield from _names(columns, "selected", run.chosen)
    if run.budget is not None:
        yield from _field(columns, "rest", rest_words(run))
    if run.baseline is not None or run.exit_code or run.gate != "must":
        yield from _names(columns, "gate", gate_words(run))
    if run.results:
        yield from _names(columns, "checks", counts_words(run.counts))
    parts = [broken_words(run), target_words(run)]
    model = printable(str(run.target.get("model", "")))
    parts[-1] += f" model={model} profile={printable(run.profile)}"
    joined = " · ".join(part for part in parts if part)
    yield f"{verdict_words(run)}  {joined}", _OF_VERDICT[run.verdict]
