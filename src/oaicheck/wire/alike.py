"""The JSON values of a stream's events, read once for all events that differ only in their text.

In a long stream nearly all chunks are alike but for the text of a delta. Their values share
everything else, which takes a fraction of the time and of the memory. Nobody may change a value.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from oaicheck.wire.exchange import Exchange, Located
from oaicheck.wire.json_text import Parsed, parse_json

_TEXT = re.compile(
    r'"(content|arguments|reasoning_content|reasoning|refusal)": ?"(?!")'
    r'([^"\\]*+(?:\\.[^"\\]*+)*+)"'
)
"""A member of a delta with some text, as JSON."""
_LONGEST = 10_000
"""Characters of an event that may be like others. To read a long one twice takes longer."""

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """The values of all events, None for an event that is not JSON.

    `new` has the numbers of the events that differ from all earlier ones in more than the text.
    """

    values: tuple[Parsed | None, ...]
    new: frozenset[int]


@dataclass(frozen=True, slots=True)
class _Pattern:
    """A value with a text in one place, for events that differ from it in that text only."""

    value: Any
    path: Path

    def with_text(self, text: object) -> Parsed:
        """The value with another text, which shares everything else with it."""
        root = holder = self.value.copy()
        *way, last = self.path
        for step in way:
            holder[step] = holder[step].copy()
            holder = holder[step]
        holder[last] = text
        return Parsed(root)


def distinct(found: Sequence[Located]) -> list[Located]:
    """Those that differ from all earlier ones in more than the text of a delta.

    A rule about another part of a chunk needs to look at one of each kind only, and finds the first
    that breaks it.
    """
    if not found:
        return []
    new = found[0].exchange.derived(read).new
    return [each for each in found if each.event is None or each.event.number in new]


def read(exchange: Exchange) -> Reading:
    """Read the events of an exchange."""
    values: list[Parsed | None] = []
    new: set[int] = set()
    patterns: dict[object, _Pattern | None] = {}
    for event in exchange.events:
        if len(event.data) > _LONGEST:
            values.append(parse_json(event.data))
            new.add(event.number)
            continue
        texts = list(_TEXT.finditer(event.data))
        kind = _kind(event.data, texts)
        pattern = patterns.get(kind)
        if pattern is not None:
            text = _string(texts[0][2])
            values.append(None if text is None else pattern.with_text(text.value))
            continue
        value = parse_json(event.data)
        values.append(value)
        if kind not in patterns:
            new.add(event.number)
            patterns[kind] = _pattern(value, texts)
    return Reading(tuple(values), frozenset(new))


def _string(text: str) -> Parsed | None:
    """The value of a JSON string, given what stands between its quotes."""
    is_plain = "\\" not in text and text.isprintable()
    return Parsed(text) if is_plain else parse_json(f'"{text}"')


def _kind(data: str, texts: Sequence[re.Match[str]]) -> object:
    """What events have in common that differ only in their text."""
    if len(texts) == 1:
        start, end = texts[0].span(2)
        return data[:start], data[end:]
    places = [0, *(place for text in texts for place in text.span(2)), len(data)]
    return tuple(data[a:b] for a, b in zip(places[::2], places[1::2], strict=True))


def _pattern(value: Parsed | None, texts: Sequence[re.Match[str]]) -> _Pattern | None:
    """The pattern for further events of a kind. None if more than one text may differ."""
    if value is None or len(texts) != 1:
        return None
    paths = list(_paths_to(texts[0][1], value.value))
    return _Pattern(value.value, paths[0]) if len(paths) == 1 else None


def _paths_to(name: str, value: object, path: Path = ()) -> list[Path]:
    """The places of all members of that name that are non-empty strings."""
    found: list[Path] = []
    if isinstance(value, dict):
        for key, member in value.items():
            if key == name and isinstance(member, str) and member:
                found.append((*path, key))
            found += _paths_to(name, member, (*path, key))
    elif isinstance(value, list):
        for index, element in enumerate(value):
            found += _paths_to(name, element, (*path, index))
    return found
