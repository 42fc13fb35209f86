"""What once went unnoticed at real endpoints."""

import json
from dataclasses import replace

import pytest

from oaicheck.rules.verdict import Outcome
from support.answers import answer_to, changed, judged
from support.inprocess import record, verdicts

LIMITS_OF_CHAT = [
    ("chat.limits.streamed", "chat/stream/length", "usage-missing-in-stream"),
    ("chat.limits.whole", "chat/whole/length", "usage-missing"),
    ("chat.limits.streamed", "chat/stream/length", "usage-zero"),
    ("chat.limits.whole", "chat/whole/length", "usage-zero"),
]


@pytest.mark.parametrize(("rule", "scenario", "uncounted"), LIMITS_OF_CHAT)
def test_a_limit_that_is_ignored_shows_without_a_count(
    rule: str, scenario: str, uncounted: str
) -> None:
    found = judged(rule, answer_to(scenario, "limits-max-tokens-ignored", uncounted))
    assert found.outcome is Outcome.FAIL
    assert "observed 300 words came" in str(found.raised)
    heeded = judged(rule, answer_to(scenario, uncounted))
    assert heeded.outcome is Outcome.INCONCLUSIVE


@pytest.mark.parametrize("uncounted", ["responses-usage-null", "responses-usage-zero"])
def test_a_limit_of_a_response_that_is_ignored_shows_too(uncounted: str) -> None:
    limited = "responses/stream/length"
    ignored = answer_to(limited, "responses-limit-ignored-in-stream", uncounted)
    assert judged("responses.usage.limit", ignored).outcome is Outcome.FAIL
    heeded = answer_to(limited, uncounted)
    assert judged("responses.usage.limit", heeded).outcome is Outcome.INCONCLUSIVE


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


KEYLESS = ("concurrent/plain", "concurrent/gzip", "chat/whole/text", "chat/whole/non-ascii")


@pytest.mark.parametrize("rule", ["http.concurrency.no-cross-talk", "http.concurrency.own-usage"])
def test_answers_are_told_apart_without_a_key_and_without_a_second_slash(rule: str) -> None:
    mixing = record(["concurrency-gateway-response-mixing"], KEYLESS)
    assert Outcome.PASS not in {found.outcome for found in verdicts(mixing, only=rule)}
    fine = record(names=KEYLESS)
    assert {found.outcome for found in verdicts(fine, only=rule)} == {Outcome.PASS}


SHARING = ("tools-call-repeated", "tools-stream-index-always-zero")


@pytest.mark.parametrize(
    "scenario",
    [
        "chat/stream/tool-call",
        "chat/stream/tools/named",
        "chat/stream/long-call",
        "chat/tools/stream/schema",
    ],
)
def test_two_calls_under_one_index_are_seen_wherever_calls_are_streamed(scenario: str) -> None:
    rule = "chat.tools.streamed-index-own"
    assert judged(rule, answer_to(scenario, *SHARING)).outcome is Outcome.FAIL
    assert judged(rule, answer_to(scenario)).outcome is Outcome.NOT_APPLICABLE
    assert judged(rule, answer_to(scenario, SHARING[0])).outcome is Outcome.PASS


def test_one_call_where_two_were_asked_for_has_no_other_to_differ_from() -> None:
    alone = replace(answer_to("chat/stream/tool-call"), scenario="chat/tools/stream/auto")
    assert judged("chat.tools.streamed-index-own", alone).outcome is Outcome.NOT_APPLICABLE


def test_ids_are_compared_that_came_under_one_index() -> None:
    sharing = answer_to("chat/tools/stream/auto", "tools-stream-index-always-zero")
    assert judged("chat.tools.streamed-ids-unique", sharing).outcome is Outcome.PASS


@pytest.mark.parametrize(
    "rule",
    [
        f"chat.tools.streamed-arguments{part}"
        for part in ("", "-empty", "-once", "-early", "-schema")
    ],
)
def test_arguments_that_cannot_be_told_apart_are_not_said_to_be_missing(rule: str) -> None:
    sharing = answer_to("chat/tools/stream/auto", "tools-stream-index-always-zero")
    found = judged(rule, sharing)
    assert found.outcome is Outcome.INCONCLUSIVE
    assert str(found.raised) == "calls share an index, so their arguments cannot be told apart"
