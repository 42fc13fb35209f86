"""The chunks of a streamed answer, in order."""

from collections.abc import Iterator
from itertools import zip_longest
from typing import Any

from ..model.answer import Answer, Choice
from .ask import Ask
from .objects import Stamp, logprobs_object, usage_object

_Part = tuple[dict[str, Any], dict[str, Any] | None, str | None]


def chunk_objects(ask: Ask, answer: Answer, stamp: Stamp) -> list[dict[str, Any]]:
    """All ``chat.completion.chunk`` objects; several choices take turns."""
    chunks = [
        _chunk(ask, stamp, [_choice_object(choice, part)])
        for turn in zip_longest(*(_parts(ask, choice) for choice in answer.choices))
        for choice, part in zip(answer.choices, turn, strict=True)
        if part is not None
    ]
    if ask.include_usage:
        chunks.append({**_chunk(ask, stamp, []), "usage": usage_object(answer)})
    return chunks


def _chunk(ask: Ask, stamp: Stamp, choices: list[dict[str, Any]]) -> dict[str, Any]:
    chunk = {**stamp.fields("chat.completion.chunk"), "choices": choices}
    if ask.include_usage:
        chunk["usage"] = None
    return chunk


def _choice_object(choice: Choice, part: _Part) -> dict[str, Any]:
    delta, logprobs, finish_reason = part
    return {
        "index": choice.index,
        "delta": delta,
        "logprobs": logprobs,
        "finish_reason": finish_reason,
    }


def _parts(ask: Ask, choice: Choice) -> Iterator[_Part]:
    """The delta, log probabilities and finish reason of every chunk of one choice."""
    start = None if choice.calls or choice.reasoning else ""
    yield {"role": "assistant", "content": start, "refusal": None}, None, None
    for token in choice.reasoning:
        yield {"reasoning_content": token}, None, None
    for token in choice.content:
        yield {"content": token}, logprobs_object(ask, [token]), None
    for index, call in enumerate(choice.calls):
        opening = {
            "index": index,
            "id": call.id,
            "type": "function",
            "function": {"name": call.name, "arguments": ""},
        }
        yield {"tool_calls": [opening]}, None, None
        for fragment in call.fragments:
            delta = {"index": index, "function": {"arguments": fragment}}
            yield {"tool_calls": [delta]}, None, None
    yield {}, None, choice.finish_reason
