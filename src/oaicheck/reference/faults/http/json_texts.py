"""Faults of JSON texts that the grammar allows and clients do not expect."""

import re
from dataclasses import replace

from ...deviation import REPLY, Situation, fault
from ...editing import is_stream, path_is
from ...http.reply import Reply

_CREATED = re.compile(rb'"created":\d+')


@fault(
    "json-number-10000-digits",
    REPLY,
    "A JSON body of the chat API has a member with an integer of 10,000 digits.",
)
def _number_of_10000_digits(reply: Reply, situation: Situation) -> Reply:
    return _beginning_with(reply, situation, b'"load":' + b"9" * 10_000)


@fault("json-number-1e400", REPLY, "A JSON body of the chat API has a member that is 1e400.")
def _number_beyond_doubles(reply: Reply, situation: Situation) -> Reply:
    return _beginning_with(reply, situation, b'"load":1e400')


@fault("json-names-twice", REPLY, "A JSON body of the chat API has one member twice.")
def _names_twice(reply: Reply, situation: Situation) -> Reply:
    return _beginning_with(reply, situation, b'"load":1,"load":2')


@fault("object-created-5000-digits", REPLY, "`created` is an integer of 5,000 digits.")
def _created_5000_digits(reply: Reply, _: Situation) -> Reply:
    digits = b'"created":' + b"8" * 5_000
    if not is_stream(reply):
        changed = _CREATED.sub(digits, reply.body)
        return reply if changed == reply.body else reply.with_body(changed)
    pieces = (replace(piece, data=_CREATED.sub(digits, piece.data)) for piece in reply.pieces)
    return replace(reply, pieces=tuple(pieces))


def _beginning_with(reply: Reply, situation: Situation, members: bytes) -> Reply:
    """The chat reply with more members at the beginning of the object that is its body."""
    rest = reply.body.removeprefix(b"{")
    if is_stream(reply) or rest == reply.body or not path_is(situation, "/chat/completions"):
        return reply
    return reply.with_body(b"{" + members + (b"" if rest.startswith(b"}") else b",") + rest)
