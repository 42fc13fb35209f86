"""Stop strings: where one was ignored, left in, or begun."""

import pytest

from oaicheck.rules.verdict import Outcome
from support.answers import finding, outcome, saying, streaming


def test_a_stop_string_that_was_ignored_is_shown_where_it_begins() -> None:
    said = streaming("chat/stream/stop", *saying("1 2 3 ", "4 ", "5 ", "6 7 8"))
    found = finding("chat.stop.honoured", said)
    assert found.expected == 'content that ends before the stop string "5 6"'
    assert found.observed == 'the content continues: "1 2 3 4 5 6 7 8"'
    assert found.evidence[0].event == 4


def test_what_stands_around_a_stop_string_is_enough_to_find_it() -> None:
    numbers = " ".join(map(str, range(1, 60)))
    found = finding("chat.stop.honoured", streaming("chat/stream/stop", *saying(numbers)))
    assert found.observed.startswith('the content continues: "1 2 3 4 5 6 7')
    assert found.observed.endswith('…"')
    assert found.evidence[0].event == 2


def test_of_several_stop_strings_the_first_in_the_text_counts() -> None:
    said = streaming("chat/stream/stop", *saying("1 2 3 4 5 ", "6 oaicheck-end 7"))
    assert "5 6" in finding("chat.stop.honoured", said).expected


def test_a_stop_string_that_was_left_in_is_named() -> None:
    said = streaming("chat/stream/stop", *saying("1 2 3 4 5 6"))
    assert (
        finding("chat.stop.excluded", said).expected
        == 'content that ends before the stop string "5 6"'
    )


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("1 2 3 4", Outcome.PASS),
        ("1 2 3 4 5 ", Outcome.WARN),
        ("1,2,3,4,5,6\n\nThe numbers are 1 through 20, with no more digits.", Outcome.INCONCLUSIVE),
        ("1,2,3,4,5,6,7", Outcome.INCONCLUSIVE),
    ],
)
def test_another_way_to_count_leaks_no_beginning_of_a_stop(written: str, expected: Outcome) -> None:
    said = {"index": 0, "delta": {"role": "assistant", "content": written}, "finish_reason": None}
    ended = {"index": 0, "delta": {}, "finish_reason": "stop"}
    counted = streaming("chat/stream/stop", {"choices": [said]}, {"choices": [ended]})
    assert outcome("chat.stop.no-beginning", counted) is expected
