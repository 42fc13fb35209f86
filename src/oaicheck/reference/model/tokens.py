"""A deterministic tokenizer: splits a text into short pieces."""

import json
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

_TOKEN = re.compile(r" ?[A-Za-z0-9_]{1,8}| ?[^\sA-Za-z0-9_]{1,2}|\s")
_PER_MESSAGE = 4


@lru_cache(maxsize=512)
def tokenize(text: str) -> tuple[str, ...]:
    """Split a text into tokens. Joined, they are the text again."""
    return tuple(_TOKEN.findall(text))


def prompt_tokens(messages: Sequence[dict[str, Any]], tools: Sequence[dict[str, Any]]) -> int:
    """The number of tokens in a conversation and its tool definitions."""
    total = 3
    for message in messages:
        total += _PER_MESSAGE
        for key, value in message.items():
            if key == "content":
                total += len(tokenize(text_of(message)))
            elif key != "role" and value is not None:
                total += len(tokenize(value if isinstance(value, str) else _flat(value)))
    if tools:
        total += len(tokenize(_flat(list(tools))))
    return total


def text_of(message: dict[str, Any]) -> str:
    """The text of a message whose content is a string or a list of parts."""
    content = message.get("content")
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return ""


def _flat(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
