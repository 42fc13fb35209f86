"""The settings of the reference endpoint: keys, models, limits and pace."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Settings:
    """The settings of the reference endpoint. The defaults describe a gateway."""

    api_key: str | None = "oaicheck-reference-key"
    """The valid key; None turns authentication off."""
    scopeless_key: str = "oaicheck-reference-key-without-scope"
    """A valid key without permissions, which gets a 403."""
    expired_key: str = "oaicheck-reference-key-expired"
    """An expired key, which gets a 401."""

    models: tuple[str, ...] = ("reference-1", "reference-reasoning-1")
    reasoning_models: tuple[str, ...] = ("reference-reasoning-1",)
    """The models among ``models`` that reason before they answer."""

    context_window: int = 8192
    told_context_window: int | None = None
    """The context length in the list of models; None if it tells none."""
    max_output_tokens: int = 4096
    over_limit: Literal["clamp", "refuse"] = "clamp"
    """What happens to a ``max_tokens`` above the limit."""
    clamp_header: str = "X-Xerotier-Max-Tokens-Clamped"
    lenient_parameters: bool = False
    """Whether unknown top-level parameters are ignored instead of refused."""

    base_path: str = "/v1"
    max_body_bytes: int = 16 * 1024 * 1024

    piece_delay: float = 0.0
    """Seconds between the events of a stream."""
    long_from_tokens: int = 100
    """Generations with more tokens than this are sent at the slower pace."""
    long_piece_delay: float = 0.005
    """Seconds between the events of a long stream, so that clients can watch it grow."""
    longest_stream: float = 2.0
    """The longest time in seconds that a stream may take. Very long streams are sent faster."""
