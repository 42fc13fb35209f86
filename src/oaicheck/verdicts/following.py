"""Which results follow from a defect that another requirement tells.

One defect should be told once. A requirement names others in `follows`; a check or a view that has
nothing to judge names them in `told_by`. Where one of those is broken, the result is not applicable
and says so. A result is only excused by a check of the same run: if `--only` leaves the cause out,
the consequence speaks for itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain

from oaicheck.rules.judging import (
    Breach,
    Inconclusive,
    NotApplicable,
    Unserved,
    response_line,
)
from oaicheck.rules.requirement import Level, Requirement
from oaicheck.scenarios.scenario import Scenario
from oaicheck.verdicts.judge import judge
from oaicheck.views.bench import Bench
from oaicheck.wire.exchange import Exchange

_OK = 200
_SERVER_ERROR = 500


class Follows(NotApplicable):
    """The result follows from another requirement, `cause`, which is broken."""

    def __init__(self, cause: str, reason: str) -> None:
        super().__init__(reason)
        self.cause = cause


@dataclass(frozen=True, slots=True)
class Judge:
    """A check with the level at which a run judges it, and the names of its scenarios."""

    check: Callable[..., None]
    requirement: Requirement
    level: Level
    scenarios: frozenset[str]


Place = tuple[str, str]
"""A requirement and a scenario."""


@dataclass
class Judges:
    """All checks that a run judges, by the id of their requirement."""

    bench: Bench
    judges: dict[str, Judge]
    _roots: dict[Place, Place | None] = field(default_factory=dict)
    _by_status: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, bench: Bench, judges: Iterable[Judge]) -> Judges:
        """The judges of a run."""
        return cls(bench, {each.requirement.id: each for each in judges})

    def judge(self, requirement_id: str, scenario: Scenario) -> BaseException | None:
        """What a check raises, or None if its requirement is met.

        It is Follows if the check breaks, or has nothing to judge, because of another defect.
        """
        known = self.judges[requirement_id]
        raised = judge(known.check, self.bench, scenario, known.requirement)
        root = self._cause(known, scenario.name, raised)
        if root is None:
            return raised
        return Follows(root[0], self._words(root, scenario.name, raised))

    def _cause(self, known: Judge, scenario: str, raised: BaseException | None) -> Place | None:
        """The defect that a result follows from; None if it stands on its own."""
        if isinstance(raised, Breach):
            roots = chain(
                self._found(known, scenario, known.requirement.follows),
                self._elsewhere(known, scenario),
            )
            return next((root for root in roots if self._binds(root, known.level)), None)
        if isinstance(raised, Inconclusive):
            told = *known.requirement.follows, *raised.told_by
            root = next(self._found(known, scenario, told), None)
            if root is None and raised.anywhere:
                root = next(self._anywhere(raised.told_by), None)
            if root is None and isinstance(raised, Unserved):
                root = self._status(raised)
            return root
        return None

    def _found(self, known: Judge, scenario: str, ids: Iterable[str]) -> Iterator[Place]:
        """The defects that these requirements tell where a check looks."""
        against = known.requirement.against
        for requirement_id in ids:
            for place in (scenario, against):
                root = self._root(requirement_id, place) if place else None
                if root is not None:
                    yield root

    def _anywhere(self, ids: Iterable[str]) -> Iterator[Place]:
        """The defects that these requirements tell on any scenario."""
        for requirement_id in ids:
            known = self.judges.get(requirement_id)
            for place in sorted(known.scenarios) if known else ():
                root = self._root(requirement_id, place)
                if root is not None:
                    yield root

    def _elsewhere(self, known: Judge, scenario: str) -> Iterator[Place]:
        """The defects that show here too, but are told on other scenarios, since none is shared."""
        asked = self.bench.scenarios[scenario]
        for requirement_id in known.requirement.follows:
            cause = self.judges.get(requirement_id)
            if cause is None or cause.scenarios & known.scenarios:
                continue
            if isinstance(judge(cause.check, self.bench, asked, cause.requirement), Breach):
                roots = self._anywhere([requirement_id])
                yield from (root for root in roots if root[0] == requirement_id)

    def _root(self, requirement_id: str, scenario: str) -> Place | None:
        """The defect that a requirement tells on a scenario, or that its own result follows from.

        None if it is not broken there, or if this run does not judge it there.
        """
        known, place = self.judges.get(requirement_id), (requirement_id, scenario)
        if known is None or scenario not in known.scenarios:
            return None
        if place not in self._roots:
            # Two requirements may tell one another's reasons: the first one asked comes first.
            self._roots[place] = None
            asked = self.bench.scenarios[scenario]
            raised = judge(known.check, self.bench, asked, known.requirement)
            broken = place if isinstance(raised, Breach) else None
            self._roots[place] = self._cause(known, scenario, raised) or broken
        return self._roots[place]

    def _binds(self, root: Place, level: Level) -> bool:
        """Whether a defect is as binding as a level: a warning does not excuse a broken MUST."""
        return self.judges[root[0]].level is Level.MUST or level is Level.SHOULD

    def _status(self, unserved: Unserved) -> Place | None:
        """Where this run tells that a response cannot be judged, by its status or by its form.

        Else where it tells the same of the other responses from that URL: that they are server
        errors, or that they have status 200 and another form.
        """
        exchange = unserved.exchange
        places = [(told, exchange.scenario) for told in self._told_on(exchange.scenario)]
        for other in self._alike(exchange):
            told = unserved.told_by if exchange.status == _OK else self._told_on(other)
            places += [(each, other) for each in told]
        roots = (self._root(*place) for place in places)
        return next(filter(None, roots), None)

    def _alike(self, exchange: Exchange) -> Iterator[str]:
        """The other scenarios with the same status from the same URL: 200, or a server error."""
        ended = exchange.status, exchange.request.url
        if exchange.status is None or _OK < exchange.status < _SERVER_ERROR:
            return
        for other in self.bench.recording.exchanges:
            if (other.status, other.request.url) == ended and other.scenario != exchange.scenario:
                yield other.scenario

    def _told_on(self, scenario: str) -> list[str]:
        """The requirements that the status of a response breaks on a scenario, MUST first."""
        if scenario not in self._by_status:
            self._by_status[scenario] = sorted(
                (
                    requirement_id
                    for requirement_id, known in self.judges.items()
                    if scenario in known.scenarios and self._broken_by_status(known, scenario)
                ),
                key=lambda requirement_id: self.judges[requirement_id].level is not Level.MUST,
            )
        return self._by_status[scenario]

    def _broken_by_status(self, known: Judge, scenario: str) -> bool:
        raised = judge(known.check, self.bench, self.bench.scenarios[scenario], known.requirement)
        sent = self.bench.sent(scenario)
        return (
            isinstance(raised, Breach)
            and sent is not None
            and raised.finding.observed in map(response_line, sent.turns)
        )

    def _words(self, root: Place, scenario: str, raised: BaseException | None) -> str:
        cause, place = root
        did = "failed" if self.judges[cause].level is Level.MUST else "warned"
        here = "here" if place == scenario else f"on {place}"
        why = f": {raised}" if isinstance(raised, Inconclusive) else ""
        return f"follows from {cause}, which {did} {here}{why}"
