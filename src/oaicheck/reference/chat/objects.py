"""The JSON objects of chat and models: completion, message, usage, log probabilities, model."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ..model.answer import Answer, Choice, ToolCall
from .ask import Ask

_FINGERPRINT = "fp_oaicheck_reference"
_ALTERNATIVES = tuple(f" other{number}" for number in range(20))


@dataclass(frozen=True)
class Stamp:
    """The values that all objects of one completion share."""

    id: str
    created: int
    model: str

    def fields(self, kind: str) -> dict[str, Any]:
        """The leading fields of an object."""
        return {
            "id": self.id,
            "object": kind,
            "created": self.created,
            "model": self.model,
            "service_tier": "default",
            "system_fingerprint": _FINGERPRINT,
        }


def completion_object(ask: Ask, answer: Answer, stamp: Stamp) -> dict[str, Any]:
    """The ``chat.completion`` object."""
    return {
        **stamp.fields("chat.completion"),
        "choices": [
            {
                "index": choice.index,
                "message": _message(choice),
                "logprobs": logprobs_object(ask, choice.content),
                "finish_reason": choice.finish_reason,
            }
            for choice in answer.choices
        ],
        "usage": usage_object(answer),
    }


def usage_object(answer: Answer) -> dict[str, Any]:
    """The ``usage`` object."""
    return {
        "prompt_tokens": answer.prompt_tokens,
        "completion_tokens": answer.completion_tokens,
        "total_tokens": answer.prompt_tokens + answer.completion_tokens,
        "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": answer.reasoning_tokens,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }


def logprobs_object(ask: Ask, tokens: Iterable[str]) -> dict[str, Any] | None:
    """The log probabilities of some tokens; None if they were not requested."""
    if not ask.logprobs:
        return None
    return {"content": [_logprob(token, ask.top_logprobs) for token in tokens], "refusal": None}


def call_object(call: ToolCall) -> dict[str, Any]:
    """A complete tool call."""
    function = {"name": call.name, "arguments": call.arguments}
    return {"id": call.id, "type": "function", "function": function}


def model_object(name: str, created: int, context_length: int | None) -> dict[str, Any]:
    """One entry of the list of models, with the context length in tokens if it is told."""
    entry = {"id": name, "object": "model", "created": created, "owned_by": "oaicheck"}
    return entry if context_length is None else {**entry, "context_length": context_length}


def _message(choice: Choice) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": choice.text}
    if choice.reasoning:
        message["reasoning_content"] = "".join(choice.reasoning)
    message["refusal"] = None
    if choice.calls:
        message["tool_calls"] = [call_object(call) for call in choice.calls]
    return message


def _logprob(token: str, top: int) -> dict[str, Any]:
    ranked = (token, *_ALTERNATIVES)[:top]
    entries = [_entry(text, -0.01 - 1.5 * rank) for rank, text in enumerate(ranked)]
    return {**_entry(token, -0.01), "top_logprobs": entries}


def _entry(token: str, logprob: float) -> dict[str, Any]:
    return {"token": token, "logprob": logprob, "bytes": list(token.encode("utf-8"))}
