"""The page's first screen: the verdict, the endpoint, what is broken, and each section's share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from oaicheck.report.causes import Cause, causes, to_fix_first
from oaicheck.report.html.markup import Child, Html, el, escaped, joined, prose
from oaicheck.report.refusals import refusals, refused_name, unjudged_words
from oaicheck.report.run import Judged, Run, binding
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
    scenarios_words,
    seconds_words,
    tokens_words,
    verdict_words,
)
from oaicheck.rules.requirement import Level
from oaicheck.rules.verdict import Outcome, Result, RunVerdict

_LISTED = 12
_OBSERVED = 600
"""The style sheet shows three lines of it."""
_REASON = 240
_NAMED = 4
_BELOW = "#oaicheck-requirements"

_OUTCOME_OF_VERDICT: Mapping[RunVerdict | None, Outcome] = {
    RunVerdict.CONFORMANT: Outcome.PASS,
    RunVerdict.NON_CONFORMANT: Outcome.FAIL,
    RunVerdict.INCOMPLETE: Outcome.INCONCLUSIVE,
    None: Outcome.ERROR,
}


def overview(run: Run) -> Html:
    """The page's header, what to fix first, and the two summaries."""
    return joined(
        _header(run),
        _to_fix_first(run),
        el(
            "div",
            el("div", _broken(run), _undecided(run), _refused(run), _baseline(run)),
            _sections(run),
            class_="summaries",
        ),
    )


def mark(outcome: Outcome) -> Html:
    """An outcome as a word; the style sheet adds a shape and a colour."""
    return el("span", OUTCOMES[outcome], class_=f"mark {outcome}")


def _header(run: Run) -> Html:
    outcome = _OUTCOME_OF_VERDICT[run.verdict]
    model = str(run.target.get("model", ""))
    return el(
        "header",
        el("p", "oaicheck compliance report", class_="kind"),
        el("h1", verdict_words(run).capitalize(), class_=f"mark {outcome}"),
        el("p", _in_words(run), class_="lead"),
        el("p", f"Checks: {counts_words(run.counts)}.") if run.results else None,
        el("p", f"Gate {gate_words(run)}."),
        _partial(run),
        _stopped(run),
        el(
            "dl",
            _fact("Endpoint", el("code", str(run.target.get("base_url", ""))), _embedded(run)),
            _fact("Model", el("code", model)),
            _fact("Profile", run.profile),
            _fact("Catalogue", run.catalogue),
            _fact("Date", _date(run.started), _again(run)),
            _fact("Duration", seconds_words(run.duration)),
            _fact("Requests", f"{run.requests:,}"),
            _fact("Tokens", f"{run.tokens.total:,}"),
            class_="facts",
        ),
        _costs(run) if run.requests else None,
    )


def _partial(run: Run) -> Html | None:
    if not run.chosen:
        return None
    rest = f"; {rest_words(run)}" if run.budget is not None else ""
    return el("p", el("strong", "Partial run: "), el("code", run.chosen), rest, class_="problem")


def _stopped(run: Run) -> Html | None:
    if run.problem is None:
        return None
    problem = el("bdi", escaped(run.problem, keep_newlines=True))
    return el("p", el("strong", "The run stopped early: "), problem, class_="problem")


def _in_words(run: Run) -> Html:
    broken = broken_words(run)
    text = f"{broken[:1].upper()}{broken[1:]}" if broken else "Nothing was judged"
    if run.judged:
        text += f", of {counted(len(run.judged), 'requirement')} judged"
    text += "."
    if run.verdict is RunVerdict.INCOMPLETE:
        undecided = sum(
            judged.level is Level.MUST and judged.outcome in (Outcome.INCONCLUSIVE, Outcome.ERROR)
            for judged in run.judged
        )
        text = f"{counted(undecided, 'MUST requirement')} could not be judged. {text}"
    return joined(text)


def _embedded(run: Run) -> Html | None:
    if not run.target.get("embedded"):
        return None
    return el("span", "the embedded reference endpoint", class_="note")


