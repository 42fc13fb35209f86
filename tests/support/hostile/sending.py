"""Sends requests to behaviours in this process, many at once, and says what went wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from oaicheck.contact.unusable import EndpointUnusable
from oaicheck.contact.warm_up import warm_up
from oaicheck.engine.run import send_all
from oaicheck.target.target import Limits, Target
from oaicheck.wire.exchange import Exchange
from oaicheck.wire.recording import Recording, RecordingWriter
from support.hostile.behaviour import Behaviour
from support.hostile.connection import KEY
from support.hostile.served import served
from support.inprocess import scenarios

LIMITS = Limits(
    connect=2,
    first_byte=1,
    gap=1,
    linger=0.5,
    total=3,
    bytes=300_000,
    retries=1,
    retry_after_cap=0.05,
)
PATIENT = replace(LIMITS, connect=20, first_byte=10, gap=10, total=30)
"""For a server that hardly gets a turn, on a machine that is busy with other things."""
SENT = ("chat/stream/text", "chat/whole/text")
_AT_ONCE = 12
LATE = 20.0
"""Seconds by which a busy machine may end an exchange late."""


@dataclass(frozen=True, slots=True)
class Met:
    """What came of a behaviour: the exchanges, the file with them, and what is said at once.

    `refusal` is the message if it meets already the first request; empty if that can be judged.
    """

    behaviour: Behaviour
    recording: Recording
    file: Path
    refusal: str


def meet_all(
    behaviours: Sequence[Behaviour],
    folder: Path,
    *,
    limits: Limits = LIMITS,
    at_once: int = _AT_ONCE,
) -> list[Met]:
    """Send the same few scenarios to each behaviour, after a first request."""

    async def all_of_them(ports: Mapping[str, int]) -> list[Met]:
        some = asyncio.Semaphore(at_once)

        async def one(behaviour: Behaviour) -> Met:
            async with some:
                target = target_at(ports[behaviour.name], behaviour.scheme, limits)
                return await _meet(behaviour, target, folder)

        return await asyncio.gather(*map(one, behaviours))

    with served([behaviour.name for behaviour in behaviours], 1) as ports:
        return asyncio.run(all_of_them(ports))


async def _meet(behaviour: Behaviour, target: Target, folder: Path) -> Met:
    path = folder / f"{behaviour.name.replace('/', '.')}.jsonl"
    refusal = ""
    with RecordingWriter(path, {}) as writer:
        try:
            await warm_up(target, writer.add)
        except EndpointUnusable as error:
            refusal = str(error)
        await send_all(target, [scenarios()[name] for name in SENT], writer)
    return Met(behaviour, writer.recording, path, refusal)


def target_at(port: int, scheme: str = "http", limits: Limits = LIMITS) -> Target:
    """The target that a hostile server is."""
    scheme = "http" if scheme == "http" else "https"
    return Target(f"{scheme}://127.0.0.1:{port}/v1", "m", KEY, limits=limits)


def overdue(exchanges: Iterable[Exchange]) -> Iterator[str]:
    """What took longer than the limits allow."""
    for exchange in exchanges:
        if exchange.ended_at > LIMITS.total + LATE:
            yield f"{exchange.scenario} took {exchange.ended_at:.1f} s"
