"""Answers that are slow, or that come in pieces just before a limit."""

from __future__ import annotations

import asyncio
import json

from support.hostile.behaviour import EITHER, Family
from support.hostile.connection import DONE, Connection, completion, events, reply, stream

timing = Family("timing")

GOOD = json.dumps(completion()).encode()


@timing()
async def late_head(c: Connection) -> None:
    """Answers well, after a second."""
    asked = await c.request()
    await asyncio.sleep(1)
    await reply(c, asked)


@timing("did not answer", first_codes=EITHER)
async def too_late_head(c: Connection) -> None:
    """Answers well, half a second after the limit for the first byte."""
    asked = await c.request()
    await c.wait(2.5)
    await reply(c, asked)


@timing(later=EITHER)
async def later_and_later(c: Connection) -> None:
    """Answers each request a little later than the one before."""
    asked = await c.request()
    await c.wait(min(0.2 * c.number, 30))
    await reply(c, asked)


@timing()
async def pieces_before_the_limit(c: Connection) -> None:
    """Sends a piece of the body every 1.5 s, shortly before the limit."""
    await c.request()
    await c.head(f"Content-Length: {len(GOOD)}")
    size = len(GOOD) // 3 + 1
    await c.write(*(GOOD[at : at + size] for at in range(0, len(GOOD), size)), pause=1.5)


@timing()
async def slow_events(c: Connection) -> None:
    """Sends a good stream with a second between two events."""
    await stream(c, *events(), DONE, pause=0.9)


@timing()
async def slow_end(c: Connection) -> None:
    """Sends a good stream, and waits a second with the sentinel."""
    await stream(c, *events())
    await asyncio.sleep(1)
    await c.write(DONE)


@timing()
async def all_at_once_after_a_pause(c: Connection) -> None:
    """Sends the head, pauses, and sends the whole stream in one piece."""
    await stream(c)
    await asyncio.sleep(1.2)
    await c.write(b"".join([*events(), DONE]))


@timing("")
async def slow_head(c: Connection) -> None:
    """Sends the head a byte at a time, for longer than the limit of a request."""
    await c.request()
    for byte in b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n" + b"X: y\r\n" * 100:
        await c.write(bytes([byte]), pause=0.1)
