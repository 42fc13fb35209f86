"""Token limits: ignored, absent, clamped."""

import json
from collections import Counter
from dataclasses import replace

import pytest

from oaicheck.reference import Settings
from oaicheck.rules.verdict import Outcome
from oaicheck.scenarios.profile import Profile
from oaicheck.wire.exchange import Ending
from support.answers import answer_to, answering, broken, judged, outcome
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
    assert "observed 300 words in the text" in str(found.raised)
    heeded = judged(rule, answer_to(scenario, uncounted))
    assert heeded.outcome is Outcome.INCONCLUSIVE


def test_a_text_that_comes_twice_does_not_exceed_a_limit_that_was_counted() -> None:
    doubled = answer_to("chat/stream/text", "chunk-content-cumulative")
    assert outcome("chat.limits.streamed", doubled) is Outcome.PASS


UNLIMITED = "limits/no-limit"


def test_a_client_that_hangs_up_has_seen_enough() -> None:
    long = answer_to(UNLIMITED)
    assert long.ending is Ending.HUNG_UP
    assert judged("chat.limits.no-limit", long).outcome is Outcome.PASS


@pytest.mark.parametrize(
    ("tokens", "reason", "expected"),
    [
        (16, "length", Outcome.WARN),
        (199, "length", Outcome.WARN),
        (200, "length", Outcome.PASS),
        (16, "stop", Outcome.INCONCLUSIVE),
        (250, "stop", Outcome.PASS),
    ],
)
def test_an_answer_without_a_limit_is_not_cut(tokens: int, reason: str, expected: Outcome) -> None:
    events = [
        {"choices": [{"index": 0, "delta": {"content": "1 "}, "finish_reason": reason}]},
        {"choices": [], "usage": {"completion_tokens": tokens}},
    ]
    text = "".join(f"data: {json.dumps(event)}\n\n" for event in events)
    ended = answering(answer_to(UNLIMITED), 200, text, "text/event-stream")
    found = judged("chat.limits.no-limit", replace(ended, ending=Ending.COMPLETE))
    assert found.outcome is expected


CLAMPING = Profile(
    "clamping",
    "An endpoint that clamps and says so",
    facts={"over_limit": "clamp", "clamp_header": Settings().clamp_header},
)


LIMITS = (
    "limits/over-limit",
    "limits/over-limit-streamed",
    "chat/whole/length",
    "chat/stream/length",
    "chat/whole/text",
    "chat/stream/text",
)


def test_clamping_is_told_by_the_reference_endpoint() -> None:
    judged = list(verdicts(record(names=LIMITS), CLAMPING, "chat.limits.*clamp*"))
    assert Counter(found.outcome for found in judged) == {Outcome.PASS: 6}


@pytest.mark.parametrize(
    ("fault", "ids"),
    [
        ("limits-absurd-max-tokens-accepted", {"chat.limits.clamp-header"}),
        ("limits-max-tokens-silently-clamped", {"chat.limits.clamp-header"}),
        ("limits-clamp-header-missing-in-stream", {"chat.limits.clamp-header"}),
        ("limits-clamp-header-always", {"chat.limits.no-clamp-header"}),
        ("over-limit-400", {"chat.limits.over-limit-clamped"}),
    ],
)
def test_what_breaks_the_promise_to_clamp(fault: str, ids: set[str]) -> None:
    assert broken(record([fault], LIMITS), "chat.limits.*clamp*", CLAMPING) == ids
