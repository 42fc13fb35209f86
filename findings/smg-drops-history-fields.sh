#!/usr/bin/env bash
# About: smg 1.13.0 (Shepherd Model Gateway, PyPI), a gateway in front of OpenAI-compatible servers.
# One would guess: a gateway that hands unknown parameters on (x_vendor, chat_template_kwargs, min_p arrive untouched)
#   hands unknown fields of the messages on as well.
# What happens instead: the top level is open, the messages are not. extra_content of a tool call, reasoning_details of an
#   assistant message, cache_control of a content part and name of a tool message are gone, with status 200 and without
#   a word. "content": null is gone as well. reasoning_content and the unknown content part type x_part arrive.
# Why it matters: these are the fields that a client has to send back. Gemini keeps its thought signature in extra_content
#   and refuses the second turn without it; others keep signed reasoning in reasoning_details; without cache_control
#   the prompt is paid in full. A gateway test that adds an unknown parameter at the top level sees nothing of that. A
#   judge should put one unknown field into each level: message, part, tool call, tool message.
set -euo pipefail
dir=$(mktemp -d)
pids=()
trap 'for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done; { wait; } 2> "$dir/wait.log" || true; rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --no-compile --disable-pip-version-check 'smg==1.13.0'
cat > "$dir/upstream.py" <<'PY'
import http.server, json, sys


class Upstream(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def answer(self, value, status=200):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        model = {"id": "m", "object": "model", "created": 1, "owned_by": "me"}
        known = {"/health": {}, "/v1/models": {"object": "list", "data": [model]}}
        self.answer(known.get(self.path, {}), 200 if self.path in known else 404)

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if self.path != "/v1/chat/completions":
            return self.answer({}, 404)
        # what arrived goes back to the client as the answer's text
        message = {"role": "assistant", "content": body.decode()}
        self.answer({"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "m",
                     "choices": [{"index": 0, "message": message, "finish_reason": "stop"}]})


http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Upstream).serve_forever()
PY
cat > "$dir/look.py" <<'PY'
import json, sys, time, urllib.request

base = f"http://127.0.0.1:{sys.argv[1]}"
call = {"id": "call_1", "type": "function", "function": {"name": "look", "arguments": "{}"},
        "extra_content": {"google": {"thought_signature": "c2ln"}}}
sent = {
    "model": "m",
    "x_vendor": 1,
    "min_p": 0.1,
    "chat_template_kwargs": {"enable_thinking": False},
    "messages": [
        {"role": "user", "content": [
            {"type": "text", "text": "Look it up", "cache_control": {"type": "ephemeral"}},
            {"type": "x_part", "x_part": "one"}]},
        {"role": "assistant", "content": None, "reasoning_content": "hm",
         "reasoning_details": [{"type": "reasoning.encrypted", "data": "c2ln"}], "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "call_1", "name": "look", "content": "42"},
        {"role": "user", "content": "Go on"},
    ],
}


def post(body):
    headers = {"content-type": "application/json", "authorization": "Bearer key"}
    request = urllib.request.Request(f"{base}/v1/chat/completions", json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.status, json.load(answer)


for _ in range(300):
    try:
        post({"model": "m", "messages": [{"role": "user", "content": "ready?"}]})
        break
    except OSError:
        time.sleep(0.3)
else:
    sys.exit("the gateway did not get ready")
status, answer = post(sent)
arrived = json.loads(answer["choices"][0]["message"]["content"])


def lost(before, after, path=""):
    if isinstance(before, dict) and isinstance(after, dict):
        for key, value in before.items():
            if key in after:
                yield from lost(value, after[key], f"{path}.{key}")
            else:
                yield f"{path}.{key}"[1:]
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for index, value in enumerate(before):
            yield from lost(value, after[index], f"{path}[{index}]")
    elif before != after:
        yield f"{path}[changed]"[1:]


gone = sorted(lost(sent, arrived))
print(f"status {status}; top-level fields that arrived: {', '.join(sorted(arrived))}")
print("sent, but did not arrive:", *gone, sep="\n  ")
want = [
    "messages[0].content[0].cache_control",
    "messages[1].content",
    "messages[1].reasoning_details",
    "messages[1].tool_calls[0].extra_content",
    "messages[2].name",
]
if gone != want:
    sys.exit(f"this differs from what this finding states: {want}")
print("as stated: unknown parameters pass, unknown fields of the messages are dropped without a word")
PY
port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
up=$(port) gate=$(port) metrics=$(port)
timeout -k 1 130 python3 "$dir/upstream.py" "$up" & pids+=($!)
timeout -k 1 130 "$dir/venv/bin/smg" launch --host 127.0.0.1 --port "$gate" --backend vllm \
  --worker-urls "http://127.0.0.1:$up" --prometheus-host 127.0.0.1 --prometheus-port "$metrics" > "$dir/smg.log" 2>&1 &
pids+=($!)
timeout -k 2 120 python3 "$dir/look.py" "$gate"
