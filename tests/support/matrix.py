"""The kill matrix: which requirements each fault breaks, found by judging in one process.

    PYTHONPATH=tests python -m support.matrix NAME…   prints what these faults break, and the
                                                      messages; it takes seconds and writes nothing
    PYTHONPATH=tests python -m support.matrix         writes what all faults break to the data of
                                                      the reference endpoint, draws
                                                      docs/kill-matrix.md, writes the messages to
                                                      tests/matrix/messages.txt, and the order of
                                                      the scenarios to fixtures/quick.json

All faults take two to four minutes on two cores. Read what changed before you commit it: a test
holds the code to it.
"""

from __future__ import annotations

import gc
import itertools
import json
import sys
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path
from typing import NamedTuple

from oaicheck.reference import Deviation, catalogue
from oaicheck.rules.judging import Breach
from oaicheck.rules.verdict import Outcome
from oaicheck.scenarios.profile import Profile
from oaicheck.scenarios.scenario import Turn
from oaicheck.verdicts.judge import views_of
from oaicheck.verdicts.outcomes import is_internal, outcome_of
from oaicheck.views.bench import Bench
from oaicheck.wire.exchange import Exchange
from oaicheck.wire.recording import Recording
from support.inprocess import (
    capabilities,
    judges_of,
    profile,
    record,
    requirements,
    scenarios,
    scenarios_of,
)
from support.messages import GOLDEN, Told, chosen, message_of, text_of

ROOT = Path(__file__).parent.parent.parent
DATA = ROOT / "src" / "oaicheck" / "reference" / "kill-matrix.json"
PAGE = ROOT / "docs" / "kill-matrix.md"
_ROWS = itertools.count(1)
_BETWEEN = 20
"""After so many rows, a worker searches for cycles."""
MODELS = ("reference-1", "reference-reasoning-1")
THOUGHTS = ("reasoning", "summary", "output-index", "completed-order")
"""What in a name says that it takes a response of several items, which thoughts make it."""

Row = dict[str, list[str]]
"""What a deviation trips: requirement ids under `fail`, `warn`, `inconclusive` and `error`."""


Shown = frozenset[tuple[Outcome, str, str]]
"""What fails or warns, and where: outcome, requirement id and scenario."""


class Found(NamedTuple):
    """What was found about one deviation: what it trips, and what is said of what it breaks.

    `shown` are the requirements that fail or warn, each with a scenario on which it does.
    """

    row: Row
    told: Told
    shown: Shown


def matrix(names: Iterable[str]) -> dict[str, Found]:
    """What is found about each deviation, on two cores."""
    names = list(names)
    with ProcessPoolExecutor(max_workers=2) as pool:
        return dict(zip(names, pool.map(_in_a_worker, names, chunksize=8), strict=True))


def _in_a_worker(deviation: str) -> Found:
    """The row of a deviation. Python searches for cycles now and then only: that saves a third."""
    gc.disable()
    found = row(deviation)
    if next(_ROWS) % _BETWEEN == 0:
        gc.collect()
    return found


def row(deviation: str) -> Found:
    """What one deviation trips; under `xerotier`, which promises more, if `openai` sees nothing."""
    found = _row(deviation, "openai")
    if found.row.keys() & {"fail", "warn"} or catalogue()[deviation].kind == "variation":
        return found
    promised = _row(deviation, "xerotier")
    if "fail" not in promised.row:
        return found
    return Found({"profile": ["xerotier"], **promised.row}, promised.told, promised.shown)


def _row(deviation: str, asking: str) -> Found:
    found: dict[str, set[str]] = {}
    told: Told = {}
    shown = set()
    names = scenarios_for(deviation)
    for model in models_for(deviation):
        recording = recorded(deviation, names, model)
        for requirement, outcome, scenario, raised in tripped(
            recording, model, names, profile(asking)
        ):
            found.setdefault(outcome.value, set()).add(requirement)
            if outcome in (Outcome.FAIL, Outcome.WARN):
                shown.add((outcome, requirement, scenario))
            if isinstance(raised, Breach) and requirement not in told:
                told[requirement] = message_of(raised, scenario, recording)
    row = {
        outcome: [id for id in requirements() if id in found[outcome]]  # noqa: A001
        for outcome in ("fail", "warn", "inconclusive", "error")
        if outcome in found
    }
    return Found(row, told, frozenset(shown))


def home_of(deviation: Deviation) -> str:
    """The module that a deviation is defined in."""
    return deviation.alter.__module__.rpartition(".reference.")[2]


def is_of_responses(deviation: Deviation) -> bool:
    """Whether a deviation is one of the Responses API alone."""
    return "responses" in home_of(deviation).split(".")


def models_for(deviation: str) -> tuple[str, ...]:
    """The models by which a deviation shows: the one that thinks too, where it is about that."""
    return MODELS if any(word in deviation for word in THOUGHTS) else MODELS[:1]


def tripped(
    recording: Recording, model: str, names: Iterable[str], asking: Profile
) -> Iterable[tuple[str, Outcome, str, BaseException | None]]:
    """What does not pass on a recording of these scenarios, though the faultless endpoint passes.

    Yields a requirement's id, the outcome, the scenario, and what the check raised. Raises what it
    raised that is no verdict: no fault may break a check itself.

    Only scenarios that were answered in another way are judged again.
    """
    before, now = by_scenario(baseline(model, tuple(names))), by_scenario(recording)
    changed = {name for name in names if now.get(name) != before.get(name)}
    judges = judges_of(Bench(asking, scenarios(), capabilities(), recording.facts, recording))
    for each in judges.judges.values():
        requirement = each.requirement
        across = "bench" in views_of(each.check) and changed
        for name in scenarios_of(requirement):
            if name in changed or requirement.against in changed or (across and name in now):
                raised = judges.judge(requirement.id, scenarios()[name])
                if raised is not None and is_internal(raised):
                    raise raised
                outcome = outcome_of(raised, each.level)
                if outcome not in (Outcome.PASS, Outcome.NOT_APPLICABLE):
                    yield requirement.id, outcome, name, raised


