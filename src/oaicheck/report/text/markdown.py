"""Markdown for build servers: the summary of a run and its building blocks.

Text from the endpoint always goes into code spans, so that it cannot become HTML, Markdown, a link
or a mention.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from oaicheck.report.refusals import refusals, refused_name, unjudged_words
from oaicheck.report.run import Judged, Run
from oaicheck.report.wording import (
    OUTCOMES,
    broken_words,
    counted,
    counts_words,
    dearest_words,
    gate_words,
    harm_words,
    rest_words,
    seconds_words,
    tokens_words,
    verdict_words,
)
from oaicheck.rules.verdict import Outcome
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
    counts = counts_words(run.counts)
    told = [broken_words(run), f"checks: {counts}" if counts else ""]
    lines += [
        " · ".join(part for part in told if part),
        "",
        f"Gate {gate_words(run)}. {counted(run.requests, 'request')}, "
        f"{counted(run.tokens.total, 'token')}, {seconds_words(run.duration)}.",
    ]
    if run.requests:
        lines += ["", f"Tokens: {_escaped(tokens_words(run))}."]
    if dearest := dearest_words(run):
        lines[-1] += f" Most for {_escaped(dearest)}."
    if run.harm:
        rows = [_row(run, judged) for judged in run.harm[:_ROWS]]
        lines += ["", "### What is broken", ""]
        lines += table(("", "Level", "Requirement", "Why", "Scenarios", "Real clients"), rows)
        lines += _rest(len(run.harm) - _ROWS, "requirement")
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


def _row(run: Run, judged: Judged) -> tuple[str, ...]:
    first = judged.broken[0]
    known = " (known)" if run.is_known(judged) else ""
    return (
        f"{SIGNS[first.outcome]} {OUTCOMES[first.outcome]}{known}",
        judged.level.value,
        f"{sentence(judged.requirement.sentence)}<br>{code(judged.requirement.id)}",
        code(first.message),
        _places([result.scenario for result in judged.broken]),
        _escaped(harm_words(judged.requirement.id)),
    )


def _places(scenarios: Sequence[str]) -> str:
    more = f" and {len(scenarios) - 1} more" if len(scenarios) > 1 else ""
    return f"{code(scenarios[0])}{more}"


def _rest(count: int, noun: str, plural: str = "") -> list[str]:
    if count <= 0:
        return []
    return ["", f"and {counted(count, f'more {noun}', f'more {plural}' if plural else '')}."]


def _escaped(text: str) -> str:
    return re.sub(r"([\\*_{}\[\]()#+!|~$@])", r"\\\1", printable(text)).replace("<", "&lt;")
