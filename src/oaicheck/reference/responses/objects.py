"""The JSON objects of the Responses API: the response, its output items, its usage."""

import copy
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..chat.objects import logprobs_object
from ..model.answer import Answer, Choice, ToolCall
from ..model.tokens import tokenize
from .asked import ResponseAsk
from .items import Item


@dataclass(frozen=True)
class Output:
    """A finished output item, and the pieces in which to stream its text or arguments."""

    item: Item
    fragments: tuple[str, ...]


def outputs(asked: ResponseAsk, answer: Answer, new_id: Callable[[str], str]) -> list[Output]:
    """The output items of an answer: reasoning, then calls or a message."""
    choice = answer.choices[0]
    made: list[Output] = []
    if choice.reasoning:
        made.append(_reasoning(asked, choice, new_id("rs_")))
    made += [
        _custom_call(call, new_id("ctc_"))
        if call.name in asked.custom
        else Output(
            {
                "id": new_id("fc_"),
                "type": "function_call",
                "status": "completed",
                "call_id": call.id,
                "name": call.name,
                "arguments": call.arguments,
            },
            call.fragments,
        )
        for call in choice.calls
    ]
    cut = choice.finish_reason == "length"
    if choice.content or not (choice.calls or cut):
        message = {
            "id": new_id("msg_"),
            "type": "message",
            "status": "completed",
            "role": "assistant",
            "content": [text_part(asked, choice.content)],
        }
        made.append(Output(message, choice.content))
    if cut and made:
        made[-1].item["status"] = "incomplete"
    return made


def text_part(asked: ResponseAsk, tokens: tuple[str, ...]) -> dict[str, Any]:
    """A content part with text."""
    return {
        "type": "output_text",
        "text": "".join(tokens),
        "annotations": [],
        "logprobs": logprobs(asked, tokens),
    }


def logprobs(asked: ResponseAsk, tokens: tuple[str, ...]) -> list[dict[str, Any]]:
    """The log probabilities of some tokens; empty if they were not requested."""
    found = logprobs_object(asked.ask, tokens)
    return [] if found is None else list(found["content"])


def started_response(asked: ResponseAsk, response_id: str, created_at: int) -> dict[str, Any]:
    """The response object before there is any output."""
    given = asked.given
    reasoning = given.get("reasoning") or {}
    return {
        "id": response_id,
        "object": "response",
        "created_at": created_at,
        "status": "in_progress",
        "background": bool(given.get("background")),
        "completed_at": None,
        "error": None,
        "frequency_penalty": 0.0,
        "incomplete_details": None,
        "instructions": given.get("instructions"),
        "max_output_tokens": given.get("max_output_tokens"),
        "max_tool_calls": given.get("max_tool_calls"),
        "model": asked.ask.model,
        "output": [],
        "parallel_tool_calls": asked.ask.parallel,
        "presence_penalty": 0.0,
        "previous_response_id": given.get("previous_response_id"),
        "prompt_cache_key": given.get("prompt_cache_key"),
        "reasoning": {
            "effort": reasoning.get("effort"),
            "summary": reasoning.get("summary") or reasoning.get("generate_summary"),
        },
        "safety_identifier": given.get("safety_identifier"),
        "service_tier": "default",
        "store": asked.store,
        "temperature": given.get("temperature", 1.0),
        "text": {
            "format": dict(asked.text_format),
            "verbosity": (given.get("text") or {}).get("verbosity") or "medium",
        },
        "tool_choice": given.get("tool_choice", "auto"),
        "tools": [dict(tool) for tool in asked.tools],
        "top_logprobs": given.get("top_logprobs", 0),
        "top_p": given.get("top_p", 1.0),
        "truncation": given.get("truncation", "disabled"),
        "usage": None,
        "user": given.get("user"),
        "metadata": given.get("metadata", {}),
    }


def finished_response(
    started: dict[str, Any], answer: Answer, output: list[Item], completed_at: int
) -> dict[str, Any]:
    """The final response object: completed, or incomplete if a limit cut it off."""
    cut = answer.choices[0].finish_reason == "length"
    return copy.deepcopy(
        {
            **started,
            "status": "incomplete" if cut else "completed",
            "completed_at": None if cut else completed_at,
            "incomplete_details": {"reason": "max_output_tokens"} if cut else None,
            "output": output,
            "usage": usage(answer),
        }
    )


def usage(answer: Answer) -> dict[str, Any]:
    """The ``usage`` object with the names of the Responses API."""
    return {
        "input_tokens": answer.prompt_tokens,
        "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
        "output_tokens": answer.completion_tokens,
        "output_tokens_details": {"reasoning_tokens": answer.reasoning_tokens},
        "total_tokens": answer.prompt_tokens + answer.completion_tokens,
    }


def _custom_call(call: ToolCall, item_id: str) -> Output:
    """The call of a custom tool; its input is what there is of the argument's text."""
    found = re.match(r'\{"input": "((?:[^"\\]|\\.)*)', call.arguments)
    text = json.loads(f'"{found[1]}"') if found else ""
    item: Item = {
        "id": item_id,
        "type": "custom_tool_call",
        "status": "completed",
        "call_id": call.id,
        "name": call.name,
        "input": text,
    }
    return Output(item, tokenize(text))


def _reasoning(asked: ResponseAsk, choice: Choice, item_id: str) -> Output:
    text = "".join(choice.reasoning)
    item: Item = {"id": item_id, "type": "reasoning", "status": "completed", "summary": []}
    if asked.summarizes:
        item["summary"] = [{"type": "summary_text", "text": text}]
    if asked.encrypts:
        item["encrypted_content"] = text.encode().hex()
    return Output(item, choice.reasoning if asked.summarizes else ())
