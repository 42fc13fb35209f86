#!/usr/bin/env bash
# About: a base URL that has a query, as some gateways hand out (".../v1?api-version=2026-01-01"), in the two official
#   OpenAI SDKs: openai 3.57.0 (PyPI) and openai 7.59.0 (npm).
# One would guess: both put the path before the query, or both lose the query. They are of one make.
# What happens instead: the one for Node asks /v1/models?api-version=..., as meant. The one for Python writes the path
#   at the end of the query: /v1/?api-version=2026-01-01models. No error tells it: the server sees another path and
#   another version, and the user gets its 404. In Python the query has to be given as default_query.
# Why it matters: the same setting, often one variable of the environment (OPENAI_BASE_URL), works in one language and
#   not in the other. Who builds a gateway should not put anything after /v1 that has to stay at the end, and a judge
#   who is given such a URL should say so instead of reporting an endpoint that answers 404.
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
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *args):
        pass

    def do_GET(self):
        with open("targets", "a") as targets:
            targets.write(self.path + "\n")
        body = b'{"object":"list","data":[]}'
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


server = HTTPServer(("127.0.0.1", 0), Handler)
with open("port", "w") as port:
    port.write(f"{server.server_port}\n")
server.serve_forever()
PY
python3 server.py & pids+=($!)
timeout 10 bash -c 'until [ -s port ]; do sleep 0.1; done'
origin="http://127.0.0.1:$(cat port)"
cat > ask.py <<'PY'
import os

import openai

openai.OpenAI(api_key="none").models.list()
origin = os.environ["OPENAI_BASE_URL"].split("?")[0]
openai.OpenAI(api_key="none", base_url=origin, default_query={"api-version": "2026-01-01"}).models.list()
PY
cat > ask.mjs <<'JS'
import OpenAI from 'openai'

await new OpenAI({ apiKey: 'none' }).models.list()
JS
export OPENAI_BASE_URL="$origin/v1?api-version=2026-01-01"
timeout 60 venv/bin/python ask.py
timeout 60 node ask.mjs
{ read -r glued; read -r given; read -r node; } < targets
echo "base URL:               /v1?api-version=2026-01-01"
echo "openai for Python asks: $glued"
echo "  with default_query:   $given"
echo "openai for Node asks:   $node"
[ "$glued" = '/v1/?api-version=2026-01-01models' ] || { echo "Python: the behaviour has changed" >&2; exit 1; }
[ "$given" = '/v1/models?api-version=2026-01-01' ] || { echo "default_query: the behaviour has changed" >&2; exit 1; }
[ "$node" = '/v1/models?api-version=2026-01-01' ] || { echo "Node: the behaviour has changed" >&2; exit 1; }
echo 'As stated: the one for Python writes the path into the query.'
