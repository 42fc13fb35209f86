"""The text of a message, if thoughts may take all the tokens."""

import pytest

from oaicheck.rules.requirement import MUST
from oaicheck.rules.verdict import Outcome
from support.answers import LIMITED, outcomes
from support.inprocess import record, verdicts
from support.responses import THINKER


@pytest.mark.parametrize("scenario", ["responses/whole/messages", "responses/stream/text"])
def test_a_model_that_thought_has_text_where_there_is_text(scenario: str) -> None:
    rule = "responses.items.text-not-empty"
    found = verdicts(record(names=[scenario], model=THINKER), only=rule)
    assert outcomes(found) == {Outcome.PASS}
    lost = record(["responses-completed-output-empty"], [scenario])
    assert Outcome.NOT_APPLICABLE not in outcomes(verdicts(lost, only=rule))


@pytest.mark.parametrize("shown", [(), ("responses-thoughts-hidden",)])
@pytest.mark.parametrize("scenario", LIMITED)
def test_thoughts_may_take_all_the_tokens(scenario: str, shown: tuple[str, ...]) -> None:
    answers = record(shown, [scenario], THINKER)
    found = [
        each for each in verdicts(answers, only="responses.*") if each.requirement.level is MUST
    ]
    assert outcomes(found) == {Outcome.PASS, Outcome.NOT_APPLICABLE}
    content = [each for each in found if each.requirement.id == "responses.items.content"]
    assert str(content[0].raised) == (
        "the token limit ended the response before a message: there is no message"
    )
