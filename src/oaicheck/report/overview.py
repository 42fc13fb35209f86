"""The page's first screen: the verdict, who was judged, what is broken, how each section did."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from oaicheck.report.markup import Child, Html, el, joined
from oaicheck.report.run import Judged, Run
from oaicheck.report.wording import (
    OUTCOMES,
    broken_words,
    counted,
    counts_words,
    scenarios_words,
    seconds_words,
    verdict_word,
)
from oaicheck.requirement import Level
from oaicheck.verdict import Outcome, RunVerdict

_LISTED = 12
_OBSERVED = 240

_OUTCOME_OF_VERDICT: Mapping[RunVerdict | None, Outcome] = {
    RunVerdict.CONFORMANT: Outcome.PASS,
    RunVerdict.NON_CONFORMANT: Outcome.FAIL,
    RunVerdict.INCOMPLETE: Outcome.INCONCLUSIVE,
    None: Outcome.ERROR,
}


def overview(run: Run) -> Html:
    """The header of the page and its two summaries."""
    return joined(
        _header(run),
        el("div", _broken(run), _sections(run), class_="summaries"),
    )


def mark(outcome: Outcome) -> Html:
    """An outcome as a shape, a colour and a word."""
    return el("span", icon(outcome), OUTCOMES[outcome], class_=f"mark {outcome}")


def icon(outcome: Outcome) -> Html:
    """The shape of an outcome, for the eye only."""
    return el("svg", el("use", href=f"#oaicheck-{outcome}"), class_="icon", aria_hidden="true")


def _header(run: Run) -> Html:
    outcome = _OUTCOME_OF_VERDICT[run.verdict]
    model = str(run.target.get("model", ""))
    return el(
        "header",
        el("p", "oaicheck compliance report", class_="kind"),
        el(
            "h1",
            icon(outcome),
            el("span", verdict_word(run.verdict).capitalize(), class_="verdict"),
            class_=f"mark {outcome}",
        ),
        el("p", _in_words(run), class_="lead"),
        el("p", el("strong", "The run stopped early: "), run.problem, class_="problem")
        if run.problem is not None
        else None,
        el(
            "dl",
            _fact("Endpoint", el("code", str(run.target.get("base_url", ""))), _embedded(run)),
            _fact("Model", el("code", model)),
            _fact("Profile", run.profile),
            _fact("Catalogue", run.catalogue),
            _fact("Date", _date(run.started)),
            _fact("Duration", seconds_words(run.duration)),
            _fact("Requests", f"{run.requests:,}"),
            _fact("Tokens", f"{run.tokens:,}"),
            class_="facts",
        ),
    )


def _in_words(run: Run) -> Html:
    checks = counted(len(run.results), "check")
    requirements = counted(len(run.judged), "requirement")
    broken = broken_words(run)
    text = f"{broken[:1].upper()}{broken[1:]}; {checks} of {requirements}."
    if run.verdict is RunVerdict.INCOMPLETE:
        undecided = sum(
            judged.level is Level.MUST and judged.outcome in (Outcome.INCONCLUSIVE, Outcome.ERROR)
            for judged in run.judged
        )
        text = f"{counted(undecided, 'MUST', 'MUSTs')} could not be judged. {text}"
    return joined(text)


def _embedded(run: Run) -> str | None:
    return " the embedded reference endpoint" if run.target.get("embedded") else None


def _fact(name: str, *value: Child) -> Html:
    return el("div", el("dt", name), el("dd", *value))


def _date(started: float) -> Html:
    moment = datetime.fromtimestamp(started, UTC)
    shown = f"{moment.day} {moment:%B %Y, %H:%M} UTC"
    return el("time", shown, datetime=moment.isoformat(timespec="seconds"))


def _broken(run: Run) -> Html:
    heading = el("h2", "What is broken", id="oaicheck-broken")
    if not run.harm:
        text = "Nothing that was judged." if run.results else "Nothing was judged."
        return el("section", heading, el("p", text), aria_labelledby="oaicheck-broken")
    rest = len(run.harm) - _LISTED
    return el(
        "section",
        heading,
        el("ol", map(_item, run.harm[:_LISTED]), class_="broken"),
        el("p", f"and {counted(rest, 'more requirement')}, below.") if rest > 0 else None,
        aria_labelledby="oaicheck-broken",
    )


def _item(judged: Judged) -> Html:
    first = judged.broken[0]
    observed = first.finding.observed if first.finding else first.message
    if len(observed) > _OBSERVED:
        observed = f"{observed[:_OBSERVED]}…"
    return el(
        "li",
        el(
            "a",
            mark(first.outcome),
            " ",
            el("span", judged.level.value, class_="level"),
            " ",
            judged.requirement.sentence,
            href=f"#{judged.requirement.id}",
        ),
        el("p", el("bdi", observed), " — ", scenarios_words(judged.broken), class_="observed"),
    )


def _sections(run: Run) -> Html:
    rows = [_section(name, run.counts_in(name)) for name in run.sections]
    head = el("tr", (el("th", text, scope="col") for text in ("Section", "", "Checks")))
    return el(
        "section",
        el("h2", "Sections", id="oaicheck-sections"),
        el("table", el("thead", head), el("tbody", rows), class_="sections")
        if rows
        else el("p", "No section was judged."),
        aria_labelledby="oaicheck-sections",
    )


def _section(name: str, counts: Mapping[Outcome, int]) -> Html:
    parts = [
        el("span", class_=outcome.value, style=f"flex-grow:{counts[outcome]}")
        for outcome in OUTCOMES
        if counts[outcome]
    ]
    return el(
        "tr",
        el("th", el("a", name, href=f"#section:{name}"), scope="row"),
        el("td", el("div", parts, class_="bar", aria_hidden="true")),
        el("td", counts_words(counts), class_="tally"),
    )