def _costs(run: Run) -> Html:
    dearest = dearest_words(run)
    most = f". Most for {dearest}." if dearest else "."
    return el("p", f"Tokens: {tokens_words(run)}{most}", class_="note")


def _again(run: Run) -> Html | None:
    if run.judged_again is None:
        return None
    return el("span", "judged again on ", _date(run.judged_again), class_="note")


def _fact(name: str, *value: Child) -> Html:
    return el("div", el("dt", name), el("dd", *value))


def _date(started: float) -> Html:
    moment = datetime.fromtimestamp(started, UTC)
    shown = f"{moment.day} {moment:%b %Y, %H:%M} UTC"
    return el("time", shown, datetime=moment.isoformat(timespec="seconds"))


def _to_fix_first(run: Run) -> Html | None:
    """The most urgent causes: the remedy, what each breaks, and for whom."""
    first = to_fix_first(run)
    if not first:
        return None
    items = (
        el(
            "li",
            el("a", prose(cause.judged.requirement.remedy), href=f"#{cause.judged.requirement.id}"),
            el(
                "p",
                mark(cause.judged.outcome),
                " ",
                el("span", cause.judged.level.value, class_="level"),
                " ",
                el("code", cause.judged.requirement.id),
                f": {cause_words(cause)}",
                class_="observed",
            ),
        )
        for cause in first
    )
    return el(
        "section",
        el("h2", "Fix these first", id="oaicheck-first"),
        el("ol", items, class_="first"),
        aria_labelledby="oaicheck-first",
    )


def _broken(run: Run) -> Html:
    heading = el("h2", "What is broken", id="oaicheck-broken")
    found = causes(run)
    if not found:
        text = "Nothing that was judged is broken." if run.results else "Nothing was judged."
        return el("section", heading, el("p", text), aria_labelledby="oaicheck-broken")
    rest = len(found) - _LISTED
    return el(
        "section",
        heading,
        el("ol", (_item(run, cause) for cause in found[:_LISTED]), class_="broken"),
        el("p", "and ", el("a", counted(rest, "more cause"), href=_BELOW), ", below.")
        if rest > 0
        else None,
        aria_labelledby="oaicheck-broken",
    )


def _undecided(run: Run) -> Html | None:
    """Why checks have no verdict, grouped by reason."""
    if not run.undecided:
        return None
    items = [
        el(
            "li",
            el(
                "a",
                mark(outcome),
                " ",
                el("span", Level.MUST if binding(results) else Level.SHOULD, class_="level"),
                " ",
                el("bdi", _cut(reason, _REASON)),
                href=f"#{results[0].requirement}",
            ),
            el("p", _of(results), class_="observed"),
        )
        for (outcome, reason), results in list(run.undecided.items())[:_LISTED]
    ]
    rest = len(run.undecided) - _LISTED
    return el(
        "section",
        el("h2", "What could not be judged", id="oaicheck-undecided"),
        el("ul", items, class_="broken"),
        el("p", "and ", el("a", counted(rest, "more reason"), href=_BELOW), ", below.")
        if rest > 0
        else None,
        aria_labelledby="oaicheck-undecided",
    )


def _refused(run: Run) -> Html | None:
    """What the endpoint refuses, and what that leaves unjudged."""
    found = refusals(run)
    if not found:
        return None
    items = [
        el(
            "li",
            el(
                "a",
                mark(Outcome.NOT_APPLICABLE),
                " ",
                el("code", refused_name(refusal)),
                href=f"#{refusal.results[0].requirement}",
            ),
            el("p", el("bdi", refusal.what), class_="observed"),
            el("p", unjudged_words(refusal, run.results), class_="observed"),
        )
        for refusal in found[:_LISTED]
    ]
    rest = len(found) - _LISTED
    return el(
        "section",
        el("h2", "What is refused", id="oaicheck-refused"),
        el("ul", items, class_="broken"),
        el("p", f"and {counted(rest, 'more refusal')}.") if rest > 0 else None,
        aria_labelledby="oaicheck-refused",
    )


