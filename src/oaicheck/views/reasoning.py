"""Views of reasoning: the model's thoughts before its answer, if the endpoint shows them.

OpenAI documents no member for them. Endpoints send `reasoning_content`, like DeepSeek, or
`reasoning`, like OpenRouter and newer vLLM, and clients read both.
"""

from __future__ import annotations

from dataclasses import dataclass

from oaicheck.views.chat import ChatStream, ChoiceStream, Completion
from oaicheck.wire.exchange import Exchange, Located

REASONING_NAMES = ("reasoning_content", "reasoning")
THINKING_TAGS = ("<think>", "</think>", "<thinking>", "</thinking>")


@dataclass(frozen=True)
class Thoughts:
    """The reasoning of one choice, and the content beside it.

    `named` and `contents` are the pieces in order: those of the deltas, or the one of a message.
    `named` pairs each piece of reasoning with its name. All pieces are non-empty strings.
    """

    named: tuple[tuple[str, Located], ...]
    contents: tuple[Located, ...]

    def called(self, name: str) -> str:
        """The reasoning with one name, joined."""
        return "".join(piece.value for used, piece in self.named if used == name)

    @property
    def names(self) -> list[str]:
        """The names that have reasoning."""
        return [name for name in REASONING_NAMES if self.called(name)]

    @property
    def pieces(self) -> list[Located]:
        """The pieces with the first name that has any, so that no text is counted twice."""
        return [piece for used, piece in self.named if used in self.names[:1]]

    @property
    def text(self) -> str:
        """The reasoning, joined. If both names have reasoning, the longer text counts."""
        return max((self.called(name) for name in REASONING_NAMES), key=len)

    @property
    def content(self) -> str:
        """The content, joined."""
        return "".join(piece.value for piece in self.contents)


def reasoning_members(carriers: list[Located]) -> list[Located]:
    """The reasoning in messages or deltas under both names, of any JSON type, if given."""
    return [carrier[name] for carrier in carriers for name in REASONING_NAMES if carrier.has(name)]


def streamed_thoughts(stream: ChatStream) -> list[Thoughts]:
    """The reasoning of every choice of a stream."""
    return stream.exchange.derived(_streamed_thoughts)


def thoughts(completion: Completion) -> list[Thoughts]:
    """The reasoning of every choice of a completion."""
    return [_thoughts([message]) for message in completion.messages]


def reasoning_tokens(usage: Located) -> Located:
    """The number of reasoning tokens in a usage; may be absent."""
    return usage["completion_tokens_details"]["reasoning_tokens"]


def last_delta(choice: ChoiceStream) -> Located | None:
    """The delta beside the finish reason of a choice, or None if there is no finish reason."""
    return next((entry["delta"] for entry in choice.entries if entry["finish_reason"].given), None)


def _streamed_thoughts(exchange: Exchange) -> list[Thoughts]:
    return [_thoughts(choice.deltas) for choice in exchange.derived(ChatStream).choices]


def _thoughts(carriers: list[Located]) -> Thoughts:
    return Thoughts(
        named=tuple(
            (name, carrier[name])
            for carrier in carriers
            for name in REASONING_NAMES
            if carrier.has_text(name)
        ),
        contents=tuple(carrier["content"] for carrier in carriers if carrier.has_text("content")),
    )
