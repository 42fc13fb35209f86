"""The deliberate defects of the reference endpoint, a module per area.

Importing the package registers them. Those with a source were met in the field.
"""

from . import (
    auth,
    chunks,
    errors,
    finish,
    http,
    limits,
    models,
    objects,
    params,
    reasoning,
    responses_events,
    responses_items,
    responses_objects,
    responses_params,
    responses_state,
    responses_usage,
    sse,
    structured,
    timing,
    tool_choice,
    tools,
    usage,
)

__all__ = [
    "auth",
    "chunks",
    "errors",
    "finish",
    "http",
    "limits",
    "models",
    "objects",
    "params",
    "reasoning",
    "responses_events",
    "responses_items",
    "responses_objects",
    "responses_params",
    "responses_state",
    "responses_usage",
    "sse",
    "structured",
    "timing",
    "tool_choice",
    "tools",
    "usage",
]
