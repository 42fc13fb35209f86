"""What a value breaks of a JSON Schema, in the words of JSON."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from jsonschema.exceptions import ValidationError, best_match

from oaicheck.wire.json_text import shown

_TOLD = 3
"""So many errors are told in a message."""
_ALTERNATIVES = ("anyOf", "oneOf")


def described(errors: Iterable[ValidationError]) -> list[str]:
    """Each error as `$.path: what is wrong`, in the order of the paths, none twice.

    The path begins at the value that was validated. Where none of several schemas fits, the one is
    spoken of that the value comes nearest to.
    """
    nearest = [_nearest(error) for error in errors]
    ordered = sorted(nearest, key=lambda error: [str(step) for step in error.absolute_path])
    return list(dict.fromkeys(f"{error.json_path}: {_words(error)}" for error in ordered))


def in_one_line(described: list[str]) -> str:
    """The first of several descriptions in one line, and how many more there are."""
    more = len(described) - _TOLD
    return "; ".join(described[:_TOLD]) + (f"; and {more} more" if more > 0 else "")


def _nearest(error: ValidationError) -> ValidationError:
    if error.validator not in _ALTERNATIVES or not error.context:
        return error
    nearest = best_match([error])
    return error if nearest is None else nearest


def _words(error: ValidationError) -> str:
    value: Any = error.instance
    asked: Any = error.validator_value
    schema: Any = error.schema
    match error.validator:
        case "type":
            return f"{shown(value)}, where the schema has {_either(asked)}"
        case "enum":
            return f"{shown(value)}, which is none of {', '.join(map(shown, asked))}"
        case "const":
            return f"{shown(value)}, where the schema has {shown(asked)}"
        case "required":
            return f"{_names(name for name in asked if name not in value)} missing"
        case "additionalProperties" if asked is False:
            allowed = schema.get("properties", {})
            return f"{_names(name for name in value if name not in allowed)} not allowed"
        case _:
            return f"{shown(value)} does not meet {error.validator} {shown(asked)}"


def _either(types: Any) -> str:
    return " or ".join([types] if isinstance(types, str) else types)


def _names(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
