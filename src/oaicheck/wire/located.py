"""JSON values that know where they stand: in which exchange, which event, under which path.

Optional, null, absent and empty differ on the wire, and checks decide about each on purpose.
`Located` keeps them apart and never raises on a value of an unexpected kind, so that a check reads
as the rule does, and its failing message can name the place.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Final, NamedTuple, NoReturn

if TYPE_CHECKING:
    from oaicheck.wire.exchange import Exchange
    from oaicheck.wire.sse import Event

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


@dataclass(frozen=True)
class Located:
    """A JSON value, or its absence, with the place where it stands."""

    value: Any
    steps: tuple[str | int, ...]
    exchange: Exchange
    event: Event | None = None

    def __getitem__(self, step: str | int) -> Located:
        """The member or the element of that name, absent where there is none."""
        value: Any = ABSENT
        if isinstance(step, str):
            if isinstance(self.value, dict):
                value = self.value.get(step, ABSENT)
        elif isinstance(self.value, list) and -len(self.value) <= step < len(self.value):
            value = self.value[step]
            step %= len(self.value)
        return Located(value, (*self.steps, step), self.exchange, self.event)

    def __iter__(self) -> Iterator[Located]:
        """The elements of an array; nothing where it is none."""
        if isinstance(self.value, list):
            for index in range(len(self.value)):
                yield self[index]

    def __len__(self) -> int:
        """How many elements or members; 0 for everything that is neither array nor object."""
        return len(self.value) if isinstance(self.value, list | dict) else 0

    def __bool__(self) -> NoReturn:
        raise TypeError("a located value is neither true nor false: ask .given, .absent or .value")

    def members(self) -> Iterator[tuple[str, Located]]:
        """The members of an object; nothing where it is none."""
        if isinstance(self.value, dict):
            for name in self.value:
                yield name, self[name]

    @property
    def path(self) -> str:
        """The place within its JSON text, such as `choices[0].delta.role`."""
        text = ""
        for step in self.steps:
            text += f"[{step}]" if isinstance(step, int) else f".{step}"
        return text.removeprefix(".") or ("the event" if self.event else "the body")

    @property
    def absent(self) -> bool:
        """The member is not there."""
        return self.value is ABSENT

    @property
    def null(self) -> bool:
        """The member is there, and null."""
        return self.value is None

    @property
    def given(self) -> bool:
        """The member is there and not null."""
        return self.value is not None and self.value is not ABSENT

    @property
    def is_string(self) -> bool:
        """A string, the empty one included."""
        return isinstance(self.value, str)

    @property
    def is_text(self) -> bool:
        """A string that is not empty."""
        return isinstance(self.value, str) and self.value != ""

    @property
    def is_integer(self) -> bool:
        """A number written without fraction and exponent."""
        return isinstance(self.value, int) and not isinstance(self.value, bool)

    @property
    def is_number(self) -> bool:
        """A number of any form."""
        return isinstance(self.value, int | float) and not isinstance(self.value, bool)

    @property
    def is_array(self) -> bool:
        """An array, the empty one included."""
        return isinstance(self.value, list)

    @property
    def is_object(self) -> bool:
        """An object, the empty one included."""
        return isinstance(self.value, dict)

    @property
    def shown(self) -> str:
        """The value as a person reads it in a message, shortened."""
        return shown(self.value)


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