def _baseline(run: Run) -> Html | None:
    """The known failures with their reasons, and the stale entries of the baseline."""
    if run.baseline is None:
        return None
    alike: dict[tuple[str, Outcome, str], list[str]] = {}
    for result in run.known:
        key = result.requirement, result.outcome, run.baseline.reason(result)
        alike.setdefault(key, []).append(result.scenario)
    known = [
        _entry(requirement, scenarios, mark(outcome), reason)
        for (requirement, outcome, reason), scenarios in alike.items()
    ]
    stale = [
        _entry(entry.requirement, [entry.scenario], mark(Outcome.PASS), entry.reason)
        for entry in run.baseline.stale
    ]
    return el(
        "section",
        el("h2", "Compared with the baseline", id="oaicheck-baseline"),
        el("p", f"Gate {gate_words(run)}.", class_="lead"),
        _folded(f"{counted(len(run.known), 'check')} listed in the baseline", known),
        _folded(f"{counted(len(stale), 'stale entry', 'stale entries')}: passing now", stale),
        aria_labelledby="oaicheck-baseline",
    )


def _folded(title: str, items: list[Html]) -> Html | None:
    if not items:
        return None
    return el("details", el("summary", title), el("ul", items, class_="broken"))


def _entry(requirement: str, scenarios: Sequence[str], marked: Html, reason: str) -> Html:
    place = f"on {', '.join(scenarios)}"
    told = (" — ", el("bdi", reason)) if reason else None
    return el(
        "li",
        el("a", marked, " ", el("code", requirement), href=f"#{requirement}"),
        el("p", place, told, class_="observed"),
    )


def _of(results: Sequence[Result]) -> str:
    ids = list(dict.fromkeys(result.requirement for result in results))
    more = f" and {len(ids) - _NAMED} more" if len(ids) > _NAMED else ""
    return f"{counted(len(results), 'check')}: {', '.join(ids[:_NAMED])}{more}"


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]}…"


def _item(run: Run, cause: Cause) -> Html:
    judged = cause.judged
    return el(
        "li",
        el(
            "a",
            mark(judged.broken[0].outcome),
            " ",
            el("span", judged.level.value, class_="level"),
            " ",
            prose(judged.requirement.sentence),
            href=f"#{judged.requirement.id}",
        ),
        el("span", "known", class_="chip") if run.is_known(judged) else None,
        _observations(cause),
        _also(cause),
        el("p", _harm(judged), class_="observed"),
    )


def _observations(cause: Cause) -> Iterator[Html]:
    """Each distinct observation with its count and its scenarios."""
    for observation in cause.observations[:_NAMED]:
        count = counted(len(observation.results), "check")
        told = el("bdi", _cut(observation.text, _OBSERVED))
        yield el("p", f"{count}: ", told, class_="observed brief")
        yield el("p", scenarios_words(observation.results), class_="observed")
    more = len(cause.observations) - _NAMED
    if more > 0:
        yield el("p", f"and {counted(more, 'other observation')}, below.", class_="observed")


def _also(cause: Cause) -> Iterator[Html]:
    """What else the observation breaks, and what follows from it."""
    if cause.others:
        more = len(cause.others) - _NAMED
        links = (
            joined(", " if number else "", el("a", el("code", id), href=f"#{id}"))
            for number, id in enumerate(each.requirement.id for each in cause.others[:_NAMED])  # noqa: A001
        )
        rest = f" and {more} more" if more > 0 else ""
        yield el("p", "breaks ", links, rest, " too", class_="observed")
    if cause.following:
        yield el("p", following_words(cause), class_="observed")


def _harm(judged: Judged) -> Html | None:
    words = harm_words(judged.requirement.id)
    tag = "strong" if words.startswith("breaks") else "span"
    return el(tag, words) if words else None


def _sections(run: Run) -> Html:
    rows = [_section(name, run.counts_in(name)) for name in run.sections]
    head = el("tr", (el("th", text, scope="col") for text in ("Section", "Share", "Checks")))
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
