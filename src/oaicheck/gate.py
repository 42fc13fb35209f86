"""The gate: which exit code results call for. The verdict is another matter, and stays as it is."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum

from oaicheck.baseline import Compared
from oaicheck.verdict import Outcome, Result, RunVerdict, run_verdict

GATES = ("must", "should")


class ExitCode(IntEnum):
    """How a command ends."""

    PASSED = 0
    MISSED = 1
    INTERRUPTED = 2
    INTERNAL_ERROR = 3
    USAGE = 4
    NOTHING_JUDGED = 5


def exit_code(results: Iterable[Result], gate: str, compared: Compared | None = None) -> ExitCode:
    """What a gate says to results: `should` counts warnings too, known failures never count.

    An entry of the baseline that has become stale misses the gate, unless that is allowed.
    """
    results = list(results)
    if run_verdict(results) is None:
        return ExitCode.NOTHING_JUDGED
    new = [result for result in results if compared is None or not compared.knows(result)]
    if run_verdict(new) not in (RunVerdict.CONFORMANT, None):
        return ExitCode.MISSED
    if gate == "should" and any(result.outcome is Outcome.WARN for result in new):
        return ExitCode.MISSED
    if compared is not None and compared.stale and not compared.allow_stale:
        return ExitCode.MISSED
    return ExitCode.PASSED
