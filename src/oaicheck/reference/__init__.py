"""The embedded reference endpoint: an OpenAI-compatible server without defects.

It shares no code with the checks, so that the same mistake cannot hide in both. Its deliberate
faults prove that every check can fail. Its legal variations prove that no check raises false
alarms.
"""

from collections.abc import Mapping

from .deviation import Deviation
from .endpoint import ReferenceEndpoint
from .http.reply import Piece, Reply, Request
from .network import Network
from .server import running, serve
from .settings import Settings

__all__ = [
    "Deviation",
    "Network",
    "Piece",
    "ReferenceEndpoint",
    "Reply",
    "Request",
    "Settings",
    "catalogue",
    "running",
    "serve",
]


def catalogue() -> Mapping[str, Deviation]:
    """All faults and variations by name."""
    from .known_deviations import known

    return known()
