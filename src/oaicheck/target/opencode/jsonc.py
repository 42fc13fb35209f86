"""Parses JSON with comments and trailing commas, and keeps the line and column of every value."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from oaicheck.wire.huge_number import HugeNumber
from oaicheck.wire.json_text import parse_json

Steps = tuple[str | int, ...]
"""The path from the root of a document to one of its values."""

_DEEPEST: Final = 200
_BETWEEN: Final = re.compile(r"(?:\s|//[^\r\n]*|/\*.*?\*/)*", re.DOTALL)
_STRING: Final = re.compile(r'"(?:[^"\\\x00-\x1f]|\\.)*"')
_WORD: Final = re.compile(r"[\w.+-]+")


class JsoncError(ValueError):
    """The text is not valid JSON with comments. The message has the line and column."""


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed value, and the line and column (from 1) where it and each value inside it begin."""

    value: Any
    places: Mapping[Steps, tuple[int, int]]


def parse_jsonc(text: str) -> Document:
    """Parse a text. If an object has a name twice, the last one wins. Raises JsoncError."""
    return _Parser(text).document()


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._places: dict[Steps, tuple[int, int]] = {}

    def document(self) -> Document:
        self._skip()
        value = self._value(())
        self._skip()
        if self._at < len(self._text):
            self._refuse("unexpected text after the end of the document")
        return Document(value, self._places)

    def _value(self, steps: Steps) -> Any:
        if len(steps) > _DEEPEST:
            self._refuse(f"nested deeper than {_DEEPEST} levels")
        self._places[steps] = self._line_and_column()
        if self._takes("{"):
            return self._object(steps)
        if self._takes("["):
            return self._array(steps)
        if self._sees('"'):
            return self._string()
        return self._word()

    def _object(self, steps: Steps) -> dict[str, Any]:
        members: dict[str, Any] = {}
        while not self._takes("}"):
            if not self._sees('"'):
                self._refuse('expected a name in double quotes, or "}"')
            name = self._string()
            if not self._takes(":"):
                self._refuse(f"expected a colon after the name {json.dumps(name)}")
            members[name] = self._value((*steps, name))
            if not self._takes(",") and not self._sees("}"):
                self._refuse('expected a comma or "}"')
        return members

    def _array(self, steps: Steps) -> list[Any]:
        elements: list[Any] = []
        while not self._takes("]"):
            elements.append(self._value((*steps, len(elements))))
            if not self._takes(",") and not self._sees("]"):
                self._refuse('expected a comma or "]"')
        return elements

    def _string(self) -> str:
        found = _STRING.match(self._text, self._at)
        if found is None:
            self._refuse("this string does not end on its line")
        try:
            value: str = json.loads(found.group())
        except ValueError:
            self._refuse("this string has an invalid escape")
        self._at = found.end()
        self._skip()
        return value

    def _word(self) -> Any:
        found = _WORD.match(self._text, self._at)
        if found is None:
            self._refuse("expected a value")
        parsed = parse_json(found.group())
        if parsed is None:
            self._refuse("expected a value; strings need double quotes")
        if isinstance(parsed.value, HugeNumber):
            self._refuse("this number is too large")
        self._at = found.end()
        self._skip()
        return parsed.value

    def _sees(self, character: str) -> bool:
        return self._text.startswith(character, self._at)

    def _takes(self, character: str) -> bool:
        if not self._sees(character):
            return False
        self._at += 1
        self._skip()
        return True

    def _skip(self) -> None:
        found = _BETWEEN.match(self._text, self._at)
        assert found is not None
        self._at = found.end()
        if self._sees("/*"):
            self._refuse("this comment does not end")

    def _line_and_column(self) -> tuple[int, int]:
        line_start = self._text.rfind("\n", 0, self._at) + 1
        return self._text.count("\n", 0, self._at) + 1, self._at - line_start + 1

    def _refuse(self, problem: str) -> NoReturn:
        line, column = self._line_and_column()
        if self._at >= len(self._text):
            problem = f"the text ends here: {problem}"
        raise JsoncError(f"line {line}, column {column}: {problem}")
