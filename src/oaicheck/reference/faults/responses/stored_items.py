"""Faults of what is stored beside a response: references, resumed streams, lists in pages."""

from collections.abc import Callable
from dataclasses import replace

from ...deviation import REPLY, REQUEST, RESPONSES_BODY, STORED, Object, Situation, fault
from ...editing import path_is, refused
from ...http.reply import Reply, Request

_LISTS = {"input-items": "/responses/[^/]+/input_items", "conversation": "/conversations/.+/items"}
_ROUTES = {"input-items": "input_items", "conversation": "conversation_items"}
_NAMES = {"input-items": "the list of input items", "conversation": "the list of a conversation"}


def _refusing_references(status: int, message: str) -> Callable[[Object, Situation], Object]:
    def alter(body: Object, _: Situation) -> Object:
        given = body.get("input")
        for item in given if isinstance(given, list) else ():
            if item.get("type") == "item_reference":
                raise refused(status, message, "input")
        return body

    return alter


fault(
    "responses-item-reference-rejected",
    RESPONSES_BODY,
    "An item_reference is refused.",
)(_refusing_references(400, "Unsupported input item: item_reference."))
fault("responses-item-reference-500", RESPONSES_BODY, "An item_reference gives a 500.")(
    _refusing_references(500, "KeyError: 'content'")
)


def _without_query(path: str, name: str) -> Callable[[Request, Situation], Request]:
    """A deviation that overlooks a parameter of the query."""

    def alter(request: Request, situation: Situation) -> Request:
        if request.method != "GET" or not path_is(situation, path):
            return request
        kept = [part for part in request.query.split("&") if not part.startswith(name + "=")]
        return replace(request, query="&".join(kept))

    return alter


fault(
    "responses-resume-as-json",
    REQUEST,
    "A stored response that is retrieved with stream=true comes as one JSON object.",
    "BerriAI/litellm#26762",
)(_without_query("/responses/[^/]+", "stream"))
fault(
    "responses-resume-from-start",
    REQUEST,
    "A stored response that is retrieved as a stream begins at its first event again.",
)(_without_query("/responses/[^/]+", "starting_after"))


def _never_more(route: str) -> Callable[[Object, Situation], Object]:
    def alter(value: Object, situation: Situation) -> Object:
        return {**value, "has_more": False} if situation.route == route else value

    return alter


for _list, _path in _LISTS.items():
    _what = _NAMES[_list]
    fault(
        f"responses-{_list}-never-more",
        STORED,
        f"has_more of {_what} is always false.",
        "ogx-ai/ogx#5723",
    )(_never_more(_ROUTES[_list]))
    fault(f"responses-{_list}-after-ignored", REQUEST, f"after is ignored in {_what}.")(
        _without_query(_path, "after")
    )
    fault(f"responses-{_list}-limit-ignored", REQUEST, f"limit is ignored in {_what}.")(
        _without_query(_path, "limit")
    )


@fault("responses-conversation-500", REQUEST, "Creating a conversation gives a 500.")
def _conversation_500(request: Request, situation: Situation) -> Request:
    if path_is(situation, "/conversations"):
        raise refused(500, "Internal server error.", kind="server_error")
    return request


def _answering_the_handshake(status: int) -> Callable[[Reply, Situation], Reply]:
    def alter(reply: Reply, _: Situation) -> Reply:
        return replace(reply, status=status) if reply.status == 426 else reply

    return alter


def _answering_unknown_ids(status: int) -> Callable[[Reply, Situation], Reply]:
    def alter(reply: Reply, situation: Situation) -> Reply:
        unknown = situation.route == "response" and situation.request.method == "GET"
        return replace(reply, status=status) if unknown and reply.status == 404 else reply

    return alter


fault("responses-unknown-id-400", REPLY, "Retrieving an unknown response gives a 400.")(
    _answering_unknown_ids(400)
)

for _status, _sentence in (
    (404, "A WebSocket handshake on the path of responses gives a 404."),
    (500, "A WebSocket handshake on the path of responses gives a 500."),
    (200, "A WebSocket handshake on the path of responses gives a 200."),
):
    fault(f"responses-websocket-{_status}", REPLY, _sentence, "BYK/loreai#515")(
        _answering_the_handshake(_status)
    )
