"""The stateless loop: what is refused at once is no defect, and an error in a stream is one."""

import json

from oaicheck.rules.verdict import Outcome
from support.answers import answering, changed, judged, turns

SERVED = "responses.stateless.served"
ERROR = {"type": "error", "sequence_number": 1, "error": {"message": "unknown item"}}


def test_who_refuses_include_at_once_need_not_continue() -> None:
    first, _ = turns("responses/stateless")
    refused = answering(first, 400, '{"error": {"message": "include"}}', "application/json")
    assert judged(SERVED, refused).outcome is Outcome.NOT_APPLICABLE


def test_an_error_within_the_stream_is_a_refusal_too() -> None:
    first, second = turns("responses/stateless")
    assert judged(SERVED, second, [first]).outcome is Outcome.PASS
    text = f"event: error\ndata: {json.dumps(ERROR)}\n\n"
    failing = answering(second, 200, text, "text/event-stream")
    assert judged(SERVED, failing, [first]).outcome is Outcome.FAIL


def test_an_incomplete_response_need_not_be_accepted() -> None:
    first, second = turns("responses/stateless")
    refused = answering(second, 400, '{"error": {"message": "no"}}', "application/json")
    cut = changed(first, status="incomplete")
    assert judged(SERVED, refused, [cut]).outcome is Outcome.INCONCLUSIVE
    assert judged(SERVED, refused, [first]).outcome is Outcome.FAIL
