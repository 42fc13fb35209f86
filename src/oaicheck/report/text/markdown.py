"""Markdown for build servers: the summary of a run and its building blocks.

Text from the endpoint always goes into code spans, so that it cannot become HTML, Markdown, a link
or a mention.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from oaicheck.report.causes import Cause, causes, to_fix_first
from oaicheck.report.refusals import refusals, refused_name, unjudged_words
from oaicheck.report.run import Run
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
    rest_words,
    seconds_words,
    tokens_words,
    verdict_words,
)
from oaicheck.rules.verdict import Outcome, Result
from oaicheck.wire.printable import printable

SIGNS = {
    Outcome.FAIL: "❌",
    Outcome.ERROR: "💥",
    Outcome.WARN: "⚠️",
    Outcome.INCONCLUSIVE: "❔",
    Outcome.PASS: "✅",
    Outcome.NOT_APPLICABLE: "➖",
}
"""The sign shown beside each outcome's word."""

_BAR = "¦"
"""Replaces a vertical bar, which would end a table cell even inside a code span."""

_ROWS = 50
_OBSERVED = 4
_TEXT = 240


def code(text: str, limit: int = _TEXT) -> str:
    """A text as a one-line code span that nothing in the text can close, safe in a table."""
    text = printable(" ".join(text.split()))
    if len(text) > limit:
        text = f"{text[:limit]}…"
    if not text.strip():
        return ""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{pad}{text.replace('|', _BAR)}{pad}{fence}"


def sentence(text: str) -> str:
    """One of our own sentences, in which backticks mean code, safe in a table."""
    words = text.split("`")
    if len(words) % 2 == 0:
        return code(text, len(text))
    parts = []
    for index, word in enumerate(words):
        parts.append(code(word, len(word)) if index % 2 else _escaped(word))
    return "".join(parts)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """The lines of a table. The cells are Markdown."""
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def summary(run: Run) -> str:
    """The Markdown summary of a run, about one screen long."""
    lines = [f"## oaicheck: {verdict_words(run)}", ""]
    model, url = str(run.target.get("model", "")), str(run.target.get("base_url", ""))
    place = "the embedded reference endpoint" if run.target.get("embedded") else code(url)
    lines += [
        " · ".join(
            part
            for part in (
                f"{code(model)} at {place}" if model else place,
                f"profile {code(run.profile)}",
                f"catalogue {run.catalogue}",
            )
            if part
        ),
        "",
    ]
    if run.chosen:
        rest = f"; {sentence(rest_words(run))}" if run.budget is not None else ""
        lines += [f"Partial run: {code(run.chosen)}{rest}", ""]
    if run.problem is not None:
        lines += [f"**The run stopped early:** {code(run.problem, 1000)}", ""]
    if counts := counts_words(run.counts):
        lines += [f"{_capital(broken_words(run))}.", "", f"Checks: {counts}.", ""]
    lines += [
        f"Gate {gate_words(run)}. {counted(run.requests, 'request')}, "
        f"{counted(run.tokens.total, 'token')}, {seconds_words(run.duration)}.",
    ]
    if run.requests:
        lines += ["", f"Tokens: {_escaped(tokens_words(run))}."]
    if dearest := dearest_words(run):
        lines[-1] += f" Most for {_escaped(dearest)}."
    lines += _to_fix_first(run)
    if found := causes(run):
        rows = [_row(run, cause) for cause in found[:_ROWS]]
        lines += ["", "### What is broken", ""]
        lines += table(("", "Level", "Requirement", "What was observed", "Real clients"), rows)
        lines += _rest(len(found) - _ROWS, "cause")
    if run.undecided:
        lines += ["", "### What could not be judged", ""]
        rows = [
            (f"{SIGNS[outcome]} {OUTCOMES[outcome]}", code(reason), str(len(results)))
            for (outcome, reason), results in list(run.undecided.items())[:_ROWS]
        ]
        lines += table(("", "Reason", "Checks"), rows)
        lines += _rest(len(run.undecided) - _ROWS, "reason")
    if refused := refusals(run):
        lines += ["", "### What is refused", ""]
        rows = [
            (code(refused_name(each)), _escaped(each.what), unjudged_words(each, run.results))
            for each in refused[:_ROWS]
        ]
        lines += table(("Refused", "Feature", "Left unjudged"), rows)
        lines += _rest(len(refused) - _ROWS, "refusal")
    if run.baseline is not None and run.baseline.stale:
        lines += ["", "### Stale baseline entries", "", "These checks pass now:", ""]
        stale = run.baseline.stale[:_ROWS]
        lines += [f"- {code(entry.requirement)} on {code(entry.scenario)}" for entry in stale]
        lines += _rest(len(run.baseline.stale) - _ROWS, "entry", "entries")
    lines += ["", "<details><summary>Sections</summary>", ""]
    rows = [(code(name), counts_words(run.counts_in(name))) for name in run.sections]
    lines += [*table(("Section", "Checks"), rows), "", "</details>", ""]
    return "\n".join(lines)


def _to_fix_first(run: Run) -> Iterator[str]:
    """The most urgent causes, each with its remedy and what it breaks."""
    first = to_fix_first(run)
    if first:
        yield from ("", "### Fix these first", "")
    for number, cause in enumerate(first, start=1):
        requirement = cause.judged.requirement
        yield f"{number}. {sentence(requirement.remedy)}<br>"
        yield f"   {cause.judged.level} {code(requirement.id)}: {_escaped(cause_words(cause))}."


def _row(run: Run, cause: Cause) -> tuple[str, ...]:
    judged, requirement = cause.judged, cause.judged.requirement
    outcome = judged.broken[0].outcome
    known = " (known)" if run.is_known(judged) else ""
    told = [sentence(requirement.sentence), code(requirement.id)]
    if cause.others:
        ids = [code(each.requirement.id) for each in cause.others]
        told.append(f"breaks {_some(ids)} too")
    if cause.following:
        told.append(_escaped(following_words(cause)))
    return (
        f"{SIGNS[outcome]} {OUTCOMES[outcome]}{known}",
        judged.level.value,
        "<br>".join(told),
        "<br>".join(_observations(cause)),
        _escaped(harm_words(requirement.id)),
    )


def _observations(cause: Cause) -> Iterator[str]:
    """Each distinct observation with its count and its first place."""
    for observation in cause.observations[:_OBSERVED]:
        count = counted(len(observation.results), "check")
        yield f"{count}: {code(observation.text)} on {_places(observation.results)}"
    more = len(cause.observations) - _OBSERVED
    if more > 0:
        yield f"and {counted(more, 'other observation')}"


def _capital(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


def _some(words: Sequence[str]) -> str:
    more = f" and {len(words) - _OBSERVED} more" if len(words) > _OBSERVED else ""
    return f"{', '.join(words[:_OBSERVED])}{more}"


def _places(results: Sequence[Result]) -> str:
    more = f" and {len(results) - 1} more" if len(results) > 1 else ""
    return f"{code(results[0].scenario)}{more}"


def _rest(count: int, noun: str, plural: str = "") -> list[str]:
    if count <= 0:
        return []
    return ["", f"and {counted(count, f'more {noun}', f'more {plural}' if plural else '')}."]


def _escaped(text: str) -> str:
    return re.sub(r"([\\*_{}\[\]()#+!|~$@])", r"\\\1", printable(text)).replace("<", "&lt;")
