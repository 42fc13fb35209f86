"""A comparison of reports: a row for each requirement, a column for each report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Any

from oaicheck.report.reading import Report
from oaicheck.report.run import section_of
from oaicheck.report.wording import OUTCOMES, counted
from oaicheck.rules.verdict import Outcome
from oaicheck.verdicts.impact import severity

UNEVEN = "with different outcomes or scenarios"
"""Describes differences other than "broken in some reports only"."""

_ORDER = list(OUTCOMES)


@dataclass(frozen=True, slots=True)
class Told:
    """A check that did not pass, with the report's message."""

    scenario: str
    outcome: Outcome
    text: str


@dataclass(frozen=True)
class Cell:
    """What one report says about one requirement."""

    level: str
    counts: Mapping[Outcome, int]
    told: tuple[Told, ...]

    @property
    def outcome(self) -> Outcome:
        """The worst of its outcomes."""
        return next(outcome for outcome in _ORDER if self.counts.get(outcome))

    @property
    def broken(self) -> bool:
        """Whether the report says that the requirement is broken."""
        return self.outcome in (Outcome.FAIL, Outcome.WARN)

    @property
    def words(self) -> str:
        """The outcome, with its share if the scenarios disagree: `fail 3 of 14`.

        Scenarios that are not applicable do not count.
        """
        count = self.counts[self.outcome]
        of = sum(self.counts.values()) - self.counts.get(Outcome.NOT_APPLICABLE, 0)
        word = OUTCOMES[self.outcome]
        return word if count == of or not of else f"{word} {count} of {of}"


@dataclass(frozen=True)
class Row:
    """One requirement; a cell is None if that report did not judge it."""

    id: str
    sentence: str
    cells: tuple[Cell | None, ...]

    @property
    def level(self) -> str:
        """Its level, or both levels if the reports disagree."""
        return "/".join(sorted({cell.level for cell in self.cells if cell}))

    @property
    def outcomes(self) -> frozenset[Outcome]:
        """The worst outcome of each report that judged it."""
        return frozenset(cell.outcome for cell in self.cells if cell)

    @property
    def differs(self) -> bool:
        """Whether the reports say different things."""
        first, *others = [cell and dict(cell.counts) for cell in self.cells]
        return any(other != first for other in others)

    @property
    def contested(self) -> bool:
        """Whether it is broken in some reports but not in all."""
        return len({cell is not None and cell.broken for cell in self.cells}) > 1

    @property
    def broken(self) -> bool:
        """Whether any report says that it is broken."""
        return any(cell is not None and cell.broken for cell in self.cells)

    @property
    def urgency(self) -> tuple[bool, int, int, int, int, str]:
        """The sort key: disagreement first, then the worst outcome, the most harm to clients, and
        the most reports with the worst outcome.
        """
        ranks = [_ORDER.index(cell.outcome) for cell in self.cells if cell]
        worst = min(ranks)
        broken, degraded = severity(self.id) if self.broken else (0, 0)
        return len(set(ranks)) == 1, worst, -broken, -degraded, -ranks.count(worst), self.id


@dataclass(frozen=True)
class Comparison:
    """Reports side by side."""

    labels: tuple[str, ...]
    reports: tuple[Report, ...]

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """A row for each requirement that any report judged."""
        ids: dict[str, str] = {}
        for report in self.reports:
            for id_, requirement in report.data["requirements"].items():
                ids.setdefault(id_, requirement["sentence"])
        cells = [_cells(report) for report in self.reports]
        return tuple(
            sorted(
                (Row(id_, ids[id_], tuple(column.get(id_) for column in cells)) for id_ in ids),
                key=lambda row: row.urgency,
            )
        )

    @property
    def differing(self) -> tuple[Row, ...]:
        """The rows in which reports differ, most urgent first."""
        return tuple(row for row in self.rows if row.differs)

    @property
    def contested(self) -> tuple[Row, ...]:
        """The differing rows that are broken in some reports but not in all."""
        return tuple(row for row in self.differing if row.contested)

    @property
    def uneven(self) -> tuple[Row, ...]:
        """The other differing rows: other outcomes or other scenarios."""
        return tuple(row for row in self.differing if not row.contested)

    @property
    def title(self) -> str:
        """How many requirements are broken in some reports only: `3 differences between …`."""
        count = counted(len(self.contested), "difference")
        return f"{count} between {counted(len(self.reports), 'report')}"

    @property
    def words(self) -> str:
        """How many differing rows of each kind there are, as a sentence."""
        parts = []
        if self.contested:
            musts = sum(Outcome.FAIL in row.outcomes for row in self.contested)
            shoulds = len(self.contested) - musts
            counts = ((musts, "MUST"), (shoulds, "SHOULD"))
            told = " and ".join(f"{count:,} {level}" for count, level in counts if count)
            noun = "requirement" if len(self.contested) == 1 else "requirements"
            parts.append(f"{told} {noun} broken in some reports only")
        if self.uneven:
            more = " more" if self.contested else ""
            parts.append(f"{len(self.uneven):,}{more} {UNEVEN}")
        return f"{'; '.join(parts)}." if parts else "Nothing differs."

    @property
    def shared(self) -> tuple[Row, ...]:
        """The rows that are broken in the same way in every report, most urgent first."""
        return tuple(row for row in self.rows if not row.differs and row.broken)

    @property
    def agreeing(self) -> Mapping[str, tuple[Row, ...]]:
        """The rows that neither differ nor are broken, by section."""
        sections: dict[str, list[Row]] = {}
        for row in self.rows:
            if not row.differs and not row.broken:
                sections.setdefault(section_of(row.id), []).append(row)
        return {name: tuple(sections[name]) for name in sorted(sections)}

    @property
    def unequal(self) -> tuple[str, ...]:
        """The settings in which the reports differ: profile, catalogue, version of oaicheck."""
        terms = (("profile", "profile"), ("catalogue", "catalogue"), ("oaicheck", "version"))
        return tuple(word for key, word in terms if len({r.data[key] for r in self.reports}) > 1)


def labels_of(reports: Sequence[Report]) -> tuple[str, ...]:
    """Labels for the reports: as few of model, URL, date and file as tell them apart."""
    parts = [
        [str(r.data["target"].get("model") or "no model") for r in reports],
        [_place(r.data["target"]) for r in reports],
        [str(r.data["started"])[:16].replace("T", " ") for r in reports],
        [str(r.path) for r in reports],
    ]
    for count in range(1, len(parts) + 1):
        for chosen in combinations(parts, count):
            labels = tuple(", ".join(words) for words in zip(*chosen, strict=True))
            if len(set(labels)) == len(labels):
                return labels
    return tuple(f"{number}: {path}" for number, path in enumerate(parts[-1], start=1))


def _place(target: Mapping[str, Any]) -> str:
    return "embedded" if target.get("embedded") else str(target.get("base_url", "no endpoint"))


def _cells(report: Report) -> dict[str, Cell]:
    found: dict[str, list[Mapping[str, Any]]] = {}
    for result in report.data["results"]:
        found.setdefault(result["requirement"], []).append(result)
    return {
        id_: Cell(
            results[0]["level"],
            Counter(Outcome(result["outcome"]) for result in results),
            tuple(_told(result) for result in results if result["outcome"] != Outcome.PASS),
        )
        for id_, results in found.items()
    }


def _told(result: Mapping[str, Any]) -> Told:
    return Told(result["scenario"], Outcome(result["outcome"]), result["message"])
