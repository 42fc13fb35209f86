"""Draws docs/impact.md and the harm of each requirement from what was measured.

python -m oaicheck.clients.page
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from oaicheck.clients.agreement import (
    Agreement,
    Cells,
    Disagreement,
    breaking,
    by_requirement,
    harmless,
    is_serious,
)
from oaicheck.clients.harm import Harm
from oaicheck.clients.levels import (
    OFFICIAL,
    OPENCODE,
    Explanations,
    Held,
    Row,
    explanations,
    held,
    kill_matrix,
    reason,
)
from oaicheck.clients.roster import roster
from oaicheck.reference import catalogue
from oaicheck.resources import locate
from oaicheck.rules.requirement import Requirement
from oaicheck.verdicts.impact import FILE

_MARKS = {"works": "·", "degraded": "degraded", "breaks": "**breaks**", "hangs": "**hangs**"}
_NAMED = 4


def requirements_data(matrix: Mapping[str, Any], kills: Mapping[str, Row]) -> dict[str, Any]:
    """What the reports read: the harm of each requirement's breach."""
    known = catalogue()
    measured = {name: cells for name, cells in matrix["faults"].items() if name in known}
    return {
        "date": matrix["date"],
        "versions": matrix["versions"],
        "requirements": by_requirement(measured, kills),
    }


def page(matrix: Mapping[str, Any], kills: Mapping[str, Row], why: Explanations) -> str:
    """The page in Markdown."""
    return "\n".join(
        [
            *_head(matrix),
            *(_levels(matrix["versions"], held(matrix, kills), why) if kills else ()),
            *_table(matrix, "fault"),
            *_table(matrix, "variation"),
        ]
    )


def _head(matrix: Mapping[str, Any]) -> Iterator[str]:
    rows = matrix["faults"]
    yield "# What real clients make of each defect\n"
    yield (
        f"Measured on {matrix['date']} by `python -m oaicheck.clients.impact`, drawn by\n"
        "`python -m oaicheck.clients.page`. Every client ran its tasks against the embedded\n"
        "reference endpoint, first without a defect, then under each fault and each legal\n"
        "variation. *works*: its user gets the same as before. *degraded*: it ends without an\n"
        "error, but something is lost or wrong. *breaks*: it raises, or does not do what it was\n"
        "asked. *hangs*: it does not end within the time, or asks for ever. Retries are off,\n"
        "except in OpenCode, which cannot be told; it is asked over its own API.\n"
    )
    yield "| client | measured | works | degraded | breaks | hangs | |"
    yield "|---|---|---|---|---|---|---|"
    for name, client in roster().items():
        counts = Counter(cells[name]["outcome"] for cells in rows.values() if name in cells)
        numbers = " | ".join(str(counts[harm]) for harm in Harm)
        yield f"| {client.title} | {counts.total()} | {numbers} | {client.note} |"
    yield ""
    if strangers := sorted(set(catalogue()) - set(rows)):
        yield f"Not measured yet: {', '.join(f'`{name}`' for name in strangers)}.\n"


def _levels(titles: Mapping[str, str], both: Held, why: Explanations) -> Iterator[str]:
    yield "## Agreement of the profile `opencode` with its client\n"
    yield (
        "A fault agrees when it breaks the client and fails the profile, or does neither. A\n"
        "client that is degraded agrees with either verdict.\n"
    )
    for judges in (OPENCODE[:1], OPENCODE):
        found = both.agreement("opencode", judges)
        yield f"### {' or '.join(titles[judge] for judge in judges)}\n"
        yield from _figures(found)
        yield "Break the client, pass the profile:\n"
        yield from _listed(found.missed, titles, why)
    yield "### Fail the profile and harm neither\n"
    yield from _grouped(both, why)
    yield "## Agreement of the profile `openai` with the official SDKs\n"
    yield from _figures(official := both.agreement("openai", OFFICIAL))
    yield "Break an SDK, pass the profile:\n"
    yield from _listed(official.missed, titles, why)
    others = [name for name in titles if name not in OFFICIAL]
    yield "Break another client, pass the profile; all of them are advised about:\n"
    yield from _listed(both.agreement("openai", others).missed, titles, why)
    yield "## Legal variations that break a client\n"
    yield "No gate fails on them. The advice names the client in the report.\n"
    yield from _warned(titles, both, why)
    yield from _unharmed(both)


def _figures(found: Agreement) -> Iterator[str]:
    yield (
        f"{found.judged} faults measured, {found.agreeing} agree, {len(found.missed)} break the\n"
        f"client and pass the profile, {len(found.unharmful)} fail the profile and do no harm.\n"
    )


def _listed(
    ones: Iterable[Disagreement], titles: Mapping[str, str], why: Explanations
) -> Iterator[str]:
    yield "| fault | client | what it does there | advises | why it is no gate |"
    yield "|---|---|---|---|---|"
    for one in ones:
        seen = _cell(f"{one.outcome}: {one.symptom}")
        text = reason(why.passing, one.fault) or ""
        yield f"| `{one.fault}` | {titles[one.client]} | {seen} | {_ids(one.advises)} | {text} |"
    yield ""


