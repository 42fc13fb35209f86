"""Texts that were requested as JSON: what they are instead, and how they break a schema."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from jsonschema import Draft202012Validator

from oaicheck.views.schema_errors import described
from oaicheck.wire.json_text import parse_json, value_at

_FENCE = "```"


class Form(StrEnum):
    """The form of a text that was requested as one JSON object."""

    OBJECT = "a JSON object"
    OTHER_JSON = "JSON, but no object"
    FENCED = "JSON in a Markdown fence"
    SURROUNDED = "a JSON object with text around it"
    NOT_JSON = "no JSON"


def form_of(text: str) -> Form:
    """The form of a text that was requested as one JSON object."""
    parsed = parse_json(text)
    if parsed is not None:
        return Form.OBJECT if isinstance(parsed.value, dict) else Form.OTHER_JSON
    if _FENCE in text and _holds_object(text):
        return Form.FENCED
    return Form.SURROUNDED if _holds_object(text) else Form.NOT_JSON


def schema_violations(value: Any, schema: dict[str, Any]) -> list[str]:
    """The errors of a value against a JSON Schema; empty if it is valid."""
    return described(Draft202012Validator(schema).iter_errors(value))


def _holds_object(text: str) -> bool:
    """Whether a complete JSON object begins at the first brace of a text."""
    place = text.find("{")
    if place < 0:
        return False
    try:
        value_at(text, place)
    except (ValueError, RecursionError):
        return False
    return True
