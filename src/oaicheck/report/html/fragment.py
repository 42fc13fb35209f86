"""The report page: a self-contained HTML fragment, which pytest-html embeds in its own page.

Everything that comes from the endpoint is treated as hostile. It becomes text through `markup`, or
data that the page's script turns into text nodes. It never becomes markup, an attribute name, a
script or a link.
"""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.resources import files
from typing import Any

from oaicheck.report.html.markup import Child, Html, el, joined
from oaicheck.report.html.overview import overview
from oaicheck.report.html.page import page
from oaicheck.report.html.rules import kept_rules, rules
from oaicheck.report.html.wire_view import event_count, exchange_view, without_status
from oaicheck.report.run import Run
from oaicheck.report.wording import seconds_words, target_words, verdict_words
from oaicheck.rules.verdict import Evidence
from oaicheck.wire.exchange import Exchange
from oaicheck.wire.printable import printable

_BODIES = 400_000
_BODY = 20_000
_NOT_IN_SCRIPT = re.compile("[<>&\u2028\u2029]")


def fragment(run: Run) -> str:
    """The self-contained report, in one element with the id `oaicheck`."""
    # First, so that the places in a long body are found while it is in memory.
    data = _data(run)
    title = f"{verdict_words(run).capitalize()}: {run.target.get('model', '')}"
    return el(
        "main",
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("style", _asset("report.css")),
        el("a", "Skip to the requirements", href="#oaicheck-requirements", class_="skip"),
        overview(run),
        rules(run),
        _exchanges(run),
        _selection(run),
        el("p", "", class_="said", role="status"),
        el("script", data, type="application/json", id="oaicheck-data"),
        el("script", _json(kept_rules(run)), type="application/json", id="oaicheck-kept"),
        el("script", _asset("report.js")),
        id="oaicheck",
        lang="en",
        data_title=f"{title} · {target_words(run)} · oaicheck",
    )


def document(run: Run) -> str:
    """The report as a standalone page."""
    return page(f"{verdict_words(run).capitalize()} · oaicheck", Html(fragment(run)))


@cache
def _asset(name: str) -> Html:
    return Html((files("oaicheck.report.html") / "assets" / name).read_text("utf-8"))


def _data(run: Run) -> Html:
    """The exchanges as JSON."""
    cited: dict[str, list[Evidence]] = {}
    for result in run.results:
        for evidence in result.finding.evidence if result.finding else ():
            cited.setdefault(evidence.exchange, []).append(evidence)
    budget = min(_BODY, _BODIES // max(1, len(run.exchanges)))
    views: dict[str, Any] = {
        printable(id_): exchange_view(exchange, cited.get(id_, ()), budget)
        for id_, exchange in run.exchanges.items()
    }
    return _json(views)


def _json(value: Any) -> Html:
    """A value as JSON that cannot end the script element it stands in."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Html(_NOT_IN_SCRIPT.sub(lambda match: f"\\u{ord(match.group()):04x}", text))


def _exchanges(run: Run) -> Html | None:
    if not run.exchanges:
        return None
    return el(
        "section",
        el("h2", "Exchanges", id="oaicheck-exchanges"),
        el("p", "Every request that was sent, with its response.", class_="lead"),
        (_exchange(exchange) for exchange in run.exchanges.values()),
        class_="exchanges",
        aria_labelledby="oaicheck-exchanges",
    )


def _exchange(exchange: Exchange) -> Html:
    status = without_status(exchange) if exchange.status is None else str(exchange.status)
    first = next((at for at, _ in exchange.arrivals()), None)
    events = event_count(exchange)
    facts = [
        status,
        f"{exchange.size:,} bytes",
        f"{events:,} events" if events else None,
        f"first byte after {seconds_words(first)}" if first is not None else None,
        f"ended after {seconds_words(exchange.ended_at)}",
        exchange.ending.value if exchange.ending != "complete" else None,
    ]
    return el(
        "details",
        el(
            "summary",
            el("code", exchange.id, class_="sentence"),
            " ",
            el("span", " · ".join(fact for fact in facts if fact), class_="tally"),
        ),
        el(
            "div",
            class_="body wire scripted",
            data_exchange=exchange.id,
            data_marks="[]",
        ),
        id=f"exchange:{exchange.id}",
        class_="exchange",
    )


def _selection(run: Run) -> Html:
    not_sent = run.selection.get("not_sent") or {}
    claims = run.target.get("capabilities") or {}
    asked = [
        (name, " ".join(map(str, run.selection.get(key) or ())))
        for name, key in (("Only", "only"), ("Skipped", "skip"), ("pytest", "pytest"))
    ]
    return el(
        "section",
        el("h2", "The run", id="oaicheck-run"),
        el(
            "dl",
            (_pair(name, el("code", value)) for name, value in asked if value),
            _pair("Gate", f"{run.gate}; exit code {run.exit_code}"),
            _pair("Judged by", f"oaicheck {run.version}, catalogue {run.catalogue}"),
            (_pair(f"Capability {name}", "yes" if has else "no") for name, has in claims.items()),
            (
                _pair(joined("Not sent: ", el("code", name)), el("bdi", str(reason)))
                for name, reason in not_sent.items()
            ),
            class_="about",
        ),
        aria_labelledby="oaicheck-run",
    )


def _pair(name: Child, value: Child) -> Html:
    return joined(el("dt", name), el("dd", value))
