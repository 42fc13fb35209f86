"""The second oracle: what checks say about what faulty and legal endpoints answer.

The answers are recorded once. The reference endpoint shares no code with the judges, so that a
mutant has no influence on them. A mutant is noticed by a judgement if the outcome is another one,
or if the evidence is: the exchange, the event, the path, the bytes. Words are left to the golden
file of messages.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from oaicheck.reference import catalogue
from oaicheck.rules.judging import Breach
from oaicheck.rules.requirement import Level, Requirement
from oaicheck.scenarios.profile import Profile
from oaicheck.scenarios.scenario import matching
from oaicheck.verdicts.judge import judge, views_of
from oaicheck.verdicts.outcomes import is_internal, outcome_of
from oaicheck.views.bench import Bench
from oaicheck.wire.exchange import Exchange
from oaicheck.wire.recording import Recording
from support.inprocess import capabilities, judges, profile, record, scenarios, scenarios_of
from support.matrix import MODELS, by_scenario, load, models_for, scenarios_for

_TRIED_PER_TRIP, _KEPT_PER_TRIP = 4, 2
"""Of so many scenarios of a requirement that a fault trips so many are judged that show it."""
_FAULTS = 2
"""By so many faults each requirement is broken, and by so many left undecided, if as many do."""
_OF_A_VARIATION = 30
"""So many judgements are made of what a legal variation changes."""

_KEPT = frozenset(Exchange.__dataclass_fields__)

Tripped = set[tuple[str, str]]
"""Ids of requirements, each with an outcome."""


@dataclass(frozen=True)
class Answers:
    """What an endpoint answered: to all scenarios, or what a deviation answered otherwise."""

    model: str
    profile: str
    facts: Mapping[str, object]
    tripped: Tripped | None
    """What a fault trips; None where everything is to be judged."""
    exchanges: Mapping[str, list[Exchange]]


@dataclass(eq=False)
class World:
    """What one endpoint answered, as one profile judges it."""

    name: str
    recording: Recording
    asking: Profile
    bench: Bench = field(init=False)

    def __post_init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Forget what was derived from the exchanges, so that it is worked out again."""
        self.bench = Bench(
            self.asking, scenarios(), capabilities(), self.recording.facts, self.recording
        )
        for exchange in self.recording.exchanges:
            if len(exchange.__dict__) > len(_KEPT):
                for derived in exchange.__dict__.keys() - _KEPT:
                    del exchange.__dict__[derived]


@dataclass(frozen=True, eq=False)
class Judgement:
    """One check of one scenario in one world."""

    world: World
    check: Callable[..., None]
    requirement: Requirement
    level: Level
    scenario: str

    def made(self) -> tuple[str, str, str]:
        """The outcome with its evidence, in a form that can be compared."""
        raised = judge(self.check, self.world.bench, scenarios()[self.scenario], self.requirement)
        evidence: object = None
        if isinstance(raised, Breach):
            evidence = raised.finding.evidence
        elif is_internal(raised):
            evidence = type(raised).__name__
        return outcome_of(raised, self.level).value, type(raised).__name__, repr(evidence)


