"""A validated chat request with all defaults filled in."""

from dataclasses import dataclass
from typing import Any, Literal

Choosing = Literal["none", "auto", "required", "named"]


@dataclass(frozen=True)
class Ask:
    """A chat completion request after validation."""

    model: str
    messages: tuple[dict[str, Any], ...]
    stream: bool = False
    include_usage: bool = False
    n: int = 1
    limit: int | None = None
    """The token limit of one choice; None means the model's own limit."""
    stop: tuple[str, ...] = ()
    tools: tuple[dict[str, Any], ...] = ()
    choosing: Choosing = "none"
    named: str | None = None
    """The function that ``tool_choice`` names, if ``choosing`` is ``named``."""
    parallel: bool = True
    schema: dict[str, Any] | None = None
    """The JSON Schema of ``response_format``; ``{}`` is any JSON object."""
    logprobs: bool = False
    top_logprobs: int = 0
    thinks: bool = False
    """Whether the model reasons before it answers."""
