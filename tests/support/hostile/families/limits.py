"""Rate limits and overload without end, with every kind of advice about when to come back."""

from __future__ import annotations

from support.hostile.behaviour import EITHER, Family, Play
from support.hostile.connection import Connection, error

limits = Family("limits")

WAITING = 480.0
"""Seconds. A run heeds what an endpoint asks, up to 30 s for a request and 300 s altogether."""


def busy(status: str, *headers: str, body: str | None = None) -> Play:
    """Refuse each request for the moment."""

    async def play(c: Connection) -> None:
        await c.request()
        said = error("Slow down.", "rate_limit_error") if body is None else body
        await c.answer(said, status, *headers)

    return play


MANY = "429 Too Many Requests"
DOWN = "503 Service Unavailable"

limits.each(
    {
        "for_ever": ("Answers 429 to everything.", busy(MANY)),
        "after_nothing": ("Asks to come back at once.", busy(MANY, "Retry-After: 0")),
        "after_less": ("Asks to come back after -5 s.", busy(MANY, "Retry-After: -5")),
        "after_nan": ("Asks to come back after NaN s.", busy(MANY, "Retry-After: NaN")),
        "after_infinity": ("Asks to come back after inf s.", busy(MANY, "Retry-After: inf")),
        "after_words": ("Asks to come back soon.", busy(MANY, "Retry-After: soon, please")),
        "after_a_past_date": (
            "Asks to come back in 1970.",
            busy(MANY, "Retry-After: Thu, 01 Jan 1970 00:00:00 GMT"),
        ),
        "after_a_wrong_date": (
            "Asks to come back on a day that does not exist.",
            busy(MANY, "Retry-After: Fri, 99 Foo 99999 99:99:99 GMT"),
        ),
        "after_5000_digits": (
            "Asks to come back after a number of 5,000 digits.",
            busy(MANY, "Retry-After: " + "9" * 5_000),
        ),
        "two_answers": (
            "Asks to come back after 0 s and after 1 s.",
            busy(MANY, "Retry-After: 0", "Retry-After: 1"),
        ),
        "milliseconds_huge": ("Asks for 1e400 ms.", busy(MANY, "Retry-After-Ms: 1e400")),
        "headers_of_limits": (
            "Sends limits that are no numbers.",
            busy(MANY, "X-RateLimit-Remaining-Requests: -1", "X-RateLimit-Reset-Requests: ∞"),
        ),
        "loading": (
            "Is loading a model for ever.",
            busy(DOWN, body='{"error": {"message": "Loading model", "code": 503}}'),
        ),
        "down": ("Answers 503 without a body to everything.", busy(DOWN, body="")),
        "failing": ("Answers 500 to everything.", busy("500 Internal Server Error")),
        "broken": ("Answers 500 with text that is no JSON.", busy("500 Oops", body="Oops: {")),
    },
    "cannot be judged",
    later=EITHER,
    seconds=180.0,
)
limits.each(
    {
        "after_a_week": ("Asks to come back after a week.", busy(MANY, "Retry-After: 604800")),
        "after_a_far_date": (
            "Asks to come back in the year 9999.",
            busy(MANY, "Retry-After: Fri, 31 Dec 9999 23:59:59 GMT"),
        ),
        "down_for_a_week": (
            "Is down, and asks to come back after a week.",
            busy(DOWN, "Retry-After: 604800"),
        ),
    },
    "cannot be judged",
    later=EITHER,
    seconds=WAITING,
)
