#!/usr/bin/env bash
# About: LitServe 0.2.19 with its OpenAISpec, a framework for OpenAI-compatible servers, read by the openai client for
#   Python 3.57.0 (both PyPI).
# One would guess: the chunks of one answer share one id. And if the model fails in mid-stream, the error event that
#   the server sends is seen by the client.
# What happens instead: every chunk has an id of its own. And the error event is on the wire, with message, type and
#   code, but without the empty line that ends an event; then the body ends in order. By the SSE rules an event that is
#   not ended is thrown away, and the client does so: it yields the first words and stops, without an error.
# Why it matters: the server believes it reported the failure, a look at the wire seems to confirm it, and no client sees
#   it. A judge must parse the stream as strictly as clients do, end every event by its empty line, and compare the id
#   over all chunks. Who keys a cache, a log or a message by the id gets one entry for each piece of text.
set -euo pipefail
dir=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; wait; rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --no-compile --disable-pip-version-check 'litserve==0.2.19' 'fastapi==0.165.0' 'starlette==1.10.0' \
  'uvicorn==0.54.0' 'openai==3.57.0'
cat > "$dir/serve.py" <<'PY'
import sys

import litserve


class Model(litserve.LitAPI):
    def setup(self, device):
        pass

    def predict(self, request):
        yield "Hel"
        yield "lo"
        if request.messages[-1].content == "fail":
            raise RuntimeError("the model died")


if __name__ == "__main__":
    server = litserve.LitServer(Model(spec=litserve.OpenAISpec()), accelerator="cpu")
    server.run(host="127.0.0.1", port=int(sys.argv[1]), generate_client_file=False, log_level="critical")
PY
cat > "$dir/look.py" <<'PY'
import json, sys, time, urllib.request

from openai import OpenAI

base = f"http://127.0.0.1:{sys.argv[1]}"
for _ in range(300):
    try:
        if urllib.request.urlopen(f"{base}/health", timeout=2).status == 200:
            break
    except OSError:
        pass
    time.sleep(0.3)
else:
    sys.exit("the server did not get ready")
client = OpenAI(api_key="key", base_url=f"{base}/v1", max_retries=0, timeout=30)


def ask(text):
    return {"model": "m", "messages": [{"role": "user", "content": text}], "stream": True}


def wire(text):
    return client.chat.completions.with_raw_response.create(**ask(text)).http_response.read().decode()


good, failed = wire("hello"), wire("fail")
chunks = [json.loads(line[6:]) for line in good.splitlines() if line.startswith("data: {")]
last = failed.split("\n\n")[-1]
yielded, error = [], None
try:
    for chunk in client.chat.completions.create(**ask("fail")):
        yielded.append(chunk.choices[0].delta.content)
except Exception as raised:
    error = raised
print(f"chunks of a good answer: {len(chunks)}, ids among them: {len({chunk['id'] for chunk in chunks})}")
print(f"last bytes of a failed one: {last!r}")
print(f"the client yields {yielded}, and raises {error!r}")
if not (len(chunks) == 3 and len({chunk["id"] for chunk in chunks}) == 3):
    sys.exit("the ids differ from what this finding states")
if not (last.startswith('data: {"error"') and last.rstrip("\n") == last):
    sys.exit("the error event differs from what this finding states")
if (yielded, error) != (["Hel", "lo"], None):
    sys.exit("the client behaves otherwise than this finding states")
print("as stated: an id for each chunk, and an error event that no client sees")
PY
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
cd "$dir"
timeout -k 5 130 "$dir/venv/bin/python" serve.py "$port" > server.log 2>&1 & server=$!
timeout -k 2 120 "$dir/venv/bin/python" look.py "$port"
