"""What an overloaded endpoint says about when to come back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from oaicheck.rules.verdict import Outcome
from oaicheck.wire.exchange import Ending, Exchange
from support.answers import answer, judged

NEW_YEAR_2000 = 946_684_800.0


def overloaded(*headers: tuple[str, str], status: int = 429) -> Exchange:
    return answer("chat/stream/text", status, {"error": {"message": "Wait."}}, headers=headers)


@pytest.mark.parametrize(
    ("pause", "expected"),
    [
        ("5", Outcome.PASS),
        ("0", Outcome.PASS),
        ("Fri, 31 Dec 1999 23:59:59 GMT", Outcome.PASS),
        ("-1", Outcome.WARN),
        ("0.5", Outcome.WARN),
        ("5s", Outcome.WARN),
        ("", Outcome.WARN),
    ],
)
def test_retry_after(pause: str, expected: Outcome) -> None:
    found = judged("errors.overload.retry-after", answer(), [overloaded(("Retry-After", pause))])
    assert found.outcome is expected


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"Retry-After": "60"}, Outcome.PASS),
        ({"Retry-After": "61"}, Outcome.WARN),
        ({"Retry-After": "9" * 5000}, Outcome.WARN),
        ({"Retry-After": "Sat, 01 Jan 2000 00:01:00 GMT"}, Outcome.PASS),
        ({"Retry-After": "Sat, 01 Jan 2000 00:01:01 GMT"}, Outcome.WARN),
        ({"Retry-After": "Sat, 01 Jan 2000 00:01:01 -0000"}, Outcome.WARN),
        ({"Retry-After": "Sat, 01 Jan 2000 00:01:01 GMT", "Date": "soon"}, Outcome.WARN),
        (
            {
                "Retry-After": "Sat, 01 Jan 2000 00:01:01 GMT",
                "Date": "Sat, 01 Jan 2000 00:00:01 GMT",
            },
            Outcome.PASS,
        ),
        (
            {
                "Retry-After": "Sat, 01 Jan 2000 00:01:00 GMT",
                "Date": "Fri, 31 Dec 1999 23:59:59 GMT",
            },
            Outcome.WARN,
        ),
        ({"Retry-After": "in an hour"}, Outcome.PASS),
        ({}, Outcome.PASS),
    ],
)
def test_retry_after_is_short(headers: dict[str, str], expected: Outcome) -> None:
    refused = replace(overloaded(*headers.items()), started=NEW_YEAR_2000)
    found = judged("errors.overload.retry-after-short", answer(), [refused])
    assert found.outcome is expected


def test_an_overload_need_not_say_how_long() -> None:
    rule = "errors.overload.retry-after"
    assert judged(rule, answer(), [overloaded(status=503)]).outcome is Outcome.PASS
    assert judged(rule, answer(), [overloaded(status=500)]).outcome is Outcome.NOT_APPLICABLE
    short = "errors.overload.retry-after-short"
    assert judged(short, answer()).outcome is Outcome.NOT_APPLICABLE
    assert judged("errors.overload.message", answer()).outcome is Outcome.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("headers", "status", "expected"),
    [
        ([("Retry-After", "1")], 429, Outcome.PASS),
        ([("x-ratelimit-reset-requests", "1s")], 429, Outcome.WARN),
        ([], 503, Outcome.PASS),
    ],
)
def test_a_429_says_when_to_retry(
    headers: list[tuple[str, str]], status: int, expected: Outcome
) -> None:
    found = judged(
        "errors.overload.retry-after-given", answer(), [overloaded(*headers, status=status)]
    )
    assert found.outcome is expected


def test_a_body_that_the_client_did_not_wait_for_is_not_missing() -> None:
    left = replace(overloaded(), segments=(), ending=Ending.HUNG_UP)
    found = judged("errors.overload.message", answer(), [left])
    assert found.outcome is Outcome.NOT_APPLICABLE
