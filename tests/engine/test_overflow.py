"""A prompt that has to exceed the context window is as long as that takes, and no longer."""

import json
from collections.abc import Sequence
from dataclasses import replace

import pytest

from oaicheck.engine.overflow import LENGTHS, lengths_for, longer
from oaicheck.engine.run import send_all
from oaicheck.scenarios.scenario import OVERFLOW, Scenario
from oaicheck.wire.exchange import Ending, Exchange
from oaicheck.wire.recording import RecordingWriter
from support.loopback import LIMITS, Call, Handler, Serve, scenario, turn
from support.views import exchange, of

WORDS = {"messages": [{"role": "user", "content": {"$repeat": "a ", "times": OVERFLOW}}]}
WHOLE = scenario("limits/overflow", turn(body=WORDS), alone=True)
STREAMED = scenario("limits/overflow-streamed", turn(body={**WORDS, "stream": True}), alone=True)
LIST = scenario("models/list", turn(method="GET", path="models", body=None))
LIMIT = scenario("limits/over-limit", turn(body={"max_tokens": 10**7}))


def names(window: int) -> str:
    return f"This model's maximum context length is {window} tokens."


def having(
    window: int, *, told: int | None = None, cuts: bool = False, says: str | None = None
) -> Handler:
    """An endpoint with a context window, which it may tell in its list of models.

    It `cuts` a prompt that is too long, or refuses it and `says` this.
    """

    async def handler(call: Call) -> None:
        if not call.body:
            entry = {"id": "m"} if told is None else {"id": "m", "max_model_len": told}
            await call.answer(json.dumps({"data": [entry]}).encode())
            return
        words = call.json.get("messages", [{"content": ""}])[0]["content"].split()
        if len(words) > window and not cuts:
            error = {"message": names(window) if says is None else says}
            await call.answer(json.dumps({"error": error}).encode(), 400)
        else:
            usage = {"prompt_tokens": min(len(words), window)}
            await call.answer(json.dumps({"choices": [], "usage": usage}).encode())

    return handler


async def lengths(
    serve: Serve,
    writer: RecordingWriter,
    handler: Handler,
    scenarios: Sequence[Scenario] = (LIST, WHOLE, STREAMED),
) -> list[tuple[str, int, int | None]]:
    """The long prompts that are sent: the id of the exchange, words in the prompt, the status."""
    server = await serve(handler)
    await send_all(replace(server.target(), model="m"), scenarios, writer)
    return [
        (
            each.id.removeprefix("limits/"),
            len(each.request.json["messages"][0]["content"].split()),
            each.status,
        )
        for each in writer.recording.exchanges
        if "overflow" in each.variables
    ]


@pytest.mark.asyncio
async def test_a_known_length_is_exceeded_by_a_little(
    serve: Serve, writer: RecordingWriter
) -> None:
    assert await lengths(serve, writer, having(8192, told=8192)) == [
        ("overflow#1", 9111, 400),
        ("overflow-streamed#1", 9111, 400),
    ]


@pytest.mark.asyncio
async def test_a_refusal_makes_the_length_known(serve: Serve, writer: RecordingWriter) -> None:
    plain = having(20_000)

    async def handler(call: Call) -> None:
        if call.body and "max_tokens" in call.json:
            await call.answer(json.dumps({"error": {"message": names(20_000)}}).encode(), 400)
        else:
            await plain(call)

    assert await lengths(serve, writer, handler, (LIMIT, WHOLE)) == [("overflow#1", 22_100, 400)]


@pytest.mark.asyncio
async def test_without_a_known_length_a_short_prompt_comes_first(
    serve: Serve, writer: RecordingWriter
) -> None:
    assert await lengths(serve, writer, having(4096)) == [
        ("overflow#1", 10_000, 400),
        ("overflow-streamed#1", 10_000, 400),
    ]


@pytest.mark.asyncio
async def test_a_longer_prompt_follows_one_that_is_served(
    serve: Serve, writer: RecordingWriter
) -> None:
    assert await lengths(serve, writer, having(128_000)) == [
        ("overflow#1", 10_000, 200),
        ("overflow#1.2", 280_000, 400),
        ("overflow-streamed#1", 280_000, 400),
    ]


@pytest.mark.asyncio
async def test_a_told_length_that_is_too_small_is_not_believed(
    serve: Serve, writer: RecordingWriter
) -> None:
    assert await lengths(serve, writer, having(32_768, told=4096)) == [
        ("overflow#1", 4605, 200),
        ("overflow#1.2", 10_000, 200),
        ("overflow#1.3", 280_000, 400),
        ("overflow-streamed#1", 280_000, 400),
    ]


