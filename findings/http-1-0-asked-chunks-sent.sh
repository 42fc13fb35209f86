#!/usr/bin/env bash
# About: uvicorn 0.54.0, which most Python model servers run on, when a client or a proxy speaks HTTP/1.0 (nginx does to its
#   upstream unless told otherwise) and the answer is a stream without Content-Length.
# One would guess: the server behaves alike whichever of its two HTTP parsers is installed, and since HTTP/1.0 has no
#   chunks, it sends the stream as it is and closes the connection.
# What happens instead: with h11 it does. With httptools, which `uvicorn[standard]` installs and which is preferred, it
#   answers in chunks, which RFC 9112 forbids (section 6.1).
# Why it matters: a client of HTTP/1.0 that does not know chunks reads sizes such as `a` between the events. The same
#   application is right on the developer's machine and wrong in the image that has one package more.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
python3 -m venv venv
timeout 300 venv/bin/pip install -q --no-compile --disable-pip-version-check \
  'uvicorn==0.54.0' 'h11==0.16.0' 'httptools==0.9.0'
cat > serve.py <<'PY'
import asyncio
import sys

import uvicorn


async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    headers = [(b"content-type", b"text/event-stream")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"data: {}\n\n", "more_body": True})
    await send({"type": "http.response.body", "body": b"data: [DONE]\n\n", "more_body": False})


async def ask(port, version):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET / HTTP/{version}\r\nHost: here\r\nConnection: close\r\n\r\n".encode())
    async with asyncio.timeout(10):
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    lines = head.decode().lower().split("\r\n")
    coding = [line for line in lines if line.startswith("transfer-encoding")]
    return f"{lines[0]}; {coding[0] if coding else 'no transfer-encoding'}; body begins {body[:8]!r}"


async def main():
    for parser in ("h11", "httptools"):
        config = uvicorn.Config(
            app, port=0, http=parser, log_level="critical", lifespan="off", ws="none"
        )
        server = uvicorn.Server(config)
        task = asyncio.create_task(server.serve())
        while not server.started:
            await asyncio.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        for version in ("1.1", "1.0"):
            print(f"{parser}, asked in HTTP/{version}: {await ask(port, version)}")
        server.should_exit = True
        await task


asyncio.run(main())
PY
timeout 60 venv/bin/python serve.py | tee seen
cat > expected <<'TXT'
h11, asked in HTTP/1.1: http/1.1 200 ok; transfer-encoding: chunked; body begins b'a\r\ndata:'
h11, asked in HTTP/1.0: http/1.1 200 ok; no transfer-encoding; body begins b'data: {}'
httptools, asked in HTTP/1.1: http/1.1 200 ok; transfer-encoding: chunked; body begins b'a\r\ndata:'
httptools, asked in HTTP/1.0: http/1.1 200 ok; transfer-encoding: chunked; body begins b'a\r\ndata:'
TXT
diff expected seen
echo "as found: with httptools, uvicorn answers HTTP/1.0 in chunks"
