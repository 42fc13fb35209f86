"""Parameters that clients send unasked: all at once, and each alone if that is refused."""

import pytest

from oaicheck.rules.judging import Breach
from oaicheck.rules.verdict import Outcome
from support.answers import answering, judged, turns

SERVED = "responses.unasked.served"
NAMED = "responses.unasked.named"


def test_all_at_once_is_enough_if_it_is_served() -> None:
    (together,) = turns("responses/unasked")
    for rule in (SERVED, NAMED, "responses.unasked.no-server-error"):
        assert judged(rule, together).outcome is Outcome.PASS


def test_every_parameter_that_is_refused_alone_is_named() -> None:
    *earlier, last = turns("responses/unasked", "responses-refuses-user", "responses-refuses-store")
    assert len(earlier) == 7
    found = judged(SERVED, last, earlier)
    assert found.outcome is Outcome.WARN
    assert isinstance(found.raised, Breach)
    assert found.raised.finding.observed == "HTTP 400 to `user`, HTTP 400 to `store`"


@pytest.mark.parametrize(
    ("message", "expected"),
    [("Unsupported: 'reasoning.effort'.", Outcome.PASS), ("Invalid request.", Outcome.WARN)],
)
def test_what_a_model_does_not_support_has_to_be_named(message: str, expected: Outcome) -> None:
    *earlier, last = turns("responses/unasked", "responses-refuses-reasoning")
    body = f'{{"error": {{"message": "{message}"}}}}'
    refused = answering(last, 400, body, "application/json")
    assert judged(NAMED, refused, earlier).outcome is expected
    assert judged(SERVED, refused, earlier).outcome is Outcome.PASS
