#!/usr/bin/env bash
# About: FastAPI 0.165.0 and its own SSE support (fastapi.sse), read by the openai client for Python 3.57.0 (both PyPI).
# One would guess: yield chunk objects, then the string "[DONE]", and the wire has data: [DONE] as its last event.
# What happens instead: every value is written as JSON, strings too, so the wire has data: "[DONE]" with quotation
#   marks. That is so for yield "[DONE]" and for ServerSentEvent(data="[DONE]"); only raw_data="[DONE]" brings the
#   marker. The openai client does not know the quoted form for the end: it hands the application one more chunk,
#   and that chunk is a str. "for chunk in stream: chunk.choices" then fails, after the whole answer had arrived.
#   Nothing is wrong up to there: status, content type and every chunk are right, and the client raises no error of its own.
# Why it matters: each server written with the new helper can have this, and a checker that searches the text for
#   [DONE] passes it. A judge should compare the whole data of the last event, byte for byte.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --no-compile --disable-pip-version-check 'fastapi==0.165.0' 'starlette==1.10.0' 'uvicorn==0.54.0' \
  'openai==3.57.0'
cat > "$dir/run.py" <<'PY'
import socket, sys, threading, time

import uvicorn
from fastapi import FastAPI, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent
from openai import OpenAI

app = FastAPI()
LAST = {
    "string": "[DONE]",
    "event-data": ServerSentEvent(data="[DONE]"),
    "event-raw": ServerSentEvent(raw_data="[DONE]"),
}


def chunk(delta, finish_reason=None):
    choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
    return {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}


@app.post("/{form}/chat/completions", response_class=EventSourceResponse)
async def complete(form: str, request: Request):
    yield chunk({"role": "assistant", "content": "Hello"})
    yield chunk({}, "stop")
    yield LAST[form]


listener = socket.socket()
listener.bind(("127.0.0.1", 0))
address = f"http://127.0.0.1:{listener.getsockname()[1]}"
server = uvicorn.Server(uvicorn.Config(app, log_level="critical"))
threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True).start()
while not server.started:
    time.sleep(0.05)
bad = 0
for form, wire, kinds in [
    ("string", 'data: "[DONE]"', ["ChatCompletionChunk", "ChatCompletionChunk", "str"]),
    ("event-data", 'data: "[DONE]"', ["ChatCompletionChunk", "ChatCompletionChunk", "str"]),
    ("event-raw", "data: [DONE]", ["ChatCompletionChunk", "ChatCompletionChunk"]),
]:
    client = OpenAI(api_key="key", base_url=f"{address}/{form}", max_retries=0, timeout=30)
    ask = {"model": "m", "messages": [{"role": "user", "content": "Hi"}], "stream": True}
    raw = client.chat.completions.with_raw_response.create(**ask)
    last = raw.http_response.read().decode().strip().split("\n\n")[-1]
    got = [type(part).__name__ for part in client.chat.completions.create(**ask)]
    changed = (last, got) != (wire, kinds)
    bad += changed
    print(f"{form:12} last event on the wire: {last:16} the client yields: {', '.join(got)}{'   <-- changed' if changed else ''}")
server.should_exit = True
if bad:
    sys.exit(f"{bad} forms differ from what this finding states")
print("as stated: [DONE] goes out in quotation marks, and the client takes it for a chunk")
PY
timeout -k 2 120 "$dir/venv/bin/python" "$dir/run.py"
