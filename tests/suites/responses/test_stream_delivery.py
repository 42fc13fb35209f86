"""A text that comes in one delta."""

from oaicheck.rules.verdict import Outcome
from support.answers import outcomes
from support.inprocess import record, verdicts


def test_a_text_in_one_delta_was_not_held_back() -> None:
    recording = record(["responses-one-delta"], ["chat/first-token", "responses/stream/long"])
    found = verdicts(recording, only="responses.stream.as-generated")
    assert outcomes(found) == {Outcome.NOT_APPLICABLE}
