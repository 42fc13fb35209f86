"""JSON that the grammar allows and that parsers read in different ways, or not at all."""

from __future__ import annotations

import json
import re
import sys
from typing import Any

from oaicheck.rules.judging import Place, at_span
from oaicheck.views.chat import ChatStream
from oaicheck.views.kept import kept
from oaicheck.wire.alike import distinct
from oaicheck.wire.exchange import Exchange, Located

_LARGEST = sys.float_info.max
_MAY_BE_HUGE = re.compile(r"[0-9]{101}|[eE]\+?[0-9]{3}")
"""Without one of these, a number is below 1e200."""


def huge_number(exchange: Exchange) -> Located | None:
    """The first number in a response that is too large for a double, or None."""
    return kept(exchange, _huge_number)


def _huge_number(exchange: Exchange) -> Located | None:
    found = (value for value in _values(exchange) if _MAY_BE_HUGE.search(_text(value)))
    waiting = list(reversed(list(found)))
    while waiting:
        value = waiting.pop()
        if value.is_number and not -_LARGEST <= value.value <= _LARGEST:
            return value
        inside = [*value, *(member for _, member in value.members())]
        waiting += reversed(inside)
    return None


def repeated_name(exchange: Exchange) -> tuple[str, Place] | None:
    """The first name that an object in a response has twice, and where; None if there is none."""
    return kept(exchange, _repeated_name)


def _repeated_name(exchange: Exchange) -> tuple[str, Place] | None:
    for value in _values(exchange):
        try:
            _STRICT.decode(_text(value))
        except _RepeatedError as repeated:
            place = at_span(exchange, value.event) if value.event else exchange
            return str(repeated), place
    return None


def _values(exchange: Exchange) -> list[Located]:
    """The JSON values of a response: its body, or the data of its events, of each kind once."""
    root = exchange.json
    return distinct(exchange.derived(ChatStream).payloads) if root is None else [root]


def _text(value: Located) -> str:
    return value.event.data if value.event else value.exchange.text


class _RepeatedError(Exception):
    """An object has a name twice."""


def _different(members: list[tuple[str, Any]]) -> None:
    if len(dict(members)) < len(members):
        seen: set[str] = set()
        for name, _ in members:
            if name in seen:
                raise _RepeatedError(name)
            seen.add(name)


_STRICT = json.JSONDecoder(object_pairs_hook=_different, parse_int=str)
