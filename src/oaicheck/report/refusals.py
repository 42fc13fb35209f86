"""What an endpoint refuses, and how many checks that leaves unjudged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from oaicheck.report.run import Run, reason_of
from oaicheck.rules.verdict import Outcome, Result
from oaicheck.views.refusal import what_is_refused
from oaicheck.wire.printable import printable


@dataclass(frozen=True)
class Refusal:
    """A feature that an endpoint refuses.

    `parameters` are those that its errors name; `results` are the checks that do not apply.
    """

    what: str
    parameters: tuple[str, ...]
    results: tuple[Result, ...]


def refusals(run: Run) -> list[Refusal]:
    """What the endpoint refuses, first what leaves most checks unjudged."""
    found: dict[str, tuple[dict[str, None], list[Result]]] = {}
    for result in run.results:
        told = what_is_refused(reason_of(result)[1])
        if result.outcome is Outcome.NOT_APPLICABLE and told is not None:
            parameters, results = found.setdefault(told[0], ({}, []))
            results.append(result)
            parameters.update({told[1]: None} if told[1] else {})
    listed = [Refusal(what, tuple(names), tuple(of)) for what, (names, of) in found.items()]
    return sorted(listed, key=lambda refusal: -len(refusal.results))


def refused_name(refusal: Refusal) -> str:
    """What is refused: its parameters if they are known, otherwise its title."""
    return printable(", ".join(refusal.parameters) or refusal.what)


def unjudged_words(refusal: Refusal, all_results: Sequence[Result]) -> str:
    """How much a refusal leaves unjudged: `98 of 4,560 checks (2 %) not applicable`."""
    count, total = len(refusal.results), len(all_results)
    share = 100 * count / total
    percent = "under 1" if share < 1 else f"{share:.0f}"
    return f"{count:,} of {total:,} checks ({percent} %) not applicable"
