"""What the model said, before it becomes JSON objects: the same for stream and whole answer."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ToolCall:
    """One call; its arguments are kept in the fragments in which they are streamed."""

    id: str
    name: str
    fragments: tuple[str, ...]

    @property
    def arguments(self) -> str:
        """The arguments as one string."""
        return "".join(self.fragments)


@dataclass(frozen=True)
class Choice:
    """One of the ``n`` answers."""

    index: int
    reasoning: tuple[str, ...]
    content: tuple[str, ...]
    calls: tuple[ToolCall, ...]
    finish_reason: str

    @property
    def text(self) -> str | None:
        """The content as one string; None when there are tool calls only."""
        return None if self.calls and not self.content else "".join(self.content)

    @property
    def tokens(self) -> int:
        """How many tokens were generated: thoughts, text, and calls with a token per name."""
        called = sum(1 + len(call.fragments) for call in self.calls)
        return len(self.reasoning) + len(self.content) + called


@dataclass(frozen=True)
class Answer:
    """All choices of one completion, and what they cost."""

    choices: tuple[Choice, ...]
    prompt_tokens: int
    completion_tokens: int
    reasoning_tokens: int
