"""Faults of the replies with which an endpoint asks clients to slow down."""

from dataclasses import replace

from ...deviation import BODY, REPLY, Object, Situation, fault
from ...http.problem import ApiError
from ...http.reply import Reply


@fault(
    "overload-retry-after-words",
    BODY,
    "The first chat request is answered with a 429 and a Retry-After in words.",
)
def _retry_after_words(body: Object, situation: Situation) -> Object:
    if _is_first(situation):
        raise ApiError(
            429,
            "Rate limit reached.",
            code="rate_limit_exceeded",
            headers=(("Retry-After", "in 1 second"),),
        )
    return body


@fault(
    "overload-retry-after-short-broken",
    BODY,
    "The first chat request is answered with a 429 and a Retry-After of an hour.",
)
def _retry_after_an_hour(body: Object, situation: Situation) -> Object:
    if _is_first(situation):
        raise ApiError(
            429,
            "Rate limit reached.",
            code="rate_limit_exceeded",
            headers=(("Retry-After", "3600"),),
        )
    return body


@fault(
    "overload-plain-text",
    REPLY,
    "The first chat request is answered with a 503 in plain text, as by a proxy.",
)
def _plain_text(reply: Reply, situation: Situation) -> Reply:
    if situation.route != "chat" or reply.status != 200 or not _is_first(situation):
        return reply
    text = b"no healthy upstream"
    headers = (("Content-Type", "text/plain"), ("Content-Length", str(len(text))))
    return replace(reply.with_body(text), status=503, headers=headers)


@fault(
    "overload-429-without-retry-after",
    BODY,
    "The first chat request is answered with a 429 without Retry-After.",
)
def _without_retry_after(body: Object, situation: Situation) -> Object:
    if _is_first(situation):
        raise ApiError(429, "Rate limit reached.", code="rate_limit_exceeded")
    return body


@fault(
    "errors-429-empty-body",
    REPLY,
    "The first chat request is answered with a 429 that has an empty body and no Retry-After.",
    "agentgateway/agentgateway#3329",
)
def _empty_429(reply: Reply, situation: Situation) -> Reply:
    if situation.route != "chat" or reply.status != 200 or not _is_first(situation):
        return reply
    headers = (("x-ratelimit-remaining-requests", "0"), ("Content-Length", "0"))
    return replace(reply.with_body(b""), status=429, headers=headers)


def _is_first(situation: Situation) -> bool:
    """Whether this is the first chat request since the endpoint was created."""
    seen = situation.memory["overloaded"] = situation.memory.get("overloaded", 0) + 1
    return bool(seen == 1)
