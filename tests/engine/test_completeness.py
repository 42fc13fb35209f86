"""How far the sender had come with a scenario shows in the recording alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from oaicheck.clients.tasks import client_scenarios
from oaicheck.engine.completeness import is_complete, is_cut
from oaicheck.engine.overflow import LENGTHS, LONGEST, OF_PROMPT
from oaicheck.scenarios.scenario import Scenario
from oaicheck.wire.exchange import RUN, Ending, Exchange, Request
from oaicheck.wire.recording import Recording
from support.answers import PLAIN, answer
from support.inprocess import record, scenarios
from support.loopback import scenario, turn

STREAM = (("content-type", "text/event-stream"),)
LOST: dict[str, Any] = {"segments": (), "ending": Ending.RESET}
NO_CALL = {"choices": [{"message": {"content": "no"}}]}
CALL = {"choices": [{"message": {"tool_calls": [{"id": "a", "function": {}}]}}]}


def complete(exchanges: Sequence[Exchange], of: Scenario | None = None) -> bool:
    return is_complete(of or scenarios()[exchanges[0].scenario], Recording({}, list(exchanges)))


def test_every_scenario_of_a_whole_run_is_complete() -> None:
    whole = record()
    names = {exchange.scenario for exchange in whole.exchanges}
    assert names == set(scenarios())
    assert [name for name in names if not is_complete(scenarios()[name], whole)] == []


@pytest.mark.parametrize(
    "name", sorted({each.scenario for each in record().exchanges if each.turn > 1})
)
def test_a_conversation_without_its_end_is_cut(name: str) -> None:
    exchanges = record(names=[name]).exchanges
    first = [each for each in exchanges if each.turn == 1]
    assert complete(exchanges)
    assert is_cut(scenarios()[name], exchanges[-1:])
    assert not complete(first)
    assert not complete([*exchanges, replace(first[-1], attempt=9)])


def test_a_conversation_ends_early_if_the_endpoint_ends_it() -> None:
    two = scenario("two", turn(), turn())
    goes_on = replace(two, goes_on=True)
    back = turn(body={"messages": [{"$answer": 1, "at": ["choices", 0, "message"]}]})
    asks_back = scenario("two", turn(), back)
    for known, status, body, whole in (
        (two, 200, {}, False),
        (two, 404, {}, True),
        (goes_on, 404, {}, False),
        (goes_on, 429, {}, False),
        (asks_back, 200, {}, True),
        (asks_back, 200, NO_CALL, False),
    ):
        assert complete([answer("two", status, body)], known) is whole, (known, status, body)


@pytest.mark.parametrize(
    ("members", "whole"),
    [
        ({"status": 500}, True),
        ({"status": 429}, False),
        ({"status": 503}, False),
        ({"status": 502}, False),
        ({"status": None, "ending": Ending.NOT_CONNECTED}, False),
        ({"status": None, "ending": Ending.NO_FIRST_BYTE}, False),
        ({"ending": Ending.STALLED}, False),
        ({"ending": Ending.TOO_LONG}, True),
        ({"ending": Ending.CUT, "headers": STREAM}, True),
    ],
)
def test_what_is_worth_sending_again(members: dict[str, Any], whole: bool) -> None:
    assert complete([answer(**members)]) is whole


@pytest.mark.parametrize("broken", [LOST, {"segments": (), "headers": STREAM}])
def test_what_was_lost_is_sent_a_second_time(broken: dict[str, Any]) -> None:
    lost = answer(**broken)
    assert not complete([lost])
    assert complete([lost, replace(lost, attempt=2)])


def test_a_stream_that_broke_beside_others_is_sent_a_second_time() -> None:
    broke = answer(ending=Ending.CUT, headers=STREAM, started=1.0, ended_at=1.0)
    beside = answer("chat/stream/text", started=1.5, ended_at=1.0)
    assert not complete([broke, beside])
    assert complete([broke, beside, replace(broke, attempt=2)])
    assert complete([broke, replace(beside, started=3.0)])


def test_other_words_are_tried_as_long_as_there_are_any() -> None:
    asks = scenario("s", turn(), shows="tool-call", rewordings=({"again": 1},))
    tried = [answer("s", body=NO_CALL, attempt=attempt) for attempt in (1, 2)]
    assert not complete(tried[:1], asks)
    assert complete(tried, asks)
    assert complete([answer("s", body=CALL)], asks)


def test_a_call_that_cannot_be_forced_is_asked_for() -> None:
    asks = scenario("s", turn(), shows="tool-call")
    forced = Request("POST", "http://endpoint.test", (), b'{"tool_choice": "required"}')
    refusal = {"error": {"message": "tool_choice must be auto"}}
    refused = answer("s", 400, refusal, request=forced)
    assert not complete([refused], asks)
    assert complete([refused, answer("s", body=CALL, attempt=2)], asks)


def test_a_prompt_grows_until_it_shows_something() -> None:
    long = scenario("long", turn(body={"prompt": {"$repeat": "a ", "times": "$overflow"}}))
    assert long.overflows
    short, longest = ({OF_PROMPT: str(length)} for length in (LENGTHS[0], LONGEST))
    overflow = {"error": {"code": "context_length_exceeded", "message": "too long"}}
    read = {"choices": [], "usage": {"prompt_tokens": LONGEST}}
    assert not complete([answer("long", variables=short)], long)
    assert complete([answer("long", 400, overflow, variables=short)], long)
    assert complete([answer("long", variables=longest)], long)
    beside = answer("other", body=read, variables=longest, request=longest_request())
    assert complete([answer("long", variables=short), beside], long)


def longest_request() -> Request:
    return Request("POST", "http://endpoint.test", (), b"a " * LONGEST)


def test_the_task_of_a_client_is_complete_with_what_it_printed() -> None:
    task = next(iter(client_scenarios().values()))
    request = answer(task.name)
    account = replace(request, turn=0, status=None, request=Request(RUN, "client", (), b""))
    assert not complete([request], task)
    assert complete([request, account], task)
    assert not complete([replace(request, status=429), account], task)
    assert not complete([replace(account, ending=Ending.NOT_CONNECTED)], task)


def test_what_was_not_sent_is_not_complete() -> None:
    assert not is_complete(scenarios()[PLAIN], Recording({}))
