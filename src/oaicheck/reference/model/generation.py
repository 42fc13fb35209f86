"""The scripted model: a deterministic answer to a validated request, with limits and stops."""

import json
from collections.abc import Callable

from ..chat.ask import Ask
from .answer import Answer, Choice, ToolCall
from .calling import planned_calls
from .instance import make_instance
from .script import spoken, thought
from .tokens import prompt_tokens, tokenize


def generate(ask: Ask, most: int, new_id: Callable[[str], str]) -> Answer:
    """Answer a request. No choice has more than ``most`` tokens."""
    choices = tuple(_choice(ask, index, most, new_id) for index in range(ask.n))
    return Answer(
        choices=choices,
        prompt_tokens=prompt_tokens(ask.messages, ask.tools),
        completion_tokens=sum(choice.tokens for choice in choices),
        reasoning_tokens=sum(len(choice.reasoning) for choice in choices),
    )


def _choice(ask: Ask, index: int, most: int, new_id: Callable[[str], str]) -> Choice:
    left = most
    thoughts = tokenize(thought()) if ask.thinks else ()
    reasoning = thoughts[:left]
    left -= len(reasoning)
    complete = len(reasoning) == len(thoughts)
    planned = planned_calls(ask)
    if planned:
        calls: list[ToolCall] = []
        for name, arguments in planned:
            fragments = tokenize(arguments)
            if left < 1:
                complete = False
                break
            kept = fragments[: left - 1]
            left -= 1 + len(kept)
            complete = complete and len(kept) == len(fragments)
            calls.append(ToolCall(new_id("call_"), name, kept))
        return Choice(index, reasoning, (), tuple(calls), "tool_calls" if complete else "length")
    text = _text(ask, index)
    tokens = tokenize(text)
    content = tokens[:left]
    complete = complete and len(content) == len(tokens)
    return Choice(index, reasoning, content, (), "stop" if complete else "length")


def _text(ask: Ask, index: int) -> str:
    if ask.schema is None:
        text = spoken(ask.messages, index)
    elif ask.schema:
        text = json.dumps(make_instance(ask.schema), ensure_ascii=False)
    else:
        text = json.dumps({"answer": "Here is a JSON object.", "choice": index})
    places = [place for stop in ask.stop if (place := text.find(stop)) >= 0]
    return text[: min(places)] if places else text
