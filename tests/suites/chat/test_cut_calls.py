"""A tool call that the token limit ends: its finish reason, its arguments, its refusal."""

import json

import pytest

from oaicheck.rules.verdict import Outcome
from oaicheck.views.answered import Answered
from oaicheck.views.of_exchange import answered_of
from oaicheck.views.tool_calls import arguments_in
from support.answers import answer_to, answering, changed, judged

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


@pytest.mark.parametrize(
    ("arguments", "content", "expected"),
    [
        ('{"text": "alp', None, Outcome.PASS),
        ('{"text": "alp', "I will write_note that down.", Outcome.PASS),
        (None, "alpha bravo charlie", Outcome.PASS),
        (None, '<tool_call>\n{"name": "wri', Outcome.FAIL),
        (None, '[{"name": "write_note", "parameters": {"te', Outcome.FAIL),
        (None, '```json\n{"name": "write_note", "arguments": {', Outcome.FAIL),
        ('{"text": "alp', '{"name": "write_note", "arguments": {', Outcome.FAIL),
        (None, None, Outcome.NOT_APPLICABLE),
    ],
)
def test_what_is_cut_of_a_call_is_no_text(
    arguments: str | None, content: str | None, expected: Outcome
) -> None:
    found = judged(
        "chat.tools.cut-not-as-text", cut_call(arguments, "length", content=content).exchange
    )
    assert found.outcome is expected
