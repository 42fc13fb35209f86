"""Which answers are worth asking again for, and how long to wait before."""

from __future__ import annotations

import email.utils
import math
import time
from http import HTTPStatus
from typing import Any

from oaicheck.views.refusal import is_a_refusal
from oaicheck.wire.exchange import Ending, Exchange

WITHOUT_FORCE = {"tool_choice": "auto"}
"""The change to a request by which no call is forced."""

_BAD_GATEWAY = 502
_BROKEN = frozenset({Ending.NOT_CONNECTED, Ending.CUT, Ending.RESET})
_FIRST_WAIT = 0.5


def is_out_of_reach(exchange: Exchange) -> bool:
    """Whether nobody listens, or a proxy does not reach the server: it may be starting anew."""
    return exchange.ending is Ending.NOT_CONNECTED or exchange.status == _BAD_GATEWAY


def is_void(exchange: Exchange) -> bool:
    """Whether a stream began and came to its end without one byte, as proxies let it happen."""
    return (
        exchange.status == HTTPStatus.OK
        and exchange.ending is Ending.COMPLETE
        and is_stream(exchange)
        and is_empty(exchange)
    )


def is_broken(exchange: Exchange) -> bool:
    """Whether the connection failed, be it in the midst of an answer, which is a finding."""
    return exchange.ending in _BROKEN


def is_empty(exchange: Exchange) -> bool:
    """Whether nothing came of a body."""
    return not exchange.segments


def is_stream(exchange: Exchange) -> bool:
    """Whether an answer was to come as events, over some time."""
    return (exchange.header("content-type") or "").startswith("text/event-stream")


def refuses_to_force(exchange: Exchange) -> bool:
    """Whether a request was refused for its `tool_choice`, which forces a call.

    Models that think are seen to refuse that, and call tools all the same where they may.
    """
    return (
        is_a_refusal(exchange)
        and forces_a_call(exchange.request.json)
        and "tool_choice" in exchange.text
    )


def forces_a_call(body: Any) -> bool:
    """Whether the body of a request forces a call, of whichever tool."""
    return isinstance(body, dict) and body.get("tool_choice") == "required"


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
