"""The status of a response at its token limit."""

import pytest

from oaicheck.rules.verdict import Outcome
from support.answers import LIMITED, answer_to, changed, judged


@pytest.mark.parametrize("scenario", LIMITED)
@pytest.mark.parametrize("rule", ["responses.object.length", "responses.items.status-incomplete"])
def test_a_response_that_went_beyond_its_limit_was_not_cut_there(rule: str, scenario: str) -> None:
    found = judged(rule, answer_to(scenario, "responses-limit-one-too-many"))
    assert found.outcome is Outcome.INCONCLUSIVE
    assert str(found.raised) == "the limit of 16 was not applied: 17 tokens in usage"


@pytest.mark.parametrize("rule", ["responses.object.length", "responses.items.status-incomplete"])
def test_no_count_is_needed_to_see_that_a_limit_was_not_heeded(rule: str) -> None:
    faults = ("responses-limit-ignored-in-stream", "responses-usage-null")
    found = judged(rule, answer_to("responses/stream/length", *faults))
    assert str(found.raised) == "the limit of 16 was not applied: 300 words in the text"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I will not count.", Outcome.INCONCLUSIVE),
        ("1 2 3 and so on up to 300", Outcome.INCONCLUSIVE),
        ("1 2 3 4 5 6 7 8", Outcome.FAIL),
    ],
)
def test_a_model_may_end_by_itself_just_at_the_limit(text: str, expected: Outcome) -> None:
    part = {"type": "output_text", "text": text, "annotations": []}
    message = {"id": "msg_1", "type": "message", "role": "assistant", "content": [part]}
    ended = {"status": "completed", "incomplete_details": None, "output": [message]}
    answer = changed(answer_to("responses/whole/length"), **ended)
    assert judged("responses.object.length", answer).outcome is expected
