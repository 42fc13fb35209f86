"""Serves behaviours, each on a port of its own: python -m support.hostile FROM NAME…

It prints the ports as JSON, by name. FROM is the number of the first connection that meets the
behaviour; those before are answered well.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys

from support.hostile import families
from support.hostile.behaviour import ALL
from support.hostile.server import from_number, serving


async def main() -> None:
    """Serve until killed."""
    assert families.__all__
    number, *names = sys.argv[1:]
    async with contextlib.AsyncExitStack() as stack:
        ports = {
            name: await stack.enter_async_context(serving(from_number(ALL[name], int(number))))
            for name in names
        }
        print(json.dumps(ports), flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
