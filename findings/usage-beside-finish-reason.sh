#!/usr/bin/env bash
# About: token counts in a stream, read by three agent libraries from PyPI: smolagents 1.26.0, mirascope 2.8.2 and
#   autogen-ext 0.7.5. OpenAI sends usage in a chunk of its own, without choices. Some compatible servers send it on
#   the chunk with finish_reason, or on both, or on every chunk so far (an option of vLLM).
# One would guess: usage counts the whole request, so the last one replaces the ones before. openai for Python's
#   stream helper does so.
# What happens instead: smolagents and mirascope add all of them up. 10 tokens in and 2 out become 20 and 4 with two
#   usages, and 50 and 7 with one on each of five chunks. autogen-ext has the right counts, and loses finish_reason
#   where usage stands beside it: an answer that was cut ("length") ends as "unknown".
# Why it matters: agents show these counts as cost and stop at a budget by them; the error grows with the length of the
#   answer. Not telling "length" from "stop" makes half an answer a whole one. Who builds an endpoint should send usage
#   once, in the last chunk, with empty choices. Who judges one should warn about both other places.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
timeout 300 "$dir/venv/bin/pip" install -q --no-compile --disable-pip-version-check 'smolagents[openai]==1.26.0' \
  'mirascope[openai]==2.8.2' 'autogen-ext[openai]==0.7.5' 'autogen-core==0.7.5' 'openai==2.54.0'
cat > "$dir/show.py" <<'PY'
import asyncio, json, logging, threading, warnings
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

warnings.filterwarnings("ignore")
from autogen_core.models import UserMessage
from autogen_ext.models.openai import OpenAIChatCompletionClient
from mirascope import llm
from openai import OpenAI
from smolagents import OpenAIModel
from smolagents.models import ChatMessage, agglomerate_stream_deltas

logging.disable(logging.CRITICAL)


def usage(out):
    return {"prompt_tokens": 10, "completion_tokens": out, "total_tokens": 10 + out}


START, HEL, LO = {"role": "assistant", "content": ""}, {"content": "Hel"}, {"content": "lo"}
# Each chunk: delta (None for no choices), finish_reason, usage.
STREAMS = {
    "alone": [(START, None, None), (HEL, None, None), (LO, None, None), ({}, "length", None), (None, None, usage(2))],
    "finish": [(START, None, None), (HEL, None, None), (LO, None, None), ({}, "length", usage(2))],
    "both": [(START, None, None), (HEL, None, None), (LO, None, None), ({}, "length", usage(2)), (None, None, usage(2))],
    "every": [(START, None, usage(0)), (HEL, None, usage(1)), (LO, None, usage(2)), ({}, "length", usage(2)),
              (None, None, usage(2))],
}


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *args):
        pass

    def do_POST(self):
        model = json.loads(self.rfile.read(int(self.headers["content-length"])))["model"]
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        for delta, reason, of_chunk in STREAMS[model]:
            choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}
            chunk = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1700000000, "model": model,
                     "choices": [] if delta is None else [choice], "usage": of_chunk}
            self.wfile.write(f"data: {json.dumps(chunk)}\n\n".encode())
        self.wfile.write(b"data: [DONE]\n\n")


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
base_url = f"http://127.0.0.1:{server.server_port}/v1"
llm.register_provider("openai:completions", scope="openai/", base_url=base_url, api_key="none")


def openai(model):
    with OpenAI(base_url=base_url, api_key="none").chat.completions.stream(
        model=model, messages=[{"role": "user", "content": "Hi"}]
    ) as stream:
        for _ in stream:
            pass
        last = stream.current_completion_snapshot
    return last.usage.prompt_tokens, last.usage.completion_tokens


def smolagents(model):
    messages = [ChatMessage(role="user", content=[{"type": "text", "text": "Hi"}])]
    deltas = OpenAIModel(model, api_base=base_url, api_key="none").generate_stream(messages)
    total = agglomerate_stream_deltas(list(deltas)).token_usage
    return total.input_tokens, total.output_tokens


def mirascope(model):
    response = llm.Model(f"openai/{model}").stream("Hi")
    response.finish()
    return response.usage.input_tokens, response.usage.output_tokens


async def ask_autogen(model):
    info = {"vision": False, "function_calling": True, "json_output": True, "family": "unknown",
            "structured_output": True}
    client = OpenAIChatCompletionClient(model=model, base_url=base_url, api_key="none", model_info=info)
    async for last in client.create_stream([UserMessage(content="Hi", source="user")], include_usage=True):
        pass
    await client.close()
    return last.usage.prompt_tokens, last.usage.completion_tokens, last.finish_reason


def autogen(model):
    return asyncio.run(ask_autogen(model))


ONCE = (10, 2)
WANTED = {
    openai: [ONCE, ONCE, ONCE, ONCE],
    smolagents: [ONCE, ONCE, (20, 4), (50, 7)],
    mirascope: [ONCE, ONCE, (20, 4), (50, 7)],
    autogen: [(*ONCE, "length"), (*ONCE, "unknown"), (*ONCE, "unknown"), (*ONCE, "unknown")],
}
print(f"{'usage sent:':12}" + "".join(f"{name:24}" for name in STREAMS))
differs = []
for read, wanted in WANTED.items():
    got = [read(name) for name in STREAMS]
    print(f"{read.__name__:12}" + "".join(f"{str(one):24}" for one in got), flush=True)
    if got != wanted:
        differs.append(read.__name__)
if differs:
    raise SystemExit("the behaviour has changed: " + ", ".join(differs))
print("As stated: two add usage up, one loses the finish reason beside it.")
PY
timeout 120 "$dir/venv/bin/python" "$dir/show.py"
