"""How many tokens an exchange used: as its usage says, or else estimated."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from oaicheck.views.answers import error_within
from oaicheck.views.kept import kept
from oaicheck.views.token_estimates import input_tokens, output_tokens
from oaicheck.wire.exchange import Exchange
from oaicheck.wire.json_text import parse_json

_PARTS = (("prompt_tokens", "completion_tokens"), ("input_tokens", "output_tokens"))
_OK = 200
_TOO_MANY = 10**12
"""No exchange uses so many tokens, so that such a number is no count."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """Input and output tokens, and how many responses report none, so that they are estimated.

    `refused` are the input tokens of refused requests, always estimated. They are not in the total.
    """

    input: int = 0
    output: int = 0
    estimated: int = 0
    refused: int = 0

    @property
    def total(self) -> int:
        """Input and output."""
        return self.input + self.output

    def __add__(self, other: Tokens) -> Tokens:
        """The tokens of both."""
        return Tokens(
            self.input + other.input,
            self.output + other.output,
            self.estimated + other.estimated,
            self.refused + other.refused,
        )


def tokens_of(exchange: Exchange) -> Tokens:
    """The tokens of an exchange, from the last usage object in the response.

    The last one, because some servers repeat a growing count on every chunk. A response without
    one is estimated. A refusal usually costs nothing. Only a POST uses tokens: a stored response
    that is retrieved repeats its old usage.
    """
    return kept(exchange, _tokens_of, is_small=True)


def _tokens_of(exchange: Exchange) -> Tokens:
    if exchange.request.method != "POST":
        return Tokens()
    reported = kept(exchange, _reported, is_small=True)
    if reported is not None:
        return reported
    if not exchange.answered:
        return Tokens()
    asked = input_tokens(exchange.request.json)
    if exchange.status != _OK or error_within(exchange) is not None:
        return Tokens(refused=asked)
    return Tokens(asked, output_tokens(exchange), estimated=1)


def total_tokens(exchange: Exchange) -> int | None:
    """The total that an exchange reports, or None if it reports none."""
    reported = kept(exchange, _reported, is_small=True)
    return None if reported is None else reported.total


def _reported(exchange: Exchange) -> Tokens | None:
    for value in _values(exchange):
        for holder in (value, value.get("response")):
            usage = holder.get("usage") if isinstance(holder, dict) else None
            if not isinstance(usage, dict):
                continue
            for names in _PARTS:
                if all(_is_count(usage.get(name)) for name in names):
                    return Tokens(*(int(usage[name]) for name in names))
    return None


def _values(exchange: Exchange) -> Iterator[dict[str, Any]]:
    """The JSON objects of a response that may contain usage, last first."""
    streamed = exchange.media_type == "text/event-stream" or exchange.json is None
    texts: list[str | bytes] = (
        [event.data for event in reversed(exchange.events)] if streamed else [exchange.body]
    )
    for text in texts:
        needle = '"usage"' if isinstance(text, str) else b'"usage"'
        parsed = parse_json(text) if needle in text else None  # type: ignore[operator]
        if parsed is not None and isinstance(parsed.value, dict):
            yield parsed.value


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _TOO_MANY
