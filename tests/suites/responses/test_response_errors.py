"""A request that should have been refused and was served."""

from dataclasses import replace

from oaicheck.rules.verdict import Outcome
from support.answers import answer_to, outcome


def test_a_request_that_was_served_was_not_refused_in_a_stream() -> None:
    served = answer_to("responses/stream/text")
    taken = replace(served, scenario="responses/refused/no-input")
    assert outcome("responses.errors.not-a-stream", taken) is Outcome.NOT_APPLICABLE
    assert outcome("responses.errors.no-input", taken) is Outcome.FAIL
