"""Stored responses, which clients can retrieve, continue and delete."""

import copy
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..http.problem import ApiError, invalid

Item = dict[str, Any]
_MOST = 10_000


@dataclass(frozen=True)
class Kept:
    """One response, its input items, and the conversation up to its end."""

    response: Item
    input_items: tuple[Item, ...]
    conversation: tuple[Item, ...]
    """The input and output items of all turns, including the last output."""
    store: bool = True
    """Whether the client asked to store it."""
    background: bool = False
    """Whether the client does not wait for it: it can be cancelled."""


class State:
    """The stored responses of one endpoint. Thread-safe."""

    stores = True
    """What a response says of a request to store it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[str, Kept] = {}
        self._events: dict[str, Callable[[], list[Item]]] = {}
        self._running: set[str] = set()
        self._conversations: dict[str, tuple[Item, ...]] = {}

    def keep(self, kept: Kept) -> None:
        """Store a response if the client wants that. If there are too many, drop the oldest."""
        if not kept.store:
            return
        with self._lock:
            self._kept[kept.response["id"]] = copy.deepcopy(kept)
            if kept.background:
                self._running.add(kept.response["id"])
            if len(self._kept) > _MOST:
                oldest = next(iter(self._kept))
                del self._kept[oldest]
                self._events.pop(oldest, None)

    def keep_events(self, response_id: str, events: Callable[[], list[Item]]) -> None:
        """Store what makes the events of a stored response once more."""
        with self._lock:
            if response_id in self._kept:
                self._events[response_id] = events

    def events(self, response_id: str) -> list[Item]:
        """The events of a stored response. Raises a 404 if there is none with that id."""
        self.find(response_id)
        with self._lock:
            events = self._events[response_id]
        return events()

    def cancel(self, response_id: str) -> Item:
        """The response after it was cancelled, or as it ended before: then nothing changes.

        A background response ends when it is asked for. Raises a 404 for an unknown id and a 400
        for a response that never ran in the background.
        """
        with self._lock:
            if response_id in self._running:
                kept = self._kept[response_id]
                ended: Item = {"status": "cancelled", "completed_at": None, "usage": None}
                cancelled = replace(kept, response={**kept.response, **ended, "output": []})
                self._kept[response_id] = cancelled
        found = self.find(response_id)
        if not found.background:
            raise invalid("response_id", "Cannot cancel a synchronous response.")
        return found.response

    def keep_conversation(self, conversation_id: str, items: Sequence[Item]) -> None:
        """Store the items of a conversation."""
        with self._lock:
            self._conversations[conversation_id] = tuple(copy.deepcopy(items))
            if len(self._conversations) > _MOST:
                del self._conversations[next(iter(self._conversations))]

    def conversation(self, conversation_id: str) -> tuple[Item, ...]:
        """The items of a conversation. Raises a 404 if there is none with that id."""
        with self._lock:
            if conversation_id not in self._conversations:
                message = f"Conversation with id '{conversation_id}' not found."
                raise ApiError(404, message, code="conversation_not_found")
            return copy.deepcopy(self._conversations[conversation_id])

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
            self._running.discard(response_id)
            return copy.deepcopy(self._kept[response_id])

    def continued(self, response_id: str) -> tuple[Item, ...]:
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
            self._events.pop(response_id, None)

    def item(self, item_id: str) -> Item | None:
        """The stored item of an ``item_reference``."""
        with self._lock:
            for kept in reversed(self._kept.values()):
                for item in kept.conversation:
                    if item["id"] == item_id:
                        return copy.deepcopy(item)
        return None
