"""Draws docs/impact.md and the harm of each requirement from what was measured.

python -m oaicheck.clients.page
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase as fnmatch
from pathlib import Path
from typing import Any

from oaicheck.catalogue import load_catalogue
from oaicheck.clients.agreement import (
    Agreement,
    Cells,
    Disagreement,
    agreement,
    by_requirement,
    gates,
    harmless,
)
from oaicheck.clients.harm import Harm
from oaicheck.clients.roster import programs, roster
from oaicheck.impact import FILE
from oaicheck.profile import load_profile
from oaicheck.reference import catalogue
from oaicheck.requirement import Requirement
from oaicheck.resources import locate

_MARKS = {"works": "·", "degraded": "degraded", "breaks": "**breaks**", "hangs": "**hangs**"}
_NAMED = 4
_SDKS = ("openai-python", "openai-node")
_JUDGES = ("opencode", "ai-sdk-2.0.41")

Row = Mapping[str, list[str]]


def requirements_data(matrix: Mapping[str, Any], kills: Mapping[str, Row]) -> dict[str, Any]:
    """What the reports read: the harm of each requirement's breach."""
    return {
        "date": matrix["date"],
        "versions": matrix["versions"],
        "requirements": by_requirement(_faults(matrix), kills),
    }


def page(matrix: Mapping[str, Any], kills: Mapping[str, Row], why: Mapping[str, str]) -> str:
    """The page in Markdown; `why` explains disagreements by fault (with wildcards)."""
    return "\n".join(
        [
            *_head(matrix),
            *(_agreements(matrix, kills, why) if kills else ()),
            *_table(matrix, "fault"),
            *_table(matrix, "variation"),
        ]
    )


def _faults(matrix: Mapping[str, Any]) -> dict[str, Cells]:
    known = catalogue()
    return {n: c for n, c in matrix["faults"].items() if n in known and known[n].kind == "fault"}


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


def _agreements(
    matrix: Mapping[str, Any], kills: Mapping[str, Row], why: Mapping[str, str]
) -> Iterator[str]:
    rules = {i: entry.requirement for i, entry in load_catalogue(locate("suites")).items()}
    failing = _failing(kills, rules, "opencode")
    strict = _failing(kills, rules, "openai")
    faults = _faults(matrix)
    yield "## Agreement of the profile `opencode` with its client\n"
    yield (
        "A fault agrees when it breaks the client and fails the profile, or does neither. A\n"
        "client that is degraded agrees with either verdict.\n"
    )
    for judges in (_JUDGES[:1], _JUDGES):
        found = agreement(faults, kills, judges, failing)
        yield f"### {' or '.join(matrix['versions'][judge] for judge in judges)}\n"
        yield from _figures(found)
        yield "Break the client, pass the profile:\n"
        yield from _listed(found.missed, why, rules)
    yield (
        "Fail the profile, and do no harm to either, mostly because their tasks do not come\n"
        "there; what holds them is the clause:\n"
    )
    yield from _listed(found.unharmful, why, rules)
    yield "### Faults that break an official SDK and pass `openai`\n"
    yield from _listed(agreement(faults, kills, _SDKS, strict).missed, why, rules)
    unharmed = list(harmless(faults, strict))
    yield "### Faults that fail a gate of `openai` and harm no measured client\n"
    yield f"{len(unharmed)} faults. What holds them is the documented clause, not a client.\n"
    yield "| fault | fails | held by |"
    yield "|---|---|---|"
    for fault in unharmed:
        yield f"| `{fault}` | {_ids(strict[fault])} | {_sources(strict[fault], rules)} |"
    yield ""


def _failing(
    kills: Mapping[str, Row], rules: Mapping[str, Requirement], name: str
) -> dict[str, tuple[str, ...]]:
    profile = load_profile(name, locate("fixtures") / "profiles")
    return {fault: gates(row, profile, rules) for fault, row in kills.items()}


def _figures(found: Agreement) -> Iterator[str]:
    yield (
        f"{found.judged} faults measured, {found.agreeing} agree, {len(found.missed)} break the\n"
        f"client and pass the profile, {len(found.unharmful)} fail the profile and do no harm.\n"
    )


def _listed(
    ones: Iterable[Disagreement], why: Mapping[str, str], rules: Mapping[str, Requirement]
) -> Iterator[str]:
    yield "| fault | client | profile | why |"
    yield "|---|---|---|---|"
    for one in ones:
        seen = f"{one.outcome}: {one.symptom}" if one.symptom else one.outcome
        profile = f"fails {_ids(one.gates)}" if one.gates else f"advises {_ids(one.advises)}"
        if not one.gates and not one.advises:
            profile = "trips nothing"
        reasons = (text for name, text in why.items() if fnmatch(one.fault, name))
        reason = next(reasons, _sources(one.gates, rules))
        yield f"| `{one.fault}` | {_cell(seen)} | {profile} | {reason} |"
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


def _ids(ids: tuple[str, ...]) -> str:
    rest = len(ids) - _NAMED
    return ", ".join(f"`{id_}`" for id_ in ids[:_NAMED]) + (f" and {rest} more" if rest > 0 else "")


def _sources(ids: tuple[str, ...], rules: Mapping[str, Requirement]) -> str:
    """Where the rules are written, the documentation before the reports of others."""
    keys = {source for id_ in ids for source in rules[id_].sources}
    return ", ".join(
        sorted(keys, key=lambda key: (key.startswith(("github:", "client:")), key))[:3]
    )


def _cell(text: str) -> str:
    for sign in "\\|<>`*_":
        text = text.replace(sign, f"\\{sign}")
    return text


def kill_matrix() -> dict[str, Row]:
    """Which requirements each fault trips, as the reference endpoint's own tests found it."""
    path = Path(__file__).parent.parent / "reference" / "kill-matrix.json"
    rows: dict[str, Row] = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    return rows


def explanations() -> dict[str, str]:
    """Why the profile and the client disagree, by fault; wildcards, and the first match counts."""
    found: dict[str, str] = json.loads((programs() / "disagreements.json").read_text("utf-8"))
    return found


def main() -> int:
    """Write the page, and the harm of each requirement's breach; the exit code."""
    fixtures = locate("fixtures")
    matrix = json.loads((fixtures / "impact.json").read_text("utf-8"))
    kills = kill_matrix()
    if not kills:
        print("no kill matrix yet: run `python tests/support/matrix.py` first", file=sys.stderr)
    data = json.dumps(requirements_data(matrix, kills), ensure_ascii=False, indent=1)
    (fixtures / FILE).write_text(data + "\n", "utf-8")
    docs = fixtures.parent / "docs" / "impact.md"
    docs.write_text(page(matrix, kills, explanations()), "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
