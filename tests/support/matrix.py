"""The kill matrix: which requirements each fault breaks, found by judging in one process.

    PYTHONPATH=tests python -m support.matrix NAME…   prints what these faults break, and the
                                                      messages; it takes seconds and writes nothing
    PYTHONPATH=tests python -m support.matrix         writes what all faults break to the data of
                                                      the reference endpoint, draws
                                                      docs/kill-matrix.md, writes the messages to
                                                      tests/matrix/messages.txt, the scenarios that
                                                      show each fault to tests/matrix/shown-by.json,
                                                      and the order of the scenarios to
                                                      fixtures/quick.json

All faults take five minutes on two cores. Read what changed before you commit it: a test holds the
code to it. The test plays a legal variation on all scenarios, and a fault only on those that show
it.
"""

from __future__ import annotations

import gc
import itertools
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from oaicheck.reference import Deviation, catalogue
from oaicheck.reference.deviation import Situation
from oaicheck.rules.judging import Breach
from oaicheck.rules.verdict import Outcome
from oaicheck.scenarios.profile import Profile
from oaicheck.verdicts.judge import views_of
from oaicheck.verdicts.outcomes import is_internal, outcome_of
from oaicheck.views.bench import Bench
from oaicheck.wire.exchange import Exchange
from oaicheck.wire.recording import Recording
from support.inprocess import (
    NUMBERS_OF_ONE,
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
"""What does not pass, and where: outcome, requirement id and scenario."""


class Found(NamedTuple):
    """What was found about one deviation: what it trips, and what is said of what it breaks.

    `shown` are the requirements that do not pass, each with a scenario on which it does not.
    """

    row: Row
    told: Told
    shown: Shown


def matrix(
    names: Iterable[str], shown_by: Mapping[str, Sequence[str]] | None = None
) -> dict[str, Found]:
    """What is found about each deviation, on two cores; on these scenarios, if any are given."""
    names, shown_by = list(names), shown_by or {}
    sent = [shown_by.get(name) for name in names]
    with ProcessPoolExecutor(max_workers=2) as pool:
        found = pool.map(_in_a_worker, names, sent, chunksize=8)
        return dict(zip(names, found, strict=True))


def _in_a_worker(deviation: str, sent: Sequence[str] | None) -> Found:
    """The row of a deviation. Python searches for cycles now and then only: that saves a third."""
    gc.disable()
    found = row(deviation, sent)
    if next(_ROWS) % _BETWEEN == 0:
        gc.collect()
    return found


def row(deviation: str, sent: Sequence[str] | None = None) -> Found:
    """What one deviation trips; under `xerotier`, which promises more, if `openai` sees nothing."""
    sent = sent or scenarios_for(deviation)
    found = _row(deviation, sent, "openai")
    if found.row.keys() & {"fail", "warn"} or catalogue()[deviation].kind == "variation":
        return found
    promised = _row(deviation, sent, "xerotier")
    if "fail" not in promised.row:
        return found
    return Found({"profile": ["xerotier"], **promised.row}, promised.told, promised.shown)


def _row(deviation: str, names: Sequence[str], asking: str) -> Found:
    found: dict[str, set[str]] = {}
    told: Told = {}
    shown = set()
    for model in models_for(deviation):
        recording = recorded(deviation, names, model)
        for requirement, outcome, scenario, raised in tripped(
            recording, model, names, profile(asking)
        ):
            found.setdefault(outcome.value, set()).add(requirement)
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

    Only scenarios that were answered in another way are judged again, and none that is compared
    with one that was not sent.
    """
    sent = set(names)
    before, now = by_scenario(_faultless(model).recording), by_scenario(recording)
    changed = {name for name in sent if now.get(name) != before.get(name)}
    judges = judges_of(Bench(asking, scenarios(), capabilities(), recording.facts, recording))
    for each in judges.judges.values():
        requirement = each.requirement
        if requirement.against not in {None, *sent}:
            continue
        across = "bench" in views_of(each.check) and changed
        for name in filter(sent.__contains__, scenarios_of(requirement)):
            if name in changed or requirement.against in changed or (across and name in now):
                raised = judges.judge(requirement.id, scenarios()[name])
                if raised is not None and is_internal(raised):
                    raise raised
                outcome = outcome_of(raised, each.level)
                if outcome not in (Outcome.PASS, Outcome.NOT_APPLICABLE):
                    yield requirement.id, outcome, name, raised


class _Faultless(NamedTuple):
    """What the faultless endpoint answers, and which scenarios came by each stage of it."""

    recording: Recording
    came_by: Mapping[str, frozenset[str]]


@cache
def _faultless(model: str) -> _Faultless:
    known = list(scenarios())
    numbers: dict[str, set[int]] = {deviation.stage: set() for deviation in catalogue().values()}
    recording = record([_spy(stage, seen) for stage, seen in numbers.items()], known, model)
    # The number of a request tells its scenario. At some stages nothing was sent yet: number 0.
    came_by = {
        stage: frozenset(known if 0 in seen else {known[each // NUMBERS_OF_ONE] for each in seen})
        for stage, seen in numbers.items()
    }
    return _Faultless(recording, came_by)


def _spy(stage: str, seen: set[int]) -> Deviation:
    """A deviation that changes nothing, and notes the numbers of the requests that come by."""

    def note(value: Any, situation: Situation) -> Any:
        seen.add(situation.number)
        return value

    return Deviation("spy", "variation", stage, "It notes what comes by.", None, note)


def recorded(deviation: str, names: Iterable[str], model: str) -> Recording:
    """What the endpoint answers to scenarios with a deviation.

    Only those are sent that come by the deviation's stage: to the others the answers are those of
    the faultless endpoint. One of those that decide how long a prompt has to be brings the others.
    """
    names = list(names)
    faultless = _faultless(model)
    touched = faultless.came_by[catalogue()[deviation].stage].intersection(names)
    lengths = {name for name in names if scenarios()[name].overflows or name.startswith("models/")}
    if touched & lengths:
        touched |= lengths
    sent = [name for name in names if name in touched]
    recording = record([deviation], sent, model)
    found = by_scenario(faultless.recording) | by_scenario(recording)
    recording.exchanges[:] = itertools.chain.from_iterable(found.get(name, ()) for name in names)
    return recording


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
        "faults that prove it can fail. Made by `PYTHONPATH=tests python -m support.matrix` in",
        "five minutes, held by `tests/matrix/`.",
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


def write(found: Mapping[str, Found], shown: Mapping[str, Found]) -> None:
    """Write the matrix, draw its page, and write down the messages of what was `shown`."""
    rows = {name: each.row for name, each in found.items()}
    DATA.write_text(json.dumps(rows, indent=1) + "\n", "utf-8")
    PAGE.write_text(page(rows), "utf-8")
    told = {name: each.told for name, each in shown.items()}
    GOLDEN.write_text(text_of(chosen(told)), "utf-8")


def show(found: Mapping[str, Found]) -> None:
    """Print what some faults break, and with which messages."""
    for name, each in found.items():
        print(f"{name}  {json.dumps(each.row)}\n")
    print(text_of(chosen({name: each.told for name, each in found.items()})))


if __name__ == "__main__":
    from support.quick import write_order
    from support.shown_by import find_shown_by, write_shown_by

    if names := sys.argv[1:]:
        show(matrix(names))
    else:
        found = matrix(sorted(catalogue()))
        shown_by, on_those = find_shown_by(found)
        write(found, on_those)
        write_shown_by(shown_by)
        write_order(found)
        print(f"{len(found)} faults and variations written down: see git diff")
