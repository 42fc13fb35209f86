"""What kind of endpoint the reference plays: its keys, models, limits and pace."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Settings:
    """Everything that can be chosen about the reference endpoint. The defaults are a gateway."""

    api_key: str | None = "oaicheck-reference-key"
    """The key to present; None means that no authentication is done."""
    scopeless_key: str = "oaicheck-reference-key-without-scope"
    """A valid key that may do nothing: answered 403."""
    expired_key: str = "oaicheck-reference-key-expired"
    """A key that was valid once: answered 401."""

    models: tuple[str, ...] = ("reference-1", "reference-reasoning-1")
    reasoning_models: tuple[str, ...] = ("reference-reasoning-1",)
    """Those of ``models`` that think before they answer."""

    context_window: int = 8192
    max_output_tokens: int = 4096
    over_limit: Literal["clamp", "refuse"] = "clamp"
    """What happens to a ``max_tokens`` above the limit."""
    clamp_header: str = "X-Xerotier-Max-Tokens-Clamped"
    lenient_parameters: bool = False
    """Whether unknown top-level parameters are ignored (True) or refused (False)."""

    base_path: str = "/v1"
    max_body_bytes: int = 16 * 1024 * 1024

    piece_delay: float = 0.0
    """Seconds between the events of a stream."""
    long_from_tokens: int = 100
    """A generation longer than this is delivered at the slower pace."""
    long_piece_delay: float = 0.005
    """Seconds between the events of a long stream, so that clients can see it grow."""
    longest_stream: float = 2.0
    """Seconds that a long stream takes at most: a very long one comes faster."""
