"""What a client's user got is held against the faultless endpoint."""

from __future__ import annotations

from typing import Any

import pytest

from oaicheck.clients.harm import Effect, Harm, effect
from oaicheck.clients.observed import Observed

SEEN = {"text": "Hello", "finish": ["stop"], "usage": {"input": 3}, "calls": [["a", {}], ["b", {}]]}
REFUSED = {"type": "AuthenticationError", "status": 401, "told": True, "message": "Wrong key."}


def on_one_task(before: Observed, now: Observed) -> Effect:
    return effect({"chat-stream": before}, {"chat-stream": now})


@pytest.mark.parametrize(
    ("changed", "symptom"),
    [
        ({"text": ""}, "text lost"),
        ({"text": None}, "text lost"),
        ({"text": "HelloHello"}, "text doubled"),
        ({"text": "Hell"}, "text incomplete: Hell"),
        ({"text": "Bye"}, "text Bye instead of Hello"),
        ({"finish": ["other"]}, "finish reason other instead of stop"),
        ({"usage": {"input": None}}, "usage lost"),
        ({"calls": [["a", {}]]}, "tool calls only a"),
        ({"text": "", "usage": {}}, "text lost"),
    ],
)
def test_another_answer_without_an_error_is_degraded(changed: Any, symptom: str) -> None:
    found = on_one_task(Observed(SEEN), Observed({**SEEN, **changed}))
    assert found == Effect(Harm.DEGRADED, f"chat stream: {symptom}")


def test_the_same_answer_works() -> None:
    assert on_one_task(Observed(SEEN), Observed(dict(SEEN))) == Effect(Harm.WORKS)


def test_an_empty_text_is_as_good_as_none() -> None:
    found = on_one_task(
        Observed({"text": None, "calls": [1]}), Observed({"text": "", "calls": [1]})
    )
    assert found == Effect(Harm.WORKS)


def test_an_exception_where_there_was_none_breaks() -> None:
    error = {**REFUSED, "message": "at http://127.0.0.1:45671/v1: call_0123456789abcdef01234567"}
    found = on_one_task(Observed(SEEN), Observed(error=error))
    symptom = "chat stream: AuthenticationError: at http://HOST/v1: call_…"
    assert found == Effect(Harm.BREAKS, symptom)


@pytest.mark.parametrize(
    ("now", "symptom"),
    [
        (Observed(SEEN), "no AuthenticationError is raised"),
        (
            Observed(error={**REFUSED, "type": "APIError"}),
            "APIError is raised instead of AuthenticationError",
        ),
        (Observed(error={**REFUSED, "status": 500}), "the error has status 500, not 401"),
        (
            Observed(error={**REFUSED, "told": False}),
            "the endpoint's message does not reach the user",
        ),
    ],
)
def test_another_end_than_the_expected_exception_is_degraded(now: Observed, symptom: str) -> None:
    found = on_one_task(Observed(error=REFUSED), now)
    assert found == Effect(Harm.DEGRADED, f"chat stream: {symptom}")


def test_an_error_of_other_words_works() -> None:
    now = Observed(error={**REFUSED, "message": "No."})
    assert on_one_task(Observed(error=REFUSED), now) == Effect(Harm.WORKS)


def test_the_worst_task_counts_and_tasks_with_one_symptom_stand_together() -> None:
    tasks = ["chat-a", "chat-b", "chat-c", "chat-d", "chat-e", "chat-f"]
    before = {task: Observed(SEEN) for task in tasks}
    now = {task: Observed(hangs=True) for task in tasks[:5]}
    found = effect(before, {**now, "chat-f": Observed({**SEEN, "text": ""})})
    symptom = "chat a, chat b, chat c and 2 more: no end within the time"
    assert found == Effect(Harm.HANGS, symptom)
