"""A comparison as one self-contained page."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from oaicheck.report.comparison import UNEVEN, Cell, Comparison, Row
from oaicheck.report.html.markup import Html, el, joined, prose
from oaicheck.report.html.overview import mark
from oaicheck.report.html.page import page
from oaicheck.report.reading import Report
from oaicheck.report.wording import OUTCOMES, counted, counts_words, harm_words, verdict_word
from oaicheck.rules.requirement import Level
from oaicheck.rules.verdict import Outcome, RunVerdict

_TOLD = 6
_TEXT = 300
_ABOUT = ("Verdict", "Broken", "Checks", "Endpoint", "Model", "Profile", "Date")
_VERDICTS = {
    "conformant": Outcome.PASS,
    "non-conformant": Outcome.FAIL,
    "incomplete": Outcome.INCONCLUSIVE,
}


def comparison_page(comparison: Comparison) -> str:
    """The page: the reports, what differs, then what is the same."""
    body = el(
        "main",
        el("style", _asset("report.css"), _asset("comparison.css")),
        el(
            "header",
            el("p", "oaicheck comparison", class_="kind"),
            el("h1", comparison.title),
            el("p", comparison.words, class_="lead"),
            el("p", f"The reports differ in: {', '.join(comparison.unequal)}.", class_="problem")
            if comparison.unequal
            else None,
        ),
        el("section", _reports(comparison), class_="reports", aria_label="The reports"),
        el(
            "section",
            el("h2", "What differs", id="oaicheck-differences"),
            _table(comparison, comparison.contested),
            _folded(comparison, UNEVEN.capitalize(), comparison.uneven),
            None if comparison.differing else el("p", "Nothing."),
            aria_labelledby="oaicheck-differences",
        ),
        el(
            "section",
            el("h2", "What is the same", id="oaicheck-agreements"),
            _folded(comparison, "Broken in all reports", comparison.shared),
            (_folded(comparison, name, rows) for name, rows in comparison.agreeing.items()),
            aria_labelledby="oaicheck-agreements",
        ),
        id="oaicheck",
        class_="comparison",
    )
    return page(f"{comparison.title}: {', '.join(comparison.labels)} · oaicheck", body)


@cache
def _asset(name: str) -> Html:
    return Html((files("oaicheck.report.html") / "assets" / name).read_text("utf-8"))


def _reports(comparison: Comparison) -> Html:
    """A row for each report: its verdict, endpoint, model, profile and date."""
    head = el("tr", (el("th", title, scope="col") for title in ("Report", *_ABOUT)))
    pairs = zip(comparison.labels, comparison.reports, strict=True)
    rows = (_report(label, report) for label, report in pairs)
    return _scrolled(el("table", el("thead", head), el("tbody", rows)))


def _report(label: str, report: Report) -> Html:
    data, target = report.data, report.data["target"]
    verdict = data["verdict"]
    outcome = _VERDICTS.get(verdict, Outcome.ERROR)
    word = verdict_word(RunVerdict(verdict) if verdict else None).lower()
    cells = (
        el("span", word, class_=f"mark {outcome}"),
        _broken(report),
        counts_words({o: data["counts"][o.value] for o in Outcome}),
        el("code", str(target.get("base_url", ""))),
        el("code", str(target.get("model", ""))),
        f"{data['profile']}, {data['catalogue']}",
        el("time", str(data["started"])[:16].replace("T", " ")),
    )
    return el(
        "tr",
        el("th", el("bdi", label), scope="row"),
        (el("td", cell, data_label=title) for title, cell in zip(_ABOUT, cells, strict=True)),
    )


def _broken(report: Report) -> str:
    """How many requirements are broken: `8 MUST, 45 SHOULD`."""
    failed = {r["requirement"] for r in report.data["results"] if r["outcome"] == Outcome.FAIL}
    warned = {r["requirement"] for r in report.data["results"] if r["outcome"] == Outcome.WARN}
    counts = ((len(failed), Level.MUST), (len(warned - failed), Level.SHOULD))
    return ", ".join(f"{count} {level}" for count, level in counts if count) or "nothing"


def _folded(comparison: Comparison, title: str, rows: Sequence[Row]) -> Html | None:
    if not rows:
        return None
    summary = el("summary", f"{title}: {counted(len(rows), 'requirement')}")
    return el("details", summary, _table(comparison, rows))


def _table(comparison: Comparison, rows: Sequence[Row]) -> Html | None:
    if not rows:
        return None
    head = el(
        "tr",
        el("th", "Requirement", scope="col"),
        (el("th", el("bdi", label), scope="col") for label in comparison.labels),
    )
    body = (_row(comparison, row) for row in rows)
    return _scrolled(el("table", el("thead", head), el("tbody", body)))


def _scrolled(table: Html) -> Html:
    return el("div", table, class_="scrolled", tabindex="0")


def _row(comparison: Comparison, row: Row) -> Html:
    return el(
        "tr",
        el(
            "th",
            el("span", row.level, class_="level"),
            " ",
            prose(row.sentence),
            el("code", row.id, class_="note"),
            _harm(row),
            scope="row",
            id=row.id,
        ),
        (
            el(
                "td",
                _cell(cell) if cell else el("span", "not judged", class_="note"),
                data_label=label,
            )
            for label, cell in zip(comparison.labels, row.cells, strict=True)
        ),
    )


def _harm(row: Row) -> Html | None:
    words = harm_words(row.id) if row.broken else ""
    return el("strong", words, class_="note") if words else None


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
