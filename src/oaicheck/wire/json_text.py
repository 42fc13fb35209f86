"""JSON: strict parsing, and values formatted for messages.

Null, absent and empty are different things on the wire: `ABSENT` stands for an absent member.
"""

from __future__ import annotations

import json
import re
from enum import Enum
from typing import Any, Final, NamedTuple, NoReturn

from oaicheck.wire.huge_number import MOST_DIGITS, HugeNumber, float_number, whole_number

_SHOWN = 160
DEEPEST = 500
"""So many arrays and objects may contain one another. Python's own parser, with which the official
SDK reads, takes fewer than 1,000; those of other languages 64 to 10,000."""


_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_STRING_OR_BRACKET = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[\]{}]', re.DOTALL)
_NO_SPACE = re.compile(r"[^ \t\n\r]")
_BEGINNINGS = frozenset('[{"-0123456789tfn')
"""The characters with which a JSON value can begin."""
_INFINITE = "Infinity"
"""What Python writes for a huge number."""
_STRIDE = 30
_DIGITS = re.compile(f"[0-9]{{{MOST_DIGITS // _STRIDE - 1}}}")
"""So many digits among every thirtieth character: there may be more than `MOST_DIGITS` in a row."""


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
    if isinstance(value, HugeNumber):
        return str(value)
    if isinstance(value, str) and len(value) > _SHOWN:
        return json_text(value[:_SHOWN] + "…") + f" ({len(value)} characters)"
    return shortened(json_text(value))


def shortened(text: str, most: int = _SHOWN) -> str:
    """The text, or its beginning and its length if it has more than `most` characters."""
    return text if len(text) <= most else f"{text[:most]}… ({len(text)} characters)"


def without_lone_surrogates(text: str) -> str:
    """The text with `\\ud83d` for half of a character, which UTF-8 cannot encode."""
    if text.isascii():
        return text
    return _LONE_SURROGATE.sub(lambda found: f"\\u{ord(found.group()):04x}", text)


def json_text(value: Any, separators: tuple[str, str] = (", ", ": ")) -> str:
    """The JSON text of a value, in Unicode characters. Huge numbers are as they were.

    Lone surrogates, which UTF-8 cannot encode, are escaped.
    """
    text = json.dumps(value, ensure_ascii=False, separators=separators)
    return without_lone_surrogates(_written(value, separators) if _INFINITE in text else text)


def parse_json(text: str | bytes) -> Parsed | None:
    """The value of a JSON text (RFC 8259), or None if it is not JSON.

    It is stricter than Python's parser: `NaN` and `Infinity` are not JSON, and bytes must be UTF-8
    without a byte order mark. Of members with the same name, the last one counts, as in most
    parsers. A text that is nested deeper than `DEEPEST` counts as not JSON.
    """
    try:
        if isinstance(text, bytes):
            text = text.decode("utf-8")
        return Parsed(decoded_json(text))
    except (ValueError, RecursionError):
        return None


def decoded_json(text: str) -> Any:
    """The same value. Raises ValueError or RecursionError if there is none."""
    decoder = _DECODER if len(text) <= MOST_DIGITS else _decoder_of_long(text)
    return decoder.decode(text)


def value_at(text: str, start: int) -> tuple[Any, int]:
    """The JSON value that begins at this place, and where it ends.

    Raises ValueError if there is none, and RecursionError if it is nested too deeply.
    """
    return _ANY_LENGTH.raw_decode(text, start)


def nests_too_deeply(text: str) -> bool:
    """Whether a text contains more arrays and objects within one another than `DEEPEST`."""
    if text.count("[") + text.count("{") <= DEEPEST:
        return False
    depth = 0
    for token in _STRING_OR_BRACKET.finditer(text):
        bracket = token.group()
        if bracket in "[{":
            depth += 1
        elif bracket in "]}":
            depth -= 1
        if depth > DEEPEST:
            return True
    return False


def _decoder_of_long(text: str) -> json.JSONDecoder:
    """The decoder for a long text; the slower one only if it may be needed.

    Raises ValueError if the text is certainly not JSON: a stream is not looked through.
    """
    first = _NO_SPACE.search(text)
    if first is None or first.group() not in _BEGINNINGS:
        raise json.JSONDecodeError("Expecting value", text, first.start() if first else len(text))
    if nests_too_deeply(text):
        raise ValueError("nested too deeply")
    return _ANY_LENGTH if _DIGITS.search(text[::_STRIDE]) else _DECODER


def _written(value: Any, separators: tuple[str, str]) -> str:
    comma, colon = separators
    if isinstance(value, HugeNumber):
        return value.text
    parts = []
    if isinstance(value, dict):
        for name, member in value.items():
            parts.append(
                json.dumps(name, ensure_ascii=False) + colon + _written(member, separators)
            )
        return f"{{{comma.join(parts)}}}"
    if isinstance(value, list):
        for element in value:
            parts.append(_written(element, separators))
        return f"[{comma.join(parts)}]"
    return json.dumps(value, ensure_ascii=False)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


_DECODER = json.JSONDecoder(parse_float=float_number, parse_constant=_refuse)
_ANY_LENGTH = json.JSONDecoder(
    parse_float=float_number, parse_int=whole_number, parse_constant=_refuse
)
