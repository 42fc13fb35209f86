"""A comparison as Markdown tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from oaicheck.report.comparison import UNEVEN, Comparison, Row
from oaicheck.report.text.markdown import SIGNS, code, table
from oaicheck.report.wording import counted

_LABEL = 60


def comparison_markdown(comparison: Comparison, *, whole: bool = True) -> str:
    """The differences as a table, then the rest as folded tables, or as counts unless `whole`."""
    agreeing = [row for rows in comparison.agreeing.values() for row in rows]
    head = ("Requirement", "Level", *(code(label, _LABEL) for label in comparison.labels))
    verdicts = ("**Verdict**", "", *(str(r.data["verdict"]) for r in comparison.reports))
    lines = [
        f"## oaicheck: {comparison.title}",
        "",
    ]
    if comparison.unequal:
        lines += [f"The reports differ in: {', '.join(comparison.unequal)}.", ""]
    lines += [comparison.words, "", *table(head, [verdicts, *_rows(comparison.contested)])]
    for rows, what in (
        (comparison.shared, "broken in all reports"),
        (comparison.uneven, UNEVEN),
        (agreeing, "without a difference"),
    ):
        summary = f"{counted(len(rows), 'requirement')} {what}"
        if rows and whole:
            lines += ["", f"<details><summary>{summary}</summary>", ""]
            lines += [*table(head, _rows(rows)), "", "</details>"]
        elif rows:
            lines += ["", f"{summary} (use --html or --markdown to list them)."]
    return "\n".join(lines) + "\n"


def _rows(rows: Iterable[Row]) -> Iterator[tuple[str, ...]]:
    for row in rows:
        cells = (f"{SIGNS[cell.outcome]} {cell.words}" if cell else "" for cell in row.cells)
        yield code(row.id, len(row.id)), row.level, *cells
