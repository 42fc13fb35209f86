"""How many tokens an exchange used, according to the endpoint."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from oaicheck.wire.exchange import Exchange
from oaicheck.wire.json_text import parse_json

_PARTS = (("prompt_tokens", "completion_tokens"), ("input_tokens", "output_tokens"))


def total_tokens(exchange: Exchange) -> int | None:
    """The total of the last usage object in a response, or None if there is none.

    The last one, because some servers repeat a growing count on every chunk.
    """
    for value in _values(exchange):
        for holder in (value, value.get("response")):
            usage = holder.get("usage") if isinstance(holder, dict) else None
            total = _total(usage) if isinstance(usage, dict) else None
            if total is not None:
                return total
    return None


def _values(exchange: Exchange) -> Iterator[dict[str, Any]]:
    """The JSON objects of a response that may contain usage, last first."""
    texts: list[str | bytes] = (
        [event.data for event in reversed(exchange.events)]
        if exchange.media_type == "text/event-stream"
        else [exchange.body]
    )
    for text in texts:
        needle = '"usage"' if isinstance(text, str) else b'"usage"'
        parsed = parse_json(text) if needle in text else None  # type: ignore[operator]
        if parsed is not None and isinstance(parsed.value, dict):
            yield parsed.value


def _total(usage: dict[str, Any]) -> int | None:
    if _count(usage.get("total_tokens")):
        return int(usage["total_tokens"])
    for names in _PARTS:
        if all(_count(usage.get(name)) for name in names):
            return sum(int(usage[name]) for name in names)
    return None


def _count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
