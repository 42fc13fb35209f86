"""The model's answer before it becomes JSON objects, the same with and without streaming."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ToolCall:
    """One tool call, with its arguments in the fragments in which to stream them."""

    id: str
    name: str
    fragments: tuple[str, ...]

    @property
    def arguments(self) -> str:
        """The arguments as one string."""
        return "".join(self.fragments)


@dataclass(frozen=True)
class Choice:
    """One of the ``n`` choices."""

    index: int
    reasoning: tuple[str, ...]
    content: tuple[str, ...]
    calls: tuple[ToolCall, ...]
    finish_reason: str

    @property
    def text(self) -> str | None:
        """The content as one string; None if there are only tool calls."""
        return None if self.calls and not self.content else "".join(self.content)

    @property
    def tokens(self) -> int:
        """The number of generated tokens: reasoning, text, and calls with one token per name."""
        called = sum(1 + len(call.fragments) for call in self.calls)
        return len(self.reasoning) + len(self.content) + called


@dataclass(frozen=True)
class Answer:
    """All choices of one completion, and their token counts."""

    choices: tuple[Choice, ...]
    prompt_tokens: int
    completion_tokens: int
    reasoning_tokens: int
