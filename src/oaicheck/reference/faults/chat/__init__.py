"""Faults of chat completions: objects, streams, tools, usage."""

from . import (
    chunks,
    cut_calls,
    finish,
    limits,
    objects,
    other_events,
    params,
    reasoning,
    sse,
    structured,
    tool_arguments,
    tool_choice,
    tool_history,
    tools,
    unasked,
    usage,
)

__all__ = [
    "chunks",
    "cut_calls",
    "finish",
    "limits",
    "objects",
    "other_events",
    "params",
    "reasoning",
    "sse",
    "structured",
    "tool_arguments",
    "tool_choice",
    "tool_history",
    "tools",
    "unasked",
    "usage",
]
