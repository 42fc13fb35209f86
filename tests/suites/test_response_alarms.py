"""What healthy endpoints do in their responses, and is held against none of them."""

import json
from collections.abc import Iterable
from typing import Any

import pytest

from oaicheck.rules.requirement import MUST
from oaicheck.rules.verdict import Outcome
from oaicheck.wire.exchange import Exchange
from support.answers import answer_to, answering, changed, judged
from support.inprocess import Judged, record, verdicts

LIMITED = ("responses/whole/length", "responses/stream/length")
THINKER = "reference-reasoning-1"
STATE = "responses/state"


def outcomes(recorded: Iterable[Judged]) -> set[Outcome]:
    return {found.outcome for found in recorded}


def turns(scenario: str, *faults: str) -> list[Exchange]:
    return record(faults, [scenario]).exchanges


@pytest.mark.parametrize("form", ["absent", "null"])
@pytest.mark.parametrize("rule", ["responses.usage.details", "responses.usage.details-bounds"])
def test_usage_needs_no_details(rule: str, form: str) -> None:
    answer = answer_to("responses/whole/messages", f"responses-usage-details-{form}")
    assert judged(rule, answer).outcome is Outcome.NOT_APPLICABLE


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


@pytest.mark.parametrize(
    "message", ["Unsupported value: store must be false.", "This endpoint is stateless."]
)
def test_who_refuses_to_store_has_stored_nothing(message: str) -> None:
    *opening, gone = turns("responses/settings")
    text = json.dumps({"error": {"message": message}})
    refused = answering(turns(STATE)[0], 400, text, "application/json")
    assert gone.status == 404
    found = judged("responses.state.not-stored", gone, [*opening, refused])
    assert found.outcome is Outcome.NOT_APPLICABLE


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


def test_a_model_that_makes_one_call_at_a_time_breaks_nothing() -> None:
    answer = answer_to("responses/stream/tool-call", "responses-one-call-only")
    assert answer.attempt == 3, "after the rewordings"
    found = judged("responses.tools.call-id-own", answer)
    assert found.outcome is Outcome.NOT_APPLICABLE


def test_what_was_replayed_lacks_an_output_where_there_were_several_calls() -> None:
    first, second = turns("responses/replay")
    calls = json.loads(first.body)["output"]
    several = changed(first, output=[*calls, {**calls[-1], "call_id": "call_2"}])
    refused = answering(second, 400, '{"error": {"message": "no output"}}', "application/json")
    found = judged("responses.replay.served", refused, [several])
    assert found.outcome is Outcome.NOT_APPLICABLE
    assert judged("responses.replay.served", refused, [first]).outcome is Outcome.FAIL


@pytest.mark.parametrize(
    ("arguments", "written", "expected"),
    [
        ('{"text": "a"}', 16, Outcome.NOT_APPLICABLE),
        ('{"text": "a', 9, Outcome.NOT_APPLICABLE),
        ('{"text": "a', None, Outcome.INCONCLUSIVE),
        ('{"text": "a', 16, Outcome.FAIL),
    ],
)
def test_a_short_call_was_not_cut(arguments: str, written: int | None, expected: Outcome) -> None:
    answer = answer_to("responses/calls/cut")
    call = {**json.loads(answer.body)["output"][-1], "arguments": arguments}
    usage: dict[str, Any] = {} if written is None else {"output_tokens": written}
    ended = changed(answer, status="completed", output=[call], usage=usage)
    assert judged("responses.tools.cut", ended).outcome is expected


@pytest.mark.parametrize(
    ("status", "expected"), [(200, Outcome.FAIL), (403, Outcome.PASS), (404, Outcome.PASS)]
)
def test_a_kept_response_may_be_hidden_from_a_wrong_key(status: int, expected: Outcome) -> None:
    *opening, wrong, own = turns("responses/kept/keys")
    hidden = answering(wrong, status, "{}", "application/json")
    assert judged("responses.state.key", own, [*opening, hidden]).outcome is expected


def test_what_cannot_be_retrieved_at_all_needs_no_key() -> None:
    *earlier, own = turns("responses/kept/keys")
    absent = answering(own, 404, "{}", "application/json")
    assert judged("responses.state.key", absent, earlier).outcome is Outcome.NOT_APPLICABLE


@pytest.mark.parametrize(
    "rule",
    ["all-turns", "instructions-read", "instructions-own"],
)
def test_who_keeps_no_state_need_not_remember(rule: str) -> None:
    recording = record(["responses-no-state"], ["responses/kept/turns"])
    found = verdicts(recording, only=f"responses.state.{rule}")
    assert outcomes(found) == {Outcome.NOT_APPLICABLE}


def test_who_continues_nothing_need_not_remember_a_call() -> None:
    recording = record(["responses-no-state"], [STATE, "responses/kept/call"])
    found = verdicts(recording, only="responses.state.call-continued")
    assert outcomes(found) == {Outcome.NOT_APPLICABLE}


def test_a_text_in_one_delta_was_not_held_back() -> None:
    recording = record(["responses-one-delta"], ["chat/first-token", "responses/stream/long"])
    found = verdicts(recording, only="responses.stream.as-generated")
    assert outcomes(found) == {Outcome.NOT_APPLICABLE}


def test_a_count_that_never_grows_does_not_say_that_instructions_were_not_read() -> None:
    recording = record(["responses-usage-input-constant"], ["responses/kept/turns"])
    found = verdicts(recording, only="responses.state.instructions-read")
    assert outcomes(found) == {Outcome.INCONCLUSIVE}