@cache
def baseline(model: str, names: tuple[str, ...]) -> Recording:
    """What the faultless endpoint answers to these scenarios."""
    return record(names=names, model=model)


def recorded(deviation: str, names: Iterable[str], model: str) -> Recording:
    """What the endpoint answers to scenarios with a deviation.

    Only those are sent that have a request which goes through the deviation's stage: to the others
    the answers are those of the faultless endpoint.
    """
    names = list(names)
    goes_through = _GO_THROUGH.get(catalogue()[deviation].stage, lambda _: True)
    sent = [name for name in names if any(map(goes_through, scenarios()[name].turns))]
    recording = record([deviation], sent, model)
    if len(sent) < len(names):
        found = by_scenario(baseline(model, tuple(names))) | by_scenario(recording)
        recording.exchanges[:] = itertools.chain.from_iterable(
            found.get(name, ()) for name in names
        )
    return recording


def _is_chat(turn: Turn) -> bool:
    return turn.path.lstrip("/").startswith("chat")


def _streams(turn: Turn) -> bool:
    return isinstance(turn.body, dict) and turn.body.get("stream") is True


_GO_THROUGH: dict[str, Callable[[Turn], bool]] = {
    "body": _is_chat,
    "each": _is_chat,
    "chunks": lambda turn: _is_chat(turn) and _streams(turn),
    "completion": lambda turn: _is_chat(turn) and not _streams(turn),
    "models": lambda turn: turn.path.startswith("models"),
}
"""Which requests go through a stage, where it is not all of them."""


def scenarios_for(deviation: str) -> list[str]:
    """The scenarios that a deviation can touch: one of the Responses API alone, only its own.

    With them those that are sent beside them.
    """
    if not is_of_responses(catalogue()[deviation]):
        return list(scenarios())
    touched = [
        scenario
        for scenario in scenarios().values()
        if any(turn.path.startswith(("responses", "conversations")) for turn in scenario.turns)
    ]
    names = {name for scenario in touched for name in (scenario.name, *scenario.beside)}
    return [name for name in scenarios() if name in names]


def by_scenario(recording: Recording) -> Mapping[str, list[Exchange]]:
    """The exchanges of a recording by the name of their scenario."""
    found: dict[str, list[Exchange]] = {}
    for exchange in recording.exchanges:
        found.setdefault(exchange.scenario, []).append(exchange)
    return found


def page(rows: Mapping[str, Row]) -> str:
    """The matrix as a page in Markdown: faults by what they trip, variations, and the reverse."""
    known = catalogue()
    faults = {name: found for name, found in rows.items() if known[name].kind == "fault"}
    variations = {name: found for name, found in rows.items() if known[name].kind == "variation"}
    killers: dict[str, list[str]] = {}
    for name, found in faults.items():
        for id in [*found.get("fail", ()), *found.get("warn", ())]:  # noqa: A001
            killers.setdefault(id, []).append(name)
    lines = [
        "# The kill matrix",
        "",
        "Each fault of the reference endpoint with the requirements that it trips, each legal",
        "variation with what it is advised about (never a MUST), and each requirement with the",
        "faults that prove it can fail. Made by `PYTHONPATH=tests python -m support.matrix` in one",
        "or two minutes, held by `tests/matrix/`.",
        "",
        f"{len(faults)} faults, {len(variations)} variations, {len(killers)} requirements.",
        "",
        "## Faults",
        "",
        "| fault | what it does | MUST broken | SHOULD broken |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| `{name}` | {_cell(known[name].sentence)} | {_ids(found, 'fail')} "
        f"| {_ids(found, 'warn')} |"
        for name, found in faults.items()
    ]
    lines += ["", "## Legal variations", "", "| variation | what it does | advised about |"]
    lines += ["|---|---|---|"]
    lines += [
        f"| `{name}` | {_cell(known[name].sentence)} | {_ids(found, 'warn')} |"
        for name, found in variations.items()
    ]
    lines += ["", "## Requirements", "", "| requirement | tripped by |", "|---|---|"]
    lines += [
        f"| `{id}` | {', '.join(f'`{name}`' for name in killers[id])} |"
        for id in sorted(killers)  # noqa: A001
    ]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _ids(found: Row, outcome: str) -> str:
    return ", ".join(f"`{id}`" for id in found.get(outcome, ()))  # noqa: A001


def load() -> dict[str, Row]:
    """The matrix as it was last read and committed."""
    rows: dict[str, Row] = json.loads(DATA.read_text("utf-8"))
    return rows


def write(found: Mapping[str, Found]) -> None:
    """Write the matrix, draw its page, and write down the messages."""
    rows = {name: each.row for name, each in found.items()}
    DATA.write_text(json.dumps(rows, indent=1) + "\n", "utf-8")
    PAGE.write_text(page(rows), "utf-8")
    told = {name: each.told for name, each in found.items()}
    GOLDEN.write_text(text_of(chosen(told)), "utf-8")


def show(found: Mapping[str, Found]) -> None:
    """Print what some faults break, and with which messages."""
    for name, each in found.items():
        print(f"{name}  {json.dumps(each.row)}\n")
    print(text_of(chosen({name: each.told for name, each in found.items()})))


if __name__ == "__main__":
    from support.quick import write_order

    if names := sys.argv[1:]:
        show(matrix(names))
    else:
        found = matrix(sorted(catalogue()))
        write(found)
        write_order(found)
