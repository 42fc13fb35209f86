"""What is broken, by cause: what was observed, what else it breaks, and what follows from it.

A report shows each distinct observation once, with its count. Several requirements may observe the
same thing in the same response: then they are one cause, and the most urgent one heads it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from oaicheck.report.run import Judged, Run
from oaicheck.rules.verdict import Outcome, Result
from oaicheck.verdicts.impact import clients_broken, clients_degraded

FIRST = 5
"""How many causes a report names to fix first."""

_VARYING = re.compile(
    r"(?<=\[)\d+(?=\])|(?<=\bevent )\d+|(?<![\w.])[\d,]+(?= (?:byte|event|chunk|character)s?\b)"
)
"""What differs between two observations of the same thing: indexes and sizes."""
_SERVER_ERROR = re.compile("HTTP 5[0-9][0-9]")

_Seen = dict[str, set[str]]
"""The exchanges in which something was observed."""


@dataclass(frozen=True)
class Observation:
    """The broken results of one requirement in which the same was observed: new ones, or known."""

    results: tuple[Result, ...]

    @property
    def first(self) -> Result:
        """The result to show."""
        return self.results[0]

    @property
    def text(self) -> str:
        """What was observed."""
        return self.first.finding.observed if self.first.finding else self.first.message


@dataclass(frozen=True)
class Cause:
    """A broken requirement, with what else is broken by the same observation."""

    judged: Judged
    observations: tuple[Observation, ...]
    others: tuple[Judged, ...]
    """Other requirements that are broken by nothing else."""
    following: tuple[Result, ...]
    """The results that are not applicable because they follow from it."""

    @cached_property
    def checks(self) -> int:
        """How many checks it breaks."""
        return sum(len(each.broken) for each in (self.judged, *self.others))

    @cached_property
    def clients(self) -> tuple[str, ...]:
        """The real clients that it breaks, each once."""
        return self._clients(clients_broken)

    @cached_property
    def degraded(self) -> tuple[str, ...]:
        """The real clients that it degrades without breaking them."""
        found = self._clients(clients_degraded)
        return tuple(client for client in found if client not in self.clients)

    def _clients(self, harmed: Callable[[str], list[str]]) -> tuple[str, ...]:
        found = (harmed(each.requirement.id) for each in (self.judged, *self.others))
        return tuple(dict.fromkeys(chain.from_iterable(found)))

    @property
    def consequences(self) -> tuple[str, ...]:
        """The ids of the requirements that follow from it."""
        return tuple(dict.fromkeys(result.requirement for result in self.following))


def observations(run: Run, results: Iterable[Result]) -> tuple[Observation, ...]:
    """Broken results of one requirement, by what was observed: the new and most frequent first."""
    groups: dict[tuple[bool, str], list[Result]] = {}
    for result in results:
        groups.setdefault((run.knows(result), _observed(result)), []).append(result)
    found = [Observation(tuple(group)) for group in groups.values()]
    return tuple(sorted(found, key=lambda each: (run.knows(each.first), -len(each.results))))


def causes(run: Run) -> tuple[Cause, ...]:
    """What is broken, by cause: new before known, MUST before SHOULD, then by what it breaks.

    That is the number of real clients, then of checks. A consequence comes after its cause.
    """
    groups: list[list[Judged]] = []
    heads: dict[str, list[tuple[_Seen, list[Judged]]]] = {}
    for judged in run.harm:
        seen = _seen(judged.broken)
        alike = heads.get(next(iter(seen)), [])
        group = next((group for head, group in alike if _is_within(seen, head)), None)
        if group is not None and run.is_known(group[0]) == run.is_known(judged):
            group.append(judged)
            continue
        groups.append([judged])
        for observed in seen:
            heads.setdefault(observed, []).append((seen, groups[-1]))
    following: dict[str, list[Result]] = {}
    for result in run.results:
        if result.follows:
            following.setdefault(result.follows, []).append(result)
    found = [_cause(run, head, others, following) for head, *others in groups]
    return _after_their_causes(sorted(found, key=lambda cause: _urgency(run, cause)))


def to_fix_first(run: Run) -> tuple[Cause, ...]:
    """The causes to fix first, known failures left out; empty if there is only one."""
    new = [cause for cause in causes(run) if not run.is_known(cause.judged)]
    return tuple(new[:FIRST]) if len(new) > 1 else ()


def _cause(
    run: Run,
    head: Judged,
    others: Sequence[Judged],
    following: Mapping[str, Sequence[Result]],
) -> Cause:
    ids = (each.requirement.id for each in (head, *others))
    results = tuple(result for id in ids for result in following.get(id, ()))  # noqa: A001
    return Cause(head, observations(run, head.broken), tuple(others), results)


def _urgency(run: Run, cause: Cause) -> tuple[bool, bool, int, int, int]:
    judged = cause.judged
    return (
        run.is_known(judged),
        judged.outcome is not Outcome.FAIL,
        -len(cause.clients),
        -cause.checks,
        -len(cause.degraded),
    )


def _after_their_causes(found: Sequence[Cause]) -> tuple[Cause, ...]:
    """The causes in their order, but none before one that its requirement follows from."""
    by_id = {cause.judged.requirement.id: cause for cause in found}
    ordered: dict[str, Cause] = {}

    def add(cause: Cause) -> None:
        requirement = cause.judged.requirement
        for above in requirement.follows:
            if above in by_id and above not in ordered:
                add(by_id[above])
        ordered.setdefault(requirement.id, cause)

    for cause in found:
        add(cause)
    return tuple(ordered.values())


def _seen(results: Iterable[Result]) -> _Seen:
    """What was observed, and in which exchanges."""
    seen: _Seen = {}
    for result in results:
        seen.setdefault(_observed(result), set()).update(_cited(result))
    return seen


def _is_within(seen: _Seen, other: _Seen) -> bool:
    """Whether everything was also observed by another requirement.

    In a common exchange, except for server errors, which are the same wherever they come.
    """
    return all(
        observed in other
        and (_SERVER_ERROR.match(observed) or not places.isdisjoint(other[observed]))
        for observed, places in seen.items()
    )


def _observed(result: Result) -> str:
    """What was observed, without what varies from one response to the next."""
    text = result.finding.observed if result.finding else result.message
    return _VARYING.sub("…", text)


def _cited(result: Result) -> set[str]:
    """The exchanges that a result points at."""
    evidence = result.finding.evidence if result.finding else ()
    return {each.exchange for each in evidence[:1]} or set(result.exchanges)
