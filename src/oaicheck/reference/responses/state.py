"""Stored responses, which clients can retrieve, continue and delete."""

import copy
import threading
from dataclasses import dataclass
from typing import Any

from ..http.problem import ApiError, invalid

_MOST = 10_000


@dataclass(frozen=True)
class Kept:
    """One response, its input items, and the conversation up to its end."""

    response: dict[str, Any]
    input_items: tuple[dict[str, Any], ...]
    conversation: tuple[dict[str, Any], ...]
    """The input and output items of all turns, including the last output."""
    store: bool = True
    """Whether the client asked to store it."""


class State:
    """The stored responses of one endpoint. Thread-safe."""

    stores = True
    """What a response says of a request to store it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[str, Kept] = {}

    def keep(self, kept: Kept) -> None:
        """Store a response if the client wants that. If there are too many, drop the oldest."""
        if not kept.store:
            return
        with self._lock:
            self._kept[kept.response["id"]] = copy.deepcopy(kept)
            if len(self._kept) > _MOST:
                del self._kept[next(iter(self._kept))]

    def find(self, response_id: str) -> Kept:
        """A stored response. Raises a 404 if there is none with that id."""
        with self._lock:
            if response_id not in self._kept:
                raise ApiError(
                    404,
                    f"Response with id '{response_id}' not found.",
                    param="response_id",
                    code="response_not_found",
                )
            return copy.deepcopy(self._kept[response_id])

    def continued(self, response_id: str) -> tuple[dict[str, Any], ...]:
        """The conversation to continue. Raises a 400 if there is no response with that id."""
        with self._lock:
            if response_id not in self._kept:
                raise invalid(
                    "previous_response_id",
                    f"Previous response with id '{response_id}' not found.",
                    "previous_response_not_found",
                )
            return copy.deepcopy(self._kept[response_id].conversation)

    def forget(self, response_id: str) -> None:
        """Delete a stored response. Raises a 404 if there is none with that id."""
        self.find(response_id)
        with self._lock:
            self._kept.pop(response_id, None)

    def item(self, item_id: str) -> dict[str, Any] | None:
        """The stored item of an ``item_reference``."""
        with self._lock:
            for kept in reversed(self._kept.values()):
                for item in kept.conversation:
                    if item["id"] == item_id:
                        return copy.deepcopy(item)
        return None
