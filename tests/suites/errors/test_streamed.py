"""Errors of streaming requests: before the stream, or inside it."""

import pytest

from oaicheck.rules.verdict import Outcome
from support.answers import answer_to, answering, judged, outcome


def test_a_streaming_request_that_is_simply_served_has_no_error_inside() -> None:
    scenario, rule = "refused/streamed-no-messages", "errors.streamed.before-the-first-byte"
    served = judged(rule, answer_to(scenario, "params-missing-messages-accepted"))
    assert served.outcome is Outcome.INCONCLUSIVE
    assert "errors.refused.client-error" in str(served.raised)
    assert outcome(rule, answer_to(scenario)) is Outcome.PASS


@pytest.mark.parametrize(
    ("text", "media_type"),
    [
        ('{"error": {"message": "no messages"}}', "application/json"),
        ('data: {"error": "no messages", "error_type": "validation"}\n\n', "text/event-stream"),
        ('data: {"type": "error", "message": "no messages"}\n\n', "text/event-stream"),
        ("event: error\ndata: no messages\n\n", "text/event-stream"),
        ('event: error\ndata: {"message": "no messages"}\n\n', "text/event-stream"),
    ],
)
def test_an_error_inside_a_success_is_found_in_every_form(text: str, media_type: str) -> None:
    told = answering(answer_to("refused/streamed-no-messages"), 200, text, media_type)
    assert outcome("errors.streamed.before-the-first-byte", told) is Outcome.FAIL


def test_two_errors_are_compared_where_both_have_members() -> None:
    streamed, whole = answer_to("refused/streamed-no-messages"), answer_to("refused/no-messages")
    bare = answering(whole, 400, "Bad Request", "text/plain")
    rule = "errors.streamed.same-error"
    assert outcome(rule, streamed, [bare]) is Outcome.INCONCLUSIVE
    assert outcome(rule, streamed, [whole]) is Outcome.PASS
