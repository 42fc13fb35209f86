"""Conversations that the endpoint keeps: of several turns, with calls in them, and for whom."""

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
_NOT_COUNTED = "usage does not tell how many tokens were read"


@requirement(
    "responses.state.all-turns",
    MUST,
    "A response that continues a continuation has the messages of the first turn in its prompt.",
    on=TURNS,
    source=("openai:responses/state", "github:vllm-project/vllm#22137"),
    remedy="Follow previous_response_id to the beginning: the turn before it is not all there was.",
)
def test_the_first_of_three_turns_is_remembered(
    state: KeptState, bench: Bench, scenario: Scenario
) -> None:
    first, second = response_of(state.first), response_of(continuation_in(state))
    exchange = bench.exchange(scenario)
    require(exchange.status == 200, exchange, expected="HTTP 200, as for the turn before")
    third = response_of(exchange)
    began, continued, now = _count(first), _count(second), _count(third)
    if continued <= began:
        raise Inconclusive("not even one turn is remembered: responses.state.remembered judges it")
    require(
        now > began,
        third.usage["input_tokens"],
        expected=f"more than {began}, because the first turn's prompt is a part of this one's",
        beside=first.usage["input_tokens"],
    )


@requirement(
    "responses.state.instructions-read",
    SHOULD,
    "The `instructions` of a response are read: long ones make its prompt longer.",
    on=TURNS,
    source=("openai:responses/create#instructions", "openai:responses/state"),
    remedy="Put the instructions before the conversation, and count them.",
)
def test_instructions_are_read(state: KeptState) -> None:
    first, second = response_of(state.first), response_of(continuation_in(state))
    began, now = _count(first), _count(second)
    words = len(second.requested("instructions").split())
    if now <= began:
        raise Inconclusive("the count does not grow from turn to turn, whatever is in the prompt")
    require(
        now - began >= words,
        second.usage["input_tokens"],
        expected=f"{began + words} or more: the instructions have {words} words, and the prompt of "
        f"the turn before {began} tokens",
        beside=first.usage["input_tokens"],
    )


@requirement(
    "responses.state.instructions-own",
    SHOULD,
    "The `instructions` of a response are not carried over to one that continues it.",
    on=TURNS,
    source=("openai:responses/create#instructions", "github:vllm-project/vllm#37697"),
    remedy="Keep the items of a conversation without the instructions, which each request gives.",
)
def test_instructions_are_not_carried_over(state: KeptState) -> None:
    second = response_of(continuation_in(state))
    third = response_of(state.turns[3]) if 3 in state.turns else None
    if third is None:
        raise Inconclusive("the response was not continued a second time")
    words = len(second.requested("instructions").split())
    instructed, now = _count(second), _count(third)
    if instructed - _count(response_of(state.first)) < words:
        raise Inconclusive("responses.state.instructions-read judges that they were not read")
    if (second.output_tokens or words) * 2 > words:
        raise Inconclusive("the answer in between may be as long as the instructions")
    require(
        now < instructed,
        third.usage["input_tokens"],
        expected=f"less than {instructed}, in which {words} words of instructions are counted",
        beside=second.usage["input_tokens"],
    )


@requirement(
    "responses.state.call-continued",
    MUST,
    "The output of a function call alone continues the kept response that has the call.",
    on="responses/kept/call",
    source=(
        "openai:responses/state",
        "openai:responses/function-calling",
        "github:vllm-project/vllm#43244",
    ),
    remedy="Look for the call among the items of the previous response too.",
)
def test_a_call_is_remembered(
    state: KeptState, first_response: ResponseObject, bench: Bench, scenario: Scenario
) -> None:
    plain = kept_state(bench.conversation(bench.scenarios[STATE])).continued
    if plain is None or plain.status != 200:
        raise NotApplicable("the endpoint continues no response: responses.state.* judge that")
    if len(first_response.function_calls) > 1:
        raise NotApplicable("several calls were made, of which one got its output")
    exchange = bench.exchange(scenario)
    require(exchange.status == 200, exchange, expected="HTTP 200, as without a call")


@requirement(
    "responses.state.key",
    MUST,
    "A kept response is given to nobody without the key: without one, or with a wrong one.",
    on="responses/kept/keys",
    source=("openai:authentication", "github:BerriAI/litellm#15757"),
    remedy="Check the key on every route: answer 401, before it is looked what is there.",
)
def test_a_kept_response_needs_the_key(state: KeptState, bench: Bench, scenario: Scenario) -> None:
    if bench.exchange(scenario).status != 200:
        raise NotApplicable("a kept response cannot be retrieved with the right key either")
    for turn in (2, 3):
        asked = state.turns[turn]
        require(asked.status in (401, 403, 404), asked, expected="HTTP 401")


def _count(response: ResponseObject) -> int:
    count = input_count(response.usage)
    if not count:
        raise Inconclusive(_NOT_COUNTED)
    return count
