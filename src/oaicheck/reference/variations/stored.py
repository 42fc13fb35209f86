"""Legal variations of what is stored beside a response, and of running in the background."""

from dataclasses import replace

from ..deviation import REPLY, REQUEST, RESPONSES_BODY, Object, Situation, variation
from ..editing import path_is, refused
from ..http.problem import ApiError
from ..http.reply import Reply, Request


@variation(
    "responses-refuses-background",
    RESPONSES_BODY,
    "background true is refused with a 400 that names it.",
)
def _no_background(body: Object, _: Situation) -> Object:
    if body.get("background"):
        message = "Unsupported parameter: 'background' is not supported here."
        raise refused(400, message, "background", code="unsupported_parameter")
    return body


@variation(
    "responses-background-ignored",
    RESPONSES_BODY,
    "background true is ignored: the response comes when it is complete.",
)
def _ignored(body: Object, _: Situation) -> Object:
    return {name: held for name, held in body.items() if name != "background"}


@variation("responses-cancel-absent", REQUEST, "There is no path to cancel a response.")
def _no_cancel(request: Request, situation: Situation) -> Request:
    return _nowhere(request) if path_is(situation, "/cancel") else request


@variation("responses-conversations-absent", REQUEST, "There are no conversations: a 404.")
def _no_conversations(request: Request, _: Situation) -> Request:
    return _nowhere(request) if "/conversations" in request.path else request


@variation(
    "responses-conversations-400",
    REQUEST,
    "Conversations are refused with a 400 that names nothing.",
)
def _refused_conversations(request: Request, _: Situation) -> Request:
    if "/conversations" in request.path:
        raise refused(400, "Not supported.")
    return request


@variation(
    "responses-resume-400",
    REQUEST,
    "A stored response cannot be retrieved as a stream, and a 400 says so.",
)
def _no_resuming(request: Request, _: Situation) -> Request:
    if "stream=true" in request.query:
        raise refused(400, "This response cannot be streamed.", "stream")
    return request


@variation("responses-websocket-400", REPLY, "A WebSocket handshake gives a 400 instead of a 426.")
def _handshake_400(reply: Reply, _: Situation) -> Reply:
    return replace(reply, status=400) if reply.status == 426 else reply


def _nowhere(request: Request) -> Request:
    message = f"Unknown request URL: {request.method} {request.path}."
    raise ApiError(404, message, code="unknown_url")
