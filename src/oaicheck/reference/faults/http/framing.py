"""Faults of a reply's headers and of the end of its body."""

from dataclasses import replace

from ...deviation import REPLY, Situation, fault
from ...editing import is_stream
from ...http.reply import Reply

_CHUNKED = ("Transfer-Encoding", "chunked")
_HUGE = 20_000


@fault("http-length-twice", REPLY, "A non-streamed response has two Content-Length headers.")
def _length_twice(reply: Reply, _: Situation) -> Reply:
    length = reply.header("content-length")
    if length is None:
        return reply
    return replace(reply, headers=(*reply.headers, ("Content-Length", length)))


@fault(
    "http-length-and-chunked",
    REPLY,
    "A non-streamed response is chunked and also has a Content-Length.",
)
def _length_and_chunked(reply: Reply, _: Situation) -> Reply:
    if reply.header("content-length") is None:
        return reply
    return replace(reply, headers=(*reply.headers, _CHUNKED))


@fault(
    "http-chunked-twice",
    REPLY,
    "A stream has two Transfer-Encoding headers: a proxy adds its own to the upstream's.",
    "songquanpeng/one-api#528",
)
def _chunked_twice(reply: Reply, _: Situation) -> Reply:
    return (
        replace(reply, headers=(*reply.headers, _CHUNKED, _CHUNKED)) if is_stream(reply) else reply
    )


@fault(
    "http-headers-huge",
    REPLY,
    "Replies have 20 KB of headers.",
    "nodejs/node#25794",
)
def _huge_headers(reply: Reply, _: Situation) -> Reply:
    return reply.with_header("X-Trace", "a" * _HUGE)


@fault("http-last-chunk-twice", REPLY, "A stream sends its last chunk twice.")
def _last_chunk_twice(reply: Reply, _: Situation) -> Reply:
    return replace(reply, surplus=b"0\r\n\r\n") if is_stream(reply) else reply


@fault("http-line-after-last-chunk", REPLY, "An empty line follows the last chunk of a stream.")
def _line_after(reply: Reply, _: Situation) -> Reply:
    return replace(reply, surplus=b"\r\n") if is_stream(reply) else reply
