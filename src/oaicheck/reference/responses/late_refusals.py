"""Refusals that come too late: the stream has begun."""

import json
from collections.abc import Callable

from ..deviation import Situation
from ..http.frames import named_frame
from ..http.reply import Piece, Reply
from .events import Event, numbered

_HEADERS = (("Content-Type", "text/event-stream"),)


def late_refusal(word: str, *endings: str) -> Callable[[Reply, Situation], Reply]:
    """A deviation that answers a streaming request for a response with a stream, not with a 400.

    `word` occurs in the refusals that it is about. `endings` are the events after the first two:
    ``failed``, or ``error``, which has the error itself.
    """

    def alter(reply: Reply, situation: Situation) -> Reply:
        about = situation.route == "responses" and situation.streams and reply.status == 400
        if not about or word not in reply.body.decode():
            return reply
        problem = json.loads(reply.body)["error"]
        response = {"id": "resp_1", "object": "response", "status": "in_progress", "output": []}
        last = {
            "failed": {"response": {**response, "status": "failed", "error": problem}},
            "error": {"error": problem},
        }
        events: list[Event] = [
            {"type": "response.created", "response": response},
            {"type": "response.in_progress", "response": response},
            *({"type": _NAMES[name], **last[name]} for name in endings),
        ]
        return Reply(200, _HEADERS, tuple(Piece(named_frame(each)) for each in numbered(events)))

    return alter


_NAMES = {"failed": "response.failed", "error": "error"}
