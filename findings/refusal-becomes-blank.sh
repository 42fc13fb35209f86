#!/usr/bin/env bash
# About: an answer that is a refusal (delta.refusal in place of delta.content), read by two agent libraries from PyPI:
#   strands-agents 1.62.0 and agno 3.1.10.
# One would guess: the user sees the text of the refusal, or an error that says that the model refused.
# What happens instead: both report a run that ended well, with an empty text. In the next turn strands-agents sends
#   the history back with words that nobody wrote: {"role": "assistant", "content": [{"text": "[blank text]", ...}]}.
# Why it matters: refusal is documented for structured output, and openai for Python has both the member and the event.
#   Here it looks like a model that says nothing, and the model reads "[blank text]" as its own last words. Who builds
#   an endpoint helps more clients with a refusal that is plain content. Who judges one should not take an empty answer
#   in such a client for an empty stream.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
timeout 300 "$dir/venv/bin/pip" install -q --no-compile --disable-pip-version-check \
  'strands-agents[openai]==1.62.0' 'agno==3.1.10' 'openai==2.54.0'
cat > "$dir/show.py" <<'PY'
import json, logging, os, threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

os.environ["AGNO_TELEMETRY"] = "false"
from agno.agent import Agent as AgnoAgent
from agno.models.openai.like import OpenAILike
from openai import OpenAI
from strands import Agent as StrandsAgent
from strands.models.openai import OpenAIModel

logging.disable(logging.CRITICAL)
REFUSAL = "I'm sorry, I can't help with that."
requests = []


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *args):
        pass

    def do_POST(self):
        requests.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        choices = [
            [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}]
            for delta, reason in [({"role": "assistant", "content": "", "refusal": None}, None),
                                  ({"refusal": REFUSAL[:9]}, None), ({"refusal": REFUSAL[9:]}, None), ({}, "stop")]
        ]
        usage = {"prompt_tokens": 10, "completion_tokens": 9, "total_tokens": 19}
        if (requests[-1].get("stream_options") or {}).get("include_usage"):
            choices.append([])
        for of_chunk in choices:
            chunk = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1700000000, "model": "m",
                     "choices": of_chunk, **({} if of_chunk else {"usage": usage})}
            self.wfile.write(f"data: {json.dumps(chunk)}\n\n".encode())
        self.wfile.write(b"data: [DONE]\n\n")


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
base_url = f"http://127.0.0.1:{server.server_port}/v1"

with OpenAI(base_url=base_url, api_key="none").chat.completions.stream(
    model="m", messages=[{"role": "user", "content": "Hi"}]
) as stream:
    read = stream.get_final_completion().choices[0].message
print("openai for Python reads:   ", repr(read.refusal))

agno_run = None
for agno_run in AgnoAgent(model=OpenAILike(id="m", base_url=base_url, api_key="none"), telemetry=False).run(
    "Hi", stream=True, yield_run_output=True
):
    pass
print("agno reports:              ", agno_run.status.value, repr(agno_run.content))

strands = StrandsAgent(model=OpenAIModel(client_args={"base_url": base_url, "api_key": "none"}, model_id="m"),
                       callback_handler=None)
strands_run = strands("Hi")
print("strands-agents reports:    ", strands_run.stop_reason, repr(str(strands_run)))
strands("Are you there?")
said = [message["content"] for message in requests[-1]["messages"] if message["role"] == "assistant"]
print("and sends in the next turn:", said)

if read.refusal != REFUSAL:
    raise SystemExit("openai for Python does not read the refusal")
if (agno_run.status.value, agno_run.content or "") != ("COMPLETED", ""):
    raise SystemExit("agno: the behaviour has changed")
if (strands_run.stop_reason, str(strands_run).strip()) != ("end_turn", ""):
    raise SystemExit("strands-agents: the behaviour has changed")
if said != [[{"text": "[blank text]", "type": "text"}]]:
    raise SystemExit("strands-agents, next turn: the behaviour has changed")
print("As stated: the refusal is lost.")
PY
timeout 90 "$dir/venv/bin/python" "$dir/show.py"
