"""What a breach points at, and what it says there, where no fault of the matrix shows it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from oaicheck.rules.judging import Breach
from oaicheck.rules.verdict import Finding, Outcome
from support.answers import answer_to, changed, judged, streaming
from support.inprocess import record, verdicts


def saying(*pieces: str, **members: Any) -> list[dict[str, Any]]:
    """The events of a stream that names the role, says these pieces and ends."""
    deltas = [{"role": "assistant"}, *({"content": piece} for piece in pieces)]
    return [
        *({"choices": [{"index": 0, "delta": delta, **members}]} for delta in deltas),
        {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
    ]


def finding(requirement: str, answer: Any) -> Finding:
    raised = judged(requirement, answer).raised
    assert isinstance(raised, Breach)
    return raised.finding


def test_missing_log_probabilities_are_missing_beside_content() -> None:
    said = streaming("chat/stream/logprobs", *saying("", "Simulated ", "text", logprobs=None))
    found = finding("chat.logprobs.present", said)
    assert found.observed == 'choices[0].logprobs is null beside content "Simulated "'
    assert found.evidence[0].event == 3


def test_a_long_content_beside_no_log_probabilities_is_shortened() -> None:
    said = streaming("chat/stream/logprobs", *saying("long " * 40))
    assert finding("chat.logprobs.present", said).observed == (
        f'choices[0].logprobs is absent beside content "{"long " * 8}…"'
    )


def test_a_stop_string_that_was_ignored_is_shown_where_it_begins() -> None:
    said = streaming("chat/stream/stop", *saying("1 2 3 ", "4 ", "5 ", "6 7 8"))
    found = finding("chat.stop.honoured", said)
    assert found.expected == 'an end before the stop string "5 6"'
    assert found.observed == 'the content goes on: "1 2 3 4 5 6 7 8"'
    assert found.evidence[0].event == 4


def test_what_stands_around_a_stop_string_is_enough_to_find_it() -> None:
    numbers = " ".join(map(str, range(1, 60)))
    found = finding("chat.stop.honoured", streaming("chat/stream/stop", *saying(numbers)))
    assert found.observed.startswith('the content goes on: "1 2 3 4 5 6 7')
    assert found.observed.endswith('…"')
    assert found.evidence[0].event == 2


def test_of_several_stop_strings_the_first_in_the_text_counts() -> None:
    said = streaming("chat/stream/stop", *saying("1 2 3 4 5 ", "6 oaicheck-end 7"))
    assert "5 6" in finding("chat.stop.honoured", said).expected


def test_a_stop_string_that_was_left_in_is_named() -> None:
    said = streaming("chat/stream/stop", *saying("1 2 3 4 5 6"))
    assert finding("chat.stop.excluded", said).expected == 'an end before the stop string "5 6"'


def test_text_in_place_of_json_is_shown_where_it_begins() -> None:
    said = streaming("chat/stream/json-schema", *saying("Here ", "you ", "are."))
    assert finding("chat.format.json", said).evidence[0].event == 2


@pytest.mark.parametrize(
    ("scenario", "fault", "expected"),
    [
        ("chat/whole/text", "object-choice-index-from-one", "0"),
        ("chat/whole/choices", "object-choice-index-from-one", "an integer from 0 to 1"),
    ],
)
def test_the_only_choice_has_the_number_0(scenario: str, fault: str, expected: str) -> None:
    found = finding("chat.completion.choice-index", answer_to(scenario, fault))
    assert found.expected == expected


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("usage-missing-in-stream", "the stream has no usage to compare lengths by"),
        ("usage-missing", "the completion has no usage to compare lengths by"),
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
