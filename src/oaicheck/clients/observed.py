"""What a client's user gets in each task: a result, an error, or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Observed:
    """How one task ended: with `seen` or `error`, or with neither if it hangs."""

    seen: Any = None
    error: Mapping[str, Any] | None = None
    hangs: bool = False

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Observed:
        """Create it from a line that a client program printed."""
        return cls(data.get("observed"), data.get("error"), bool(data.get("hangs")))


Observations = Mapping[str, Observed]
"""By task."""


@dataclass(frozen=True, slots=True)
class Ask:
    """The endpoint for a client, and the time limit for each task in seconds.

    `most_tokens` limits the model's output in the tasks of the suite; 0 means no limit.
    """

    base_url: str
    key: str
    model: str
    reasoning_model: str
    seconds: float
    most_tokens: int = 0
