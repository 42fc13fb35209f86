"""What was found in a long body and is small: it stays in memory when the body does not.

Checks that look at every response of a run would otherwise read all long bodies again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
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
    if exchange.is_laid_aside and (is_small or _is_small(found)):
        exchange.notes[make] = found = cast(T, _of(exchange, found))
    return found


def _of(exchange: Exchange, found: object) -> object:
    """The same, but what was found in a decoded copy of the exchange refers to itself instead.

    The copy holds its body, which may be a thousand times as long as it came.
    """
    if isinstance(found, Located):
        return replace(found, exchange=exchange)
    if isinstance(found, list):
        return [_of(exchange, each) for each in found]
    return found


def _is_small(found: object) -> bool:
    """Whether something, apart from its exchange, takes little memory."""
    if isinstance(found, Located):
        small_event = found.event is None or len(found.event.data) <= _SMALL
        return small_event and _is_small(found.value)
    if isinstance(found, list | tuple | frozenset):
        return len(found) <= _SMALL and all(map(_is_small, found))
    if isinstance(found, str):
        return len(found) <= _SMALL
    return found is ABSENT or found is None or isinstance(found, int | float)
