"""Servers and recordings that the tests of this folder write to."""

import contextlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from oaicheck.wire.recording import RecordingWriter
from support.loopback import Handler, Serve, Server, listening


@pytest_asyncio.fixture
async def serve() -> AsyncIterator[Serve]:
    """Starts servers that end with the test."""
    async with contextlib.AsyncExitStack() as stack:

        async def start(handler: Handler, **options: Any) -> Server:
            return await stack.enter_async_context(listening(handler, **options))

        yield start


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[RecordingWriter]:
    with RecordingWriter(tmp_path / "exchanges.jsonl", {}) as opened:
        yield opened
