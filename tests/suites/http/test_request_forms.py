"""Forms of requests that an endpoint may refuse."""

from __future__ import annotations

import pytest

from oaicheck.rules.verdict import Outcome
from support.answers import answer, answer_to, judged


@pytest.mark.parametrize(
    ("rule", "scenario", "status"),
    [
        ("http.requests.accept-json", "http/sdk-headers", 403),
        ("http.requests.chunked-body", "http/chunked-body", 411),
    ],
)
def test_a_refusal_that_another_rule_or_nobody_minds(rule: str, scenario: str, status: int) -> None:
    against = answer_to("chat/stream/text" if "sdk" in scenario else "chat/whole/text")
    refused = answer(scenario, status, {"error": {"message": "No."}})
    assert judged(rule, refused, [against]).outcome is Outcome.NOT_APPLICABLE
    failed = answer(scenario, 500, {"error": {"message": "No."}})
    assert judged(rule, failed, [against]).outcome in (Outcome.FAIL, Outcome.WARN)
