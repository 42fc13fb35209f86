"""Tools of type custom that are refused, or whose call the token limit cut off."""

import pytest

from oaicheck.rules.verdict import Outcome
from support.answers import answer_to, answering, outcome

CUSTOM = "responses/calls/custom"
RULES = [f"responses.custom-tools.{rule}" for rule in ("called", "item", "streamed")]


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("said", ["tools[0].type must be 'function'", "No."])
def test_a_refusal_is_no_defect_even_if_it_names_nothing(rule: str, said: str) -> None:
    body = f'{{"error": {{"message": "{said}"}}}}'
    refused = answering(answer_to(CUSTOM), 422, body, "application/json")
    assert outcome(rule, refused) is Outcome.NOT_APPLICABLE


def test_a_response_that_was_cut_does_not_show_that_the_tool_was_left_out() -> None:
    left_out = answer_to(CUSTOM, "responses-custom-tool-left-out")
    cut = left_out.text.replace('"status":"completed"', '"status":"incomplete"')
    assert outcome(RULES[0], left_out) is Outcome.FAIL
    found = answering(left_out, 200, cut, "text/event-stream")
    assert outcome(RULES[0], found) is Outcome.INCONCLUSIVE
