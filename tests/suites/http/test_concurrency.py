"""Answers that are mixed up with those of other requests."""

from dataclasses import replace

import pytest

from oaicheck.rules.verdict import Outcome
from oaicheck.wire.exchange import Ending, Exchange, Segment
from support.answers import PROMPTS, answer_to, answering, judged, outcome, streaming
from support.inprocess import record, verdicts

KEYLESS = ("concurrent/plain", "concurrent/gzip", "chat/whole/text", "chat/whole/non-ascii")


@pytest.mark.parametrize("rule", ["http.concurrency.no-cross-talk", "http.concurrency.own-usage"])
def test_answers_are_told_apart_without_a_key_and_without_a_second_slash(rule: str) -> None:
    mixing = record(["concurrency-gateway-response-mixing"], KEYLESS)
    assert Outcome.PASS not in {found.outcome for found in verdicts(mixing, only=rule)}
    fine = record(names=KEYLESS)
    assert {found.outcome for found in verdicts(fine, only=rule)} == {Outcome.PASS}


CROSS_TALK = "http.concurrency.no-cross-talk"


def mixed_up(*others: Exchange, **times: float) -> Outcome:
    """What is said of an answer that holds the word of another request too."""
    delta = {"role": "assistant", "content": "cormorant-5107 tamarind-4460"}
    said = streaming("concurrent/gzip", {"choices": [{"index": 0, "delta": delta}]})
    return outcome(CROSS_TALK, replace(said, **times), others)


def test_a_word_that_nobody_asked_for_was_not_mixed_up() -> None:
    assert mixed_up() is Outcome.NOT_APPLICABLE
    assert mixed_up(answer_to("chat/whole/text")) is Outcome.PASS
    assert mixed_up(answer_to("concurrent/plain")) is Outcome.FAIL


@pytest.mark.parametrize(
    ("started", "expected"),
    [
        (7.9, Outcome.NOT_APPLICABLE),
        (8.1, Outcome.FAIL),
        (10.5, Outcome.FAIL),
        (99.0, Outcome.FAIL),
    ],
)
def test_a_word_that_was_said_before_it_was_asked_for_is_no_mix_up(
    started: float, expected: Outcome
) -> None:
    """A later answer may hold it: it can come over a connection that was abandoned."""
    asking = replace(answer_to("concurrent/plain"), started=10.0, ended_at=1.0)
    assert mixed_up(asking, started=started, ended_at=2.0) is expected


def test_a_server_that_always_says_the_same_words_mixes_nothing_up() -> None:
    canned = replace(answer_to("chat/whole/text"), segments=(Segment(0.1, b"tamarind-4460"),))
    asking = replace(answer_to("concurrent/plain"), started=10.0, ended_at=1.0)
    assert mixed_up(asking, canned, started=10.0, ended_at=2.0) is Outcome.PASS


def test_what_was_mixed_up_before_a_repetition_stays_mixed_up() -> None:
    cut = replace(answer_to("concurrent/plain"), ending=Ending.CUT, ended_at=1.0)
    again = replace(answer_to("concurrent/plain"), attempt=2, started=5.0)
    assert mixed_up(cut, again, started=0.0, ended_at=1.0) is Outcome.FAIL


def test_a_request_that_got_no_answer_asked_for_a_word_too() -> None:
    silent = replace(answer_to("concurrent/plain"), status=None, segments=(), ending=Ending.STALLED)
    assert mixed_up(silent) is Outcome.FAIL


def test_what_there_is_no_usage_of_is_named_with_the_reason() -> None:
    missing = answering(answer_to("concurrent/double-slash"), 404, "Not Found", "text/plain")
    uncounted = answer_to("concurrent/plain", "usage-missing-in-stream")
    found = judged("http.concurrency.own-usage", answer_to("concurrent/gzip"), [missing, uncounted])
    assert found.outcome is Outcome.INCONCLUSIVE
    assert str(found.raised) == (
        "concurrent/gzip#1 has nothing to compare with: concurrent/lowercase-scheme was not sent, "
        "concurrent/plain got no integer usage.prompt_tokens, concurrent/double-slash got HTTP 404"
    )


def test_a_count_that_never_grows_is_not_mixed_up() -> None:
    names = ("concurrent/plain", "concurrent/gzip", *PROMPTS)
    (found,) = verdicts(record(["usage-prompt-constant"], names), only="http.concurrency.own-usage")
    assert found.outcome is Outcome.INCONCLUSIVE
