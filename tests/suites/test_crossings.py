"""Rules that judge both modes, calls that a limit cut, and what may stay undecided there."""

import json
from dataclasses import replace

import pytest

from oaicheck.rules.verdict import Outcome
from oaicheck.views.answered import Answered
from oaicheck.views.of_exchange import answered_of
from oaicheck.views.tool_calls import arguments_in
from oaicheck.wire.exchange import Ending
from support.answers import answer_to, answering, changed, judged
from support.inprocess import record, verdicts

CUT = ("limits/cut-call", "limits/cut-call-streamed")
LENGTH, COMPLETED, SERVER_ERROR = (
    "chat.finish.length-call",
    "chat.tools.cut-arguments",
    "chat.limits.cut-call",
)
PLAIN = answer_to("chat/stream/tool-call")


def cut_call(
    arguments: str | None, reason: str, tokens: int | None = 16, content: str | None = None
) -> Answered:
    """A whole answer with a call that has these arguments."""
    function = {"name": "write_note", "arguments": arguments}
    calls = [{"id": "1", "type": "function", "function": function}]
    message = {"role": "assistant", "content": content, "tool_calls": calls if arguments else []}
    return answered_of(
        changed(
            answer_to(CUT[0]),
            choices=[{"index": 0, "message": message, "finish_reason": reason}],
            usage=None if tokens is None else {"completion_tokens": tokens},
        )
    )


@pytest.mark.parametrize(
    ("scenario", "called", "begun"),
    [("chat/whole/tool-call", 1, 1), ("chat/tools/stream/auto", 14, 2)],
)
def test_calls_are_found_in_both_modes(scenario: str, called: int, begun: int) -> None:
    answered = answered_of(answer_to(scenario))
    assert len(answered.called) == called
    ((*beginnings,),) = answered.beginnings
    assert len(beginnings) == begun
    assert all(place["function"]["name"].is_text for place in beginnings)


def test_calls_that_share_an_index_begin_each() -> None:
    sharing = answer_to("chat/tools/stream/auto", "tools-stream-index-always-zero")
    assert [len(calls) for calls in answered_of(sharing).beginnings] == [2]


@pytest.mark.parametrize(
    ("arguments", "early"),
    [
        ("{}", True),
        ('{"text": ""}', True),
        ('{"text": "alpha bravo"}', True),
        ('{"text": "alpha bravo', False),
        ('{"text": "Something else"}', False),
        ('{"text": 1}', False),
        ('["alpha"]', False),
    ],
)
def test_arguments_that_were_made_complete(arguments: str, early: bool) -> None:
    (found,) = arguments_in(cut_call(arguments, "length").answer)
    assert found.closed_early is early


def test_arguments_that_are_whole_were_not_made_so() -> None:
    only = json.loads(answer_to(CUT[0]).request.body)["tools"][0]["function"]["parameters"]
    text = json.dumps({"text": only["properties"]["text"]["enum"][0]})
    (found,) = arguments_in(cut_call(text, "length").answer)
    assert not found.closed_early


@pytest.mark.parametrize(
    ("answered", "expected"),
    [
        (cut_call('{"text": "alpha', "length"), Outcome.PASS),
        (cut_call('{"text": "alpha', "tool_calls"), Outcome.FAIL),
        (cut_call('{"text": "alpha"}', "tool_calls"), Outcome.FAIL),
        (cut_call("{}", "stop"), Outcome.FAIL),
        (cut_call('{"text": "Hello"}', "tool_calls"), Outcome.PASS),
        (cut_call(None, "stop", content="I cannot call it."), Outcome.PASS),
        (cut_call(None, "length"), Outcome.PASS),
        (cut_call(None, "stop"), Outcome.FAIL),
        (cut_call('{"text": "alpha', "tool_calls", None), Outcome.NOT_APPLICABLE),
        (cut_call('{"text": "Hello"}', "tool_calls", 9), Outcome.NOT_APPLICABLE),
        (cut_call('{"text": "alpha', "tool_calls", 90), Outcome.INCONCLUSIVE),
    ],
)
def test_a_call_that_was_cut_says_length(answered: Answered, expected: Outcome) -> None:
    assert judged(LENGTH, answered.exchange).outcome is expected


