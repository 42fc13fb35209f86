"""The gate: the exit code of a run. It does not change the verdict."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from oaicheck.rules.requirement import Level
from oaicheck.rules.verdict import Outcome, Result, run_verdict
from oaicheck.verdicts.baseline import Compared, Entry
from oaicheck.verdicts.exit_codes import ExitCode

GATES = ("must", "should")

_UNDECIDED = (Outcome.INCONCLUSIVE, Outcome.ERROR)


@dataclass(frozen=True, slots=True)
class Missed:
    """What makes a gate fail, except for what the baseline excuses."""

    failures: tuple[Result, ...]
    undecided: tuple[Result, ...]
    """MUSTs without a verdict."""
    warnings: tuple[Result, ...]
    """Only counted by the gate `should`."""
    stale: tuple[Entry, ...]

    def __bool__(self) -> bool:
        """Whether the gate fails."""
        return bool(self.failures or self.undecided or self.warnings or self.stale)


def missed(results: Iterable[Result], gate: str, compared: Compared | None = None) -> Missed:
    """What makes a gate fail. `should` counts warnings too; known failures never count.

    Stale baseline entries count, unless they are allowed.
    """
    new = [result for result in results if compared is None or not compared.knows(result)]
    stale = compared.stale if compared is not None and not compared.allow_stale else ()
    return Missed(
        failures=tuple(each for each in new if each.outcome is Outcome.FAIL),
        undecided=tuple(
            each for each in new if each.outcome in _UNDECIDED and each.level is Level.MUST
        ),
        warnings=tuple(each for each in new if each.outcome is Outcome.WARN and gate == "should"),
        stale=stale,
    )


def exit_code(results: Iterable[Result], gate: str, compared: Compared | None = None) -> ExitCode:
    """The exit code of a gate for these results."""
    results = list(results)
    if run_verdict(results) is None:
        return ExitCode.NOTHING_JUDGED
    return ExitCode.MISSED if missed(results, gate, compared) else ExitCode.PASSED