def _grouped(both: Held, why: Explanations) -> Iterator[str]:
    yield "Mostly their tasks do not come there. What holds each of them is a documented clause:\n"
    groups: dict[str, tuple[set[str], set[str]]] = {}
    for gate, faults in both.unharmful().items():
        ids, names = groups.setdefault(reason(why.harmless, gate) or "", (set(), set()))
        ids.add(gate)
        names.update(faults)
    yield "| requirements | written in | faults | why they are gates |"
    yield "|---|---|---|---|"
    for text, (ids, names) in sorted(groups.items(), key=lambda group: min(group[1][0])):
        sources = _sources(ids, both.rules)
        yield f"| {_all(ids)} | {sources} | {_all(names)} | {text} |"
    yield ""


def _warned(titles: Mapping[str, str], both: Held, why: Explanations) -> Iterator[str]:
    yield "| variation | breaks | advised by | |"
    yield "|---|---|---|---|"
    for name, _ in breaking(both.variations):
        broken = {c: cell for c, cell in both.variations[name].items() if is_serious(cell)}
        clients = "; ".join(f"{titles[c]}: {_cell(cell['symptom'])}" for c, cell in broken.items())
        advised = both.advised(name)
        text = "" if advised else reason(why.variations, name)
        yield f"| `{name}` | {clients} | {_ids(tuple(advised))} | {text} |"
    yield ""


def _unharmed(both: Held) -> Iterator[str]:
    strict = both.failing["openai"]
    unharmed = list(harmless(both.faults, strict))
    yield "## Faults that fail a gate of `openai` and harm no measured client\n"
    yield f"{len(unharmed)} faults. What holds them is the documented clause, not a client.\n"
    yield "| fault | fails | held by |"
    yield "|---|---|---|"
    for fault in unharmed:
        yield f"| `{fault}` | {_ids(strict[fault])} | {_sources(strict[fault], both.rules)} |"
    yield ""


def _table(matrix: Mapping[str, Any], kind: str) -> Iterator[str]:
    known = catalogue()
    clients = roster()
    rows = {
        name: cells
        for name, cells in matrix["faults"].items()
        if name in known and known[name].kind == kind
    }
    harmed = {n: c for n, c in rows.items() if any(x["outcome"] != "works" for x in c.values())}
    title = "Faults" if kind == "fault" else "Legal variations"
    yield f"## {title}\n"
    yield f"{len(harmed)} of {len(rows)} harm a client. `·` works, empty: not concerned.\n"
    yield f"| {kind} | {' | '.join(client.title for client in clients.values())} | symptom |"
    yield "|---" * (len(clients) + 2) + "|"
    for name, cells in harmed.items():
        marks = [_MARKS[cells[c]["outcome"]] if c in cells else "" for c in clients]
        yield f"| `{name}` | {' | '.join(marks)} | {_cell(_symptom(cells))} |"
    yield ""
    unharmed = [f"`{name}`" for name in rows if name not in harmed]
    yield f"Harm no client: {', '.join(unharmed) or 'none'}.\n"


def _symptom(cells: Cells) -> str:
    """The symptom of the client that comes to most harm."""
    worst = max(cells.values(), key=lambda cell: tuple(Harm).index(Harm(cell["outcome"])))
    return worst.get("symptom", "")


def _all(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names))


def _ids(ids: tuple[str, ...]) -> str:
    rest = len(ids) - _NAMED
    return ", ".join(f"`{id_}`" for id_ in ids[:_NAMED]) + (f" and {rest} more" if rest > 0 else "")


def _sources(ids: Iterable[str], rules: Mapping[str, Requirement]) -> str:
    """Where the rules are written, the documentation before the reports of others."""
    keys = {source for id_ in ids for source in rules[id_].sources}
    return ", ".join(
        sorted(keys, key=lambda key: (key.startswith(("github:", "client:")), key))[:3]
    )


def _cell(text: str) -> str:
    for sign in "\\|<>`*_":
        text = text.replace(sign, f"\\{sign}")
    return text


def main() -> int:
    """Write the page, and the harm of each requirement's breach; the exit code."""
    fixtures = locate("fixtures")
    matrix = json.loads((fixtures / "impact.json").read_text("utf-8"))
    kills = kill_matrix()
    if not kills:
        print(
            "no kill matrix yet: run `PYTHONPATH=tests python -m support.matrix`", file=sys.stderr
        )
    data = json.dumps(requirements_data(matrix, kills), ensure_ascii=False, indent=1)
    (fixtures / FILE).write_text(data + "\n", "utf-8")
    docs = fixtures.parent / "docs" / "impact.md"
    docs.write_text(page(matrix, kills, explanations()), "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
