"""Decides which responses call for another turn or a retry, and how long to wait before it."""

from __future__ import annotations

import email.utils
import math
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from oaicheck.engine.overflow import fewer_tools
from oaicheck.scenarios.cooperation import cooperated
from oaicheck.scenarios.scenario import NOWHERE, Scenario
from oaicheck.target.target import Limits
from oaicheck.views.refusal import is_a_refusal, is_rate_limited
from oaicheck.wire.exchange import Ending, Exchange

WITHOUT_FORCE = {"tool_choice": "auto"}
"""The change to a request that stops forcing a tool call."""

LOADING_PAUSE = 5.0
"""The longest pause, in seconds, before asking an endpoint again that is loading its model."""

_BAD_GATEWAY = 502
_BROKEN = frozenset({Ending.NOT_CONNECTED, Ending.CUT, Ending.RESET})
_FIRST_WAIT = 0.5


def patient_retries(limits: Limits) -> int:
    """Retries while a model is loading: together about as long as the first-byte timeout."""
    return max(limits.retries, math.ceil(limits.first_byte / LOADING_PAUSE))


def is_out_of_reach(exchange: Exchange) -> bool:
    """Whether nothing listens, or a proxy does not reach the server, which may be restarting."""
    return exchange.ending is Ending.NOT_CONNECTED or exchange.status == _BAD_GATEWAY


def is_void(exchange: Exchange) -> bool:
    """Whether a stream began and ended without a single byte, as some proxies cause."""
    return (
        exchange.status == HTTPStatus.OK
        and exchange.ending is Ending.COMPLETE
        and is_stream(exchange)
        and is_empty(exchange)
    )


def is_broken(exchange: Exchange) -> bool:
    """Whether the connection failed, even in the middle of a response (which is a finding)."""
    return exchange.ending in _BROKEN


def is_empty(exchange: Exchange) -> bool:
    """Whether not a single byte of the body arrived."""
    return not exchange.segments


def is_stream(exchange: Exchange) -> bool:
    """Whether the response is an event stream."""
    return (exchange.header("content-type") or "").startswith("text/event-stream")


def succeeded(exchange: Exchange) -> bool:
    """Whether the endpoint served the request, or would have if the client had not hung up."""
    if exchange.status is None:
        return exchange.ending is Ending.HUNG_UP
    return 200 <= exchange.status < 300


def goes_on(scenario: Scenario, exchange: Exchange) -> bool:
    """Whether a conversation goes on after this turn, if the scenario has further turns."""
    if succeeded(exchange):
        return not scenario.apart or exchange.turn > 1
    further = scenario.goes_on or (scenario.apart and exchange.status not in NOWHERE)
    is_there = exchange.answered and not is_out_of_reach(exchange)
    return further and is_there and not is_rate_limited(exchange)


def may_be_disturbed(exchange: Exchange) -> bool:
    """Whether other requests may be the cause of a break."""
    return is_broken(exchange) and (is_empty(exchange) or is_stream(exchange))


def worth_rewording(scenario: Scenario, turns: Sequence[Exchange]) -> bool:
    """Whether the model did not do what the scenario shows, so that other words may help."""
    if scenario.shows is None or not all(map(succeeded, turns)):
        return False
    if is_broken(turns[-1]) and is_empty(turns[-1]):
        return False
    return len(turns) < len(scenario.turns) or not cooperated(scenario.shows, turns)


def easier_request(refused: Exchange) -> Mapping[str, Any] | None:
    """The change to a refused request that the endpoint may serve, or None.

    Fewer tools, if they exceed the context window; no force, if it refuses to force a call.
    """
    return fewer_tools(refused) or (WITHOUT_FORCE if refuses_to_force(refused) else None)


def refuses_to_force(exchange: Exchange) -> bool:
    """Whether the endpoint refused a request because its `tool_choice` forces a tool call.

    Some reasoning models refuse that, but call tools if they are free to do so.
    """
    return (
        is_a_refusal(exchange)
        and forces_a_call(exchange.request.json)
        and "tool_choice" in exchange.text
    )


def forces_a_call(body: Any) -> bool:
    """Whether a request body forces a call of any tool."""
    return isinstance(body, dict) and body.get("tool_choice") == "required"


def pause_before(attempt: int, exchange: Exchange, most: float, now: float) -> float:
    """Seconds to wait before the next attempt: as the endpoint asks, otherwise doubling each time.

    A date in Retry-After is compared with `now`, a Unix time.
    """
    asked = _asked_pause(exchange, now)
    return min(_FIRST_WAIT * 2.0 ** min(attempt - 1, 16) if asked is None else asked, most)


def _asked_pause(exchange: Exchange, now: float) -> float | None:
    milliseconds = _number(exchange.header("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    asked = exchange.header("retry-after")
    seconds = _number(asked)
    if seconds is not None or asked is None:
        return seconds
    try:
        return max(0.0, email.utils.parsedate_to_datetime(asked).timestamp() - now)
    except (ValueError, OverflowError):
        return None


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if math.isfinite(number) and number >= 0 else None
