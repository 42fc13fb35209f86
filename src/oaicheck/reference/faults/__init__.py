"""The deliberate defects of the reference endpoint, a folder per surface and a module per area.

Importing the package registers them. Those with a source were met in the field.
"""

from . import chat, http, responses

__all__ = ["chat", "http", "responses"]
