"""Faults of stored responses: retrieving, continuing and deleting them."""

from collections.abc import Callable
from dataclasses import replace

from ...deviation import ANSWER, HISTORY, REQUEST, RESPONSE, STATE, STORED, Object, Situation, fault
from ...editing import path_is
from ...http.problem import ApiError
from ...http.reply import Request
from ...model.answer import Answer
from ...model.tokens import prompt_tokens
from ...responses.editing import changing, losing
from ...responses.items import Item
from ...responses.state import Kept, State


def _keeping(kind: type[State]) -> Callable[[State, Situation], State]:
    return lambda _, __: kind()


class _NothingKept(State):
    """Stores nothing without saying so: a continuation starts from scratch."""

    def keep(self, kept: Kept) -> None:
        """Do not store it."""

    def continued(self, response_id: str) -> tuple[Item, ...]:
        """Return no history, whatever the id."""
        return ()


class _SilentlyDropped(State):
    """Stores nothing, though each response says that it is stored."""

    def keep(self, kept: Kept) -> None:
        """Do not store it."""


class _AllKept(State):
    def keep(self, kept: Kept) -> None:
        super().keep(replace(kept, store=True))


class _NothingDeleted(State):
    def forget(self, response_id: str) -> None:
        self.find(response_id)


class _UnknownAccepted(State):
    def continued(self, response_id: str) -> tuple[Item, ...]:
        try:
            return super().continued(response_id)
        except ApiError:
            return ()


class _UnknownFails(State):
    def continued(self, response_id: str) -> tuple[Item, ...]:
        try:
            return super().continued(response_id)
        except ApiError as error:
            raise ApiError(500, "Internal server error.", kind="server_error") from error


class _RetrievalFails(State):
    def find(self, response_id: str) -> Kept:
        try:
            return super().find(response_id)
        except ApiError as error:
            raise ApiError(500, "Internal server error.", kind="server_error") from error


class _LastTurnKept(State):
    def keep(self, kept: Kept) -> None:
        said = tuple(kept.response["output"])
        super().keep(replace(kept, conversation=(*kept.input_items, *said)))


class _InstructionsKept(State):
    def keep(self, kept: Kept) -> None:
        text = kept.response["instructions"]
        part = {"type": "input_text", "text": text}
        message = {"id": "msg_kept", "type": "message", "role": "system", "content": [part]}
        carried = (message,) if text else ()
        super().keep(replace(kept, conversation=(*carried, *kept.conversation)))


class _CallsForgotten(State):
    def continued(self, response_id: str) -> tuple[Item, ...]:
        items = super().continued(response_id)
        return tuple(item for item in items if item["type"] != "function_call")


class _InputForgotten(State):
    def keep(self, kept: Kept) -> None:
        count = len(kept.response["output"])
        super().keep(replace(kept, conversation=kept.conversation[-count:] if count else ()))


for _name, _kind, _sentence in (
    (
        "responses-store-silently-off",
        _NothingKept,
        "No response is stored, but every previous_response_id is accepted.",
    ),
    (
        "responses-store-dropped",
        _SilentlyDropped,
        "No response is stored, but each says that it is.",
    ),
    ("responses-store-false-kept", _AllKept, "A response with store false is stored."),
    (
        "responses-deleted-retrievable",
        _NothingDeleted,
        "A deleted response can still be retrieved.",
    ),
    (
        "responses-previous-unknown-accepted",
        _UnknownAccepted,
        "An unknown previous_response_id is accepted and ignored.",
    ),
    (
        "responses-previous-unknown-500",
        _UnknownFails,
        "An unknown previous_response_id gives a 500.",
    ),
    (
        "responses-retrieve-unknown-500",
        _RetrievalFails,
        "Retrieving an unknown response gives a 500.",
    ),
    (
        "responses-previous-input-forgotten",
        _InputForgotten,
        "previous_response_id brings back earlier output but not earlier input.",
    ),
    (
        "responses-previous-last-turn-only",
        _LastTurnKept,
        "previous_response_id brings back only one earlier turn.",
    ),
):
    fault(_name, STATE, _sentence)(_keeping(_kind))

fault(
    "responses-previous-call-forgotten",
    STATE,
    "previous_response_id does not bring back function calls.",
    "vllm-project/vllm#43244",
)(_keeping(_CallsForgotten))
fault(
    "responses-instructions-carried-over",
    STATE,
    "The instructions of a response also apply to the responses that continue it.",
    "vllm-project/vllm#37697",
)(_keeping(_InstructionsKept))


@fault(
    "responses-instructions-unread",
    ANSWER,
    "instructions are repeated in the response but not passed to the model.",
)
def _unread(answer: Answer, situation: Situation) -> Answer:
    if situation.ask is None or not situation.body.get("instructions"):
        return answer
    read = situation.ask.messages[1:]
    return replace(answer, prompt_tokens=prompt_tokens(read, situation.ask.tools))


