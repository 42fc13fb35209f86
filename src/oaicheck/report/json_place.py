"""Finds the bytes of a JSON value from its path, so that a report can highlight them."""

from __future__ import annotations

import re

from oaicheck.wire.json_text import value_at

_STEP = re.compile(r"\[(\d+)\]|\.?([^.\[\]]+)")
_SPACE = re.compile(r"[ \t\n\r]*")
_DATA = re.compile(rb"(?:^|[\r\n])data: ?")

Range = tuple[int, int]


def place_of(body: bytes, path: str, within: Range | None) -> Range | None:
    """The bytes of the value at a path such as `choices[0].delta.role`.

    The JSON text is the whole body, or the data of the event at `within`. If the last member of the
    path is absent, the result is the object that should contain it. None if there is no such value,
    or if it cannot be located: an event with several data lines, a member name that contains a dot.
    """
    start, end = within or (0, len(body))
    if within is not None:
        lines = list(_DATA.finditer(body[start:end]))
        if len(lines) != 1:
            return None
        start += lines[0].end()
    try:
        text = body[start:end].decode("utf-8")
        found = _walk(text, _steps(path))
    except (IndexError, RecursionError, ValueError):
        return None
    if found is None:
        return None
    left, right = found
    before = start + len(text[:left].encode())
    return before, before + len(text[left:right].encode())


def _steps(path: str) -> list[str | int]:
    steps: list[str | int] = []
    position = 0
    while position < len(path):
        step = _STEP.match(path, position)
        if step is None:
            raise ValueError("not a path")
        steps.append(step[2] if step[1] is None else int(step[1]))
        position = step.end()
    return steps


def _walk(text: str, steps: list[str | int]) -> Range | None:
    position = _space(text, 0)
    for number, step in enumerate(steps, start=1):
        found = _child(text, position, step)
        if found is None and number < len(steps):
            return None
        position = position if found is None else found
    return position, _end(text, position)


def _child(text: str, position: int, step: str | int) -> int | None:
    """Where the value of a member or an element begins.

    Of members with the same name the last one counts, as in most parsers. Raises IndexError or
    ValueError if the text is not JSON.
    """
    opening = text[position]
    if opening not in "{[" or (opening == "{") is not isinstance(step, str):
        return None
    found, number = None, 0
    position = _space(text, position + 1)
    while text[position] not in "}]":
        name: str | int = number
        if opening == "{":
            name, position = value_at(text, position)
            position = _space(text, _space(text, position) + 1)
        if name == step:
            found = position
        position = _space(text, _end(text, position))
        if text[position] == ",":
            position = _space(text, position + 1)
        number += 1
    return found


def _end(text: str, position: int) -> int:
    return value_at(text, position)[1]


def _space(text: str, position: int) -> int:
    match = _SPACE.match(text, position)
    return match.end() if match else position
