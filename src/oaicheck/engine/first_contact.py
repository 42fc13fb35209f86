"""The first requests to an endpoint: whether it can be judged at all, and if not, why not.

A wrong address, a refused key or a server that is not up yet would fail every check in the same
way. It is found out once, and said once, with what to do about it.
"""

from __future__ import annotations

import asyncio
import math
import ssl
from collections.abc import Callable

from oaicheck.engine.client import send
from oaicheck.engine.prepare import prepare
from oaicheck.engine.retrying import is_broken, is_empty, pause_before
from oaicheck.engine.said import shown, what_it_said
from oaicheck.engine.unusable import refuse_silence, refuse_statuses
from oaicheck.engine.waiting import Waiting, telling, unheard
from oaicheck.scenarios.scenario import Turn
from oaicheck.target.target import Limits, Target
from oaicheck.views.refusal import is_rate_limited
from oaicheck.wire.exchange import Ending, Exchange

_LONGEST_PAUSE = 5.0
_LOADING = 503


def most_requests(limits: Limits) -> int:
    """How many requests `ask` sends at most."""
    return 1 + max(limits.retries, _patient_retries(limits))


async def ask(
    target: Target,
    turn: Turn,
    *,
    scenario: str,
    ssl_context: ssl.SSLContext,
    record: Callable[[Exchange], None],
    first_attempt: int = 1,
    waiting: Waiting = unheard,
) -> Exchange:
    """Send one request, again while the endpoint is busy, loading or failing; then its answer.

    `waiting` is told what is waited for, where that takes long.
    Raises EndpointUnusable where no answer could be had, or one that says that everything else
    would be in vain. Whether the path and the model are right is the caller's question.
    """
    limits = target.limits
    attempt = 0
    async with telling(waiting) as wait:
        wait.goes_on("it has not answered yet", limits.first_byte)
        while True:
            attempt += 1
            request = prepare(target, turn, scenario=scenario, attempt=first_attempt + attempt - 1)
            exchange = await send(target, request, limits=limits, ssl_context=ssl_context)
            record(exchange)
            retries = _retries(exchange, limits)
            if attempt > retries:
                break
            longest = _longest_pause(exchange, limits)
            wait.goes_on(_why_again(exchange), _time_for(attempt, retries, exchange, longest))
            await asyncio.sleep(pause_before(attempt, exchange, longest))
    refuse_silence(target, exchange)
    refuse_statuses(target, exchange, attempt)
    return exchange


def _why_again(exchange: Exchange) -> str:
    """Why a request is sent again."""
    if exchange.status is None:
        return shown(exchange.detail)
    return f"it answered {exchange.status}, {what_it_said(exchange) or 'with nothing'}"


def _time_for(attempt: int, retries: int, exchange: Exchange, longest: float) -> float:
    """About how many seconds the attempts after this one take, if all are answered like it."""
    pauses = (pause_before(each, exchange, longest) for each in range(attempt, retries + 1))
    return sum(pauses) + (retries + 1 - attempt) * exchange.ended_at


def _retries(exchange: Exchange, limits: Limits) -> int:
    """How often a request is repeated after such an answer."""
    if exchange.status == _LOADING and exchange.header("retry-after") is None:
        return _patient_retries(limits)
    if is_rate_limited(exchange) or (exchange.status or 0) >= 500:
        return limits.retries
    broken = is_broken(exchange) and is_empty(exchange)
    return 1 if broken and exchange.ending is not Ending.NOT_CONNECTED else 0


def _patient_retries(limits: Limits) -> int:
    """Retries while a model is being loaded: about as long as a first byte may take."""
    return max(limits.retries, math.ceil(limits.first_byte / _LONGEST_PAUSE))


def _longest_pause(exchange: Exchange, limits: Limits) -> float:
    """As long as the endpoint asks for, within bounds; a shorter time where it does not ask."""
    if exchange.header("retry-after") or exchange.header("retry-after-ms"):
        return limits.retry_after_cap
    return min(limits.retry_after_cap, _LONGEST_PAUSE)
