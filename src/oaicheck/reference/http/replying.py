"""Makes replies from JSON values and from the events of a stream."""

from collections.abc import Sequence
from typing import Any

from ..settings import Settings
from .frames import to_json
from .reply import Piece, Reply


def json_reply(status: int, value: Any) -> Reply:
    """A reply with one JSON value."""
    data = to_json(value)
    headers = (("Content-Type", "application/json"), ("Content-Length", str(len(data))))
    return Reply(status, headers, (Piece(data),))


def event_stream(frames: Sequence[bytes], tokens: int, settings: Settings) -> Reply:
    """A reply with events; a stream of many tokens is sent at the slower pace."""
    long = tokens > settings.long_from_tokens
    slow = min(settings.long_piece_delay, settings.longest_stream / max(1, len(frames)))
    pace = slow if long else settings.piece_delay
    pieces = tuple(
        Piece(data, pace if place else settings.piece_delay) for place, data in enumerate(frames)
    )
    headers = (
        ("Content-Type", "text/event-stream; charset=utf-8"),
        ("Cache-Control", "no-cache"),
    )
    return Reply(200, headers, pieces)
