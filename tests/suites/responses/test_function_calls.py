"""Calls of a model that makes one at a time."""

from oaicheck.rules.verdict import Outcome
from support.answers import answer_to, judged


def test_a_model_that_makes_one_call_at_a_time_breaks_nothing() -> None:
    answer = answer_to("responses/stream/tool-call", "responses-one-call-only")
    assert answer.attempt == 3, "after the rewordings"
    found = judged("responses.tools.call-id-own", answer)
    assert found.outcome is Outcome.NOT_APPLICABLE
