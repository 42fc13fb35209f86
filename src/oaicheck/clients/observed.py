"""What a client's user got in each of its tasks: something seen, an error raised, or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Observed:
    """How one task ended: exactly one of `seen` and `error`, or neither when it hung."""

    seen: Any = None
    error: Mapping[str, Any] | None = None
    hangs: bool = False

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Observed:
        """From a line that a client's program printed."""
        return cls(data.get("observed"), data.get("error"), bool(data.get("hangs")))


Observations = Mapping[str, Observed]
"""By task."""


@dataclass(frozen=True, slots=True)
class Ask:
    """What a client is pointed at, and for how long each of its tasks may take.

    `most_tokens` bounds what a model may write in the tasks of the suite; 0 sets no bound.
    """

    base_url: str
    key: str
    model: str
    reasoning_model: str
    seconds: float
    most_tokens: int = 0
