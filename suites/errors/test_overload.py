"""Errors: responses of an endpoint or a proxy that is overloaded or unreachable."""

import re
from datetime import UTC
from email.utils import parsedate_to_datetime

from oaicheck.rules import SHOULD, NotApplicable, header_line, require, requirement
from oaicheck.views import RATE_LIMITED, Bench, Ending, Exchange, Refusal

_BAD_GATEWAY = 502
_TOO_MANY = 429
_LONGEST_PAUSE = 60


@requirement(
    "errors.overload.retry-after",
    SHOULD,
    "The Retry-After header of a 429 or a 503 is a whole number of seconds or a date.",
    on="chat/whole/text",
    source=("rfc9110#10.2.3", "client:openai-python", "client:opencode"),
    remedy="Send `Retry-After: 5`: clients ignore a value that they cannot parse, and retry at "
    "once.",
)
def test_retry_after(bench: Bench) -> None:
    for exchange in _overloaded(bench):
        pause = exchange.header("retry-after")
        require(
            pause is None or re.fullmatch("[0-9]+", pause) is not None or _is_date(pause),
            exchange,
            expected="Retry-After: a number of seconds, or a date",
            observed=header_line(exchange, "Retry-After"),
        )


@requirement(
    "errors.overload.retry-after-short",
    SHOULD,
    "The Retry-After header of a 429 or a 503 asks for at most 60 seconds.",
    on="chat/whole/text",
    source=("rfc9110#10.2.3", "client:openai-python", "client:openai-node", "client:opencode"),
    remedy="Send `Retry-After: 60` at most: the OpenAI SDK for Node ignores a longer pause and "
    "retries after half a second, and the one for Python gives up above 120 seconds.",
    since="2026.2",
)
def test_retry_after_is_short(bench: Bench) -> None:
    for exchange in _overloaded(bench):
        pause = _pause(exchange) or 0
        require(
            pause <= _LONGEST_PAUSE,
            exchange,
            expected=f"Retry-After: at most {_LONGEST_PAUSE} seconds",
            observed=f"{header_line(exchange, 'Retry-After')}, {pause:.0f} s after the response",
        )


@requirement(
    "errors.overload.retry-after-given",
    SHOULD,
    "A 429 has a Retry-After header.",
    on="chat/whole/text",
    source=("rfc9110#10.2.3", "client:openai-python", "github:agentgateway/agentgateway#3329"),
    remedy="Send `Retry-After` with every 429: the SDKs do not read x-ratelimit headers, and guess "
    "how long to wait.",
    since="2026.2",
)
def test_a_429_says_when_to_retry(bench: Bench) -> None:
    for exchange in _overloaded(bench):
        require(
            exchange.status != _TOO_MANY or exchange.header("retry-after") is not None,
            exchange,
            expected="a Retry-After header",
            observed=header_line(exchange, "Retry-After"),
        )


@requirement(
    "errors.overload.message",
    SHOULD,
    "A 429 or a 503 has `error.message`, a non-empty string.",
    on="chat/whole/text",
    source=("openai:errors", "client:opencode"),
    remedy="Give the 429 and the 503 of the rate limiter and of the proxy the same error body as "
    "every other error.",
)
def test_an_overload_has_a_message(bench: Bench) -> None:
    for exchange in _overloaded(bench):
        message = Refusal(exchange).message
        require(
            message.is_text,
            message,
            expected="a non-empty string",
            observed=None if exchange.body else f"HTTP {exchange.status} with an empty body",
        )


@requirement(
    "errors.overload.gateway",
    SHOULD,
    "The endpoint does not answer 502 to a request that it serves a moment later.",
    on="chat/whole/text",
    source="rfc9110#15.6.3",
    remedy="Find out why the proxy loses the server behind it (see its error log): clients that do "
    "not retry a 502 fail.",
)
def test_a_502_is_not_temporary(bench: Bench) -> None:
    for lost in (exchange for exchange in bench.answered if exchange.status == _BAD_GATEWAY):
        conversation = bench.sent(lost.scenario)
        later = conversation.turns[-1].status if conversation else None
        require(
            later == _BAD_GATEWAY,
            lost,
            expected="the same status every time the request is sent",
            observed=f"HTTP {_BAD_GATEWAY}, and HTTP {later} a moment later",
        )


def _overloaded(bench: Bench) -> list[Exchange]:
    found = [
        exchange
        for exchange in bench.answered
        if exchange.status in RATE_LIMITED and exchange.ending is not Ending.HUNG_UP
    ]
    if not found:
        raise NotApplicable("no response in this run was a 429 or a 503")
    return found


def _pause(exchange: Exchange) -> float | None:
    """Seconds that Retry-After asks for; None if it is missing or cannot be parsed."""
    asked = exchange.header("retry-after") or ""
    if re.fullmatch("[0-9]+", asked):
        return float(asked)
    until = _moment(asked)
    if until is None:
        return None
    sent = _moment(exchange.header("date") or "")
    return until - (exchange.started if sent is None else sent)


def _is_date(text: str) -> bool:
    return _moment(text) is not None


def _moment(text: str) -> float | None:
    """The Unix time that a date in a header names; None if it is not a date."""
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()
