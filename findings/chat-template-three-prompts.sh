#!/usr/bin/env bash
# About: one chat template, rendered by Jinja2 3.1.6 as it comes (PyPI), by Jinja2 with the tojson of its own that
#   Hugging Face's transformers sets, and by @huggingface/jinja 0.5.11 (npm), which servers in JavaScript use.
# One would guess: one template, one request, one prompt. At most the white space differs.
# What happens instead, for a legal request with a tool and an assistant message with "content": null:
#   - Jinja2's tojson sorts the keys. The model reads the tool's parameters as a, z where the client wrote z, a; an
#     engine that holds it to the schema then demands z first. It also writes < as \u003c, so a description such as
#     "x < 5 & y" reaches the model as code.
#   - null content is the word None in both Jinja2 forms, as if the assistant had said it, and nothing in JavaScript.
#   - "minimum": 1.0 is 1.0 in Python and 1 in JavaScript.
# Why it matters: two servers with the same weights and the same template count other prompt_tokens, miss each other's
#   prefix cache and call tools differently, and no answer shows the cause. A judge that compares servers should send
#   null content, a tool whose parameters are not in alphabetical order, and < in a description, and compare
#   usage.prompt_tokens. A builder should set tojson and test for None in the prompt.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --no-compile --disable-pip-version-check 'jinja2==3.1.6' 'markupsafe==3.0.4'
cd "$dir"
echo '{"type": "module"}' > package.json
npm install --silent --no-audit --no-fund @huggingface/jinja@0.5.11
cat > template.jinja <<'J'
{%- for tool in tools %}
tool: {{ tool | tojson }}
{%- endfor %}
{%- for message in messages %}
{{ message.role }}: {{ message.content }}
{%- for call in message.tool_calls or [] %} <call>{{ call.function.name }}</call>{% endfor %}
{%- endfor %}
J
cat > request.json <<'J'
{"tools": [{"name": "f", "description": "x < 5 & y", "parameters": {"type": "object",
   "properties": {"z": {"type": "number", "minimum": 1.0}, "a": {"type": "string"}}}}],
 "messages": [{"role": "user", "content": "Hi"},
   {"role": "assistant", "content": null, "tool_calls": [{"function": {"name": "f"}}]}]}
J
cat > render.js <<'JS'
import fs from "node:fs";
import { Template } from "@huggingface/jinja";

const request = JSON.parse(fs.readFileSync("request.json", "utf8"));
process.stdout.write(new Template(fs.readFileSync("template.jinja", "utf8")).render(request));
JS
cat > render.py <<'PY'
import json, subprocess, sys

from jinja2.sandbox import ImmutableSandboxedEnvironment


def render(own_tojson):
    environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
    if own_tojson:
        environment.filters["tojson"] = lambda value: json.dumps(value, ensure_ascii=False)
    return environment.from_string(open("template.jinja").read()).render(json.load(open("request.json")))


prompts = {
    "Jinja2": render(False),
    "Jinja2, own tojson": render(True),
    "@huggingface/jinja": subprocess.run(["node", "render.js"], capture_output=True, text=True, check=True, timeout=30).stdout,
}
for name, prompt in prompts.items():
    print(f"--- {name}\n{prompt.strip()}")


def look(prompt):
    return {
        "z before a": prompt.index('"z"') < prompt.index('"a"'),
        "< and & as written": "x < 5 & y" in prompt,
        "minimum": "1.0" if '"minimum": 1.0' in prompt else "1",
        "null content": prompt.split("assistant:")[1].split("<call>")[0].strip(),
    }


got = {name: look(prompt) for name, prompt in prompts.items()}
want = {
    "Jinja2": {"z before a": False, "< and & as written": False, "minimum": "1.0", "null content": "None"},
    "Jinja2, own tojson": {"z before a": True, "< and & as written": True, "minimum": "1.0", "null content": "None"},
    "@huggingface/jinja": {"z before a": True, "< and & as written": True, "minimum": "1", "null content": ""},
}
print("---")
for name, row in got.items():
    print(f"{name:20}{row}")
if got != want:
    sys.exit(f"this differs from what this finding states: {want}")
print("as stated: one template and one request make three prompts")
PY
timeout -k 2 120 "$dir/venv/bin/python" render.py
