"""Helpers for faults and variations to find and change parts of wire objects.

The objects of every reply are new, so they may be changed in place.
"""

import copy
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from .deviation import Object, Situation
from .http.frames import DONE
from .http.problem import ApiError
from .http.reply import Reply
from .model.answer import Answer, Choice, ToolCall

Chunks = list[Object]


def choices(value: Object) -> list[Object]:
    """The choices of a chunk or a completion; empty if a deviation removed them."""
    found = value.get("choices")
    return found if isinstance(found, list) else []


def deltas(chunks: Chunks) -> Iterator[Object]:
    """Every delta of a stream."""
    for chunk in chunks:
        for choice in choices(chunk):
            if isinstance(delta := choice.get("delta"), dict):
                yield delta


def content_chunks(chunks: Chunks) -> Chunks:
    """The chunks with text, in order."""
    return [chunk for chunk in chunks if any(delta.get("content") for delta in deltas([chunk]))]


def call_deltas(chunks: Chunks) -> Iterator[Object]:
    """Every entry of ``delta.tool_calls`` in a stream."""
    for delta in deltas(chunks):
        yield from delta.get("tool_calls") or []


def any_calls(value: Object) -> Iterator[Object]:
    """Every tool call of a chunk or a completion."""
    for choice in choices(value):
        carrier = choice.get("message") or choice.get("delta") or {}
        yield from carrier.get("tool_calls") or []


def finish_chunks(chunks: Chunks) -> Chunks:
    """The chunks with a finish reason."""
    return [
        chunk
        for chunk in chunks
        if any(choice.get("finish_reason") is not None for choice in choices(chunk))
    ]


def messages(completion: Object) -> Iterator[Object]:
    """Every message of a completion."""
    for choice in choices(completion):
        yield choice["message"]


def like(chunk: Object, delta: Object, finish_reason: str | None = None) -> Object:
    """A copy of a chunk, with one choice that has another delta."""
    made = copy.deepcopy(chunk)
    first = {"index": 0, **(choices(made)[0] if choices(made) else {})}
    made["choices"] = [{**first, "delta": delta, "finish_reason": finish_reason}]
    return made


def each_choice(answer: Answer, change: Callable[[Choice], Choice]) -> Answer:
    """The answer with every choice changed; the token counts stay as they are."""
    return replace(answer, choices=tuple(map(change, answer.choices)))


def each_call(answer: Answer, change: Callable[[ToolCall], ToolCall]) -> Answer:
    """The answer with every tool call changed."""
    return each_choice(
        answer, lambda choice: replace(choice, calls=tuple(map(change, choice.calls)))
    )


def finished(answer: Answer, reasons: dict[str, str]) -> Answer:
    """The answer with finish reasons replaced."""
    return each_choice(
        answer,
        lambda choice: replace(
            choice, finish_reason=reasons.get(choice.finish_reason, choice.finish_reason)
        ),
    )


def flattened(text: str) -> str:
    """The JSON text with strings in place of all objects and arrays that are in an array."""

    def flat(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: flat(member) for name, member in value.items()}
        if isinstance(value, list):
            nested = (dict, list)
            return [json.dumps(item) if isinstance(item, nested) else item for item in value]
        return value

    return json.dumps(flat(json.loads(text)))


def json_frames(frames: list[bytes], change: Callable[[bytes], bytes]) -> list[bytes]:
    """The frames, each except ``[DONE]`` changed from its ``data:`` field on."""
    return [data if data == DONE else _with_data(data, change) for data in frames]


def is_stream(reply: Reply) -> bool:
    """Whether a reply is a stream of events."""
    return (reply.header("content-type") or "").startswith("text/event-stream")


def dropped(body: Object, *names: str) -> Object:
    """A request body without some of its parameters."""
    return {name: value for name, value in body.items() if name not in names}


def refused(status: int, message: str, param: str | None = None, **more: Any) -> ApiError:
    """An error to raise from a request or body stage."""
    return ApiError(status, message, param=param, **more)


def path_is(situation: Situation, pattern: str) -> bool:
    """Whether the request's path ends with the pattern."""
    return re.search(pattern + "$", situation.request.path) is not None


def _with_data(data: bytes, change: Callable[[bytes], bytes]) -> bytes:
    name, mark, rest = data.partition(b"\ndata: ")
    return name + b"\n" + change(b"data: " + rest) if mark else change(data)
