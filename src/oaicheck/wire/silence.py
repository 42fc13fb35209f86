"""Whether an endpoint fell silent, and whether it was still there when a tiny request asked."""

from __future__ import annotations

from collections.abc import Iterable

from oaicheck.wire.exchange import Ending, Exchange

STILL_THERE = "warm-up/still-there"
"""The name, in the recording, of the tiny request that follows some silent ones."""

NOT_SENT = "not sent: "
"""How the reason begins if a scenario was not sent because the endpoint had fallen silent."""

_SENTINEL = b"data: [DONE]"
_LAST = 16
"""The sentinel lies in so many segments even if each of its characters and line ends is one."""


def is_silent(exchange: Exchange) -> bool:
    """Whether a time limit ended it while nothing came: no headers, no body, or no more of it.

    A connection that stays open after the sentinel of a stream is no silence.
    """
    if exchange.ending is Ending.STALLED:
        end = b"".join(segment.data for segment in exchange.segments[-_LAST:])
        return not end.rstrip().endswith(_SENTINEL)
    return exchange.ending is Ending.NO_FIRST_BYTE


def why_not_sent(exchanges: Iterable[Exchange]) -> str:
    """Why the rest of a run was not sent: an empty text if the endpoint never fell silent."""
    asked = [exchange for exchange in exchanges if exchange.scenario == STILL_THERE]
    if not asked:
        return ""
    if is_silent(asked[-1]):
        return "the endpoint had stopped answering"
    return "the endpoint had not answered others like it"
