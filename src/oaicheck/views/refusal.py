"""Views of responses that refuse: the error object, and all the text in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from oaicheck.wire.exchange import Exchange, Located
from oaicheck.wire.json_text import ABSENT

_OVERFLOW = re.compile(
    r"context.{0,3}(length|window|size|limit)|reduce the length|maximum prompt length|token limit"
    r"|(prompt|input|message|request)\b.{0,40}\btoo (long|large)|too many (input |prompt )?tokens"
    r"|token count.{0,200}exceeds|exceeds the (maximum|limit).{0,200}tokens|entity too large",
    re.IGNORECASE | re.DOTALL,
)
"""Words by which clients recognise that a prompt exceeds the context length."""

RATE_LIMITED = (429, 503)
"""The statuses with which an endpoint asks the client to slow down."""

_RESULTS = ("choices", "output", "data", "id", "type")
"""Members of which every answer of the API has one."""
_TELLING = ("detail", "errors", "message", "msg", "error_message", "error_msg")
"""Members in which servers tell an error, instead of in `error`."""

_TOO_LARGE = re.compile(r"request too large", re.IGNORECASE)
_OUT_OF_TOKENS = re.compile(r"could not finish the message|output limit was reached", re.IGNORECASE)

_REFUSES = "the endpoint refuses "
_REFUSING = re.compile(_REFUSES + r"(?P<what>.+?)(?: \(the error names (?P<named>[^)]+)\))?")


def refusing(what: str, named: str = "") -> str:
    """Why a check does not apply: the endpoint refuses what it needs, and names a parameter."""
    return f"{_REFUSES}{what}{f' (the error names {named})' if named else ''}"


def what_is_refused(reason: str) -> tuple[str, str] | None:
    """What a reason made by `refusing` says: what is refused, and which parameter was named."""
    found = _REFUSING.fullmatch(reason)
    return (found["what"], found["named"] or "") if found else None


def is_a_refusal(exchange: Exchange) -> bool:
    """Whether a response says that the client must change its request: a 4xx other than 429."""
    return exchange.status is not None and 400 <= exchange.status < 500 and exchange.status != 429


def is_rate_limited(exchange: Exchange) -> bool:
    """Whether the endpoint asks the client to slow down: 429 or 503.

    False if it says that this single request exceeds its limit per minute: waiting does not help.
    """
    return exchange.status in RATE_LIMITED and not exchange.derived(_names_a_limit_per_minute)


def ran_out_of_tokens(exchange: Exchange) -> bool:
    """Whether a request was refused because thinking used up its token limit.

    OpenAI's reasoning models answer 400 in that case: "Could not finish the message because
    max_tokens or model output limit was reached. Please try again with higher max_tokens."
    """
    return is_a_refusal(exchange) and exchange.derived(_names_an_output_limit)


def names_an_overflow(error: Located) -> bool:
    """Whether the code or the message of an error object says that the prompt is too long."""
    message = error["message"]
    if error["code"].value == "context_length_exceeded":
        return True
    return message.is_string and _OVERFLOW.search(message.value) is not None


def error_in(answer: Located) -> Located | None:
    """The error that an object tells: its `error`, or another member such as `detail`.

    Another member counts only if the object answers nothing, or says that it is an error.
    """
    if answer.has("error"):
        return answer["error"]
    answers_something = any(answer.has(name) for name in (*_RESULTS, "object"))
    if not answers_something or answer["object"].value == "error":
        return next((answer[name] for name in _TELLING if answer.has(name)), None)
    return None


@dataclass(frozen=True)
class Refusal:
    """A response with a status of 400 or above."""

    exchange: Exchange

    @property
    def status(self) -> int:
        """The status."""
        return self.exchange.status or 0

    @property
    def body(self) -> Located:
        """The body as JSON; absent if it is not JSON."""
        found = self.exchange.json
        return Located(ABSENT, (), self.exchange) if found is None else found

    @property
    def error(self) -> Located:
        """The error object."""
        return self.body["error"]

    @property
    def message(self) -> Located:
        """The error message."""
        return self.error["message"]

    @cached_property
    def words(self) -> str:
        """Every string in the body, one per line, or the text of the body if it is not JSON.

        The model's name is removed: it may look like a path, and the client sent it.
        """
        text = self.exchange.text if self.body.absent else "\n".join(_strings(self.body))
        model = self.exchange.variables.get("model")
        return text.replace(model, "") if model else text

    @property
    def is_context_overflow(self) -> bool:
        """Whether a client can tell that the prompt exceeds the context length."""
        return self.status == 413 or names_an_overflow(self.error)

    def names(self, *words: str) -> bool:
        """Whether one of these words occurs anywhere in the response."""
        text = self.exchange.text
        return any(re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text) for word in words)


def _names_a_limit_per_minute(exchange: Exchange) -> bool:
    return _TOO_LARGE.search(exchange.text) is not None


def _names_an_output_limit(exchange: Exchange) -> bool:
    return _OUT_OF_TOKENS.search(exchange.text) is not None


def _strings(place: Located) -> Iterator[str]:
    if place.is_string:
        yield place.value
    for element in place:
        yield from _strings(element)
    for name, member in place.members():
        yield name
        yield from _strings(member)
