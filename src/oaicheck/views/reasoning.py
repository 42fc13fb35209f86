"""Views of reasoning: what a model thought before it answered, where an endpoint shows it.

There is no documented member for it. Endpoints send `reasoning_content`, after DeepSeek, or
`reasoning`, after OpenRouter and newer vLLM, and clients read either.
"""

from __future__ import annotations

from dataclasses import dataclass

from oaicheck.views.chat import ChatStream, ChoiceStream, Completion
from oaicheck.wire.exchange import Located

REASONING_NAMES = ("reasoning_content", "reasoning")
THINKING_TAGS = ("<think>", "</think>", "<thinking>", "</thinking>")


@dataclass(frozen=True)
class Thoughts:
    """The reasoning of one choice, and the content that it came with.

    `named` and `contents` are pieces in the order in which they came: those of each delta, or the
    one of a message. A piece of reasoning stands there with its name. All are strings, none empty.
    """

    named: tuple[tuple[str, Located], ...]
    contents: tuple[Located, ...]

    def called(self, name: str) -> str:
        """The reasoning under one name, joined."""
        return "".join(piece.value for used, piece in self.named if used == name)

    @property
    def names(self) -> list[str]:
        """The names under which there is reasoning."""
        return [name for name in REASONING_NAMES if self.called(name)]

    @property
    def pieces(self) -> list[Located]:
        """The pieces under the first of the names that there is, so that nothing comes twice."""
        return [piece for used, piece in self.named if used in self.names[:1]]

    @property
    def text(self) -> str:
        """The reasoning, joined; each piece once where it comes under both names."""
        return max((self.called(name) for name in REASONING_NAMES), key=len)

    @property
    def content(self) -> str:
        """The content, joined."""
        return "".join(piece.value for piece in self.contents)


def reasoning_members(carriers: list[Located]) -> list[Located]:
    """The reasoning of messages or deltas under both names, of whatever kind it is, if given."""
    return [
        carrier[name] for carrier in carriers for name in REASONING_NAMES if carrier[name].given
    ]


def streamed_thoughts(stream: ChatStream) -> list[Thoughts]:
    """The reasoning of every choice of a stream."""
    return [_thoughts(choice.deltas) for choice in stream.choices]


def thoughts(completion: Completion) -> list[Thoughts]:
    """The reasoning of every choice of a completion."""
    return [_thoughts([message]) for message in completion.messages]


def reasoning_tokens(usage: Located) -> Located:
    """How many tokens were reasoning, where a usage tells."""
    return usage["completion_tokens_details"]["reasoning_tokens"]


def last_delta(choice: ChoiceStream) -> Located | None:
    """The delta beside the finish reason of a choice, or None where there is no finish reason."""
    return next((entry["delta"] for entry in choice.entries if entry["finish_reason"].given), None)


def _thoughts(carriers: list[Located]) -> Thoughts:
    return Thoughts(
        named=tuple(
            (name, carrier[name])
            for carrier in carriers
            for name in REASONING_NAMES
            if carrier[name].is_text
        ),
        contents=tuple(carrier["content"] for carrier in carriers if carrier["content"].is_text),
    )
