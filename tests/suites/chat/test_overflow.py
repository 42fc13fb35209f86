"""A prompt that is as long as it takes is judged like the longest one."""

from dataclasses import replace

import pytest

from oaicheck.engine.overflow import LONGEST
from oaicheck.scenarios.scenario import Scenario
from support.inprocess import record, scenarios, verdicts

OVERFLOWS = ("limits/overflow", "limits/overflow-streamed")


def _always_the_longest(known: Scenario) -> Scenario:
    """The scenario with a fixed prompt, as it was before it was as long as it takes."""
    (turn,) = known.turns
    (message,) = turn.body["messages"]
    content = {**message["content"], "times": LONGEST}
    body = {**turn.body, "messages": [{**message, "content": content}]}
    return replace(known, turns=(replace(turn, body=body),))


@pytest.mark.parametrize(
    "deviation",
    [
        "",
        "limits-large-context",
        "models-context-length-too-small",
        "models-extra-keys",
        "limits-context-overflow-truncated",
        "limits-context-error-unrecognisable",
        "errors-context-too-long-500",
        "errors-200-then-context-overflow-in-stream",
        "errors-always-200",
        "errors-validation-500",
    ],
)
def test_a_prompt_as_long_as_it_takes_is_judged_as_the_longest(deviation: str) -> None:
    faults = [deviation] if deviation else []
    needed = {*OVERFLOWS, *(other for name in OVERFLOWS for other in scenarios()[name].beside)}
    longest = {name: _always_the_longest(scenarios()[name]) for name in OVERFLOWS}
    found, fixed = (
        {
            (each.requirement.id, each.scenario): each.outcome
            for each in verdicts(record(faults, needed, known=known), only="chat.limits.overflow*")
        }
        for known in (scenarios(), {**scenarios(), **longest})
    )
    assert found == fixed
    assert len(found) == 9
