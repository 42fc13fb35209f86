#!/usr/bin/env bash
# About: a stream in which one chunk carries two tool calls, read by griptape 1.13.0 (PyPI).
# One would guess: delta.tool_calls is a list and its entries have an index, so a client takes as many as come. It
#   does take two calls whose pieces come by turns, each in a chunk of its own.
# What happens instead: two entries in one chunk are a ValueError, "Unsupported tool call delta length: 2", after the
#   first deltas are already read. The same calls, one chunk each, work.
# Why it matters: a server that reads calls from the whole text of a model, or puts a stream before an engine that does
#   not stream, sends all calls at once. That is legal and every other client that we tried reads it. Who builds an
#   endpoint loses nothing by sending one call a chunk. A test with a single call does not show it.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
timeout 300 "$dir/venv/bin/pip" install -q --no-compile --disable-pip-version-check \
  'griptape[drivers-prompt-openai]==1.13.0' 'openai==2.54.0'
cat > "$dir/show.py" <<'PY'
import json, logging, threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from griptape.common import PromptStack
from griptape.drivers.prompt.openai import OpenAiChatPromptDriver

logging.disable(logging.CRITICAL)


def call(index, arguments, new=True):
    head = {"id": f"call_{index}", "type": "function"} if new else {}
    name = {"name": "Clock_time"} if new else {}
    return {"index": index, **head, "function": {**name, "arguments": arguments}}


ROLE = {"role": "assistant", "content": None}
STREAMS = {
    "one by one": [ROLE, {"tool_calls": [call(0, '{"zone": "UTC"}')]}, {"tool_calls": [call(1, '{"zone": "CET"}')]}],
    "by turns": [ROLE, {"tool_calls": [call(0, '{"zone":')]}, {"tool_calls": [call(1, '{"zone":')]},
                 {"tool_calls": [call(0, ' "UTC"}', False)]}, {"tool_calls": [call(1, ' "CET"}', False)]}],
    "both at once": [ROLE, {"tool_calls": [call(0, '{"zone": "UTC"}'), call(1, '{"zone": "CET"}')]}],
}


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *args):
        pass

    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        deltas = [(delta, None) for delta in STREAMS[request["model"]]] + [({}, "tool_calls")]
        for delta, reason in deltas:
            choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}
            chunk = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1700000000,
                     "model": request["model"], "choices": [choice]}
            self.wfile.write(f"data: {json.dumps(chunk)}\n\n".encode())
        self.wfile.write(b"data: [DONE]\n\n")


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
results = {}
for name in STREAMS:
    driver = OpenAiChatPromptDriver(model=name, base_url=f"http://127.0.0.1:{server.server_port}/v1", api_key="none",
                                    stream=True, use_native_tools=True, max_attempts=1)
    stack = PromptStack()
    stack.add_user_message("What time is it?")
    try:
        results[name] = [content.artifact.value.input for content in driver.run(stack).content]
    except ValueError as error:
        results[name] = f"ValueError: {error}"
    print(f"{name:13} {results[name]}")
both = [{"zone": "UTC"}, {"zone": "CET"}]
if results["one by one"] != both or results["by turns"] != both:
    raise SystemExit("the streams with one call a chunk are not read")
if "Unsupported tool call delta length" not in results["both at once"]:
    raise SystemExit("two calls in one chunk: the behaviour has changed")
print("As stated: two calls in one chunk are refused.")
PY
timeout 60 "$dir/venv/bin/python" "$dir/show.py"
