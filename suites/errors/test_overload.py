"""Errors: answers of an endpoint, or a proxy, that had too much to do or was out of reach."""

import re
from email.utils import parsedate_to_datetime

from oaicheck.rules import SHOULD, NotApplicable, header_line, require, requirement
from oaicheck.views import RATE_LIMITED, Bench, Exchange, Refusal

_BAD_GATEWAY = 502


@requirement(
    "errors.overload.retry-after",
    SHOULD,
    "A Retry-After with a 429 or a 503 is a whole number of seconds, or a date.",
    on="chat/whole/text",
    source=("rfc9110#10.2.3", "client:openai-python", "client:opencode"),
    remedy="Send `Retry-After: 5`: clients ignore what they cannot read, and come back at once.",
)
def test_retry_after(bench: Bench) -> None:
    for exchange in _overloaded(bench):
        pause = exchange.header("retry-after")
        require(
            pause is None or re.fullmatch("[0-9]+", pause) is not None or _is_date(pause),
            exchange,
            expected="Retry-After: seconds, or a date",
            observed=header_line(exchange, "Retry-After"),
        )


@requirement(
    "errors.overload.message",
    SHOULD,
    "A 429 or a 503 has `error.message`, a string that is not empty.",
    on="chat/whole/text",
    source=("openai:errors", "client:opencode"),
    remedy="Give the rate limiter's and the proxy's own 429 and 503 the form of every other error.",
)
def test_an_overload_has_a_message(bench: Bench) -> None:
    for exchange in _overloaded(bench):
        message = Refusal(exchange).message
        require(message.is_text, message, expected="a string that is not empty")


@requirement(
    "errors.overload.gateway",
    SHOULD,
    "No request is answered with 502 that is served a moment later.",
    on="chat/whole/text",
    source="rfc9110#15.6.3",
    remedy="Find out why the proxy loses the server behind it (its error log says): clients that "
    "do not repeat a 502 have failed.",
)
def test_no_gateway_fails_for_a_moment(bench: Bench) -> None:
    for lost in (exchange for exchange in bench.answered if exchange.status == _BAD_GATEWAY):
        conversation = bench.sent(lost.scenario)
        later = conversation.turns[-1].status if conversation else None
        require(
            later == _BAD_GATEWAY,
            lost,
            expected="the same status whenever it is asked",
            observed=f"HTTP {_BAD_GATEWAY}, and HTTP {later} a moment later",
        )


def _overloaded(bench: Bench) -> list[Exchange]:
    found = [exchange for exchange in bench.answered if exchange.status in RATE_LIMITED]
    if not found:
        raise NotApplicable("no answer of the run was a 429 or a 503")
    return found


def _is_date(text: str) -> bool:
    try:
        parsedate_to_datetime(text)
    except ValueError:
        return False
    return True
