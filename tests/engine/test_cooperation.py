"""Whether a model cooperated is read leniently, from whatever came."""

import json
from typing import Any

import pytest

from oaicheck.cooperation import SHOWS, cooperated
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
        b"data: {\n\ndata: [DONE]\n\n",
    ],
)
def test_anything_may_have_come(shows: str, body: bytes) -> None:
    assert cooperated(shows, [exchange(body)]) is False
    assert cooperated(shows, []) is False


def test_an_unknown_name() -> None:
    with pytest.raises(ValueError, match="'dance' is none of counting, "):
        cooperated("dance", [])
