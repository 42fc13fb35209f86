"""Server-sent events as bytes."""

import json
from typing import Any

DONE = b"data: [DONE]\n\n"


def to_json(value: Any) -> bytes:
    """A value as compact JSON in UTF-8, without escaping non-ASCII characters."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def frame(value: Any) -> bytes:
    """An event with a JSON value as its data."""
    return b"data: " + to_json(value) + b"\n\n"


def named_frame(value: Any) -> bytes:
    """An event with a JSON object as its data, named after the object's type."""
    name = value.get("type") if isinstance(value, dict) else None
    return (f"event: {name}\n".encode() if isinstance(name, str) else b"") + frame(value)
