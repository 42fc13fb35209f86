"""Conversations that are kept, or not kept at all."""

import pytest

from oaicheck.rules.verdict import Outcome
from support.answers import answering, judged, outcomes, turns
from support.inprocess import record, verdicts


@pytest.mark.parametrize(
    ("status", "expected"), [(200, Outcome.FAIL), (403, Outcome.PASS), (404, Outcome.PASS)]
)
def test_a_kept_response_may_be_hidden_from_a_wrong_key(status: int, expected: Outcome) -> None:
    *opening, wrong, own = turns("responses/kept/keys")
    hidden = answering(wrong, status, "{}", "application/json")
    assert judged("responses.state.key", own, [*opening, hidden]).outcome is expected


def test_what_cannot_be_retrieved_at_all_needs_no_key() -> None:
    *earlier, own = turns("responses/kept/keys")
    absent = answering(own, 404, "{}", "application/json")
    assert judged("responses.state.key", absent, earlier).outcome is Outcome.NOT_APPLICABLE


@pytest.mark.parametrize(
    "rule",
    ["all-turns", "instructions-read", "instructions-own"],
)
def test_who_keeps_no_state_need_not_remember(rule: str) -> None:
    recording = record(["responses-no-state"], ["responses/kept/turns"])
    found = verdicts(recording, only=f"responses.state.{rule}")
    assert outcomes(found) == {Outcome.NOT_APPLICABLE}


def test_who_continues_nothing_need_not_remember_a_call() -> None:
    recording = record(["responses-no-state"], ["responses/state", "responses/kept/call"])
    found = verdicts(recording, only="responses.state.call-continued")
    assert outcomes(found) == {Outcome.NOT_APPLICABLE}


def test_a_count_that_never_grows_does_not_say_that_instructions_were_not_read() -> None:
    recording = record(["responses-usage-input-constant"], ["responses/kept/turns"])
    found = verdicts(recording, only="responses.state.instructions-read")
    assert outcomes(found) == {Outcome.INCONCLUSIVE}