@pytest.mark.asyncio
async def test_if_every_prompt_fits_the_longest_is_judged_and_sent_only_once(
    serve: Serve, writer: RecordingWriter
) -> None:
    assert await lengths(serve, writer, having(10**6, told=10**6)) == [
        ("overflow#1", 280_000, 200),
        ("overflow-streamed#1", 10_000, 200),
    ]


@pytest.mark.asyncio
async def test_a_cut_prompt_is_the_longest_in_both_ways(
    serve: Serve, writer: RecordingWriter
) -> None:
    assert await lengths(serve, writer, having(4096, cuts=True)) == [
        ("overflow#1", 10_000, 200),
        ("overflow#1.2", 280_000, 200),
        ("overflow-streamed#1", 280_000, 200),
    ]


@pytest.mark.asyncio
async def test_a_refusal_that_does_not_tell_an_overflow_leaves_it_to_the_longest(
    serve: Serve, writer: RecordingWriter
) -> None:
    assert await lengths(serve, writer, having(4096, says="Bad request.")) == [
        ("overflow#1", 10_000, 400),
        ("overflow#1.2", 280_000, 400),
        ("overflow-streamed#1", 280_000, 400),
    ]


@pytest.mark.asyncio
async def test_the_streamed_prompt_is_sent_without_the_other(
    serve: Serve, writer: RecordingWriter
) -> None:
    assert await lengths(serve, writer, having(16_384, told=16_384), (LIST, STREAMED)) == [
        ("overflow-streamed#1", 18_122, 400)
    ]


@pytest.mark.asyncio
async def test_a_break_is_tried_once_more_and_then_the_longest_prompt(
    serve: Serve, writer: RecordingWriter
) -> None:
    plain = having(100_000)

    async def handler(call: Call) -> None:
        if len(call.body) < 100_000:
            call.reset()
        else:
            await plain(call)

    assert await lengths(serve, writer, handler, (WHOLE,)) == [
        ("overflow#1", 10_000, None),
        ("overflow#1.2", 10_000, None),
        ("overflow#1.3", 280_000, 400),
    ]


@pytest.mark.asyncio
async def test_a_rate_limit_is_waited_for_at_the_same_length(
    serve: Serve, writer: RecordingWriter
) -> None:
    plain, seen = having(20_000), 0

    async def handler(call: Call) -> None:
        nonlocal seen
        seen += 1
        await (call.answer(b"{}", 429) if seen == 2 else plain(call))

    server = await serve(handler)
    await send_all(server.target(limits=LIMITS), [WHOLE], writer)
    sent = [(each.variables["overflow"], each.status) for each in writer.recording.exchanges]
    assert sent == [("10000", 200), ("280000", 429), ("280000", 400)]


RAN_OUT = {"error": {"message": "Could not finish the message because max_tokens was reached."}}
TOLD = {"error": {"message": "no", "code": "context_length_exceeded"}}


@pytest.mark.parametrize(
    ("last", "left"),
    [
        (of({"choices": []}), LENGTHS[1:]),
        (of(RAN_OUT, 400), LENGTHS[1:]),
        (of(TOLD, 400), ()),
        (of(TOLD, 500), ()),
        (of(TOLD), ()),
        (of({}, 413), ()),
        (of({}, 400), LENGTHS[-1:]),
        (of({}, 500), LENGTHS[-1:]),
        (exchange(status=None, ending=Ending.NO_FIRST_BYTE), LENGTHS[-1:]),
    ],
)
def test_what_follows_a_response(last: Exchange, left: tuple[int, ...]) -> None:
    assert longer(LENGTHS, last) == left
    assert longer(LENGTHS[-1:], last) == ()


def test_only_a_prompt_that_has_to_overflow_has_a_length() -> None:
    assert lengths_for(scenario("s"), [], "m") == ()
    assert lengths_for(WHOLE, [], "m") == LENGTHS


@pytest.mark.parametrize(
    ("told", "tried"),
    [
        (1, (101, 10_000, 280_000)),
        (4900, (5490, 280_000)),
        (131_072, (144_279, 280_000)),
        (254_000, (279_500, 280_000)),
        (10**12, (280_000,)),
        (10**400, (280_000,)),
    ],
)
def test_lengths_beyond_a_told_one(told: int, tried: tuple[int, ...]) -> None:
    listed = of({"data": [{"id": "m", "max_model_len": told}]}, scenario="models/list")
    assert lengths_for(WHOLE, [listed], "m") == tried
