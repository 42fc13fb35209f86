"""JSON Schema errors, described in terms of JSON."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from jsonschema.exceptions import ValidationError, best_match

from oaicheck.rules.judging import Inconclusive
from oaicheck.wire.json_text import shortened, shown, without_lone_surrogates

_TOLD = 3
"""How many errors a message shows."""
_NAMED = 10
"""How many names of members it shows."""
_ALTERNATIVES = ("anyOf", "oneOf")


def described(errors: Iterable[ValidationError]) -> list[str]:
    """Each error as `$.path: what is wrong`, sorted by path, without duplicates.

    The path starts at the validated value. If none of several alternative schemas fits, the error
    is about the closest one. Raises Inconclusive if a recursive schema allows deeper nesting than
    the validator can follow.
    """
    try:
        nearest = [_nearest(error) for error in errors]
    except RecursionError:
        raise Inconclusive(
            "the value is nested too deeply to check it against the schema"
        ) from None
    ordered = sorted(nearest, key=lambda error: [str(step) for step in error.absolute_path])
    return list(dict.fromkeys(f"{_path(error)}: {_words(error)}" for error in ordered))


def in_one_line(described: list[str]) -> str:
    """The first descriptions in one line, and the number of the others."""
    more = len(described) - _TOLD
    return "; ".join(described[:_TOLD]) + (f"; and {more} more" if more > 0 else "")


def _nearest(error: ValidationError) -> ValidationError:
    if error.validator not in _ALTERNATIVES or not error.context:
        return error
    nearest = best_match([error])
    return error if nearest is None else nearest


def _path(error: ValidationError) -> str:
    return without_lone_surrogates(shortened(error.json_path))


def _words(error: ValidationError) -> str:
    value: Any = error.instance
    asked: Any = error.validator_value
    schema: Any = error.schema
    match error.validator:
        case "type":
            return f"{shown(value)}, but the schema requires {_either(asked)}"
        case "enum":
            return f"{shown(value)}, which is not one of {', '.join(map(shown, asked))}"
        case "const":
            return f"{shown(value)}, but the schema requires {shown(asked)}"
        case "required":
            return f"{_names(name for name in asked if name not in value)} missing"
        case "additionalProperties" if asked is False:
            allowed = schema.get("properties", {})
            return f"{_names(name for name in value if name not in allowed)} not allowed"
        case _:
            return f"{shown(value)} violates {error.validator} {shown(asked)}"


def _either(types: Any) -> str:
    return " or ".join([types] if isinstance(types, str) else types)


def _names(names: Iterable[str]) -> str:
    shown_names = [f"`{without_lone_surrogates(shortened(name))}`" for name in names]
    more = len(shown_names) - _NAMED
    return ", ".join(shown_names[:_NAMED]) + (f" and {more} more" if more > 0 else "")
