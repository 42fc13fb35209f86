"""Answers made by hand, as views show them: whole ones, streams, and responses."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from oaicheck.views.chat import ChatStream, Completion
from oaicheck.views.responses import ResponseObject
from oaicheck.wire.exchange import Ending, Exchange, Request, Segment


def exchange(*pieces: bytes, status: int | None = 200, asked: Any = None, **other: Any) -> Exchange:
    """An answer that comes in these pieces, one a second, to a request with this body."""
    body = json.dumps({} if asked is None else asked).encode()
    made = Exchange(
        "s",
        1,
        1,
        Request("POST", "http://endpoint.test/v1/responses", (), body),
        status,
        "",
        (),
        tuple(Segment(float(at), piece) for at, piece in enumerate(pieces)),
        Ending.COMPLETE,
    )
    return replace(made, **other)


def of(body: Any, status: int | None = 200, **other: Any) -> Exchange:
    """An answer with this JSON body."""
    return exchange(json.dumps(body).encode(), status=status, **other)


def completion(body: Any, asked: Any = None) -> Completion:
    """A whole chat answer."""
    made = of(body, asked=asked)
    assert made.json is not None
    return Completion(made, made.json)


def response(asked: Any = None, **body: Any) -> ResponseObject:
    """A whole response with these members."""
    made = of(body, asked=asked)
    assert made.json is not None
    return ResponseObject(made.json)


def events(*payloads: Any, asked: Any = None, **other: Any) -> ChatStream:
    """A chat stream of these payloads, each a JSON value or a text that is not JSON."""
    texts = [each if isinstance(each, str) else json.dumps(each) for each in payloads]
    pieces = [f"data: {text}\n\n".encode() for text in texts]
    return ChatStream(exchange(*pieces, asked=asked, **other))


def stream(*entries: list[Any], asked: Any = None, **members: Any) -> ChatStream:
    """A chat stream of chunks with these choices, each with these other members."""
    return events(*({"choices": found, **members} for found in entries), asked=asked)


def entry(index: int = 0, finish: Any = None, **delta: Any) -> dict[str, Any]:
    """A choice of a chunk."""
    return {"index": index, "delta": delta, "finish_reason": finish}


def speaking(*contents: Any) -> ChatStream:
    """A chat stream of one choice with these contents."""
    return stream(*([entry(content=content)] for content in contents))


def chunk(delta: Any = None, index: Any = 0, finish: Any = None) -> dict[str, Any]:
    """A chunk with one choice."""
    return {"choices": [{"index": index, "delta": delta or {}, "finish_reason": finish}]}


def calling(*calls: Any, finish: Any = None) -> dict[str, Any]:
    """A chunk with these deltas of tool calls."""
    return chunk({"tool_calls": list(calls)}, finish=finish)


def call(index: Any, arguments: Any = None, **members: Any) -> dict[str, Any]:
    """A delta of a tool call."""
    function = {"name": members.pop("name", None), "arguments": arguments}
    given = {name: value for name, value in function.items() if value is not None}
    return {"index": index, "function": given, **members}
