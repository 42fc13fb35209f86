"""The page's main part: each requirement, what was found about it, and where that can be seen."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from oaicheck.report.markup import Html, el, escaped, joined
from oaicheck.report.overview import mark
from oaicheck.report.run import Judged, Run
from oaicheck.report.wire_view import arrival, pointed_at
from oaicheck.report.wording import OUTCOMES, counts_words, sources_of, where_words
from oaicheck.requirement import Level, Requirement
from oaicheck.verdict import Evidence, Finding, Outcome, Result

_EXCERPT = 1200
_IN_FULL = 12


def rules(run: Run) -> Html:
    """All judged requirements by section, with the form that filters them."""
    sections = [
        el(
            "section",
            el("h3", name, id=f"section:{name}"),
            (_rule(run, judged) for judged in judged_ones),
            class_="part",
            data_section=name,
            aria_labelledby=f"section:{name}",
        )
        for name, judged_ones in run.sections.items()
    ]
    return el(
        "section",
        el("h2", "Requirements", id="oaicheck-requirements", tabindex="-1"),
        _filters(run),
        sections,
        aria_labelledby="oaicheck-requirements",
    )


def _filters(run: Run) -> Html:
    found = [outcome for outcome in OUTCOMES if run.counts[outcome]]
    return el(
        "form",
        _choices("Outcome", "outcome", ((o.value, mark(o)) for o in found)),
        _choices("Level", "level", ((level.value, escaped(level.value)) for level in Level)),
        el(
            "label",
            el("span", "Section"),
            el(
                "select",
                el("option", "all", value=""),
                (el("option", name, value=name) for name in run.sections),
                name="section",
            ),
        ),
        el("label", el("span", "Text"), el("input", type="search", name="text")),
        el(
            "p",
            el("output", "", name="shown", aria_live="polite"),
            el("button", "Open all", type="button", name="open"),
            el("button", "Close all", type="button", name="close"),
            class_="tools",
        ),
        class_="filter-form scripted",
        role="search",
        aria_label="Filter the requirements",
    )


def _choices(legend: str, name: str, choices: Iterable[tuple[str, Html]]) -> Html:
    return el(
        "fieldset",
        el("legend", legend),
        (
            el("label", el("input", type="checkbox", name=name, value=value, checked=True), shown)
            for value, shown in choices
        ),
    )


def _rule(run: Run, judged: Judged) -> Html:
    requirement = judged.requirement
    outcomes = [o for o in OUTCOMES if any(r.outcome is o for r in judged.results)]
    counts = {o: sum(r.outcome is o for r in judged.results) for o in Outcome}
    return el(
        "details",
        el(
            "summary",
            mark(judged.outcome),
            " ",
            el("span", judged.level.value, class_="level"),
            " ",
            el("span", requirement.sentence, class_="sentence"),
            " ",
            el("code", requirement.id, class_="id"),
            " ",
            el("span", counts_words(counts), class_="tally") if len(judged.results) > 1 else None,
        ),
        el(
            "div",
            _about(judged, requirement),
            (_found(run, result) for result in judged.broken[:_IN_FULL]),
            _outcomes(run, judged),
            class_="body",
        ),
        id=requirement.id,
        class_="rule",
        data_outcomes=" ".join(outcomes),
        data_level=judged.level.value,
        data_broken=bool(judged.broken),
    )


def _about(judged: Judged, requirement: Requirement) -> Html:
    level = judged.level.value
    if judged.level is not requirement.level:
        level += f" in this profile; {requirement.level} in the catalogue"
    return el(
        "dl",
        el("dt", "Remedy"),
        el("dd", requirement.remedy),
        el("dt", "Written in"),
        el("dd", el("ul", _sources(requirement))),
        el("dt", "Level"),
        el("dd", f"{level}, since catalogue {requirement.since}"),
        el("dt", "Link"),
        el("dd", el("a", f"#{requirement.id}", href=f"#{requirement.id}")),
        class_="about",
    )


def _sources(requirement: Requirement) -> Iterator[Html]:
    for source in sources_of(requirement):
        if source.url is not None and source.url.startswith(("https://", "http://")):
            yield el("li", el("a", source.title, href=source.url, rel="noreferrer"))
        else:
            yield el("li", source.title)


def _found(run: Run, result: Result) -> Html:
    finding = result.finding
    curl = run.curl.get(result.scenario)
    return el(
        "section",
        el("h4", mark(result.outcome), " on ", el("code", result.scenario)),
        _finding(finding) if finding else el("p", el("bdi", result.message)),
        (_wire(run, ids, evidence) for ids, evidence in _by_exchange(result)),
        el(
            "div",
            el("h5", "Repeat the request"),
            el("pre", el("code", curl, class_="curl")),
            el("button", "Copy", type="button", class_="copy scripted"),
            class_="repeat",
        )
        if curl is not None
        else None,
        class_=f"found {result.outcome}",
    )


def _finding(finding: Finding) -> Html:
    return el(
        "dl",
        el("dt", "Expected"),
        el("dd", el("bdi", _text(finding.expected))),
        el("dt", "Observed"),
        el("dd", el("bdi", _text(finding.observed))),
        (
            joined(
                el("dt", "Where"),
                el("dd", where_words(evidence)),
                el("dd", el("pre", _text(evidence.excerpt), class_="excerpt"))
                if evidence.excerpt
                else None,
            )
            for evidence in finding.evidence
        ),
        class_="finding",
    )


def _text(text: str) -> Html:
    more = f"… ({len(text)} characters)" if len(text) > _EXCERPT else ""
    return joined(escaped(text[:_EXCERPT], keep_newlines=True), more)


def _by_exchange(result: Result) -> Iterator[tuple[str, list[Evidence]]]:
    """The exchanges that the finding points into, else the first one that was judged."""
    places: dict[str, list[Evidence]] = {}
    for evidence in result.finding.evidence if result.finding else ():
        places.setdefault(evidence.exchange, []).append(evidence)
    for id_ in () if places else result.exchanges[:1]:
        places[id_] = []
    yield from places.items()


def _wire(run: Run, exchange_id: str, evidence: list[Evidence]) -> Html | None:
    """A place that the script fills with the timeline and the bytes of an exchange."""
    exchange = run.exchanges.get(exchange_id)
    if exchange is None:
        return None
    marks = []
    for one in evidence:
        span = pointed_at(exchange, one)
        if span is not None:
            at = arrival(exchange, span)
            label = f"event {one.event}" if one.event is not None else f"byte {span[0]}"
            marks.append({"span": span, "at": at, "event": one.event, "label": label})
    return el(
        "div",
        el("h5", "On the wire: ", _exchange_link(exchange_id)),
        class_="wire scripted",
        data_exchange=exchange_id,
        data_marks=json.dumps(marks),
    )


def _outcomes(run: Run, judged: Judged) -> Html:
    head = el("tr", (el("th", t, scope="col") for t in ("Scenario", "Outcome", "Why", "Exchanges")))
    rows = (
        el(
            "tr",
            el("th", el("code", result.scenario), scope="row"),
            el("td", mark(result.outcome)),
            el("td", el("bdi", _text(result.message))),
            el("td", _links(run, result)),
        )
        for result in judged.results
    )
    return el("table", el("thead", head), el("tbody", rows), class_="outcomes")


def _links(run: Run, result: Result) -> Iterator[Html]:
    for number, id_ in enumerate(result.exchanges):
        separator = ", " if number else ""
        yield joined(separator, _exchange_link(id_) if id_ in run.exchanges else id_)


def _exchange_link(exchange_id: str) -> Html:
    return el("a", exchange_id, href=f"#exchange:{exchange_id.replace('#', '%23')}")
