"""Views of tool calls: their arguments, whole or streamed, and the text beside them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jsonschema import Draft202012Validator

from oaicheck.rules.judging import Inconclusive, NotApplicable, require
from oaicheck.views.chat import ChatStream, Completion, offered_tools
from oaicheck.views.responses import ResponseObject
from oaicheck.views.schema_errors import described, in_one_line
from oaicheck.wire.exchange import Ending, Located
from oaicheck.wire.json_text import Parsed, parse_json

_MARKUP = re.compile(
    r"<\|?/?tool_calls?\b[^>]*>|<\w+:tool_call>|<function(?:_call)?[=>]|<invoke\b|<parameter="
    r"|\[TOOL_CALLS\]|<\|python_tag\|>|<\|tool_calls?_(?:section_)?begin\|>"
    r"|<[｜|]tool▁calls?▁begin[｜|]>|<\|channel\|>|functools\["
)
"""How models write a call down before a server has made it one."""


@dataclass(frozen=True)
class Arguments:
    """The arguments of one tool call that are text, be it empty.

    `place` is the last place where they stand; `cut` tells that they may not have come to their
    end, because of the token limit or because the stream is damaged.
    """

    function: str
    text: str
    place: Located
    schema: Mapping[str, Any] | None
    cut: bool

    @property
    def json(self) -> Parsed | None:
        """Their JSON value, or None where they are not JSON."""
        return parse_json(self.text)

    @property
    def object(self) -> dict[str, Any] | None:
        """Their JSON value where it is an object."""
        parsed = self.json
        return parsed.value if parsed is not None and isinstance(parsed.value, dict) else None

    @property
    def mismatch(self) -> str | None:
        """What is wrong with the object in the eyes of the schema that was offered, or None."""
        if self.object is None or self.schema is None:
            return None
        errors = described(Draft202012Validator(self.schema).iter_errors(self.object))
        return in_one_line(errors) if errors else None

    @property
    def closed_early(self) -> bool:
        """Whether they are an object in which a string that the schema fixes lacks its end.

        It may be lacking whole. A model that heeds the schema writes no such thing: what was cut
        off has been made to look complete.
        """
        if self.object is None:
            return False
        for name, only in fixed_strings(self.schema):
            written = self.object.get(name, "")
            if isinstance(written, str) and written != only and only.startswith(written):
                return True
        return False


def arguments_in(answer: Completion | ChatStream) -> list[Arguments]:
    """The arguments of all calls of an answer that are text.

    Not those of streamed calls that share an index, which cannot be told apart.
    """
    return list(_streamed(answer) if isinstance(answer, ChatStream) else _whole(answer))


def must_be_forced(answer: Completion | ChatStream | ResponseObject) -> None:
    """Raises NotApplicable where a call was asked for without force, which the endpoint refuses."""
    if answer.requested("tool_choice") == "auto":
        raise NotApplicable("the endpoint refuses to force a call, and was asked without force")


def texts_in(answer: Completion | ChatStream) -> list[tuple[str, Located]]:
    """The content of each choice that has some, and a place where it stands."""
    if isinstance(answer, ChatStream):
        return [(choice.content, choice.contents[0]) for choice in answer.choices if choice.content]
    contents = [message["content"] for message in answer.messages]
    return [(content.value, content) for content in contents if content.is_text]


def fixed_strings(schema: object) -> Iterator[tuple[str, str]]:
    """The properties of a schema that allow one string only, and that string."""
    properties = schema.get("properties", {}) if isinstance(schema, Mapping) else {}
    for name, member in properties.items():
        match member.get("enum"):
            case [str(only)]:
                yield name, only


def call_markup(text: str) -> str | None:
    """The first piece of a model's own call syntax in a text."""
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
    """Require that a response has a function call, which was forced.

    Raises Inconclusive where a limit cut it, NotApplicable where the call was not forced.
    """
    must_be_forced(response)
    if response.function_calls:
        return
    if response.status.value == "incomplete" or response.reached_limit:
        raise Inconclusive("the token limit cut the response")
    require(
        False,
        response.root["output"],
        expected="a function_call item",
        observed="a response without one",
    )
