"""The legal variations of the reference endpoint, which must not break any check.

Importing the package registers them.
"""

from . import beside, chunks, open_responses, responses, service, stored, stream

__all__ = ["beside", "chunks", "open_responses", "responses", "service", "stored", "stream"]
