"""The legal variations of the reference endpoint, which must trip no check.

Importing the package registers them.
"""

from . import chunks, service, stream

__all__ = ["chunks", "service", "stream"]
