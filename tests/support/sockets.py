"""Deviations of the reference endpoint, recorded by the real engine over real sockets and judged.

One event loop plays client and server for many endpoints at once, which mostly wait.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from pathlib import Path

import uvicorn
from starlette.types import Receive, Scope, Send

from oaicheck.engine.run import send_all
from oaicheck.reference import Deviation, ReferenceEndpoint, catalogue
from oaicheck.reference.app import ReferenceApp
from oaicheck.scenarios.profile import Profile
from oaicheck.target.target import Limits, Target
from oaicheck.verdicts.outcomes import is_internal, outcome_of
from oaicheck.views.bench import Bench
from oaicheck.wire.recording import Recording, RecordingWriter
from support.inprocess import (
    capabilities,
    judges_of,
    profile,
    record,
    scenarios,
    target_of,
)
from support.matrix import Row, home_of, is_of_responses, load, models_for
from support.shown_by import load_shown_by

LIMITS = Limits(first_byte=20.0, gap=3.0, linger=3.0, retry_after_cap=0.1)
"""Long enough to tell a reply that hangs from an event loop that is busy."""

COMPANY = {
    "chat": ("chat/stream/text", "chat/whole/text"),
    "responses": ("responses/stream/text", "responses/whole/length"),
}
"""Scenarios sent with each deviation of a surface, whatever it trips."""

_TRANSPORT_STAGE = "reply"
"""Only there a deviation sees headers, pieces, delays and how the connection ends."""
_TRANSPORT_HOMES = ("faults.http.answers", "faults.http.timing")
_BETWEEN_REQUESTS = frozenset({"concurrency-answer-broken-off"})
"""Deviations that show only where several requests are under way."""
_SILENT = frozenset({"sse-stalls-mid-stream", "timing-never-answers"})
"""Faults that get the company only: the engine stops after a handful of silent scenarios."""
_BROKEN = ("fail", "warn")
_AT_ONCE = 12

Trips = dict[str, set[str]]
"""Requirement ids under `fail` and `warn`."""


@dataclass(frozen=True, slots=True)
class Played:
    """What a deviation tripped over sockets, what it should have, and in how many exchanges."""

    expected: Trips
    tripped: Trips
    exchanges: int


def is_transport(deviation: Deviation) -> bool:
    """Whether a deviation is one of the connection, of timing or of HTTP, not of what is said."""
    return deviation.stage == _TRANSPORT_STAGE or home_of(deviation) in _TRANSPORT_HOMES


def remembers(deviation: Deviation) -> bool:
    """Whether what a deviation does depends on the requests that came before."""
    return "memory" in deviation.alter.__code__.co_names


def sample() -> list[str]:
    """All deviations of transport, and of each other kind and module the first by name.

    Faults that the matrix does not catch, and it says which those may be, are left out.
    """
    rows = load()
    names: list[str] = []
    seen: set[tuple[str, str]] = set()
    for name, deviation in catalogue().items():
        if deviation.kind == "fault" and not rows[name].keys() & set(_BROKEN):
            continue
        place = (deviation.kind, home_of(deviation))
        if is_transport(deviation):
            names.append(name)
        elif place not in seen:
            names.append(name)
            seen.add(place)
    return names


def play(names: Sequence[str], folder: Path) -> dict[str, Played]:
    """What each deviation trips over sockets; recordings are written into the folder.

    Nothing but sending and answering goes on meanwhile, which would spoil the times.
    """
    rows = load()
    wanted = {name: showing(name) for name in names}
    recordings = asyncio.run(_record_all(wanted, folder))
    return {name: _played(name, rows[name], wanted[name], recordings[name]) for name in names}


async def _record_all(
    wanted: Mapping[str, Sequence[str]], folder: Path
) -> dict[str, list[Recording]]:
    some = asyncio.Semaphore(_AT_ONCE)
    endpoints = [ReferenceEndpoint(faults=[name]) for name in wanted]

    async def one(name: str, address: str) -> list[Recording]:
        here = {"base_url": address, "limits": LIMITS}
        async with some:
            return [
                await _recorded(name, wanted[name], replace(target_of(model), **here), folder)
                for model in models_for(name)
            ]

    async with serving(endpoints) as addresses:
        recorded = await asyncio.gather(*map(one, wanted, addresses))
    return dict(zip(wanted, recorded, strict=True))


async def _recorded(name: str, wanted: Sequence[str], target: Target, folder: Path) -> Recording:
    """What comes back, scenario after scenario where it depends on the requests before."""
    sent = [scenarios()[each] for each in wanted]
    in_order = remembers(catalogue()[name]) and name not in _BETWEEN_REQUESTS
    parts = [[each] for each in sent] if in_order else [sent]
    path = folder / f"{name}.{target.model}.jsonl"
    with RecordingWriter(path, {"target": target.described()}) as writer:
        for part in parts:
            await send_all(target, part, writer)
    return writer.recording


def _played(name: str, row: Row, wanted: Sequence[str], recordings: Sequence[Recording]) -> Played:
    asking = _asking(row)
    expected = {outcome: set(row[outcome]) for outcome in _BROKEN if outcome in row}
    is_known = load_shown_by().is_of_the_matrix(name) and name not in _SILENT
    if remembers(catalogue()[name]) or not is_known:
        answered = (record([name], wanted, model) for model in models_for(name))
        expected = reduce(_united, (trips(recording, asking) for recording in answered))
    tripped = reduce(_united, (trips(recording, asking) for recording in recordings))
    exchanges = sum(len(recording.exchanges) for recording in recordings)
    return Played(expected, tripped, exchanges)


def _asking(row: Row) -> Profile:
    return profile(*row.get("profile", ["openai"]))


def _united(one: Trips, other: Trips) -> Trips:
    both = one.keys() | other.keys()
    return {outcome: one.get(outcome, set()) | other.get(outcome, set()) for outcome in both}


def showing(name: str) -> list[str]:
    """Few scenarios by which a fault trips all that the matrix says, and some company."""
    surface = "responses" if is_of_responses(catalogue()[name]) else "chat"
    few = () if name in _SILENT else load_shown_by().few.get(name, ())
    chosen = {*COMPANY[surface], *few}
    return sorted(chosen, key=lambda each: (scenarios()[each].alone, each))


def trips(recording: Recording, asking: Profile) -> Trips:
    """What a recording breaks, judged where it can be.

    Raises what a check raised that is no verdict.
    """
    found: Trips = {}
    judges = judges_of(Bench(asking, scenarios(), capabilities(), recording.facts, recording))
    recorded = {exchange.scenario for exchange in recording.exchanges}
    for each in judges.judges.values():
        requirement = each.requirement
        if requirement.against not in {None, *recorded}:
            continue
        for name in each.scenarios:
            raised = judges.judge(requirement.id, scenarios()[name])
            if raised is not None and is_internal(raised):
                raise raised
            outcome = outcome_of(raised, each.level).value
            if outcome in _BROKEN:
                found.setdefault(outcome, set()).add(requirement.id)
    return found


@contextlib.asynccontextmanager
async def serving(endpoints: Sequence[ReferenceEndpoint]) -> AsyncIterator[list[str]]:
    """Serve endpoints in this event loop, each on a port of its own; yields their base URLs."""
    with contextlib.ExitStack() as stack:
        apps: dict[int, ReferenceApp] = {}
        listeners = []
        for endpoint in endpoints:
            listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
            apps[listener.getsockname()[1]] = ReferenceApp(endpoint)
            listeners.append(listener)

        async def dispatch(scope: Scope, receive: Receive, send: Send) -> None:
            await apps[scope["server"][1]](scope, receive, send)

        server = _Server(
            uvicorn.Config(
                dispatch, http="h11", ws="none", lifespan="off", log_level=logging.CRITICAL
            )
        )
        running = asyncio.create_task(server.serve(listeners))
        try:
            yield [
                f"http://127.0.0.1:{port}{endpoint.settings.base_path}"
                for port, endpoint in zip(apps, endpoints, strict=True)
            ]
        finally:
            for app in apps.values():
                app.close()
            server.should_exit = True
            await running


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to pytest."""
        yield
