"""The page's main part: each requirement, its results, and the evidence."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from oaicheck.report.causes import observations
from oaicheck.report.html.markup import Html, el, escaped, joined, prose
from oaicheck.report.html.overview import mark
from oaicheck.report.place import arrival, pointed_at
from oaicheck.report.run import Judged, Run
from oaicheck.report.wording import OUTCOMES, counted, counts_words, sources_of, where_words
from oaicheck.rules.requirement import Level, Requirement
from oaicheck.rules.verdict import Evidence, Finding, Outcome, Result
from oaicheck.verdicts.impact import whom_it_breaks
from oaicheck.wire.exchange import Exchange

_EXCERPT = 1200
_IN_FULL = 12


def rules(run: Run) -> Html:
    """All judged requirements by section, with a filter form."""
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
            el("span", prose(requirement.sentence), class_="sentence"),
            " ",
            el("code", requirement.id, class_="id"),
            " ",
            el("span", counts_words(counts), class_="tally") if len(judged.results) > 1 else None,
        ),
        _body(run, judged),
        id=requirement.id,
        class_="rule",
        data_outcomes=" ".join(outcomes),
        data_level=judged.level.value,
        data_broken=bool(judged.broken),
    )


def _body(run: Run, judged: Judged) -> Html | None:
    """The body of a rule: a template if it is not broken, None if `kept_rules` has its data."""
    if _is_kept(run, judged):
        return None
    body = el(
        "div",
        _about(judged, judged.requirement),
        _broken(run, judged),
        _outcomes(run, judged),
        class_="body",
    )
    return body if judged.broken else el("template", body)


def kept_rules(run: Run) -> dict[str, Any]:
    """The rules that passed on every scenario, as data: the script builds their bodies.

    `sources` is a list of `[title, URL or null]`. `rules` has, by id, the remedy, the level, the
    indexes of its sources, and the ids of its exchanges.
    """
    sources: dict[tuple[str, str | None], int] = {}
    rules: dict[str, Any] = {}
    for judged in run.judged:
        requirement = judged.requirement
        if not _is_kept(run, judged):
            continue
        numbers = [
            sources.setdefault((source.title, source.url), len(sources))
            for source in sources_of(requirement)
        ]
        shown = [r.exchanges[-1] if r.exchanges else r.scenario for r in judged.results]
        rules[requirement.id] = [requirement.remedy, _level(judged), numbers, " ".join(shown)]
    return {"sources": list(sources), "rules": rules}


def _is_kept(run: Run, judged: Judged) -> bool:
    return all(_has_simply_passed(run, result) for result in judged.results)


def _level(judged: Judged) -> str:
    level, requirement = judged.level.value, judged.requirement
    if judged.level is not requirement.level:
        level += f" in this profile; {requirement.level} in the catalogue"
    return f"{level}, since catalogue {requirement.since}"


def _about(judged: Judged, requirement: Requirement) -> Html:
    return el(
        "dl",
        el("dt", "Remedy"),
        el("dd", prose(requirement.remedy)),
        _harm(judged),
        _follows(judged),
        el("dt", "Source"),
        el("dd", el("ul", _sources(requirement))),
        el("dt", "Level"),
        el(
            "dd",
            f"{_level(judged)}; ",
            el("a", "link to this requirement", href=f"#{requirement.id}"),
        ),
        class_="about",
    )


def _harm(judged: Judged) -> Html | None:
    """What the breach does to real clients; None if the requirement is met."""
    sentences = whom_it_breaks(judged.requirement.id) if judged.broken else []
    if not sentences:
        return None
    return joined(
        el("dt", "Real clients"),
        el("dd", el("ul", (el("li", prose(sentence)) for sentence in sentences))),
    )


def _follows(judged: Judged) -> Html | None:
    """The causes that excuse results of a requirement; None if there are none."""
    causes = dict.fromkeys(result.follows for result in judged.results if result.follows)
    if not causes:
        return None
    links = (el("li", el("a", el("code", cause), href=f"#{cause}")) for cause in causes)
    return joined(el("dt", "Follows from"), el("dd", el("ul", links)))


def _sources(requirement: Requirement) -> Iterator[Html]:
    for source in sources_of(requirement):
        if source.url is not None and source.url.startswith(("https://", "http://")):
            yield el("li", el("a", source.title, href=source.url, rel="noreferrer"))
        else:
            yield el("li", source.title)


def _broken(run: Run, judged: Judged) -> Iterator[Html]:
    """An example of each distinct observation: the first open, the others folded."""
    for number, observation in enumerate(observations(run, judged.broken)[:_IN_FULL]):
        result = observation.first
        count = len(observation.results)
        head = joined(
            mark(result.outcome),
            " on ",
            el("code", result.scenario),
            f" and {counted(count - 1, 'more scenario')}" if count > 1 else None,
            _known(run, result),
        )
        class_ = f"found {result.outcome}"
        if number == 0:
            yield el("section", el("h4", head), _found(run, result), class_=class_)
        else:
            yield el("details", el("summary", head), _found(run, result), class_=class_)


def _found(run: Run, result: Result) -> Iterator[Html]:
    if result.finding:
        yield _finding(run, result.finding)
    else:
        yield el("p", el("bdi", result.message))
    for exchange_id, evidence in _by_exchange(result):
        if exchange_id in run.exchanges:
            yield _wire(run.exchanges[exchange_id], evidence)
    if result.scenario in run.curl:
        yield el(
            "div",
            el("h5", "Repeat the request"),
            el("pre", el("code", run.curl[result.scenario], class_="curl")),
            el("button", "Copy", type="button", class_="copy scripted"),
            class_="repeat",
        )


def _finding(run: Run, finding: Finding) -> Html:
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
                _excerpt(evidence, shown_below=evidence.exchange in run.exchanges),
            )
            for evidence in finding.evidence
        ),
        class_="finding",
    )


def _excerpt(evidence: Evidence, *, shown_below: bool) -> Html | None:
    """The bytes at the evidence. With scripts on, the exchange shows them in context instead."""
    if not evidence.excerpt:
        return None
    class_ = "unscripted" if shown_below else None
    return el("dd", el("pre", _text(evidence.excerpt)), class_=class_)


def _text(text: str) -> Html:
    more = f"… ({len(text)} characters)" if len(text) > _EXCERPT else ""
    return joined(escaped(text[:_EXCERPT], keep_newlines=True), more)


def _by_exchange(result: Result) -> Iterator[tuple[str, list[Evidence]]]:
    """The exchanges that the finding cites; without any, the first one that was judged."""
    places: dict[str, list[Evidence]] = {}
    for evidence in result.finding.evidence if result.finding else ():
        places.setdefault(evidence.exchange, []).append(evidence)
    for id_ in () if places else result.exchanges[:1]:
        places[id_] = []
    yield from places.items()


def _wire(exchange: Exchange, evidence: list[Evidence]) -> Html:
    """A placeholder that the script fills with the timeline and the bytes of an exchange."""
    marks = []
    for one in evidence:
        span = pointed_at(exchange, one)
        if span is not None:
            at = arrival(exchange, span)
            label = f"event {one.event}" if one.event is not None else f"byte {span[0]}"
            marks.append({"span": span, "at": at, "event": one.event, "label": label})
    return el(
        "div",
        el("h5", "On the wire: ", _exchange_link(exchange.id)),
        class_="wire scripted",
        data_exchange=exchange.id,
        data_marks=json.dumps(marks),
    )


def _outcomes(run: Run, judged: Judged) -> Html:
    head = el("tr", (el("th", t, scope="col") for t in ("Scenario", "Outcome", "Why", "Exchanges")))
    passed = [result for result in judged.results if _has_simply_passed(run, result)]
    rows = (
        el(
            "tr",
            el("th", el("code", result.scenario), scope="row"),
            el("td", mark(result.outcome), _known(run, result)),
            el("td", el("bdi", _text(result.message))),
            el("td", _links(run, result)),
        )
        for result in judged.results
        if not _has_simply_passed(run, result)
    )
    table = el("table", el("thead", head), el("tbody", rows), class_="outcomes")
    return joined(table, _passed(passed) if passed else None)


def _has_simply_passed(run: Run, result: Result) -> bool:
    return result.outcome is Outcome.PASS and not result.message and not run.knows(result)


def _passed(results: Iterable[Result]) -> Html:
    """The exchanges on which a rule passed. The script turns the ids into links."""
    shown = (result.exchanges[-1] if result.exchanges else result.scenario for result in results)
    return el(
        "p", mark(Outcome.PASS), " ", el("span", " ".join(shown), class_="ids"), class_="passed"
    )


def _known(run: Run, result: Result) -> Html | None:
    if run.baseline is None or not run.knows(result):
        return None
    reason = run.baseline.reason(result)
    return joined(
        " ", el("span", "known", (": ", el("bdi", reason)) if reason else None, class_="chip")
    )


def _links(run: Run, result: Result) -> Iterator[Html]:
    for number, id_ in enumerate(result.exchanges):
        separator = ", " if number else ""
        yield joined(separator, _exchange_link(id_) if id_ in run.exchanges else id_)


def _exchange_link(exchange_id: str) -> Html:
    return el("a", exchange_id, href=f"#exchange:{exchange_id.replace('#', '%23')}")
