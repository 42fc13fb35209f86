"""Usage that is compared with the words of the text."""

import json

import pytest

from oaicheck.rules.verdict import Outcome
from support.answers import answer_to, changed, judged, outcome, saying, streaming


@pytest.mark.parametrize(("counted", "expected"), [(299, Outcome.WARN), (300, Outcome.PASS)])
def test_fewer_tokens_than_words_are_too_few(counted: int, expected: Outcome) -> None:
    long = answer_to("chat/whole/length", "limits-max-tokens-ignored")
    usage = {**json.loads(long.body)["usage"], "completion_tokens": counted}
    assert judged("chat.usage.whole-answer", changed(long, usage=usage)).outcome is expected


def test_the_usage_of_a_long_stream_is_held_to_its_words() -> None:
    found = judged(
        "chat.usage.streamed-answer", answer_to("chat/stream/long", "usage-of-each-chunk")
    )
    assert found.outcome is Outcome.WARN
    assert (
        judged("chat.usage.streamed-answer", answer_to("chat/stream/long")).outcome is Outcome.PASS
    )


@pytest.mark.parametrize("fault", ["chunk-content-cumulative", "chunk-final-repeats-whole-answer"])
def test_a_text_that_comes_twice_was_not_counted_wrongly(fault: str) -> None:
    assert outcome("chat.usage.streamed-answer", answer_to("chat/stream/long", fault)) is (
        Outcome.INCONCLUSIVE
    )


@pytest.mark.parametrize(
    ("finish", "expected"), [("stop", Outcome.PASS), (None, Outcome.WARN)], ids=str
)
def test_usage_beside_a_choice_is_fine_where_the_choice_ends(
    finish: str | None, expected: Outcome
) -> None:
    choice = {"index": 0, "delta": {}, "finish_reason": finish}
    stream = streaming("chat/stream/text", *saying("Hi"), {"choices": [choice], "usage": {"a": 1}})
    assert outcome("chat.usage.streamed-once", stream) is expected
