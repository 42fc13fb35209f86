"""Estimates of tokens, where nobody has counted them: before a run, and without a usage object.

The rule is rough and never looks at the model: four bytes of UTF-8 are a token, and a word is at
least one. Tokenizers differ by a third from it, and more in languages that they know badly.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from oaicheck.views.texts.words import word_count
from oaicheck.wire.exchange import Exchange
from oaicheck.wire.json_text import parse_json

_BYTES_PER_TOKEN = 4
_PER_MESSAGE = 4
"""What a chat template puts around each message."""
_PER_IMAGE = 500
"""An image, whatever its size: vendors count from 85 tokens to some thousands."""
_IMAGES = ("image_url", "input_image", "image")
_PROMPT = ("messages", "input", "instructions")
_SHOWN_AS_JSON = ("tools", "functions", "response_format", "text")
"""Members that an endpoint writes into the prompt as JSON, more or less."""
_WRITTEN = ("choices", "output")


def text_tokens(text: str) -> int:
    """About how many tokens a text has."""
    size = len(text.encode("utf-8", "surrogatepass"))
    return max(word_count(text), -(-size // _BYTES_PER_TOKEN))


def input_tokens(body: Any) -> int:
    """About how many input tokens a request has, given its body as a JSON value.

    It counts the texts of the messages, four tokens more for each message, tools and schemas as
    JSON, and 500 for each image. It counts neither other parameters nor the white space around
    JSON, which no model reads, nor what the endpoint adds itself, such as a stored conversation.
    """
    if not isinstance(body, dict):
        return 0
    prompts = sum(_prompt_tokens(body.get(name)) for name in _PROMPT)
    shown = (body[name] for name in _SHOWN_AS_JSON if body.get(name))
    return prompts + sum(text_tokens(json.dumps(value, ensure_ascii=False)) for value in shown)


def output_tokens(exchange: Exchange) -> int:
    """About how many tokens a response has: one for each delta of a stream, else by its texts."""
    if exchange.events:
        return sum('"delta"' in event.data for event in exchange.events)
    parsed = parse_json(exchange.body)
    if parsed is None or not isinstance(parsed.value, dict):
        return 0
    return sum(_value_tokens(parsed.value.get(name)) for name in _WRITTEN)


def _prompt_tokens(value: Any) -> int:
    if isinstance(value, list):
        return sum(_PER_MESSAGE + _value_tokens(message) for message in value)
    return _value_tokens(value)


def _value_tokens(value: Any) -> int:
    """The tokens of all texts in a JSON value."""
    if isinstance(value, str):
        return text_tokens(value)
    if isinstance(value, list):
        return sum(map(_value_tokens, value))
    if isinstance(value, Mapping):
        if value.get("type") in _IMAGES:
            return _PER_IMAGE
        return sum(map(_value_tokens, value.values()))
    return 0
