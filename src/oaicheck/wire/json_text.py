"""JSON texts: read strictly, and shown as a person reads them.

Optional, null, absent and empty differ on the wire: `ABSENT` stands for a member that is not there.
"""

from __future__ import annotations

import json
from enum import Enum
from typing import Any, Final, NamedTuple, NoReturn

_SHOWN = 160


class Absence(Enum):
    """The type of `ABSENT`, the value of a member that is not there."""

    ABSENT = "absent"

    def __repr__(self) -> str:
        return "absent"


ABSENT: Final = Absence.ABSENT


class Parsed(NamedTuple):
    """A JSON text's value; a tuple, because the value itself may be null."""

    value: Any


def shown(value: Any) -> str:
    """A JSON value, or `ABSENT`, as a person reads it in a message, shortened."""
    if value is ABSENT:
        return "absent"
    if isinstance(value, str) and len(value) > _SHOWN:
        return json.dumps(value[:_SHOWN] + "…", ensure_ascii=False) + f" ({len(value)} characters)"
    text = json.dumps(value, ensure_ascii=False)
    return shortened(text)


def shortened(text: str, most: int = _SHOWN) -> str:
    """The beginning of a text, and how long it is, where it is longer than so many characters."""
    return text if len(text) <= most else f"{text[:most]}… ({len(text)} characters)"


def parse_json(text: str | bytes) -> Parsed | None:
    """The value of a JSON text after RFC 8259, or None where it is not JSON.

    Stricter than Python's parser: `NaN` and `Infinity` are not JSON, and bytes have to be UTF-8
    without a byte order mark.
    """
    try:
        if isinstance(text, bytes):
            text = text.decode("utf-8")
        return Parsed(json.loads(text, parse_constant=_refuse))
    except (ValueError, RecursionError):
        return None


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")
