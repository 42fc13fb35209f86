"""A replayed output without the results of its calls."""

import json

from oaicheck.rules.verdict import Outcome
from support.answers import answering, changed, judged, turns


def test_what_was_replayed_lacks_an_output_where_there_were_several_calls() -> None:
    first, second = turns("responses/replay")
    calls = json.loads(first.body)["output"]
    several = changed(first, output=[*calls, {**calls[-1], "call_id": "call_2"}])
    refused = answering(second, 400, '{"error": {"message": "no output"}}', "application/json")
    found = judged("responses.replay.served", refused, [several])
    assert found.outcome is Outcome.NOT_APPLICABLE
    assert judged("responses.replay.served", refused, [first]).outcome is Outcome.FAIL
