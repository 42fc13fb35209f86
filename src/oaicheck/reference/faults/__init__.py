"""The deliberate defects of the reference endpoint, one folder per API and one module per area.

Importing the package registers them. Those with a source were found in real servers.
"""

from . import chat, http, responses

__all__ = ["chat", "http", "responses"]
