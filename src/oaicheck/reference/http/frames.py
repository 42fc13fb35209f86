"""Server-sent events as bytes."""

import json
from typing import Any

DONE = b"data: [DONE]\n\n"


def to_json(value: Any) -> bytes:
    """A value as compact JSON in UTF-8, non-ASCII characters as they are."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def frame(value: Any) -> bytes:
    """One event that carries a JSON value."""
    return b"data: " + to_json(value) + b"\n\n"


def named_frame(value: Any) -> bytes:
    """One event that carries a JSON object and is named by the object's type."""
    name = value.get("type") if isinstance(value, dict) else None
    return (f"event: {name}\n".encode() if isinstance(name, str) else b"") + frame(value)
