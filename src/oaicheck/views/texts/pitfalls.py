"""JSON that the grammar allows and that parsers read in different ways, or not at all."""

from __future__ import annotations

import json
import sys
from typing import Any

from oaicheck.rules.judging import Place, at_span
from oaicheck.views.chat import ChatStream
from oaicheck.views.kept import kept
from oaicheck.wire.alike import distinct
from oaicheck.wire.exchange import Exchange, Located

_LARGEST = sys.float_info.max


def huge_number(exchange: Exchange) -> Located | None:
    """The first number in a response that is too large for a double, or None."""
    return kept(exchange, _huge_number)


def _huge_number(exchange: Exchange) -> Located | None:
    waiting = [value for value in reversed(_values(exchange)) if _contains_huge(value.value)]
    while waiting:
        value = waiting.pop()
        if _is_huge(value.value):
            return value
        inside = [*value, *(member for _, member in value.members())]
        waiting += reversed(inside)
    return None


def _is_huge(value: object) -> bool:
    return isinstance(value, int | float) and not -_LARGEST <= value <= _LARGEST


def _contains_huge(value: object) -> bool:
    """Whether a JSON value is or contains a huge number. It builds no views of the parts."""
    waiting = [value]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
        elif _is_huge(value):
            return True
    return False


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
