"""Usage of a response: missing, zero, without details."""

import pytest

from oaicheck.rules.verdict import Outcome
from support.answers import answer_to, judged
from support.inprocess import record, verdicts


@pytest.mark.parametrize("form", ["absent", "null"])
@pytest.mark.parametrize("rule", ["responses.usage.details", "responses.usage.details-bounds"])
def test_usage_needs_no_details(rule: str, form: str) -> None:
    answer = answer_to("responses/whole/messages", f"responses-usage-details-{form}")
    assert judged(rule, answer).outcome is Outcome.NOT_APPLICABLE


@pytest.mark.parametrize("uncounted", ["responses-usage-null", "responses-usage-zero"])
def test_a_limit_of_a_response_that_is_ignored_shows_too(uncounted: str) -> None:
    limited = "responses/stream/length"
    ignored = answer_to(limited, "responses-limit-ignored-in-stream", uncounted)
    assert judged("responses.usage.limit", ignored).outcome is Outcome.FAIL
    heeded = answer_to(limited, uncounted)
    assert judged("responses.usage.limit", heeded).outcome is Outcome.INCONCLUSIVE


@pytest.mark.parametrize(
    ("rule", "scenario"),
    [
        ("responses.state.remembered", "responses/state"),
        ("responses.usage.input-read", "responses/whole/messages"),
        ("responses.tools.round-trip-counted", "responses/tools"),
    ],
)
def test_zeros_do_not_say_what_was_read(rule: str, scenario: str) -> None:
    forgetting = record(["responses-previous-id-ignored", "responses-usage-zero"], [scenario])
    (found,) = verdicts(forgetting, only=rule)
    assert found.outcome is Outcome.INCONCLUSIVE
    assert str(found.raised).startswith("usage counts nothing")
