"""What an endpoint says about its context window, before and after a prompt has exceeded it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from oaicheck.views.answers import error_within
from oaicheck.views.models import body_of, listed_entry, listed_models
from oaicheck.views.refusal import Refusal, is_a_refusal, names_an_overflow
from oaicheck.views.responses import ResponseStream
from oaicheck.wire.exchange import Exchange, Located

_LIST, _ENTRY = "models/list", "models/retrieve"
_CHAT = "chat/completions"

_MEMBERS = (
    "max_model_len",  # vLLM, SGLang
    "context_length",  # OpenRouter, Together, Fireworks
    "context_window",  # Groq
    "max_context_length",  # Mistral, LM Studio
    "loaded_context_length",  # LM Studio
    "max_input_tokens",  # LiteLLM
    "n_ctx",  # llama.cpp
    "n_ctx_train",  # llama.cpp
)
_WITHIN = ("meta", "metadata", "top_provider", "model_info")
"""Members that hold such a member: of llama.cpp, OpenRouter, LiteLLM."""

_TOLD = re.compile(
    r"(?:context|prompt) (?:length|window|size)\D{0,12}?(\d[\d,]{0,12})"
    r"|(\d[\d,]{0,12}) (?:tokens )?maximum context",
    re.IGNORECASE,
)
"""A refusal that names the length: `This model's maximum context length is 8192 tokens.`"""

_BYTES_PER_TOKEN = 16
"""More than any tokenizer puts into one token of the long prompt, which repeats two bytes."""


def told_context_length(exchanges: Iterable[Exchange], model: str) -> int | None:
    """The context length in tokens, as the endpoint told it: in `/models`, or in a refusal.

    The smallest if it told several. They may all be wrong. None if it told none.
    """
    told = (length for exchange in exchanges for length in _told_lengths(exchange, model))
    return min(told, default=None)


def tells_an_overflow(exchange: Exchange) -> bool:
    """Whether a client can see in a response that the prompt was too long, whatever its status."""
    if not exchange.answered:
        return False
    error = error_within(exchange)
    if isinstance(error, Located) and names_an_overflow(error):
        return True
    failed = ResponseStream(exchange).of_type("response.failed")
    if any(names_an_overflow(event["response"]["error"]) for event in failed):
        return True
    return Refusal(exchange).is_context_overflow


def least_prompt_tokens(exchange: Exchange) -> int:
    """How many tokens the long prompt of a request has at least, with any tokenizer."""
    return len(exchange.request.body) // _BYTES_PER_TOKEN


def has_read_everything(exchange: Exchange) -> bool:
    """Whether usage says that the endpoint has read the whole of a long prompt."""
    read = body_of(exchange)["usage"]["prompt_tokens"]
    served = exchange.status == 200 and read.is_integer
    return served and read.value >= least_prompt_tokens(exchange)


def _told_lengths(exchange: Exchange, model: str) -> Iterator[int]:
    if exchange.scenario == _LIST:
        entries = listed_models(exchange)
        named = listed_entry(exchange, model)
        for entry in entries if len(entries) == 1 else [named] if named is not None else []:
            yield from _lengths_in(entry)
    elif exchange.scenario == _ENTRY and exchange.status == 200:
        yield from _lengths_in(body_of(exchange))
    elif is_a_refusal(exchange) and exchange.request.url.partition("?")[0].endswith(_CHAT):
        refusal = Refusal(exchange)
        yield from _lengths_in(refusal.error)
        for found in _TOLD.finditer(refusal.words):
            yield int((found[1] or found[2]).replace(",", ""))


def _lengths_in(entry: Located) -> Iterator[int]:
    for holder in (entry, *(entry[name] for name in _WITHIN)):
        for name in _MEMBERS:
            value: Any = holder[name].value
            if holder[name].is_integer and value > 0:
                yield value
