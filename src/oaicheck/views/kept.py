"""What was found in a long body and is small: it stays in memory when the body does not.

Checks that look at every response of a run would otherwise read all long bodies again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

from oaicheck.wire.exchange import Exchange, Located
from oaicheck.wire.json_text import ABSENT

T = TypeVar("T")
_SMALL = 1000
"""Characters of a text, or elements of a list."""


def kept(exchange: Exchange, make: Callable[[Exchange], T], *, is_small: bool = False) -> T:
    """What a function derives from an exchange, computed once if it is small.

    With `is_small` it always is.
    """
    if make in exchange.notes:
        return cast(T, exchange.notes[make])
    found = exchange.derived(make)
    if exchange.is_laid_aside and (is_small or _is_small(found, exchange)):
        exchange.notes[make] = found
    return found


def _is_small(found: object, exchange: Exchange) -> bool:
    """Whether something refers to no part of a body, and takes little memory itself."""
    if isinstance(found, Located):
        small_event = found.event is None or len(found.event.data) <= _SMALL
        return found.exchange is exchange and small_event and _is_small(found.value, exchange)
    if isinstance(found, list | tuple | frozenset):
        return len(found) <= _SMALL and all(_is_small(each, exchange) for each in found)
    if isinstance(found, str):
        return len(found) <= _SMALL
    return found is ABSENT or found is None or isinstance(found, int | float)
