"""The last step of a reply: compression if requested, and no body for HEAD."""

import gzip
import re
from dataclasses import replace

from .reply import Piece, Reply, Request

_WORTH_IT = 256


def encoded(reply: Reply, request: Request) -> Reply:
    """The reply to send. Streams, and replies that a fault has broken, are not changed."""
    if _may_compress(reply, request):
        packed = gzip.compress(reply.body, mtime=0)
        reply = replace(reply, pieces=(Piece(packed, reply.pieces[0].delay),))
        reply = reply.with_header("Content-Length", str(len(packed)))
        reply = reply.with_header("Content-Encoding", "gzip").with_header("Vary", "Accept-Encoding")
    return replace(reply, pieces=()) if request.method == "HEAD" else reply


def _may_compress(reply: Reply, request: Request) -> bool:
    wanted = re.search(
        r"(?:^|,)\s*gzip\s*(?:;\s*q=(?!0(?:\.0*)?\s*(?:,|$))[\d.]+\s*)?(?:,|$)",
        request.header("accept-encoding") or "",
    )
    return (
        wanted is not None
        and len(reply.pieces) == 1
        and reply.ending == "complete"
        and len(reply.body) >= _WORTH_IT
        and reply.header("content-encoding") is None
        and reply.header("content-length") == str(len(reply.body))
    )
