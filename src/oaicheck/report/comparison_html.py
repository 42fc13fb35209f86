"""A comparison as one self-contained page."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib.resources import files

from oaicheck.report.comparison import Cell, Comparison, Row
from oaicheck.report.markup import Html, el, joined, prose
from oaicheck.report.overview import mark
from oaicheck.report.page import page
from oaicheck.report.reading import Report
from oaicheck.report.wording import OUTCOMES, counted, counts_words, verdict_word
from oaicheck.verdict import Outcome, RunVerdict

_TOLD = 6
_TEXT = 300
_VERDICTS = {
    "conformant": Outcome.PASS,
    "non-conformant": Outcome.FAIL,
    "incomplete": Outcome.INCONCLUSIVE,
}


def comparison_page(comparison: Comparison) -> str:
    """The page: who was judged, what differs, and below it what does not."""
    differing = comparison.differing
    count = counted(len(differing), "difference")
    body = el(
        "main",
        el("style", _asset("report.css"), _asset("comparison.css")),
        el(
            "header",
            el("p", "oaicheck comparison", class_="kind"),
            el("h1", f"{count} between {counted(len(comparison.reports), 'report')}"),
            el("p", f"Not judged alike: {', '.join(comparison.unequal)}.", class_="problem")
            if comparison.unequal
            else None,
        ),
        el("section", _reports(comparison), aria_label="The reports"),
        el(
            "section",
            el("h2", "What differs", id="oaicheck-differences"),
            _table(comparison, differing) if differing else el("p", "Nothing."),
            aria_labelledby="oaicheck-differences",
        ),
        el(
            "section",
            el("h2", "What does not", id="oaicheck-agreements"),
            (
                el(
                    "details",
                    el("summary", f"{name}: {counted(len(rows), 'requirement')}"),
                    _table(comparison, rows),
                )
                for name, rows in comparison.agreeing.items()
            ),
            aria_labelledby="oaicheck-agreements",
        ),
        id="oaicheck",
        class_="comparison",
    )
    return page(f"{count}: {', '.join(comparison.labels)} · oaicheck", body)


@cache
def _asset(name: str) -> Html:
    return Html((files("oaicheck.report") / "assets" / name).read_text("utf-8"))


def _reports(comparison: Comparison) -> Html:
    """A row for each report: its verdict and its circumstances."""
    titles = ("Report", "Verdict", "Checks", "Endpoint", "Model", "Profile", "Date")
    head = el("tr", (el("th", title, scope="col") for title in titles))
    pairs = zip(comparison.labels, comparison.reports, strict=True)
    rows = (_report(label, report) for label, report in pairs)
    return _scrolled(el("table", el("thead", head), el("tbody", rows)))


def _report(label: str, report: Report) -> Html:
    data, target = report.data, report.data["target"]
    verdict = data["verdict"]
    outcome = _VERDICTS.get(verdict, Outcome.ERROR)
    word = verdict_word(RunVerdict(verdict) if verdict else None).lower()
    return el(
        "tr",
        el("th", el("bdi", label), scope="row"),
        el("td", el("span", word, class_=f"mark {outcome}")),
        el("td", counts_words({o: data["counts"][o.value] for o in Outcome})),
        el("td", el("code", str(target.get("base_url", "")))),
        el("td", el("code", str(target.get("model", "")))),
        el("td", f"{data['profile']}, {data['catalogue']}"),
        el("td", el("time", str(data["started"])[:16].replace("T", " "))),
    )


def _table(comparison: Comparison, rows: Iterable[Row]) -> Html:
    head = el(
        "tr",
        el("th", "Requirement", scope="col"),
        (el("th", el("bdi", label), scope="col") for label in comparison.labels),
    )
    return _scrolled(el("table", el("thead", head), el("tbody", map(_row, rows))))


def _scrolled(table: Html) -> Html:
    return el("div", table, class_="scrolled", tabindex="0")


def _row(row: Row) -> Html:
    return el(
        "tr",
        el(
            "th",
            el("span", row.level, class_="level"),
            " ",
            prose(row.sentence),
            el("code", row.id, class_="note"),
            scope="row",
            id=row.id,
        ),
        (
            el("td", _cell(cell) if cell else el("span", "not judged", class_="note"))
            for cell in row.cells
        ),
    )


def _cell(cell: Cell) -> Html:
    share = cell.words.removeprefix(OUTCOMES[cell.outcome])
    words = joined(mark(cell.outcome), share)
    if not cell.told:
        return words
    more = len(cell.told) - _TOLD
    return el(
        "details",
        el("summary", words),
        el(
            "ul",
            (
                el("li", el("code", told.scenario), " ", el("bdi", told.text[:_TEXT]))
                for told in cell.told[:_TOLD]
            ),
            el("li", f"and {more} more") if more > 0 else None,
        ),
    )
