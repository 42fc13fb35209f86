"""Connections that are not accepted, not read, cut, reset, or kept when they should be closed."""

from __future__ import annotations

import json
import socket

from support.hostile.behaviour import EITHER, Family
from support.hostile.connection import FOR_EVER, SSE, Connection, completion, error, events

connections = Family("connections")

GOOD = json.dumps(completion()).encode()
CLOSED = r"closed the connection while|the connection broke while|no connection to"


@connections(CLOSED)
async def accept_and_close(c: Connection) -> None:
    """Closes each connection as soon as it is accepted."""


@connections(CLOSED)
async def accept_and_reset(c: Connection) -> None:
    """Resets each connection as soon as it is accepted."""
    c.reset()


@connections("nothing listens", later=EITHER)
async def stop_listening(c: Connection) -> None:
    """Closes the connection, and listens no more."""
    c.stop_listening()


@connections("did not answer", accept_after=FOR_EVER)
async def accept_nothing(c: Connection) -> None:
    """Listens, but accepts no connection; the system still completes some handshakes."""


@connections(accept_after=0.3)
async def accept_slowly(c: Connection) -> None:
    """Accepts a connection only every 0.3 s, and answers well."""
    await c.request()
    await c.answer(GOOD)


@connections("did not answer")
async def read_nothing(c: Connection) -> None:
    """Accepts connections, reads nothing and writes nothing."""
    c.read_nothing()
    await c.wait(30)


@connections("did not answer")
async def read_and_be_silent(c: Connection) -> None:
    """Reads requests, and never answers."""
    await c.wait()


@connections(CLOSED)
async def read_and_close(c: Connection) -> None:
    """Reads each request, and closes the connection."""
    await c.request()


@connections(CLOSED)
async def read_and_reset(c: Connection) -> None:
    """Reads each request, and resets the connection."""
    await c.request()
    c.reset()


@connections(CLOSED)
async def half_close(c: Connection) -> None:
    """Reads each request, closes its own direction, and keeps the other one open."""
    await c.request()
    c.writer.write_eof()
    await c.wait()


@connections(CLOSED)
async def close_while_the_request_comes(c: Connection) -> None:
    """Closes the connection after ten bytes of the request."""
    await c.reader.readexactly(10)


@connections(CLOSED)
async def reset_while_the_request_comes(c: Connection) -> None:
    """Resets the connection after ten bytes of the request."""
    await c.reader.readexactly(10)
    c.reset()


@connections(first_codes=frozenset({1, 4}))
async def answer_before_the_request(c: Connection) -> None:
    """Writes a whole answer before it has read anything."""
    await c.answer(GOOD)


@connections("", first_codes=frozenset({1, 4}))
async def answer_after_ten_bytes(c: Connection) -> None:
    """Writes a whole answer after ten bytes of the request, and closes."""
    await c.reader.readexactly(10)
    await c.answer(GOOD)


@connections("", first_codes=frozenset({1, 4}))
async def refuse_before_the_body(c: Connection) -> None:
    """Answers 413 after the head of the request, and closes without reading the body."""
    await c.reader.readuntil(b"\r\n\r\n")
    c.read_nothing()
    await c.answer(error("the request is too large"), "413 Content Too Large")


@connections("", first_codes=frozenset({1, 4}))
async def refuse_before_the_body_and_reset(c: Connection) -> None:
    """Answers 413 after the head of the request, and resets the connection."""
    await c.reader.readuntil(b"\r\n\r\n")
    await c.answer(error("the request is too large"), "413 Content Too Large")
    c.reset()


@connections()
async def read_by_the_byte(c: Connection) -> None:
    """Reads the request a byte at a time, with a small buffer, and then answers well."""
    c.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2_048)
    await c.request()
    await c.answer(GOOD)


@connections()
async def close_after_the_head(c: Connection) -> None:
    """Closes the connection after the head of the answer."""
    await c.request()
    await c.head("Content-Length: 100")


@connections()
async def reset_after_the_head(c: Connection) -> None:
    """Resets the connection after the head of the answer."""
    await c.request()
    await c.head("Content-Length: 100")
    c.reset()


@connections()
async def reset_within_the_body(c: Connection) -> None:
    """Resets the connection in the middle of the body."""
    await c.request()
    await c.head(f"Content-Length: {len(GOOD)}")
    await c.write(GOOD[:60], pause=0.05)
    c.reset()


@connections()
async def reset_after_the_answer(c: Connection) -> None:
    """Resets the connection after a complete answer."""
    await c.request()
    await c.answer(GOOD)
    c.reset()


@connections()
async def keep_open_after_the_answer(c: Connection) -> None:
    """Says `Connection: close`, answers completely, and keeps the connection open."""
    await c.request()
    await c.answer(GOOD)
    await c.wait()


@connections()
async def keep_open_without_a_length(c: Connection) -> None:
    """Says nothing about the length, answers, and keeps the connection open."""
    await c.request()
    await c.head()
    await c.write(GOOD)
    await c.wait()


@connections()
async def promise_to_keep_and_close(c: Connection) -> None:
    """Says `Connection: keep-alive`, and closes after the answer."""
    await c.request()
    await c.head("Connection: keep-alive", "Keep-Alive: timeout=60", f"Content-Length: {len(GOOD)}")
    await c.write(GOOD)


@connections()
async def answer_twice(c: Connection) -> None:
    """Sends a second answer right behind the first."""
    await c.request()
    await c.answer(GOOD)
    await c.answer(GOOD)


@connections()
async def send_rubbish_behind_the_answer(c: Connection) -> None:
    """Sends bytes that mean nothing behind the answer."""
    await c.request()
    await c.answer(GOOD)
    await c.write(bytes(range(256)) * 40)


@connections()
async def cut_streams(c: Connection) -> None:
    """Closes each stream after its first event."""
    await c.request()
    await c.head("Transfer-Encoding: chunked", media_type=SSE)
    first = events()[0]
    await c.write(b"%x\r\n%s\r\n" % (len(first), first))
