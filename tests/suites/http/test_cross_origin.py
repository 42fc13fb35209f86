"""The header by which an answer allows an origin."""

from __future__ import annotations

from dataclasses import replace

import pytest

from oaicheck.rules.verdict import Outcome
from support.answers import answer_to, judged

ORIGIN = "https://app.example"


_ALLOWED = "Access-Control-Allow-Origin"


@pytest.mark.parametrize(
    ("allowed", "expected"),
    [
        (("*",), Outcome.PASS),
        ((ORIGIN,), Outcome.PASS),
        ((), Outcome.WARN),
        (("*", "*"), Outcome.WARN),
        (("https://else.example",), Outcome.WARN),
    ],
)
def test_an_answer_allows_the_origin_once(allowed: tuple[str, ...], expected: Outcome) -> None:
    headers = tuple((_ALLOWED, value) for value in allowed)
    stream = replace(answer_to("http/origin-stream"), headers=headers)
    rule, preflight = "http.requests.cross-origin", answer_to("http/preflight")
    assert judged(rule, stream, [preflight]).outcome is expected
    refused = replace(preflight, status=405, headers=())
    assert judged(rule, stream, [refused]).outcome is Outcome.NOT_APPLICABLE
