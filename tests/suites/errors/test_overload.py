"""What an overloaded endpoint says about when to come back."""

from __future__ import annotations

import pytest

from oaicheck.rules.verdict import Outcome
from oaicheck.wire.exchange import Exchange
from support.answers import answer, judged


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


def test_an_overload_need_not_say_how_long() -> None:
    rule = "errors.overload.retry-after"
    assert judged(rule, answer(), [overloaded(status=503)]).outcome is Outcome.PASS
    assert judged(rule, answer(), [overloaded(status=500)]).outcome is Outcome.NOT_APPLICABLE
    assert judged("errors.overload.message", answer()).outcome is Outcome.NOT_APPLICABLE
