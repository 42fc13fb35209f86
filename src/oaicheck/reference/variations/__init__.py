"""The legal variations of the reference endpoint, which must trip no check.

Importing the package registers them.
"""

from . import chunks, responses, service, stream

__all__ = ["chunks", "responses", "service", "stream"]
