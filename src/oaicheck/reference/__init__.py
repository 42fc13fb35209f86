"""The embedded reference endpoint: what an OpenAI-compatible server does when it does it right.

It shares no code with the checks, so that a mistake made once cannot hide on both sides. Its
deliberate faults prove that every check can fail; its legal variations prove that none cries wolf.
"""

from . import faults, variations
from .deviation import Deviation
from .deviation import known as catalogue
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
    "faults",
    "running",
    "serve",
    "variations",
]
