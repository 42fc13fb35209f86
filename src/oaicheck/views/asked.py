"""What a request asked for, as far as it matters for judging the answer."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from oaicheck.views.chat import requested
from oaicheck.wire.exchange import Exchange

_WORD = re.compile(r"[A-Za-z]+")
_PHRASE = re.compile("«([^»]*)»")


def prompt_words(exchange: Exchange) -> int:
    """The number of words in Latin letters in the messages of a request.

    A tokenizer makes at least one token of each, so a prompt never has fewer tokens.
    """
    return sum(len(_WORD.findall(text)) for text in _texts(exchange))


def input_words(exchange: Exchange) -> int:
    """The number of words in Latin letters in a request's input messages and outputs of calls.

    A tokenizer makes at least one token of each, so a prompt never has fewer tokens.
    """
    items = requested(exchange, "input")
    contents = [item.get("content") or item.get("output", "") for item in items]
    texts = [
        text
        for content in contents
        for text in ([content] if isinstance(content, str) else [part["text"] for part in content])
    ]
    return sum(len(_WORD.findall(text)) for text in texts)


def offered_functions(exchange: Exchange) -> dict[str, Mapping[str, Any]]:
    """The functions that a request offered, by name."""
    return {tool["name"]: tool for tool in requested(exchange, "tools", [])}


def stop_strings(exchange: Exchange) -> list[str]:
    """The stop strings of a request, given as a string or an array."""
    given = requested(exchange, "stop", [])
    return [given] if isinstance(given, str) else list(given)


def phrase_to_repeat(exchange: Exchange) -> str:
    """The text that the model was asked to repeat, in «guillemets»; empty if there is none."""
    found = (_PHRASE.search(text) for text in _texts(exchange))
    return next((match[1] for match in found if match is not None), "")


def _texts(exchange: Exchange) -> Iterator[str]:
    prompt = requested(exchange, "input")
    if isinstance(prompt, str):
        yield prompt
    for message in requested(exchange, "messages", []):
        content = message["content"]
        if isinstance(content, str):
            yield content
        else:
            yield from (part["text"] for part in content if part["type"] == "text")
