"""Faults of HTTP, errors, keys, models and overload."""

from . import (
    answers,
    auth,
    client_requests,
    cors,
    errors,
    framing,
    json_texts,
    models,
    overload,
    timing,
)

__all__ = [
    "answers",
    "auth",
    "client_requests",
    "cors",
    "errors",
    "framing",
    "json_texts",
    "models",
    "overload",
    "timing",
]
