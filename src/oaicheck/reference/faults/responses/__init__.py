"""Faults of the Responses API."""

from . import (
    background,
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
    stored_items,
    usage,
)

__all__ = [
    "background",
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
    "stored_items",
    "usage",
]
