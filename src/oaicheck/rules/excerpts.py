"""Excerpts of texts and values for messages, cut so that the important part stays visible."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from oaicheck.wire.exchange import Located
from oaicheck.wire.json_text import (
    DEEPEST,
    decoded_json,
    nests_too_deeply,
    parse_json,
    shortened,
    shown,
    without_lone_surrogates,
)

_LONGEST = 160
_AROUND = 40
"""How many characters to show on each side of the important place."""


def clipped(text: str) -> str:
    """A text without quotes or escapes, shortened, so that JSON in it stays readable."""
    return without_lone_surrogates(shortened(text)) if text else "an empty text"


def json_flaw(text: str) -> str:
    """Describes a text that is not a JSON object: the text if it is short, else the first error."""
    parsed = parse_json(text)
    if parsed is not None:
        return shown(parsed.value)
    if text.startswith("\ufeff"):
        return f"a byte order mark before {clipped(text[1:])}"
    if nests_too_deeply(text):
        return f"JSON nested deeper than {DEEPEST} levels, which parsers refuse: {clipped(text)}"
    if len(text) > 2 * _AROUND:
        try:
            decoded_json(text)
        except json.JSONDecodeError as error:
            before, after = text[: error.pos][-_AROUND:], text[error.pos :][:_AROUND]
            return f"invalid JSON at character {error.pos} ({error.msg}): {before} ⟨here⟩ {after}"
        except (ValueError, RecursionError):
            pass
    return clipped(text)


def contrasted(one: Any, other: Any) -> tuple[str, str]:
    """Two JSON values as `shown`; long texts that differ are shown around the first difference."""
    if isinstance(one, str) and isinstance(other, str) and max(len(one), len(other)) > _LONGEST:
        start = _common(one, other) - _AROUND
        if start > 0:
            return shown(f"…{one[start:]}"), shown(f"…{other[start:]}")
    return shown(one), shown(other)


def text_around(text: str, place: int) -> str:
    """The part of a text around a place."""
    start, end = max(0, place - _AROUND), place + _AROUND
    return f"{'…' if start else ''}{text[start:end]}{'…' if end < len(text) else ''}"


def index_range(count: int) -> str:
    """The valid indexes of `count` elements: `0`, or `an integer from 0 to 3`."""
    return "0" if count == 1 else f"an integer from 0 to {count - 1}"


def first_difference(one: Located, other: Located) -> tuple[Located, Located]:
    """The first places at which two values differ; the values themselves if no part differs."""
    steps: Iterable[str | int] = ()
    if one.is_object and other.is_object:
        steps = dict.fromkeys([*one.value, *other.value])
    elif one.is_array and other.is_array and len(one) == len(other):
        steps = range(len(one))
    for step in steps:
        if one[step].value != other[step].value:
            return first_difference(one[step], other[step])
    return one, other


def _common(one: str, other: str) -> int:
    """The length of the common beginning of two texts."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))
