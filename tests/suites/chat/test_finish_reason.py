"""The finish reason at a token limit, streamed and whole."""

import json

import pytest

from oaicheck.rules.verdict import Outcome
from oaicheck.wire.exchange import Exchange
from support.answers import answer_to, changed, judged
from support.inprocess import record, verdicts


def test_a_count_of_zero_does_not_say_that_a_model_stopped_by_itself() -> None:
    uncounted = answer_to("chat/whole/length", "usage-zero")
    choices = [{**choice, "finish_reason": "stop"} for choice in _choices(uncounted)]
    found = judged("chat.finish.length-whole", changed(uncounted, choices=choices))
    assert found.outcome is Outcome.INCONCLUSIVE
    assert str(found.raised).startswith("without usage")


def _choices(answer: Exchange) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(answer.body)["choices"]
    return found


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("usage-missing-in-stream", "the stream has no completion_tokens to compare"),
        ("usage-missing", "the completion has no completion_tokens to compare"),
    ],
)
@pytest.mark.parametrize(
    ("rule", "scenario"),
    [
        ("chat.finish.same-length", "length"),
        ("chat.finish.same-tool-call", "tool-call"),
    ],
)
def test_lengths_that_are_not_told_do_not_differ(
    rule: str, scenario: str, fault: str, reason: str
) -> None:
    names = (f"chat/stream/{scenario}", f"chat/whole/{scenario}")
    (found,) = verdicts(record([fault], names), only=rule)
    assert found.outcome is Outcome.INCONCLUSIVE
    assert str(found.raised) == reason


def test_two_counts_that_differ_are_lengths_that_differ() -> None:
    whole = answer_to("chat/whole/length")
    usage = {**json.loads(whole.body)["usage"], "completion_tokens": 4}
    found = judged(
        "chat.finish.same-length", answer_to("chat/stream/length"), [changed(whole, usage=usage)]
    )
    assert str(found.raised) == "the two answers differ in length"
