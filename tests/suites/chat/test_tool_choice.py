"""A tool choice, if the stream broke off."""

import json

from oaicheck.rules.verdict import Outcome
from support.answers import answer_to, answering, outcome


def test_a_stream_that_broke_off_has_not_ignored_a_tool_choice() -> None:
    text = f"data: {json.dumps({'error': {'message': 'late'}})}\n\n"
    broken = answering(answer_to("chat/stream/tools/named"), 200, text, "text/event-stream")
    assert outcome("chat.tool-choice.named", broken) is Outcome.INCONCLUSIVE
