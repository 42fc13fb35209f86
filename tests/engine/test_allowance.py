"""A budget is a hard limit: retries count, and nothing more is sent when it is used up."""

import json
from collections.abc import Sequence
from dataclasses import replace

import pytest

from oaicheck.engine.run import send_all
from oaicheck.scenarios.budget import Allowance, Budget, Cost
from oaicheck.scenarios.scenario import Scenario
from oaicheck.wire.recording import RecordingWriter
from support.loopback import LIMITS, Call, Serve, scenario, turn

pytestmark = pytest.mark.asyncio

ONE_AT_A_TIME = replace(LIMITS, concurrency=1)
TEXT = {"choices": [{"message": {"content": "no"}}]}
CALL = {"choices": [{"message": {"tool_calls": [{"id": "a", "function": {}}]}}]}


def allowance(requests: int, scenarios: Sequence[Scenario]) -> Allowance:
    costs = {each.name: Cost(each.requests, 10 * len(each.turns)) for each in scenarios}
    return Allowance(Budget(requests), costs)


def ids(writer: RecordingWriter) -> list[str]:
    return sorted(exchange.id for exchange in writer.recording.exchanges)


async def test_scenarios_start_in_their_order_until_nothing_is_left(
    serve: Serve, writer: RecordingWriter
) -> None:
    server = await serve(Call.answer)
    sent = [scenario(name) for name in "cab"]
    left = allowance(2, sent)
    await send_all(server.target(limits=ONE_AT_A_TIME), sent, writer, allowance=left)
    assert ids(writer) == ["a#1", "c#1"]
    assert left.refused == {"b"}


async def test_a_retry_takes_the_place_of_a_later_scenario(
    serve: Serve, writer: RecordingWriter
) -> None:
    async def unwilling(call: Call) -> None:
        await call.answer(json.dumps(CALL if b"again" in call.body else TEXT).encode())

    server = await serve(unwilling)
    first = scenario("first", turn(body={}), shows="tool-call", rewordings=({"again": 1},))
    sent = [first, scenario("second"), scenario("third")]
    left = allowance(3, sent)
    await send_all(server.target(limits=ONE_AT_A_TIME), sent, writer, allowance=left)
    assert len(writer.recording.exchanges) == 3
    assert ids(writer)[:2] == ["first#1", "first#1.2"]
    assert left.refused == {"third"}


async def test_no_retry_exceeds_the_budget(serve: Serve, writer: RecordingWriter) -> None:
    async def overloaded(call: Call) -> None:
        await call.answer(b"{}", 429)

    server = await serve(overloaded)
    sent = [scenario(f"s{number}") for number in range(4)]
    left = allowance(6, sent)
    await send_all(server.target(), sent, writer, allowance=left)
    assert len(writer.recording.exchanges) == 6


async def test_a_conversation_is_sent_as_a_whole_or_not_at_all(
    serve: Serve, writer: RecordingWriter
) -> None:
    server = await serve(Call.answer)
    sent = [scenario("long", turn(), turn(), turn()), scenario("short")]
    await send_all(server.target(), sent, writer, allowance=allowance(2, sent))
    assert ids(writer) == ["short#1"]


async def test_turns_that_were_not_sent_are_given_back(
    serve: Serve, writer: RecordingWriter
) -> None:
    async def refusing(call: Call) -> None:
        await call.answer(b"{}", 404)

    server = await serve(refusing)
    sent = [scenario("long", turn(), turn(), turn()), scenario("short")]
    left = allowance(3, sent)
    await send_all(server.target(limits=ONE_AT_A_TIME), sent, writer, allowance=left)
    assert ids(writer) == ["long#1", "short#1"]
    assert left.spent.requests == 2


@pytest.mark.parametrize(
    ("status", "budget", "sent"), [(200, 9, 1), (400, 9, 3), (500, 9, 3), (404, 9, 1), (400, 2, 2)]
)
async def test_what_is_asked_apart_is_asked_only_after_a_refusal(
    status: int, budget: int, sent: int, serve: Serve, writer: RecordingWriter
) -> None:
    """The first turn asks for everything at once; the budget holds for the others too."""

    async def answering(call: Call) -> None:
        await call.answer(b"{}", status)

    server = await serve(answering)
    asked = [scenario("apart", turn(), turn(), turn(), apart=True)]
    left = allowance(budget, asked)
    await send_all(server.target(limits=ONE_AT_A_TIME), asked, writer, allowance=left)
    assert [exchange.turn for exchange in writer.recording.exchanges] == [1, 2, 3][:sent]
    assert left.spent.requests == sent
