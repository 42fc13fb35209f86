#!/usr/bin/env bash
# About: httpcore 1.0.9 (under httpx) with anyio 4.16.0, as pip installs them together today, when one small GET is sent
#   in an event loop of asyncio.
# One would guess: the library finds out once, when it is imported, whether it runs under asyncio or trio.
# What happens instead: every lock, event and shielded scope tries `import sniffio` again. anyio no longer depends on
#   sniffio, so the import fails, and a failed import is not remembered: Python looks through all of sys.path each time.
#   The first request makes eight such searches, each later one six. With sniffio installed there is one in all.
# Why it matters: a client that sends many small requests spends about a tenth of its CPU time on these searches, and more
#   where sys.path is long or on a network drive. Whoever uses httpx for many requests should install sniffio.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
python3 -m venv venv
timeout 300 venv/bin/pip install -q --no-compile --disable-pip-version-check \
  'httpcore==1.0.9' 'anyio==4.16.0' 'h11==0.16.0'
cat > ask.py <<'PY'
import asyncio
import sys

import httpcore


class Counter:
    """Sees every search for a module that is not imported yet."""

    searches = 0

    def find_spec(self, name, path=None, target=None):
        self.searches += name == "sniffio"
        return None


async def answer(reader, writer):
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
    await writer.drain()
    writer.close()


async def main():
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    counter = Counter()
    sys.meta_path.insert(0, counter)
    async with httpcore.AsyncConnectionPool() as pool:
        for _ in range(3):
            before = counter.searches
            response = await pool.request("GET", f"http://127.0.0.1:{port}/")
            print(f"status {response.status}: {counter.searches - before} searches for sniffio")
    server.close()


asyncio.run(main())
PY
echo "without sniffio:"
timeout 60 venv/bin/python ask.py | tee without
timeout 300 venv/bin/pip install -q --no-compile --disable-pip-version-check 'sniffio==1.3.1'
echo "with sniffio:"
timeout 60 venv/bin/python ask.py | tee with
cat > expected-without <<'TXT'
status 200: 8 searches for sniffio
status 200: 6 searches for sniffio
status 200: 6 searches for sniffio
TXT
cat > expected-with <<'TXT'
status 200: 1 searches for sniffio
status 200: 0 searches for sniffio
status 200: 0 searches for sniffio
TXT
diff expected-without without
diff expected-with with
echo "as found: httpcore searches for sniffio with every request, unless it is installed"
