"""A comparison as a table in Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from oaicheck.report.comparison import UNEVEN, Comparison, Row
from oaicheck.report.text.markdown import SIGNS, code, table
from oaicheck.report.wording import counted

_LABEL = 60


def comparison_markdown(comparison: Comparison, *, whole: bool = True) -> str:
    """The differences as a table, and below it the rest: folded tables, or no more than counts."""
    agreeing = [row for rows in comparison.agreeing.values() for row in rows]
    head = ("Requirement", "Level", *(code(label, _LABEL) for label in comparison.labels))
    verdicts = ("**Verdict**", "", *(str(r.data["verdict"]) for r in comparison.reports))
    lines = [
        f"## oaicheck: {comparison.title}",
        "",
    ]
    if comparison.unequal:
        lines += [f"Not judged alike: {', '.join(comparison.unequal)}.", ""]
    lines += [comparison.words, "", *table(head, [verdicts, *_rows(comparison.contested)])]
    for rows, what in (
        (comparison.shared, "broken in all of them"),
        (comparison.uneven, UNEVEN),
        (agreeing, "without a difference"),
    ):
        summary = f"{counted(len(rows), 'requirement')} {what}"
        if rows and whole:
            lines += ["", f"<details><summary>{summary}</summary>", ""]
            lines += [*table(head, _rows(rows)), "", "</details>"]
        elif rows:
            lines += ["", f"{summary}: --html and --markdown have them."]
    return "\n".join(lines) + "\n"


def _rows(rows: Iterable[Row]) -> Iterator[tuple[str, ...]]:
    for row in rows:
        cells = (f"{SIGNS[cell.outcome]} {cell.words}" if cell else "" for cell in row.cells)
        yield code(row.id, len(row.id)), row.level, *cells