def judgements(answers: Mapping[str, Answers]) -> Iterator[Judgement]:
    """What the faultless endpoint shows, a sample of what variations show, and of trips some.

    Each requirement is judged by a few of the faults that trip it, on scenarios that show it. Those
    that break it are counted apart from those that leave it undecided: they run other statements.
    """
    plain = {model: answers[model].exchanges for model in MODELS}
    shown: dict[tuple[str, str], float] = defaultdict(float)
    for name, answer in answers.items():
        wanted = {trip for trip in answer.tripped or () if shown[trip] < _FAULTS}
        if answer.tripped is not None and not wanted:
            continue
        exchanges = plain[answer.model] | answer.exchanges
        recording = Recording(
            answer.facts, [exchange for turns in exchanges.values() for exchange in turns]
        )
        world = World(name, recording, profile(answer.profile))
        if answer.tripped is None:
            changed = None if name in MODELS else set(answer.exchanges)
            found = list(_all_of(world, changed))
            yield from found if name in MODELS else found[:: max(1, len(found) // _OF_A_VARIATION)]
        else:
            for judgement, trip in _telling(_all_of(world, set(answer.exchanges)), wanted):
                shown[trip] += 1 / _KEPT_PER_TRIP
                yield judgement
        world.forget()


def recorded(progress: Callable[[str], None]) -> dict[str, Answers]:
    """What the faultless endpoint answers, and what each deviation answers in another way."""
    found: dict[str, Answers] = {}
    for model in MODELS:
        made = record(model=model)
        found[model] = Answers(model, "openai", made.facts, None, by_scenario(made))
    rows = load()
    for position, name in enumerate(sorted(catalogue())):
        if position % 100 == 0:
            progress(f"answers of {position} of {len(rows)} deviations")
        row = rows[name]
        tripped = None
        if catalogue()[name].kind == "fault":
            tripped = {
                (id, outcome)
                for outcome in row
                if outcome != "profile"
                for id in row[outcome]  # noqa: A001
            }
        model = models_for(name)[-1]
        made = record([name], _shown_by(name, tripped), model)
        changed = {
            scenario: turns
            for scenario, turns in by_scenario(made).items()
            if turns != found[model].exchanges[scenario]
        }
        asking = row.get("profile", ["openai"])[0]
        found[name] = Answers(model, asking, made.facts, tripped, changed)
    return found


def _telling(
    found: Iterable[Judgement], wanted: Tripped
) -> Iterator[tuple[Judgement, tuple[str, str]]]:
    """A few of the judgements by which each requirement is tripped, with what they trip."""
    ids = {id for id, _ in wanted}  # noqa: A001
    kept: Counter[tuple[str, str]] = Counter()
    for judgement in found:
        if judgement.requirement.id in ids:
            outcome, *_ = judgement.made()
            trip = judgement.requirement.id, outcome
            if trip in wanted and kept[trip] < _KEPT_PER_TRIP:
                kept[trip] += 1
                yield judgement, trip


def _all_of(world: World, changed: set[str] | None) -> Iterator[Judgement]:
    known = scenarios()
    recorded = {exchange.scenario for exchange in world.recording.exchanges}
    for check, requirement, across in _checks():
        level = world.asking.level_of(requirement)
        if level is None:
            continue
        for name in matching(requirement.on, known):
            concerned = (
                changed is None
                or name in changed
                or requirement.against in changed
                or (across and bool(changed))
            )
            if concerned and name in recorded and requirement.against in (None, *recorded):
                yield Judgement(world, check, requirement, level, name)


def _checks() -> Iterator[tuple[Callable[..., None], Requirement, bool]]:
    for check, requirement in judges():
        yield check, requirement, "bench" in views_of(check)


def _shown_by(deviation: str, tripped: Tripped | None) -> list[str]:
    """The scenarios that show what a deviation trips, or all that it may change."""
    if tripped is None:
        return scenarios_for(deviation)
    ids = {id for id, _ in tripped}  # noqa: A001
    names: set[str] = set()
    for _, requirement, across in _checks():
        if requirement.id in ids:
            if across:
                return _shown_by(deviation, None)
            names.update(_some(list(scenarios_of(requirement))))
            names.update(filter(None, [requirement.against]))
    return [name for name in scenarios() if name in names]


def _some(names: list[str]) -> list[str]:
    return names[:: max(1, len(names) // _TRIED_PER_TRIP)][:_TRIED_PER_TRIP]


def spread(candidates: Sequence[int], group_of: Callable[[int], Hashable]) -> list[int]:
    """All of them by turns of their groups: the first of each, then the second of each, and so on.

    What is like what was tried before has the least to tell.
    """
    groups: dict[Hashable, list[int]] = {}
    for candidate in candidates:
        groups.setdefault(group_of(candidate), []).append(candidate)
    found: list[int] = []
    position = 0
    while groups:
        groups = {name: group for name, group in groups.items() if position < len(group)}
        found += [group[position] for group in groups.values()]
        position += 1
    return found
