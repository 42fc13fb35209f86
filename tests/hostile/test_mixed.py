"""One server that behaves in another hostile way from answer to answer, in any order."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import stat
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from oaicheck.engine.client import send
from oaicheck.engine.prepare import prepare
from oaicheck.engine.run import send_all
from oaicheck.engine.transport import tls_context
from oaicheck.wire.exchange import Exchange
from oaicheck.wire.recording import RecordingWriter, load_recording
from support.hostile import families
from support.hostile.behaviour import ALL, Behaviour
from support.hostile.connection import Connection, be_honest
from support.hostile.running import FOREIGN, key_in
from support.hostile.sending import LATE, LIMITS, SENT, target_at
from support.hostile.server import serving
from support.inprocess import scenarios

assert families.__all__

SHORT = replace(LIMITS, first_byte=0.3, gap=0.3, linger=0.2, total=1.0, retries=1)
AT_ANY_TIME = sorted(
    name
    for name, behaviour in ALL.items()
    if behaviour.scheme == "http"
    and behaviour.accept_after is None
    and name not in {"connections/stop-listening", "flapping/dies"}
)
"""The behaviours after which the server goes on."""


def open_sockets() -> set[int]:
    """The inodes of the sockets that this process has open."""
    found = set()
    for each in Path("/dev/fd").iterdir():
        # The folder itself was open while it was listed.
        with contextlib.suppress(OSError):
            status = os.fstat(int(each.name))
            if stat.S_ISSOCK(status.st_mode):
                found.add(status.st_ino)
    return found


class Mixed(RuleBasedStateMachine):
    """Each connection is treated by the next behaviour in `ahead`, or honestly if there is none."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.runner.get_loop()
        self.open_sockets = open_sockets()
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "exchanges.jsonl"
        self.writer = RecordingWriter(self.path, {})
        self.writer.__enter__()
        self.ahead: list[Behaviour] = []
        self.met: list[str] = []
        some = ALL["flapping/mixes"]
        self.serving = serving(lambda _: replace(some, play=self.play))
        port = self.runner.run(self.serving.__aenter__())
        self.target = replace(target_at(port), limits=SHORT)
        self.tasks = self.left()

    async def play(self, connection: Connection) -> None:
        if not self.ahead:
            await be_honest(connection)
            return
        behaviour = self.ahead.pop(0)
        self.met.append(behaviour.name)
        await behaviour.play(connection)

    def left(self) -> set[str]:
        """What this loop still runs, beside answers of the server that the client has left."""
        # Generators that nobody holds any more are closed in tasks of their own.
        gc.collect()
        self.runner.run(asyncio.sleep(0.01))
        names = {repr(task.get_coro()) for task in asyncio.all_tasks(self.runner.get_loop())}
        return {name for name in names if "_serve" not in name}

    @rule(name=st.sampled_from(AT_ANY_TIME), scenario=st.sampled_from(SENT))
    def send_one(self, name: str, scenario: str) -> None:
        """Send a request to one behaviour."""
        self.ahead = [ALL[name]]
        request = prepare(self.target, scenarios()[scenario].turns[0], scenario=scenario, attempt=1)

        async def sent() -> Exchange:
            async with asyncio.timeout(SHORT.total + LATE):
                context = tls_context(self.target)
                return await send(self.target, request, limits=SHORT, ssl_context=context)

        self.writer.add(self.runner.run(sent()))

    @rule(names=st.lists(st.sampled_from(AT_ANY_TIME), min_size=2, max_size=5))
    def send_several(self, names: Sequence[str]) -> None:
        """Send scenarios at once, with retries, to a server that changes."""
        self.ahead = [ALL[name] for name in names]

        async def sent() -> None:
            async with asyncio.timeout(10 * SHORT.total + LATE):
                chosen = [scenarios()[name] for name in SENT]
                await send_all(self.target, chosen, self.writer)

        self.runner.run(sent())

    @invariant()
    def nothing_is_left(self) -> None:
        assert self.left() <= self.tasks, self.met

    @invariant()
    def all_is_recorded_without_the_key(self) -> None:
        for exchange in self.writer.recording.exchanges:
            assert exchange.ended_at < SHORT.total + LATE, self.met
            assert not FOREIGN.search(exchange.detail), self.met
        assert load_recording(self.path).exchanges == self.writer.recording.exchanges, self.met
        assert list(key_in(self.path.read_bytes(), "the recording")) == [], self.met

    def teardown(self) -> None:
        self.writer.__exit__(None, None, None)
        self.runner.run(self.serving.__aexit__(None, None, None))
        left = open_sockets() - self.open_sockets
        self.runner.close()
        self.folder.cleanup()
        assert left == set(), self.met


Mixed.TestCase.settings = settings(
    max_examples=max(2, settings().max_examples // 50), stateful_step_count=6, deadline=None
)
TestMixed = Mixed.TestCase
