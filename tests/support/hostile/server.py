"""A server with one behaviour."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from support.hostile.behaviour import Behaviour
from support.hostile.connection import Connection, be_honest

_CERTIFICATE = Path(__file__).parent.parent / "certificate.pem"
_LINE = 1024 * 1024
Choose = Callable[[int], Behaviour | None]
"""The behaviour towards the connection of this number; None for honest answers."""


@contextlib.asynccontextmanager
async def serving(choose: Choose) -> AsyncIterator[int]:
    """Listen on a free port of loopback; yields the port. At the end nothing is left behind."""
    with socket.create_server(("127.0.0.1", 0), backlog=16) as listener:
        listener.setblocking(False)
        tasks: set[asyncio.Task[None]] = set()
        accepting = asyncio.create_task(_accept(listener, choose, tasks))
        try:
            yield listener.getsockname()[1]
        finally:
            left = [accepting, *tasks]
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)


def from_number(behaviour: Behaviour, number: int) -> Choose:
    """That behaviour from the connection of this number on, and honest answers before."""
    return lambda each: behaviour if each >= number else None


async def _accept(listener: socket.socket, choose: Choose, tasks: set[asyncio.Task[None]]) -> None:
    loop = asyncio.get_running_loop()
    accepting = asyncio.current_task()
    assert accepting is not None
    number = 0
    # Closed only here: a socket that is closed while the loop waits for it is still waited for.
    with listener:
        while True:
            number += 1
            behaviour = choose(number)
            if behaviour is not None and behaviour.accept_after is not None:
                await asyncio.sleep(behaviour.accept_after)
            accepted, _ = await loop.sock_accept(listener)
            task = asyncio.create_task(_serve(accepted, number, behaviour, accepting.cancel))
            tasks.add(task)
            task.add_done_callback(tasks.discard)


async def _serve(
    accepted: socket.socket,
    number: int,
    behaviour: Behaviour | None,
    stop_listening: Callable[[], object],
) -> None:
    """Let the behaviour treat the connection, and close it."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(_LINE)
    protocol = asyncio.StreamReaderProtocol(reader)
    context = None
    if behaviour is not None and behaviour.scheme == "tls":
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(_CERTIFICATE)
    with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        transport, _ = await loop.connect_accepted_socket(lambda: protocol, accepted, ssl=context)
        writer = asyncio.StreamWriter(transport, protocol, reader, loop)
        connection = Connection(number, reader, writer, stop_listening)
        try:
            await (be_honest if behaviour is None else behaviour.play)(connection)
        finally:
            writer.close()
            await writer.wait_closed()
