"""The index and the id of streamed calls."""

from dataclasses import replace

import pytest

from oaicheck.rules.verdict import Outcome
from support.answers import answer_to, judged, outcome

SHARING = ("tools-call-repeated", "tools-stream-index-always-zero")


@pytest.mark.parametrize(
    "scenario",
    [
        "chat/stream/tool-call",
        "chat/stream/tools/named",
        "chat/stream/long-call",
        "chat/tools/stream/schema",
    ],
)
def test_two_calls_under_one_index_are_seen_wherever_calls_are_streamed(scenario: str) -> None:
    rule = "chat.tools.streamed-index-own"
    assert judged(rule, answer_to(scenario, *SHARING)).outcome is Outcome.FAIL
    assert judged(rule, answer_to(scenario)).outcome is Outcome.NOT_APPLICABLE
    assert judged(rule, answer_to(scenario, SHARING[0])).outcome is Outcome.PASS


def test_one_call_where_two_were_asked_for_has_no_other_to_differ_from() -> None:
    alone = replace(answer_to("chat/stream/tool-call"), scenario="chat/tools/stream/auto")
    assert judged("chat.tools.streamed-index-own", alone).outcome is Outcome.NOT_APPLICABLE


def test_ids_are_compared_that_came_under_one_index() -> None:
    sharing = answer_to("chat/tools/stream/auto", "tools-stream-index-always-zero")
    assert judged("chat.tools.streamed-ids-unique", sharing).outcome is Outcome.PASS


def test_an_id_that_changes_within_a_call_makes_no_other_call_of_it() -> None:
    anew = ("tools-name-and-id-repeated-every-delta", "tools-id-changes-per-delta")
    stream = answer_to("chat/stream/tool-call", *anew)
    assert outcome("chat.tools.streamed-index-own", stream) is Outcome.NOT_APPLICABLE
    assert outcome("chat.tools.streamed-id-constant", stream) is Outcome.FAIL
