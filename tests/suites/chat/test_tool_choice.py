"""A tool choice, if the stream broke off, or if max_tokens cut off the answer."""

import json

import pytest

from oaicheck.rules.verdict import Outcome
from oaicheck.wire.exchange import Exchange
from support.answers import answer_to, answering, changed, judged, outcome, saying, streaming

WHOLE = (
    ("chat.tools.required", "chat/whole/tool-call"),
    ("chat.tool-choice.named", "chat/whole/tools/named"),
)
STREAMED = (
    ("chat.tools.required-streamed", "chat/stream/tool-call"),
    ("chat.tool-choice.named", "chat/stream/tools/named"),
)
FREE = "The weather in Paris is lovely at any time of the year, as everybody knows. " * 4


def cut(scenario: str, text: str) -> Exchange:
    """An answer with this text, no call, and a finish_reason that says max_tokens cut it."""
    if "stream" in scenario:
        delta = {"role": "assistant", "content": text}
        said = {"index": 0, "delta": delta, "finish_reason": None}
        ended = {"index": 0, "delta": {}, "finish_reason": "length"}
        return streaming(scenario, {"choices": [said]}, {"choices": [ended]})
    message = {"role": "assistant", "content": text, "refusal": None}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "length"}
    return changed(answer_to(scenario), choices=[choice])


@pytest.mark.parametrize(("rule", "scenario"), WHOLE + STREAMED)
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (FREE, Outcome.FAIL),
        ("", Outcome.INCONCLUSIVE),
        ("I look that up.", Outcome.INCONCLUSIVE),
        ("<tool_call>" + FREE, Outcome.INCONCLUSIVE),
    ],
)
def test_the_same_answer_gets_the_same_verdict_however_the_call_was_forced(
    rule: str, scenario: str, text: str, expected: Outcome
) -> None:
    assert outcome(rule, cut(scenario, text)) is expected


def test_a_stream_that_broke_off_has_not_ignored_a_tool_choice() -> None:
    text = f"data: {json.dumps({'error': {'message': 'late'}})}\n\n"
    broken = answering(answer_to("chat/stream/tools/named"), 200, text, "text/event-stream")
    assert outcome("chat.tool-choice.named", broken) is Outcome.INCONCLUSIVE


@pytest.mark.parametrize(
    ("refusing", "expected"),
    [
        ((), Outcome.PASS),
        (("tools-choice-string-rejected",), Outcome.FAIL),
        (("refuses-tools",), Outcome.NOT_APPLICABLE),
        (("refuses-named-tool-choice",), Outcome.NOT_APPLICABLE),
    ],
)
def test_who_takes_one_form_of_a_choice_takes_the_other(
    refusing: tuple[str, ...], expected: Outcome
) -> None:
    named = answer_to("chat/whole/tools/named", *refusing)
    forced = answer_to("chat/whole/tool-call", *refusing)
    assert judged("chat.tool-choice.string-form", forced, [named]).outcome is expected


def test_a_call_that_the_model_may_leave_out_is_no_subject() -> None:
    chose = streaming("chat/tools/stream/auto", *saying("It is mild."))
    assert judged("chat.tools.streamed-id", chose).outcome is Outcome.NOT_APPLICABLE
    assert judged("chat.tool-choice.auto-finish", chose).outcome is Outcome.NOT_APPLICABLE
    forced = streaming("chat/stream/tool-call", *saying("It is mild."))
    assert judged("chat.tools.streamed-id", forced).outcome is Outcome.INCONCLUSIVE


@pytest.mark.parametrize(
    "rule", ["chat.tools.id-length", "chat.tools.id-characters", "chat.tools.streamed-markup"]
)
def test_what_has_no_call_has_no_id_and_no_markup(rule: str) -> None:
    chose = streaming("chat/tools/stream/auto", *saying("It is mild."))
    assert judged(rule, chose).outcome is Outcome.NOT_APPLICABLE
