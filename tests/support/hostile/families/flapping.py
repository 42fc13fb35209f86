"""Endpoints that are well at times."""

from __future__ import annotations

import asyncio
import random

from support.hostile.behaviour import EITHER, Family, Play
from support.hostile.connection import SSE, Connection, be_honest, error, events

flapping = Family("flapping")


def every(number: int, play: Play) -> Play:
    """Behave so to each connection whose number can be divided by this one; be honest otherwise."""
    return lambda c: (be_honest if c.number % number else play)(c)


async def fail(c: Connection) -> None:
    await c.request()
    await c.answer(error("Oops", "server_error"), "500 Internal Server Error")


async def reset(c: Connection) -> None:
    await c.request()
    c.reset()


async def be_silent(c: Connection) -> None:
    await c.wait()


async def break_off(c: Connection) -> None:
    await c.request()
    await c.head("Transfer-Encoding: chunked", media_type=SSE)
    first = events()[0]
    await c.write(b"%x\r\n%s\r\n" % (len(first), first))


async def limit(c: Connection) -> None:
    await c.request()
    await c.answer(error("Slow down"), "429 Too Many Requests", "Retry-After: 1")


async def mix(c: Connection) -> None:
    """Something else each time, the same in every run."""
    chosen = random.Random(c.number).choice([be_honest, fail, reset, break_off, limit])
    await chosen(c)


flapping.each(
    {
        "fails": ("Fails every second request.", every(2, fail)),
        "resets": ("Resets every second connection.", every(2, reset)),
        "hangs": ("Hangs at every second request.", every(2, be_silent)),
        "breaks_off": ("Breaks off every second answer.", every(2, break_off)),
        "limits": ("Limits the rate at every second request.", every(2, limit)),
        "hangs_at_times": ("Hangs at every fifth request.", every(5, be_silent)),
        "mixes": ("Does something else each time.", mix),
    },
    later=EITHER,
)


@flapping("", first_codes=EITHER)
async def recovers(c: Connection) -> None:
    """Fails the first three requests, and is well from then on."""
    await (fail if c.number <= 3 else be_honest)(c)


@flapping(later=EITHER)
async def dies(c: Connection) -> None:
    """Is well for eight requests, and then listens no more."""
    if c.number > 8:
        c.stop_listening()
    else:
        await be_honest(c)


@flapping(later=EITHER)
async def restarts(c: Connection) -> None:
    """Resets connections 4 to 7, as if it restarted."""
    if 4 <= c.number <= 7:
        c.reset()
        await asyncio.sleep(0.1)
    else:
        await be_honest(c)
