"""Faults of CORS: which responses a page from another origin may read."""

from dataclasses import replace

from ...deviation import REPLY, Situation, fault
from ...editing import is_stream
from ...http.reply import Reply

_ALLOWED = "Access-Control-Allow-Origin"


@fault(
    "http-cors-preflight-only",
    REPLY,
    "A preflight succeeds, but a served response does not allow the origin.",
    "mudler/LocalAI#710",
)
def _preflight_only(reply: Reply, situation: Situation) -> Reply:
    served = situation.request.method != "OPTIONS" and reply.status < 400
    return reply.without_header(_ALLOWED) if served else reply


@fault("http-cors-missing-on-errors", REPLY, "Error responses do not allow the origin.")
def _not_on_errors(reply: Reply, _: Situation) -> Reply:
    return reply.without_header(_ALLOWED) if reply.status >= 400 else reply


@fault(
    "http-cors-twice",
    REPLY,
    "A stream allows the origin twice: the engine and the proxy in front both add the header.",
)
def _twice(reply: Reply, _: Situation) -> Reply:
    if not is_stream(reply):
        return reply
    return replace(reply, headers=(*reply.headers, (_ALLOWED, "*")))
