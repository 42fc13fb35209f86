"""One view of a chat answer, streamed or not, for rules that are the same for both.

It combines the views of `oaicheck.views.chat` and repairs nothing: a streamed entry without an
integer index belongs to no choice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from oaicheck.views.chat import ChatStream, Completion, requested
from oaicheck.views.reasoning import reasoning_members
from oaicheck.wire.exchange import Exchange, Located


@dataclass(frozen=True)
class AnsweredChoice:
    """One choice of an answer.

    `entries` are the elements of `choices` that it consists of: one in a completion, one per chunk
    in a stream.
    """

    entries: tuple[Located, ...]
    part: str
    """The member of an entry that has the text: `message` or `delta`."""

    @property
    def index(self) -> Located:
        """The index of the choice."""
        return self.entries[0]["index"]

    @cached_property
    def parts(self) -> list[Located]:
        """The message, or the deltas."""
        return [entry[self.part] for entry in self.entries]

    @property
    def contents(self) -> list[Located]:
        """The pieces of content that are non-empty strings."""
        return [part["content"] for part in self.parts if part.has_text("content")]

    @property
    def content(self) -> str:
        """The content, joined."""
        return "".join(content.value for content in self.contents)

    @property
    def speaking(self) -> Located:
        """The first entry with content, otherwise the first entry."""
        brings = (entry for entry in self.entries if entry[self.part]["content"].is_text)
        return next(brings, self.entries[0])

    @property
    def start(self) -> Located:
        """Where the content begins: its first piece, or the place where it should be."""
        return self.speaking[self.part]["content"]

    def piece_at(self, place: int) -> Located:
        """The piece of content that contains the character with that offset."""
        for piece in self.contents:
            place -= len(piece.value)
            if place < 0:
                return piece
        return self.end

    @property
    def end(self) -> Located:
        """Where the content ends: its last piece, or the place where it should be."""
        return (self.contents or [self.entries[-1][self.part]["content"]])[-1]

    @property
    def reason(self) -> Located:
        """The finish reason that counts: the last one that is not null, otherwise the last one."""
        ends = [entry for entry in self.entries if entry.has("finish_reason")]
        return (ends or self.entries)[-1]["finish_reason"]

    @property
    def refused(self) -> bool:
        """Whether the model refused to answer (`refusal`)."""
        return any(part.has_text("refusal") for part in self.parts)

    @property
    def thoughts(self) -> list[Located]:
        """The pieces of reasoning under any of its names, of any JSON type."""
        return reasoning_members(self.parts)

    @property
    def tool_calls(self) -> list[Located]:
        """The elements of `tool_calls`: complete calls, or the deltas of streamed ones."""
        return [
            call for part in self.parts if part.has("tool_calls") for call in part["tool_calls"]
        ]

    @property
    def logprobs(self) -> list[Located]:
        """Every `logprobs` that is not null."""
        return [entry["logprobs"] for entry in self.entries if entry.has("logprobs")]

    @property
    def token_logprobs(self) -> list[Located]:
        """The elements of `logprobs.content`, in order."""
        return [token for logprobs in self.logprobs for token in logprobs["content"]]


@dataclass(frozen=True)
class Answered:
    """A chat answer, streamed or not."""

    answer: ChatStream | Completion

    @property
    def exchange(self) -> Exchange:
        """The exchange that it belongs to."""
        return self.answer.exchange

    @property
    def objects(self) -> list[Located]:
        """The completion, or every chunk."""
        return [self.answer.root] if isinstance(self.answer, Completion) else self.answer.chunks

    @property
    def completion_tokens(self) -> int | None:
        """How many tokens the model wrote according to usage."""
        return self.answer.completion_tokens

    @property
    def words(self) -> int:
        """The number of words in the content of all choices."""
        return self.answer.words

    @property
    def usage(self) -> Located:
        """The usage that counts: in a stream, the last one that is not null."""
        return self.answer.usage

    def requested(self, parameter: str, default: Any = None) -> Any:
        """A parameter of the request, or the default if the request does not have it."""
        return requested(self.exchange, parameter, default)

    @cached_property
    def choices(self) -> list[AnsweredChoice]:
        """The choices, in the order in which they arrived."""
        if isinstance(self.answer, Completion):
            return [AnsweredChoice((choice,), "message") for choice in self.answer.choices]
        return [AnsweredChoice(choice.entries, "delta") for choice in self.answer.choices]

    @property
    def called(self) -> list[Located]:
        """The elements of `tool_calls` of all choices: calls, or the deltas of streamed ones."""
        return [call for choice in self.choices for call in choice.tool_calls]

    @property
    def beginnings(self) -> list[list[Located]]:
        """Where the tool calls of each choice begin: the call itself, or its first delta.

        Streamed calls whose deltas have no integer index are left out.
        """
        if isinstance(self.answer, Completion):
            return [list(message["tool_calls"]) for message in self.answer.messages]
        return [
            [delta for call in choice.tool_calls for delta in call.beginnings]
            for choice in self.answer.choices
        ]

    def token_logprobs(self) -> Iterator[Located]:
        """The elements of `logprobs.content` of all choices."""
        for choice in self.choices:
            yield from choice.token_logprobs

    @property
    def cut(self) -> bool:
        """Whether a choice may have reached the request's token limit, according to usage."""
        limit = self.answer.token_limit
        written = self.completion_tokens
        return limit is not None and (written is None or written >= limit)
