"""Whether a model cooperated is read leniently, from whatever came."""

import json
from dataclasses import replace
from typing import Any

import pytest

from oaicheck.scenarios.cooperation import SHOWS, cooperated
from oaicheck.wire.exchange import Ending, Exchange, Request, Segment


def exchange(body: bytes) -> Exchange:
    request = Request("POST", "", (), b"")
    segments = (Segment(0.0, body),)
    return Exchange("s", 1, 1, request, 200, "OK", (), segments, Ending.COMPLETE)


def whole(**message: Any) -> Exchange:
    return exchange(json.dumps({"choices": [{"message": message}]}).encode())


def stream(*deltas: Any) -> Exchange:
    chunks = [{"choices": [{"delta": delta}]} for delta in deltas]
    return exchange(b"".join(b"data: %s\n\n" % json.dumps(chunk).encode() for chunk in chunks))


def call(**members: Any) -> dict[str, Any]:
    return {"tool_calls": [members]}


@pytest.mark.parametrize(
    ("shows", "turns", "expected"),
    [
        ("tool-call", [whole(content="no")], False),
        ("tool-call", [whole(tool_calls=[{"id": "a"}])], True),
        ("tool-call", [whole(tool_calls=[])], False),
        ("tool-call", [whole(tool_calls=None)], False),
        ("tool-call", [stream({"content": "x"}, call(index=0, id="a"))], True),
        ("tool-call", [whole(tool_calls=[{"id": "a"}]), whole(content="done")], True),
        ("two-tool-calls", [stream(call(index=0, id="a"), call(index=0))], False),
        ("two-tool-calls", [stream(call(index=0, id="a"), call(index=1, id="b"))], True),
        ("two-tool-calls", [whole(tool_calls=[{"id": "a"}, {"id": "b"}])], True),
        ("two-tool-calls", [whole(tool_calls=[{}, {}])], True),
        ("text", [whole(content="")], False),
        ("text", [whole(content="x")], True),
        ("text", [stream({"role": "assistant", "content": ""}, {"content": "x"})], True),
        ("length", [exchange(b'{"choices": [{"finish_reason": "length"}]}')], True),
        ("length", [exchange(b'{"choices": [{"finish_reason": "stop"}]}')], False),
        ("length", [exchange(b'data: {"choices": [{"finish_reason": "length"}]}\n\n')], True),
        ("long-stream", [stream(*[{"content": "x"}] * 20)], True),
        ("long-stream", [stream(*[{"content": "x"}] * 19, {"content": ""})], False),
    ],
)
def test_shows(shows: str, turns: list[Exchange], expected: bool) -> None:
    assert cooperated(shows, turns) is expected


def coming(*times: float) -> Exchange:
    chunk = json.dumps({"choices": [{"delta": {"content": "x"}}]}).encode()
    segments = tuple(Segment(at, b"data: %s\n\n" % chunk) for at in times)
    return replace(exchange(b""), segments=segments)


@pytest.mark.parametrize(
    ("first", "last", "pieces", "expected"),
    [
        (3.0, 4.0, 20, True),
        (3.1, 4.0, 20, False),
        (3.0, 4.0, 19, False),
        (0.0, 4.0, 20, True),
        (4.0, 4.0, 20, False),
    ],
)
def test_a_stream_grows_that_comes_over_a_quarter_of_its_time(
    first: float, last: float, pieces: int, expected: bool
) -> None:
    stepwise = coming(first, *[(first + last) / 2] * (pieces - 2), last)
    at_the_end = coming(*[first] * (pieces - 1), last)
    at_the_beginning = coming(first, *[last] * (pieces - 1))
    for answer in (stepwise, at_the_end, at_the_beginning):
        assert cooperated("growing-stream", [answer]) is expected
        assert cooperated("growing-stream", [coming(1.0), coming(2.0), answer]) is expected
        assert cooperated("growing-stream", [answer, coming(1.0)]) is False


def items(*found: object) -> Exchange:
    return exchange(json.dumps({"output": list(found)}).encode())


CALL_A, CALL_B = ({"type": "function_call", "call_id": name} for name in "ab")
BARE = {"type": "function_call"}


@pytest.mark.parametrize(
    ("answer", "calls"),
    [
        (items({"type": "message", "call_id": "a"}, 5), 0),
        (items(CALL_A), 1),
        (items(CALL_A, CALL_A), 1),
        (items(CALL_A, CALL_B), 2),
        (items(BARE, BARE), 2),
        (exchange(b'data: {"item": %s}\n\n' % json.dumps(CALL_A).encode() * 2), 1),
        (exchange(b'data: {"item": {"type": "function_call"}}\n\n'), 1),
        (stream(call(id="a"), call(id="b")), 2),
        (stream(call(id="a"), call(id="a")), 1),
    ],
)
def test_calls_are_told_apart(answer: Exchange, calls: int) -> None:
    assert cooperated("tool-call", [answer]) is (calls > 0)
    assert cooperated("two-tool-calls", [answer]) is (calls > 1)


def test_a_whole_answer_does_not_grow_however_much_it_says() -> None:
    choices = [{"message": {"content": "x"}}] * 20
    answer = exchange(json.dumps({"choices": choices}).encode())
    assert cooperated("growing-stream", [answer]) is False


@pytest.mark.parametrize("shows", sorted(SHOWS))
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b"\xff\x00",
        b'{"choices": {}}',
        b'{"choices": [null, 3, {"message": 4, "delta": []}]}',
        b'{"choices": [{"message": {"content": [], "tool_calls": [1]}}]}',
        b'{"choices": [{"message": {"content": [1]}}, {"message": {"content": 1}}]}',
        b"data: {\n\ndata: [DONE]\n\n",
    ],
)
def test_anything_may_have_come(shows: str, body: bytes) -> None:
    assert cooperated(shows, [exchange(body)]) is False
    assert cooperated(shows, []) is False


def test_an_unknown_name() -> None:
    with pytest.raises(ValueError, match="'dance' is not one of growing-stream, "):
        cooperated("dance", [])
