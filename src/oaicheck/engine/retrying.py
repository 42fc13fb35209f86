"""Which answers are worth asking again for, and how long to wait before."""

from __future__ import annotations

import email.utils
import math
import time

from oaicheck.wire.exchange import Ending, Exchange

RATE_LIMITED = frozenset({429, 503})
"""Statuses by which an endpoint asks for a pause."""

_BROKEN = frozenset({Ending.NOT_CONNECTED, Ending.CUT, Ending.RESET})
_FIRST_WAIT = 0.5


def is_rate_limited(exchange: Exchange) -> bool:
    """Whether the endpoint asks for a pause."""
    return exchange.status in RATE_LIMITED


def is_broken(exchange: Exchange) -> bool:
    """Whether the connection failed, be it in the midst of an answer, which is a finding."""
    return exchange.ending in _BROKEN


def is_empty(exchange: Exchange) -> bool:
    """Whether nothing came of a body."""
    return not exchange.segments


def is_stream(exchange: Exchange) -> bool:
    """Whether an answer was to come as events, over some time."""
    return (exchange.header("content-type") or "").startswith("text/event-stream")


def pause_before(attempt: int, exchange: Exchange, most: float) -> float:
    """Seconds to wait before the next attempt: what the endpoint asks for, else ever longer."""
    asked = _asked_pause(exchange)
    return min(_FIRST_WAIT * 2.0 ** min(attempt - 1, 16) if asked is None else asked, most)


def _asked_pause(exchange: Exchange) -> float | None:
    milliseconds = _number(exchange.header("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    asked = exchange.header("retry-after")
    seconds = _number(asked)
    if seconds is not None or asked is None:
        return seconds
    try:
        return max(0.0, email.utils.parsedate_to_datetime(asked).timestamp() - time.time())
    except (ValueError, OverflowError):
        return None


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if math.isfinite(number) and number >= 0 else None
