"""Views of tool calls: their arguments, streamed or not, and the text beside them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jsonschema import Draft202012Validator

from oaicheck.rules.judging import Inconclusive, NotApplicable, require
from oaicheck.views.chat import ChatStream, Completion, offered_tools
from oaicheck.views.refusal import refusing
from oaicheck.views.responses import ResponseObject
from oaicheck.views.schema_errors import described, in_one_line
from oaicheck.views.texts.words import word_count
from oaicheck.wire.exchange import Ending, Located
from oaicheck.wire.json_text import Parsed, parse_json, shown

_MARKUP = re.compile(
    r"<\|?/?tool_calls?\b[^>]{0,200}>|<\w+:tool_call>|<function(?:_call)?[=>]|<invoke\b|<parameter="
    r"|\[TOOL_CALLS\]|<\|python_tag\|>|<\|tool_calls?_(?:section_)?begin\|>"
    r"|<[｜|]tool▁calls?▁begin[｜|]>|<\|channel\|>|functools\["
)
"""The syntax in which models write a tool call, before the server parses it."""
_PREAMBLE = 40
"""Words that a model may say before a call that is forced; far fewer are usual."""
_LIKE_A_CALL = ("{", "[", "```")


@dataclass(frozen=True)
class Arguments:
    """The arguments of one tool call as text, possibly empty.

    `place` is their last place in the response. `cut` says that they may be incomplete, because of
    the token limit or because the stream is damaged.
    """

    function: str
    text: str
    place: Located
    schema: Mapping[str, Any] | None
    cut: bool

    @property
    def json(self) -> Parsed | None:
        """Their JSON value, or None if they are not JSON."""
        return parse_json(self.text)

    @property
    def object(self) -> dict[str, Any] | None:
        """Their JSON value if it is an object, otherwise None."""
        parsed = self.json
        return parsed.value if parsed is not None and isinstance(parsed.value, dict) else None

    @property
    def encoded_twice(self) -> bool:
        """Whether they are a JSON string that itself contains a JSON object."""
        outer = self.json
        inner = parse_json(outer.value) if outer and isinstance(outer.value, str) else None
        return inner is not None and isinstance(inner.value, dict)

    @property
    def mismatch(self) -> str | None:
        """How their JSON value breaks the function's schema, or None if it does not.

        Only an object fits, whatever the schema allows. None if they are not JSON.
        """
        if self.json is None or self.schema is None:
            return None
        if self.object is None:
            held = "the endpoint does not hold the model to the parameters"
            return f"{shown(self.json.value)}, which is no object: {held}"
        errors = described(Draft202012Validator(self.schema).iter_errors(self.object))
        return in_one_line(errors) if errors else None

    @property
    def closed_early(self) -> bool:
        """Whether they are an object in which a string with a fixed value is incomplete or absent.

        A model that follows the schema does not write that: the server has closed arguments that
        were cut off.
        """
        if self.object is None:
            return False
        for name, only in fixed_strings(self.schema):
            written = self.object.get(name, "")
            if isinstance(written, str) and written != only and only.startswith(written):
                return True
        return False


def arguments_in(answer: Completion | ChatStream) -> list[Arguments]:
    """The arguments of all calls in an answer, if they are text.

    Streamed calls that share an index are left out, because they cannot be told apart.
    """
    return list(_streamed(answer) if isinstance(answer, ChatStream) else _whole(answer))


def must_be_forced(answer: Completion | ChatStream | ResponseObject) -> None:
    """Raise NotApplicable if the request did not force a call because the endpoint refuses that."""
    if answer.requested("tool_choice") == "auto":
        raise NotApplicable(refusing("forced tool calls", "tool_choice"))


def texts_in(answer: Completion | ChatStream) -> list[tuple[str, Located]]:
    """The content of each choice that has any, and its place."""
    if isinstance(answer, ChatStream):
        return [(choice.content, choice.contents[0]) for choice in answer.choices if choice.content]
    contents = [message["content"] for message in answer.messages]
    return [(content.value, content) for content in contents if content.is_text]


def fixed_strings(schema: object) -> Iterator[tuple[str, str]]:
    """The properties of a schema that allow only one string, and that string."""
    properties = schema.get("properties", {}) if isinstance(schema, Mapping) else {}
    for name, member in properties.items():
        match member.get("enum"):
            case [str(only)]:
                yield name, only


def is_free_text(text: str) -> bool:
    """Whether a text is so long, and so little like a call, that nothing forced the model to call.

    Such an answer ignored the force, even if the token limit cut it off.
    """
    begins_a_call = text.lstrip().startswith(_LIKE_A_CALL) or call_markup(text) is not None
    return not begins_a_call and word_count(text) >= _PREAMBLE


def call_markup(text: str) -> str | None:
    """The first piece of a model's native tool call syntax in a text, or None."""
    found = _MARKUP.search(text)
    return found[0] if found else None


def _whole(completion: Completion) -> Iterator[Arguments]:
    for choice in completion.choices:
        for call in choice["message"]["tool_calls"]:
            place = call["function"]["arguments"]
            if place.is_string:
                name, cut = call["function"]["name"], choice["finish_reason"].value == "length"
                yield _arguments(completion, name, place.value, place, cut)


def _streamed(stream: ChatStream) -> Iterator[Arguments]:
    whole = stream.exchange.ending is Ending.COMPLETE
    damaged = not whole or bool(stream.errors) or bool(stream.malformed)
    for choice in stream.choices:
        cut = damaged or any(reason.value == "length" for reason in choice.finishes)
        for call in choice.tool_calls:
            if call.others or not all(fragment.is_string for fragment in call.fragments):
                continue
            name = call.deltas[0]["function"]["name"]
            place = call.deltas[-1]["function"]["arguments"]
            yield _arguments(stream, name, call.arguments, place, cut)


def _arguments(
    answer: Completion | ChatStream, name: Located, text: str, place: Located, cut: bool
) -> Arguments:
    function = name.value if name.is_string else ""
    schema = offered_tools(answer.exchange).get(function, {}).get("parameters")
    return Arguments(function, text, place, schema, cut)


def require_a_call(response: ResponseObject) -> None:
    """Require that a response has the function call that was forced.

    Raises Inconclusive if the token limit cut the response off before a call could begin,
    NotApplicable if the request did not force a call.
    """
    must_be_forced(response)
    if response.function_calls:
        return
    cut = response.status.value == "incomplete" or response.reached_limit
    if cut and not is_free_text(response.text):
        raise Inconclusive("the token limit cut off the response")
    require(
        False,
        response.root["output"],
        expected="a function_call item",
        observed="a response without one",
    )
