"""JSON: strict parsing, and values formatted for messages.

Null, absent and empty are different things on the wire: `ABSENT` stands for an absent member.
"""

from __future__ import annotations

import json
from enum import Enum
from typing import Any, Final, NamedTuple, NoReturn

_SHOWN = 160


class Absence(Enum):
    """The type of `ABSENT`, the value of an absent member."""

    ABSENT = "absent"

    def __repr__(self) -> str:
        return "absent"


ABSENT: Final = Absence.ABSENT


class Parsed(NamedTuple):
    """The value of a JSON text. It is wrapped because the value itself may be null."""

    value: Any


def shown(value: Any) -> str:
    """A JSON value, or `ABSENT`, as shown in a message, shortened."""
    if value is ABSENT:
        return "absent"
    if isinstance(value, str) and len(value) > _SHOWN:
        return json.dumps(value[:_SHOWN] + "…", ensure_ascii=False) + f" ({len(value)} characters)"
    text = json.dumps(value, ensure_ascii=False)
    return shortened(text)


def shortened(text: str, most: int = _SHOWN) -> str:
    """The text, or its beginning and its length if it has more than `most` characters."""
    return text if len(text) <= most else f"{text[:most]}… ({len(text)} characters)"


def parse_json(text: str | bytes) -> Parsed | None:
    """The value of a JSON text (RFC 8259), or None if it is not JSON.

    It is stricter than Python's parser: `NaN` and `Infinity` are not JSON, and bytes must be UTF-8
    without a byte order mark.
    """
    try:
        if isinstance(text, bytes):
            text = text.decode("utf-8")
        return Parsed(_DECODER.decode(text))
    except (ValueError, RecursionError):
        return None


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


_DECODER = json.JSONDecoder(parse_constant=_refuse)
