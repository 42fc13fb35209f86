"""Stored conversations: several turns, function calls, and access only with the right key."""

from oaicheck.rules import MUST, SHOULD, Inconclusive, NotApplicable, require, requirement
from oaicheck.views import (
    Bench,
    KeptState,
    ResponseObject,
    Scenario,
    continuation_in,
    input_count,
    kept_state,
    response_of,
)

TURNS = "responses/kept/turns"
STATE = "responses/state"
_NOT_COUNTED = "usage does not say how many tokens the model read"


@requirement(
    "responses.state.all-turns",
    MUST,
    "The prompt of a third turn contains the messages of the first turn.",
    on=TURNS,
    source=("openai:responses/state", "github:vllm-project/vllm#22137"),
    remedy="Follow `previous_response_id` back to the first turn: the previous turn is not the "
    "whole conversation.",
)
def test_the_first_of_three_turns_is_remembered(
    state: KeptState, bench: Bench, scenario: Scenario
) -> None:
    first, second = response_of(state.first), response_of(continuation_in(state))
    exchange = bench.exchange(scenario)
    require(exchange.status == 200, exchange, expected="HTTP 200, as for the previous turn")
    third = response_of(exchange)
    began, continued, now = _count(first), _count(second), _count(third)
    if continued <= began:
        raise Inconclusive(
            "not even one turn is remembered: responses.state.remembered judges that",
            told_by=("responses.state.remembered",),
            anywhere=True,
        )
    require(
        now > began,
        third.usage["input_tokens"],
        expected=f"more than {began}, because this prompt contains that of the first turn",
        beside=first.usage["input_tokens"],
    )


@requirement(
    "responses.state.instructions-read",
    SHOULD,
    "The `instructions` of a request are part of the prompt: long ones increase `input_tokens`.",
    on=TURNS,
    source=("openai:responses/create#instructions", "openai:responses/state"),
    remedy="Put the instructions before the conversation, and count them.",
)
def test_instructions_are_read(state: KeptState) -> None:
    first, second = response_of(state.first), response_of(continuation_in(state))
    began, now = _count(first), _count(second)
    words = len(second.requested("instructions").split())
    if now <= began:
        raise Inconclusive(
            "the count does not grow from turn to turn, so it does not show the instructions"
        )
    require(
        now - began >= words,
        second.usage["input_tokens"],
        expected=f"{began + words} or more: the previous turn's prompt has {began} tokens, and the "
        f"instructions have {words} words",
        beside=first.usage["input_tokens"],
    )


@requirement(
    "responses.state.instructions-own",
    SHOULD,
    "A response that continues another one does not inherit its `instructions`.",
    on=TURNS,
    source=("openai:responses/create#instructions", "github:vllm-project/vllm#37697"),
    remedy="Store a conversation without its instructions: each request brings its own.",
)
def test_instructions_are_not_carried_over(state: KeptState) -> None:
    second = response_of(continuation_in(state))
    third = response_of(state.turns[3]) if 3 in state.turns else None
    if third is None:
        raise Inconclusive("the response was not continued a second time")
    words = len(second.requested("instructions").split())
    instructed, now = _count(second), _count(third)
    if instructed - _count(response_of(state.first)) < words:
        raise Inconclusive(
            "the instructions were not read: responses.state.instructions-read judges that",
            told_by=("responses.state.instructions-read",),
        )
    if (second.output_tokens or words) * 2 > words:
        raise Inconclusive("the second answer may be as long as the instructions")
    require(
        now < instructed,
        third.usage["input_tokens"],
        expected=f"less than {instructed}, which includes {words} words of instructions",
        beside=second.usage["input_tokens"],
    )


@requirement(
    "responses.state.call-continued",
    MUST,
    "A stored response with a function call can be continued with the call's output alone.",
    on="responses/kept/call",
    source=(
        "openai:responses/state",
        "openai:responses/function-calling",
        "github:vllm-project/vllm#43244",
    ),
    remedy="Look for the call in the items of the previous response too.",
)
def test_a_call_is_remembered(
    state: KeptState, first_response: ResponseObject, bench: Bench, scenario: Scenario
) -> None:
    plain = kept_state(bench.conversation(bench.scenarios[STATE])).continued
    if plain is None or plain.status != 200:
        raise NotApplicable(
            "the endpoint does not continue responses: responses.state.* judges that"
        )
    if len(first_response.function_calls) > 1:
        raise NotApplicable("the model made several calls, but only one has its output")
    exchange = bench.exchange(scenario)
    require(
        exchange.status == 200, exchange, expected="HTTP 200, as for a continuation without a call"
    )


@requirement(
    "responses.state.key",
    MUST,
    "The endpoint does not return a stored response to a request without a key or with a wrong "
    "key.",
    on="responses/kept/keys",
    source=("openai:authentication", "github:BerriAI/litellm#15757"),
    remedy="Check the key on every route, and answer 401 before you look the response up.",
)
def test_a_kept_response_needs_the_key(state: KeptState, bench: Bench, scenario: Scenario) -> None:
    if bench.exchange(scenario).status != 200:
        raise NotApplicable("a stored response cannot be retrieved with the right key either")
    for turn in (2, 3):
        asked = state.turns[turn]
        require(asked.status in (401, 403, 404), asked, expected="HTTP 401, 403 or 404")


def _count(response: ResponseObject) -> int:
    count = input_count(response.usage)
    if not count:
        raise Inconclusive(_NOT_COUNTED)
    return count
