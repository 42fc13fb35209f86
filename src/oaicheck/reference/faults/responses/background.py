"""Faults of responses in the background: they are lost, never end, or cannot be cancelled."""

from dataclasses import replace

from ...deviation import EVENTS, REPLY, RESPONSES_BODY, STORED, Object, Situation, fault
from ...editing import refused
from ...http.reply import Reply
from ...responses.editing import Events, placed


@fault("responses-background-500", RESPONSES_BODY, "background true gives a 500.")
def _crash(body: Object, _: Situation) -> Object:
    if body.get("background"):
        raise refused(500, "Internal server error.", kind="server_error")
    return body


def _of_background(value: Object, situation: Situation, route: str) -> bool:
    return situation.route == route and value.get("background") is True


@fault("responses-background-lost", STORED, "A response in the background is not found by its id.")
def _lost(value: Object, situation: Situation) -> Object:
    if _of_background(value, situation, "response"):
        raise refused(404, "Response not found.", "response_id")
    return value


@fault("responses-background-other-id", STORED, "A response that is polled has another id.")
def _other_id(value: Object, situation: Situation) -> Object:
    return {**value, "id": "resp_0"} if _of_background(value, situation, "response") else value


@fault(
    "responses-background-never-ends",
    STORED,
    "A response in the background is in_progress even after it was cancelled.",
)
def _never_ends(value: Object, situation: Situation) -> Object:
    running: Object = {"status": "in_progress", "output": [], "usage": None}
    return {**value, **running} if _of_background(value, situation, "cancel") else value


@fault(
    "responses-cancel-ended-400",
    STORED,
    "Cancelling a response that has ended is refused.",
    "vllm-project/vllm#57999",
)
def _cannot_cancel(value: Object, situation: Situation) -> Object:
    if situation.route == "cancel":
        raise refused(400, "Cannot cancel a synchronous response.")
    return value


@fault(
    "responses-cancel-twice-400",
    STORED,
    "Cancelling a response for the second time is refused.",
    "vllm-project/vllm#57999",
)
def _once_only(value: Object, situation: Situation) -> Object:
    if situation.route != "cancel":
        return value
    before = situation.memory.setdefault("cancelled", set())
    if value["id"] in before:
        raise refused(400, "Cannot cancel a response that has ended.")
    before.add(value["id"])
    return value


@fault("responses-cancel-500", REPLY, "Cancelling a response gives a 500.")
def _cancel_500(reply: Reply, situation: Situation) -> Reply:
    return replace(reply, status=500) if situation.route == "cancel" else reply


@fault(
    "responses-queued-other-id",
    EVENTS,
    "In a background stream, response.queued has another id than the other events.",
    "BerriAI/litellm#39534",
)
def _queued_other_id(events: Events, situation: Situation) -> Events:
    if not situation.body.get("background"):
        return events
    response = {**events[0]["response"], "id": "resp_0", "status": "queued"}
    return placed(events, 1, {"type": "response.queued", "response": response})
