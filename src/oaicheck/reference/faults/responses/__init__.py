"""Faults of the Responses API."""

from . import (
    call_events,
    calls,
    custom_tools,
    delivery,
    events,
    input_items,
    items,
    objects,
    params,
    reasoning,
    state,
    usage,
)

__all__ = [
    "call_events",
    "calls",
    "custom_tools",
    "delivery",
    "events",
    "input_items",
    "items",
    "objects",
    "params",
    "reasoning",
    "state",
    "usage",
]
