#!/usr/bin/env bash
# About: what the two official OpenAI SDKs do with Retry-After on a 429: openai 3.57.0 (PyPI) and openai 7.59.0 (npm).
# One would guess: one vendor, one rule. Both wait as long as the server says, and give up if that is too long.
# What happens instead: the one for Node has a limit of 60 s, over which it does not wait longer or give up but drops
#   the header: told to wait 61 s, it asks again after half a second, as if the header were not there. The one for
#   Python waits up to 120 s, in silence, and over that raises at once without a second request.
# Why it matters: an overloaded server that raises its answer from 60 to 61 s turns every Node client from patient to
#   hasty, and a Python program stands still for up to two minutes a try. Who builds an endpoint should say at most 60
#   and refuse again after that; x-should-retry: false stops both. Who judges one should warn about more than 60.
set -euo pipefail
dir=$(mktemp -d)
pids=()
trap 'for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done; wait; rm -rf "$dir"' EXIT
cd "$dir"
echo '{"private": true, "type": "module"}' > package.json
timeout 300 npm install --no-audit --no-fund --silent --ignore-scripts 'openai@7.59.0'
python3 -m venv venv
timeout 300 venv/bin/pip install -q --no-compile --disable-pip-version-check 'openai==3.57.0' 'httpx2==2.16.2'
cat > server.py <<'PY'
# Answers 429 with the Retry-After that the path names. /seen/NAME says when the requests under that path came.
import json, sys, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

seen = {}


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *args):
        pass

    def answer(self, status, value, **headers):
        body = json.dumps(value).encode()
        self.send_response(status)
        for name, text in headers.items():
            self.send_header(name.replace("_", "-"), text)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.answer(200, seen.get(self.path.rsplit("/", 1)[1], []))

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        name = self.path.split("/")[1]
        seen.setdefault(name, []).append(time.time())
        error = {"message": "Slow down.", "type": "rate_limit_exceeded", "param": None, "code": None}
        extra = {"x_should_retry": "false"} if name.endswith("no") else {}
        self.answer(429, {"error": error}, retry_after=name.split("-")[1], **extra)


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
with open(sys.argv[1], "w") as port:
    port.write(f"{server.server_port}\n")
server.serve_forever()
PY
python3 server.py port & pids+=($!)
timeout 10 bash -c 'until [ -s port ]; do sleep 0.1; done'
url="http://127.0.0.1:$(cat port)"
cat > ask.py <<'PY'
import os, sys, threading

import openai

url, *waits = sys.argv[1:]
client_for = {wait: openai.OpenAI(base_url=f"{url}/python-{wait}/v1", api_key="none", max_retries=1) for wait in waits}


def ask(wait):
    try:
        client_for[wait].chat.completions.create(model="m", messages=[{"role": "user", "content": "Hello"}])
    except openai.RateLimitError:
        print(f"python-{wait}", flush=True)


threads = [threading.Thread(target=ask, args=(wait,), daemon=True) for wait in waits]
for thread in threads:
    thread.start()
threading.Event().wait(8)  # who has not asked again by then keeps to the header
os._exit(0)
PY
cat > ask.mjs <<'JS'
import OpenAI from 'openai'

const [url, ...waits] = process.argv.slice(2)
for (const wait of waits) {
  new OpenAI({ baseURL: `${url}/node-${wait}/v1`, apiKey: 'none', maxRetries: 1 }).chat.completions
    .create({ model: 'm', messages: [{ role: 'user', content: 'Hello' }] })
    .catch(error => {
      if (!(error instanceof OpenAI.RateLimitError)) throw error
      console.log(`node-${wait}`)
    })
}
setTimeout(() => process.exit(0), 8000)
JS
timeout 60 venv/bin/python ask.py "$url" 1 60 61 120 121 61-no > ended
timeout 60 node ask.mjs "$url" 1 60 61 120 121 61-no >> ended
cat > judge.py <<'PY'
import json, sys, urllib.request

WANTED = {
    ("python", "1"): "waits 1 s", ("node", "1"): "waits 1 s",
    ("python", "60"): "still waits", ("node", "60"): "still waits",
    ("python", "61"): "still waits", ("node", "61"): "asks again soon",
    ("python", "120"): "still waits", ("node", "120"): "asks again soon",
    ("python", "121"): "gives up at once", ("node", "121"): "asks again soon",
    ("python", "61-no"): "gives up at once", ("node", "61-no"): "gives up at once",
}
ended = open("ended").read().split()
differs = []
for (sdk, wait), wanted in WANTED.items():
    with urllib.request.urlopen(f"{sys.argv[1]}/seen/{sdk}-{wait}", timeout=5) as response:
        times = json.load(response)
    gap = times[1] - times[0] if len(times) > 1 else None
    if gap is None:
        got = "gives up at once" if f"{sdk}-{wait}" in ended else "still waits"
    else:
        # The SDKs' own first delay is half a second, less up to a quarter of it.
        got = "waits 1 s" if wait == "1" and gap > 0.95 else "asks again soon"
    print(f"Retry-After: {wait:6} {sdk:7} {got}" + ("" if gap is None else f" ({gap:.2f} s later)"))
    if got != wanted:
        differs.append(f"{sdk} {wait}: {got}, not {wanted}")
if differs:
    raise SystemExit("the behaviour has changed: " + "; ".join(differs))
print("As stated: over 60 s the SDK for Node asks again at once, and the one for Python waits or gives up.")
PY
timeout 60 python3 judge.py "$url"
