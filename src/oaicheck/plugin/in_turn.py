"""The order in which checks are judged, so that each long body is read from its file only once.

First come the checks without a long body, then those of one scenario after the other, and last the
checks that look at all responses of the run: what they need of a long body was found by then.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence

from oaicheck.plugin.items import Check
from oaicheck.report.tokens import tokens_of, total_tokens
from oaicheck.verdicts.judge import views_of
from oaicheck.views.answers import call_ids, completion_id
from oaicheck.views.texts.pitfalls import huge_number, repeated_name
from oaicheck.wire.recording import Recording

_FINDINGS = (completion_id, call_ids, huge_number, repeated_name, tokens_of, total_tokens)
"""What later checks and the report want to know about every response."""


def in_turn(checks: Sequence[Check], recording: Recording) -> Iterator[Check]:
    """The checks in the order in which they should be judged; in their own without long bodies."""
    long = recording.long
    if not long:
        yield from checks
        return
    groups: dict[str, list[Check]] = {name: [] for name in long}
    short: list[Check] = []
    of_all: list[Check] = []
    for check in checks:
        name = _long_one(check, long)
        if "bench" in views_of(check.function):
            of_all.append(check)
        else:
            (short if name is None else groups[name]).append(check)
    yield from short
    for name in sorted(groups):
        recording.let_go()
        yield from groups[name]
        _find(recording, name)
    yield from of_all


def _long_one(check: Check, long: frozenset[str]) -> str | None:
    """The scenario with a long body that a check looks at, or None."""
    assert check.scenario is not None
    names = (check.scenario.name, check.requirement.against)
    return next((name for name in names if name in long), None)


def _find(recording: Recording, scenario: str) -> None:
    """Find what is asked later about the responses of a scenario, one body after the other."""
    answered = [each for each in recording.exchanges if each.scenario == scenario and each.answered]
    for exchange in answered:
        if len(answered) > 1:
            recording.let_go()
        for find in _FINDINGS:
            # Whoever needs it looks again, and tells what is wrong.
            with contextlib.suppress(Exception):
                find(exchange)
