"""The first requests to an endpoint: can it be judged at all, and if not, why?

A wrong address, a refused key or a server that is still starting would fail every check in the same
way. The first requests find that out, and the user gets one message that says what to do.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable

from oaicheck.contact.said import shown, what_it_said
from oaicheck.contact.unusable import refuse_silence, refuse_statuses
from oaicheck.contact.waiting import Waiting, telling, unheard
from oaicheck.engine.client import send
from oaicheck.engine.clock import MACHINE, Time
from oaicheck.engine.prepare import prepare
from oaicheck.engine.retrying import (
    LOADING_PAUSE,
    is_broken,
    is_empty,
    patient_retries,
    pause_before,
)
from oaicheck.scenarios.scenario import Turn
from oaicheck.target.target import Limits, Target
from oaicheck.views.refusal import is_rate_limited
from oaicheck.wire.exchange import Ending, Exchange

_LOADING = 503


async def ask(
    target: Target,
    turn: Turn,
    *,
    scenario: str,
    ssl_context: ssl.SSLContext,
    record: Callable[[Exchange], None],
    first_attempt: int = 1,
    waiting: Waiting = unheard,
    time: Time = MACHINE,
) -> Exchange:
    """Send one request, retry while the endpoint is busy, loading or failing, return the exchange.

    `waiting` is called with the reason while a wait takes long.
    Raises EndpointUnusable if there is no response, or if the response shows that all other
    requests would fail too. The caller checks whether the path and the model are right.
    """
    limits = target.limits
    attempt = 0
    async with telling(waiting, time) as wait:
        wait.goes_on("it has not answered yet", limits.first_byte)
        while True:
            attempt += 1
            request = prepare(target, turn, scenario=scenario, attempt=first_attempt + attempt - 1)
            exchange = await send(
                target, request, limits=limits, ssl_context=ssl_context, time=time
            )
            record(exchange)
            retries = _retries(exchange, limits)
            if attempt > retries:
                break
            longest, now = _longest_pause(exchange, limits), time.wall()
            wait.goes_on(_why_again(exchange), _time_for(attempt, retries, exchange, longest, now))
            await time.sleep(pause_before(attempt, exchange, longest, now))
    refuse_silence(target, exchange)
    refuse_statuses(target, exchange, attempt)
    return exchange


def _why_again(exchange: Exchange) -> str:
    """Why a request is sent again, in words."""
    if exchange.status is None:
        return shown(exchange.detail)
    return f"it answered {exchange.status}, {what_it_said(exchange) or 'with an empty body'}"


def _time_for(attempt: int, retries: int, exchange: Exchange, longest: float, now: float) -> float:
    """About how many seconds the remaining attempts take if all go like this one."""
    pauses = (pause_before(each, exchange, longest, now) for each in range(attempt, retries + 1))
    return sum(pauses) + (retries + 1 - attempt) * exchange.ended_at


def _retries(exchange: Exchange, limits: Limits) -> int:
    """How often a request is repeated after such a response."""
    if exchange.status == _LOADING and exchange.header("retry-after") is None:
        return patient_retries(limits)
    if is_rate_limited(exchange) or (exchange.status or 0) >= 500:
        return limits.retries
    broken = is_broken(exchange) and is_empty(exchange)
    return 1 if broken and exchange.ending is not Ending.NOT_CONNECTED else 0


def _longest_pause(exchange: Exchange, limits: Limits) -> float:
    """The longest pause: longer if the endpoint asks for one with a header."""
    if exchange.header("retry-after") or exchange.header("retry-after-ms"):
        return limits.retry_after_cap
    return min(limits.retry_after_cap, LOADING_PAUSE)
