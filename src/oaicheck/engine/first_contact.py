"""The first requests to an endpoint: whether it can be judged at all, and if not, why not.

A wrong address, a refused key or a server that is not up yet would fail every check in the same
way. It is found out once, and said once, with what to do about it.
"""

from __future__ import annotations

import asyncio
import math
import re
import ssl
from collections.abc import Callable

from oaicheck.engine.client import send
from oaicheck.engine.endings import MALFORMED, PLAIN_HTTP
from oaicheck.engine.prepare import prepare
from oaicheck.engine.retrying import is_broken, is_empty, is_rate_limited, pause_before
from oaicheck.engine.transport import proxy_of
from oaicheck.printable import printable
from oaicheck.scenario import Turn
from oaicheck.target import Limits, Target
from oaicheck.wire.exchange import Ending, Exchange

_VERSION = re.compile(r"/v\d\w*(/|$)")
_ENDPOINT_PATH = re.compile(r"/(chat/completions|completions|responses|models)$")
_HTML = re.compile(r"\s*<(!doctype html|html|head|body)\b", re.IGNORECASE)
_SHOWN = 300
_LONGEST_PAUSE = 5.0
_LOADING = 503


class EndpointUnusable(Exception):
    """The endpoint cannot be judged; the message says why and what to do, ready to be printed."""


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
) -> Exchange:
    """Send one request, again while the endpoint is busy, loading or failing; then its answer.

    Raises EndpointUnusable where no answer could be had, or one that says that everything else
    would be in vain. Whether the path and the model are right is the caller's question.
    """
    limits = target.limits
    attempt = 0
    while True:
        attempt += 1
        request = prepare(target, turn, scenario=scenario, attempt=first_attempt + attempt - 1)
        exchange = await send(target, request, limits=limits, ssl_context=ssl_context)
        record(exchange)
        if attempt > _retries(exchange, limits):
            break
        await asyncio.sleep(pause_before(attempt, exchange, _longest_pause(exchange, limits)))
    _refuse_silence(target, exchange)
    _refuse_statuses(target, exchange, attempt)
    return exchange


def wrong_address(target: Target, exchange: Exchange) -> EndpointUnusable:
    """The problem of a base URL that does not lead to the API."""
    base_url = target.base_url
    if _ENDPOINT_PATH.search(base_url):
        advice = f"give the base URL only: {_ENDPOINT_PATH.sub('', base_url)}"
    elif _VERSION.search(base_url):
        advice = (
            "check the path of the base URL; most endpoints end in /v1, some have a path before "
            f"it, and a few do without: {_VERSION.sub('', base_url)}"
        )
    else:
        advice = f"did you mean {base_url}/v1 ?"
    return _unusable(
        target,
        f"the base URL seems to be wrong: {exchange.request.url} {_answered(exchange)}",
        advice,
    )


def is_web_page(exchange: Exchange) -> bool:
    """Whether a person's page came instead of an API's answer."""
    return exchange.media_type == "text/html" or _HTML.match(exchange.text[:_SHOWN]) is not None


def what_it_said(exchange: Exchange) -> str:
    """The endpoint's own words about an error, or else the beginning of its answer."""
    answer = exchange.json
    if answer is not None:
        for place in (answer["error"]["message"], answer["error"], answer["message"]):
            if place.is_text:
                return shown(str(place.value))
    return shown(exchange.text)


def shown(text: str) -> str:
    """An endpoint's text on one line, of a bounded length, made safe to print."""
    text = printable(" ".join(text[: 4 * _SHOWN].split()))
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


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


def _refuse_silence(target: Target, exchange: Exchange) -> None:
    """Raise where no response headers came."""
    if exchange.answered:
        return
    ending, detail = exchange.ending, shown(exchange.detail)
    if ending is Ending.NO_FIRST_BYTE:
        raise _unusable(
            target,
            f"it took the request and did not answer: {detail}",
            "wait until its model is loaded, or allow more time with --first-byte-timeout",
        )
    if ending is Ending.TLS_FAILED and PLAIN_HTTP in detail and proxy_of(target) is None:
        plain = "http://" + printable(target.base_url).partition("://")[2]
        raise _unusable(target, detail, f"did you mean {plain} ?")
    if ending is Ending.TLS_FAILED:
        raise _unusable(
            target,
            detail,
            "name the certificate authority's file with --ca-bundle; if it asks for a client "
            "certificate, give --client-cert and --client-key",
        )
    if ending is Ending.NOT_HTTP and detail.startswith(MALFORMED):
        raise _unusable(
            target,
            detail,
            "send each header as `Name: value`, with no space before the colon, and one length or "
            "`Transfer-Encoding: chunked`: HTTP clients refuse anything else",
        )
    if ending is Ending.NOT_HTTP:
        raise _unusable(target, detail, "check the scheme and the port of the base URL")
    if ending is Ending.NOT_CONNECTED:
        raise _unusable(
            target,
            detail,
            "check the host and the port of the base URL, that the server is up, and --proxy or "
            "the proxy variables of the environment",
        )
    raise _unusable(target, detail, "check the port of the base URL, and the server's own log")


def _refuse_statuses(target: Target, exchange: Exchange, attempts: int) -> None:
    """Raise where the status says that no request will do better."""
    status = exchange.status or 0
    said = what_it_said(exchange)
    if 300 <= status < 400:
        location = shown(exchange.header("location") or "no Location")
        raise _unusable(
            target,
            f"it answered {status}, a redirect to {location}, which is not followed",
            "give the address behind the redirect as the base URL",
        )
    if status in (401, 403):
        if target.key is None and not _has_own_credential(target):
            problem, advice = (
                "it wants a key",
                (
                    "put the key into the environment variable OAICHECK_API_KEY, or name a file "
                    "with --key-file"
                ),
            )
        else:
            problem, advice = (
                "it refuses the key",
                (
                    "check the key and what it may do; a key that is not sent as "
                    "`Authorization: Bearer …` needs --auth-header or --auth-scheme"
                ),
            )
        raise _unusable(target, f"{problem}: {status}, {said}", advice)
    if status == 407:
        raise _unusable(
            target,
            f"the proxy in between refuses the request: 407, {said}",
            "give the proxy with its user and password, in --proxy or the environment",
        )
    if status in (402, 429):
        times = f", {attempts} times" if attempts > 1 else ""
        raise _unusable(
            target,
            f"it answered {status} to the first request{times}: {said}",
            "check the account's quota; --concurrency 1 and --rpm keep a run below a rate limit",
        )
    if status >= 500:
        times = f", {attempts} times" if attempts > 1 else ""
        raise _unusable(
            target,
            f"it answered {status} to a plain first request{times}: {said}",
            "wait until its model is loaded, or look into the server's own log",
        )


def _has_own_credential(target: Target) -> bool:
    return any(name.lower() == target.auth_header.lower() for name in target.headers)


def _answered(exchange: Exchange) -> str:
    if is_web_page(exchange):
        return f"answered {exchange.status} with a web page"
    if not exchange.body.strip():
        return f"answered {exchange.status} with nothing"
    return f"answered {exchange.status}: {what_it_said(exchange)}"


def _unusable(target: Target, problem: str, advice: str) -> EndpointUnusable:
    return EndpointUnusable(
        f"{printable(target.base_url)} cannot be judged\n  {problem}\n  {advice}"
    )