@pytest.mark.parametrize(
    ("arguments", "reason", "expected"),
    [
        ('{"text": "alpha', "length", Outcome.PASS),
        ('{"text": "alpha"}', "length", Outcome.WARN),
        ('{"text": "Hello"}', "length", Outcome.PASS),
        ('{"text": "alpha"}', "tool_calls", Outcome.INCONCLUSIVE),
    ],
)
def test_arguments_are_not_completed(arguments: str, reason: str, expected: Outcome) -> None:
    assert judged(COMPLETED, cut_call(arguments, reason).exchange).outcome is expected


@pytest.mark.parametrize("scenario", CUT)
@pytest.mark.parametrize(
    ("status", "outcomes"),
    [
        (400, (Outcome.NOT_APPLICABLE,) * 3),
        (500, (Outcome.FAIL, Outcome.INCONCLUSIVE, Outcome.INCONCLUSIVE)),
    ],
)
def test_a_cut_call_may_be_refused(
    scenario: str, status: int, outcomes: tuple[Outcome, ...]
) -> None:
    text = json.dumps({"error": {"message": "Could not finish the message."}})
    refused = answering(answer_to(scenario), status, text, "application/json")
    found = (judged(SERVER_ERROR, refused, [PLAIN]), judged(LENGTH, refused))
    assert (*(each.outcome for each in found), judged(COMPLETED, refused).outcome) == outcomes


def test_an_error_inside_a_cut_stream_is_one() -> None:
    text = 'data: {"error": {"message": "Failed to parse the call."}}\n\n'
    broken = answering(answer_to(CUT[1]), 200, text, "text/event-stream")
    assert judged(SERVER_ERROR, broken, [PLAIN]).outcome is Outcome.FAIL


UNLIMITED = "limits/no-limit"


def test_a_client_that_hangs_up_has_seen_enough() -> None:
    long = answer_to(UNLIMITED)
    assert long.ending is Ending.HUNG_UP
    assert judged("chat.limits.no-limit", long).outcome is Outcome.PASS


@pytest.mark.parametrize(
    ("tokens", "reason", "expected"),
    [
        (16, "length", Outcome.WARN),
        (199, "length", Outcome.WARN),
        (200, "length", Outcome.PASS),
        (16, "stop", Outcome.INCONCLUSIVE),
        (250, "stop", Outcome.PASS),
    ],
)
def test_an_answer_without_a_limit_is_not_cut(tokens: int, reason: str, expected: Outcome) -> None:
    events = [
        {"choices": [{"index": 0, "delta": {"content": "1 "}, "finish_reason": reason}]},
        {"choices": [], "usage": {"completion_tokens": tokens}},
    ]
    text = "".join(f"data: {json.dumps(event)}\n\n" for event in events)
    ended = answering(answer_to(UNLIMITED), 200, text, "text/event-stream")
    found = judged("chat.limits.no-limit", replace(ended, ending=Ending.COMPLETE))
    assert found.outcome is expected


@pytest.mark.parametrize(
    ("fault", "model", "expected"),
    [
        ("params-message-members-rejected", "reference-1", Outcome.WARN),
        ("reasoning-history-rejected", "reference-reasoning-1", Outcome.NOT_APPLICABLE),
        ("reasoning-input-field-dropped", "reference-reasoning-1", Outcome.PASS),
    ],
)
def test_a_message_is_accepted_back(fault: str, model: str, expected: Outcome) -> None:
    (found,) = verdicts(record([fault], ["chat/either/echo"], model), only="chat.messages.echo")
    assert found.outcome is expected
