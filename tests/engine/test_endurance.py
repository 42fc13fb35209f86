"""A slow endpoint gets more time, and one that hangs is not asked on."""

from collections import Counter
from dataclasses import replace

import pytest

from oaicheck.engine.endurance import STILL_THERE, Endurance, Kind, kind_of
from oaicheck.engine.run import send_all
from oaicheck.scenarios.scenario import Answer, Scenario
from oaicheck.wire.exchange import Ending, Exchange, Segment
from oaicheck.wire.recording import RecordingWriter
from oaicheck.wire.silence import is_silent, why_not_sent
from support.answers import answer
from support.loopback import LIMITS, Call, Serve, chunked, scenario, turn

SHORT = replace(LIMITS, first_byte=0.3, gap=0.3, concurrency=2)
NAMES = [f"s{number}" for number in range(30)]
TINY = b"Say hello."
HEAD = chunked()[0]
STREAMED = turn(body={"model": "$model", "stream": True})


BEGUN = [HEAD[:-2], HEAD, b"".join(chunked(b"data: {}", end=False))]
"""Answers that end in silence: in the head, after it, in the body."""


def whole(name: str) -> Scenario:
    return scenario(name, answer=Answer.COMPLETION)


def streamed(name: str) -> Scenario:
    return scenario(name, STREAMED, answer=Answer.STREAM)


def took(seconds: float, size: int = 100, **changes: object) -> Exchange:
    made = answer("{}")
    request = replace(made.request, body=b" " * size)
    segments = (Segment(seconds, b"{}"),)
    given = {"headers_at": seconds, "ended_at": seconds, "segments": segments, **changes}
    return replace(made, request=request, **given)


@pytest.mark.asyncio
async def test_an_endpoint_that_hangs_is_not_asked_on(
    serve: Serve, writer: RecordingWriter
) -> None:
    server = await serve(Call.gone)
    said = await send_all(server.target(limits=SHORT), map(whole, NAMES), writer)
    assert len(server.calls) < 8
    assert said == [
        "the endpoint stopped answering: not even a tiny request got an answer within 0.9 s; "
        f"{len(NAMES) + 1 - len(server.calls)} scenarios not sent"
    ]
    assert why_not_sent(writer.recording.exchanges) == "the endpoint had stopped answering"


@pytest.mark.parametrize(
    "begun", [chunked()[0][:-2], *chunked(end=False), b"".join(chunked(b"a", end=False))]
)
@pytest.mark.asyncio
async def test_silence_counts_at_any_stage(
    serve: Serve, writer: RecordingWriter, begun: bytes
) -> None:
    async def falling_silent(call: Call) -> None:
        await call.write(begun)
        await call.gone()

    server = await serve(falling_silent)
    await send_all(server.target(limits=SHORT), map(streamed, NAMES), writer)
    assert len(server.calls) < 8


@pytest.mark.asyncio
async def test_what_a_slow_endpoint_did_not_manage_is_sent_again(
    serve: Serve, writer: RecordingWriter
) -> None:
    """It is busy until it is asked for little, and answers at once afterwards."""
    answered: list[Call] = []

    async def slow_at_first(call: Call) -> None:
        if TINY in call.body:
            answered.append(call)
        await (call.answer() if answered else call.gone())

    server = await serve(slow_at_first)
    await send_all(server.target(limits=SHORT), map(whole, NAMES), writer)
    last = {each.scenario: each for each in writer.recording.exchanges}
    assert {each.status for each in last.values()} == {200}
    assert last.keys() == {*NAMES, STILL_THERE}


@pytest.mark.asyncio
async def test_one_kind_that_hangs_does_not_stop_the_others(
    serve: Serve, writer: RecordingWriter
) -> None:
    async def no_streams(call: Call) -> None:
        await (call.gone() if b"stream" in call.body else call.answer())

    server = await serve(no_streams)
    scenarios = [*map(streamed, NAMES), *map(whole, ["w1", "w2", "w3"])]
    said = await send_all(server.target(limits=SHORT), scenarios, writer)
    asked = Counter(each.scenario for each in writer.recording.exchanges)
    assert {"w1", "w2", "w3"} < asked.keys()
    assert sum(asked.values()) < 20
    assert said == [
        "no answer to streamed answers, even one at a time and with 5 times the time limits, "
        f"although a tiny request got one; {len(NAMES) - len(asked) + 4} scenarios not sent"
    ]
    assert why_not_sent(writer.recording.exchanges) == (
        "the endpoint had not answered others like it"
    )


def test_a_limit_grows_with_the_slowest_answer() -> None:
    endurance = Endurance(LIMITS)
    assert endurance.limits_for(100) == LIMITS
    endurance.learn(Kind.WHOLE, took(19))
    assert endurance.limits_for(100).first_byte == 3 * LIMITS.first_byte
    assert endurance.is_slow
    assert list(endurance.remarks(Counter())) == [
        "the endpoint is slow: 19 s without a byte; it got more time where it needed that. To "
        "tell oaicheck at once: --concurrency 1 --first-byte-timeout 60 --gap-timeout 60"
    ]
    endurance.learn(Kind.WHOLE, took(190))
    assert endurance.limits_for(100).first_byte == 10 * LIMITS.first_byte


def test_a_long_prompt_may_take_longer() -> None:
    endurance = Endurance(LIMITS)
    endurance.learn(Kind.WHOLE, took(1))
    endurance.learn(Kind.WHOLE, took(11, size=10_000))
    assert endurance.limits_for(30_000).first_byte == 5 * LIMITS.first_byte
    assert endurance.limits_for(100).first_byte == LIMITS.first_byte


def test_a_quick_endpoint_gets_no_more_time() -> None:
    endurance = Endurance(LIMITS)
    for size in (100, 5_000, 50_000):
        endurance.learn(Kind.WHOLE, took(0.5, size))
    assert endurance.limits_for(1_000_000) == LIMITS
    assert not endurance.is_slow
    assert not list(endurance.remarks(Counter()))


@pytest.mark.parametrize(
    ("changed", "silent"),
    [
        ({"ending": Ending.NO_FIRST_BYTE, "segments": ()}, True),
        ({"ending": Ending.STALLED, "segments": ()}, True),
        ({"ending": Ending.STALLED, "segments": (Segment(1, b"data: {}\n\n"),)}, True),
        ({"ending": Ending.STALLED, "segments": (Segment(1, b"data: [DONE]\n\n"),)}, False),
        (
            {
                "ending": Ending.STALLED,
                "segments": tuple(Segment(1, bytes([each])) for each in b"data: [DONE]\r\n\r\n"),
            },
            False,
        ),
        ({"ending": Ending.TOO_LONG}, False),
        ({"ending": Ending.CUT}, False),
        ({}, False),
    ],
)
def test_what_counts_as_silence(changed: dict[str, object], silent: bool) -> None:
    assert is_silent(took(1, **changed)) is silent


@pytest.mark.parametrize(
    ("made", "kind"),
    [
        (whole("s"), Kind.WHOLE),
        (streamed("s"), Kind.STREAM),
        (scenario("s", answer=Answer.RESPONSE_STREAM), Kind.STREAM),
        (scenario("s", answer=Answer.ERROR), Kind.REFUSAL),
        (scenario("s", turn(method="GET", path="models"), answer=Answer.MODELS), Kind.REFUSAL),
    ],
)
def test_kinds(made: Scenario, kind: Kind) -> None:
    assert kind_of(made) is kind
