"""What a stored response remembers, and one that was not to be stored."""

import json

import pytest

from oaicheck.rules.verdict import Outcome
from support.answers import answering, changed, judged, turns
from support.inprocess import record, verdicts


@pytest.mark.parametrize(
    "message", ["Unsupported value: store must be false.", "This endpoint is stateless."]
)
def test_who_refuses_to_store_has_stored_nothing(message: str) -> None:
    *opening, gone = turns("responses/settings")
    text = json.dumps({"error": {"message": message}})
    refused = answering(turns("responses/state")[0], 400, text, "application/json")
    assert gone.status == 404
    found = judged("responses.state.not-stored", gone, [*opening, refused])
    assert found.outcome is Outcome.NOT_APPLICABLE


@pytest.mark.parametrize("counted", [(0, 5), (5, 0)])
def test_one_zero_is_no_count_to_compare_with(counted: tuple[int, int]) -> None:
    forgetting = record(["responses-previous-id-ignored"], ["responses/state"])
    for turn, tokens in enumerate(counted):
        answer = forgetting.exchanges[turn]
        forgetting.exchanges[turn] = changed(answer, usage={"input_tokens": tokens})
    (found,) = verdicts(forgetting, only="responses.state.remembered")
    assert found.outcome is Outcome.INCONCLUSIVE
