"""Faults in how tool calls and their results in the history are read."""

import json

from ...deviation import BODY, Object, Situation, fault
from ...editing import refused


@fault(
    "tools-parallel-results-refused",
    BODY,
    "A history with two calls in one message is refused.",
    "can1357/oh-my-pi#9167",
)
def _two_calls(body: Object, _: Situation) -> Object:
    if any(len(message.get("tool_calls") or ()) > 1 for message in body["messages"]):
        message = "The number of function response parts must equal that of function call parts."
        raise refused(400, message, "messages")
    return body


@fault(
    "tools-foreign-ids-refused",
    BODY,
    "A call id in the history that does not have nine characters is refused.",
    "anomalyco/opencode#1680",
)
def _foreign_ids(body: Object, _: Situation) -> Object:
    for message in body["messages"]:
        for call in message.get("tool_calls") or ():
            if call["id"].startswith("call_oaicheck"):
                wanted = "must be a-z, A-Z, 0-9, with a length of 9."
                raise refused(400, f"Tool call id was {call['id']} but {wanted}", "messages")
    return body


@fault(
    "tools-broken-arguments-500",
    BODY,
    "A call in the history whose arguments are cut off gives a 500.",
)
def _broken_arguments_500(body: Object, _: Situation) -> Object:
    if _has_broken_arguments(body):
        raise refused(500, "Failed to parse tool call arguments as JSON", kind="server_error")
    return body


@fault(
    "tools-broken-arguments-refused",
    BODY,
    "A call in the history whose arguments are cut off is refused.",
)
def _broken_arguments_refused(body: Object, _: Situation) -> Object:
    if _has_broken_arguments(body):
        raise refused(400, "The arguments of a call are not JSON.", "messages")
    return body


def _has_broken_arguments(body: Object) -> bool:
    for message in body["messages"]:
        for call in message.get("tool_calls") or ():
            try:
                json.loads(call["function"]["arguments"] or "{}")
            except ValueError:
                return True
    return False
