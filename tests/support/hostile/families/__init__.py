"""The behaviours by kind. Importing this registers them all."""

from support.hostile.families import (
    bodies,
    connections,
    content,
    flapping,
    gateways,
    heads,
    json_texts,
    keys,
    limits,
    protocols,
    streams,
    timing,
)

__all__ = [
    "bodies",
    "connections",
    "content",
    "flapping",
    "gateways",
    "heads",
    "json_texts",
    "keys",
    "limits",
    "protocols",
    "streams",
    "timing",
]
