#!/usr/bin/env bash
# About: what a client sees when the backend fails in the middle of a stream, with the streaming helpers of FastAPI
#   0.165.0 (fastapi.sse.EventSourceResponse) and Sanic 25.12.1 (request.respond), both PyPI.
# One would guess: the server cannot take its 200 back, so it breaks the connection off. Every HTTP client then
#   reports a body that is not complete. FastAPI's own StreamingResponse does exactly that.
# What happens instead: these two end the body in order. The last chunk arrives, no error event does, and for HTTP
#   the answer is complete. With FastAPI it depends on the moment: if the generator fails before its first event
#   (raise HTTPException(404) in it, say), the client gets status 200 and then a broken connection, not the 404.
# Why it matters: a half answer looks like a whole one. The one sign left is what the stream lacks: finish_reason and
#   [DONE]. A client that does not insist on them shows, stores and bills half an answer. A judge should require an
#   error event or a broken connection. A builder should catch errors in the generator and send an error event, and
#   should check the request before the generator starts.
set -euo pipefail
dir=$(mktemp -d)
pids=()
trap 'for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done; { wait; } 2> "$dir/wait.log" || true; rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --no-compile --disable-pip-version-check 'fastapi==0.165.0' 'starlette==1.10.0' 'uvicorn==0.54.0' \
  'sanic==25.12.1'
cat > "$dir/with_fastapi.py" <<'PY'
import asyncio, sys

import uvicorn
from fastapi import FastAPI, HTTPException
from fastapi.responses import StreamingResponse
from fastapi.sse import EventSourceResponse

app = FastAPI()


@app.get("/native", response_class=EventSourceResponse)
async def native():
    yield {"n": 1}
    await asyncio.sleep(0.2)
    raise RuntimeError("the backend died")


@app.get("/native-early", response_class=EventSourceResponse)
async def native_early(model: str = "unknown"):
    if model == "unknown":
        raise HTTPException(404, "no such model")
    yield {"n": 1}


@app.get("/plain")
async def plain():
    async def events():
        yield 'data: {"n": 1}\n\n'
        await asyncio.sleep(0.2)
        raise RuntimeError("the backend died")

    return StreamingResponse(events(), media_type="text/event-stream")


uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="critical")
PY
cat > "$dir/with_sanic.py" <<'PY'
import asyncio, sys

from sanic import Sanic

app = Sanic("finding")


@app.get("/native")
async def native(request):
    response = await request.respond(content_type="text/event-stream")
    await response.send('data: {"n": 1}\n\n')
    await asyncio.sleep(0.2)
    raise RuntimeError("the backend died")


if __name__ == "__main__":
    app.run(host="127.0.0.1", port=int(sys.argv[1]), single_process=True, access_log=False)
PY
cat > "$dir/look.py" <<'PY'
import http.client, sys, time

ports = dict(zip(("fastapi", "sanic"), map(int, sys.argv[1:])))


def get(port, path):
    for _ in range(300):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            connection.request("GET", path)
            break
        except OSError:
            time.sleep(0.2)
    else:
        sys.exit(f"nothing listens on port {port}")
    answer = connection.getresponse()
    try:
        body, end = answer.read(), "ends in order"
    except http.client.IncompleteRead as cut:
        body, end = cut.partial, "is broken off"
    return f"{answer.status}, {body.decode().split()}, {end}"


one = "['data:', '{\"n\":', '1}']"
expected = [
    ("fastapi", "/native", f"200, {one}, ends in order"),
    ("fastapi", "/native-early", "200, [], is broken off"),
    ("fastapi", "/plain", f"200, {one}, is broken off"),
    ("sanic", "/native", f"200, {one}, ends in order"),
]
bad = 0
for name, path, want in expected:
    got = get(ports[name], path)
    bad += got != want
    print(f"{name:9}{path:15}{got}{'' if got == want else '   <-- changed, was ' + want}")
if bad:
    sys.exit(f"{bad} answers differ from what this finding states")
print("as stated: a stream that failed in the middle ends like a finished one")
PY
port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
f=$(port) s=$(port)
timeout -k 1 130 "$dir/venv/bin/python" "$dir/with_fastapi.py" "$f" > "$dir/fastapi.log" 2>&1 & pids+=($!)
timeout -k 1 130 "$dir/venv/bin/python" "$dir/with_sanic.py" "$s" > "$dir/sanic.log" 2>&1 & pids+=($!)
timeout -k 2 120 python3 "$dir/look.py" "$f" "$s"