def _opened(*, without: bool) -> Callable[[Request, Situation], Request]:
    """A deviation that serves stored responses without a key, or with a wrong one."""

    def alter(request: Request, situation: Situation) -> Request:
        key = situation.settings.api_key
        missing = request.header("authorization") is None
        if request.method != "GET" or not path_is(situation, "/responses/[^/]+"):
            return request
        if missing is not without:
            return request
        return request.with_header("Authorization", f"Bearer {key}")

    return alter


fault(
    "responses-retrieve-without-key",
    REQUEST,
    "A stored response can be retrieved without a key.",
    "BerriAI/litellm#15757",
)(_opened(without=True))
fault(
    "responses-retrieve-any-key",
    REQUEST,
    "A stored response can be retrieved with a wrong key.",
    "BerriAI/litellm#15757",
)(_opened(without=False))


@fault(
    "responses-previous-id-ignored",
    HISTORY,
    "previous_response_id is accepted, but the model does not see the history.",
    "Blaizzy/mlx-vlm#1046",
)
def _history_ignored(items: list[Item], _: Situation) -> list[Item]:
    return []


def _on(
    route: str, method: str, change: Callable[[Object, Situation], Object]
) -> Callable[[Object, Situation], Object]:
    """The change, limited to one kind of request about a stored response."""

    def alter(value: Object, situation: Situation) -> Object:
        fits = situation.route == route and situation.request.method == method
        return change(value, situation) if fits else value

    return alter


def _failing(status: int) -> Callable[[Object, Situation], Object]:
    def alter(_: Object, __: Situation) -> Object:
        message = "Not found." if status == 404 else "Internal server error."
        raise ApiError(status, message, kind="server_error")

    return alter


def _listed(change: Callable[[list[Item]], list[Item]]) -> Callable[[Object, Situation], Object]:
    return lambda value, _: {**value, "data": change(value["data"])}


for _name, _change, _sentence in (
    ("404", _failing(404), "A stored response cannot be retrieved."),
    ("500", _failing(500), "Retrieving a response gives a 500."),
    ("other-id", changing(id="resp_another"), "A retrieved response has a different id."),
    ("output-empty", changing(output=[]), "A retrieved response has an empty output."),
    ("usage-lost", changing(usage=None), "A retrieved response has no usage."),
    ("status-lost", losing("status"), "A retrieved response has no status."),
    (
        "in-progress",
        changing(status="in_progress"),
        "A retrieved response still has status in_progress.",
    ),
    (
        "wrapped",
        lambda value, _: {"response": value},
        "A retrieved response is wrapped in another object.",
    ),
):
    fault(f"responses-retrieve-{_name}", STORED, _sentence)(_on("response", "GET", _change))

for _name, _change, _sentence in (
    ("500", _failing(500), "Deleting a response gives a 500."),
    ("404", _failing(404), "A stored response cannot be deleted."),
    ("deleted-false", changing(deleted=False), "The reply to a deletion has deleted false."),
    ("deleted-missing", losing("deleted"), "The reply to a deletion has no deleted."),
    ("id-missing", losing("id"), "The reply to a deletion has no id."),
    ("id-other", changing(id="resp_another"), "The reply to a deletion has a different id."),
):
    fault(f"responses-delete-{_name}", STORED, _sentence)(_on("response", "DELETE", _change))

for _name, _change, _sentence in (
    ("404", _failing(404), "The input items of a stored response cannot be listed."),
    ("500", _failing(500), "Listing input items gives a 500."),
    ("empty", _listed(lambda _: []), "The list of input items is empty."),
    ("object-missing", losing("object"), "The list of input items has no object."),
    ("has-more-missing", losing("has_more"), "The list of input items has no has_more."),
    (
        "has-more-wrong",
        changing(has_more=True),
        "has_more is true although there are no more items.",
    ),
    ("first-id-wrong", changing(first_id="msg_0"), "first_id is not that of the first item."),
    ("last-id-missing", losing("last_id"), "The list of input items has no last_id."),
    (
        "ids-missing",
        _listed(lambda items: [{k: v for k, v in item.items() if k != "id"} for item in items]),
        "Listed input items have no id.",
    ),
    (
        "types-missing",
        _listed(lambda items: [{k: v for k, v in item.items() if k != "type"} for item in items]),
        "Listed input items have no type.",
    ),
    (
        "content-string",
        _listed(lambda items: [{**item, "content": "text"} for item in items]),
        "The content of a listed message is a string.",
    ),
):
    fault(f"responses-input-items-{_name}", STORED, _sentence)(_on("input_items", "GET", _change))


@fault(
    "responses-continuation-same-id",
    RESPONSE,
    "A continued response has the same id as the response that it continues.",
)
def _same_id(response: Object, situation: Situation) -> Object:
    previous = situation.body.get("previous_response_id")
    return {**response, "id": previous} if previous else response
