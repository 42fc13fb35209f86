"""Faults of what a page in a browser may read: answers from another origin."""

from dataclasses import replace

from ...deviation import REPLY, Situation, fault
from ...editing import is_stream
from ...http.reply import Reply

_ALLOWED = "Access-Control-Allow-Origin"


@fault(
    "http-cors-preflight-only",
    REPLY,
    "A preflight is granted, and a served answer does not allow the origin.",
    "mudler/LocalAI#710",
)
def _preflight_only(reply: Reply, situation: Situation) -> Reply:
    served = situation.request.method != "OPTIONS" and reply.status < 400
    return reply.without_header(_ALLOWED) if served else reply


@fault("http-cors-missing-on-errors", REPLY, "An error does not allow the origin.")
def _not_on_errors(reply: Reply, _: Situation) -> Reply:
    return reply.without_header(_ALLOWED) if reply.status >= 400 else reply


@fault(
    "http-cors-twice",
    REPLY,
    "A stream allows the origin twice: once by the engine and once by the proxy before it.",
)
def _twice(reply: Reply, _: Situation) -> Reply:
    if not is_stream(reply):
        return reply
    return replace(reply, headers=(*reply.headers, (_ALLOWED, "*")))
