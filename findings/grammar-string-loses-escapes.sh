#!/usr/bin/env bash
# About: xgrammar 0.2.8 and outlines-core 0.2.14 (PyPI). Model servers use such engines to hold a model to a JSON
#   schema, for response_format json_schema and for strict tools. A bare {"type": "string"} is fine in both.
# One would guess: minLength, maxLength and pattern speak about the value, after JSON decoding. A value with a
#   newline, a quotation mark or a backslash stays possible, written with the usual escape.
# What happens instead:
#   - xgrammar: minLength or maxLength, even "minLength": 1, forbids every escape. Such a string can no longer hold
#     a newline, a quotation mark or a backslash. An answer with a piece of code in it becomes one line.
#   - both: a pattern is matched against the JSON text. For the path C:\temp and the pattern ^C:\\[a-z]+$ the right
#     text "C:\\temp" is refused, and "C:\temp" is taken. Pattern ^say "hi"$ takes "say "hi"", which is no JSON
#     at all. So the engine itself forces an answer that no JSON parser reads, with finish_reason stop.
# Why it matters: "the schema is enforced" is not "the answer parses". A judge has to ask for values that need escapes,
#   in strings with a length and with a pattern. A builder should leave minLength and pattern out of such fields.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
# xgrammar asks for torch and transformers, some gigabytes. Its grammar part needs neither: they are left out here
# and stand-in modules take their names.
"$dir/venv/bin/pip" install -q --no-compile --disable-pip-version-check --no-deps 'xgrammar==0.2.8' 'apache-tvm-ffi==0.1.15.post2' \
  'numpy' 'pydantic==2.14.4' 'pydantic-core==2.50.5' 'typing-extensions' 'typing-inspection' 'annotated-types' \
  'outlines-core==0.2.14'
cat > "$dir/run.py" <<'PY'
import json, re, sys
from unittest import mock

import tvm_ffi  # before the stand-ins, for it looks for a real torch

for name in ("torch", "torch.utils", "torch.utils.cpp_extension", "transformers"):
    sys.modules[name] = mock.MagicMock(name=name)
import xgrammar
from outlines_core.json_schema import build_regex_from_schema
from xgrammar.testing import _is_grammar_accept_string


def by_xgrammar(schema, text):
    return _is_grammar_accept_string(xgrammar.Grammar.from_json_schema(json.dumps(schema)), text)


def by_outlines(schema, text):
    return re.fullmatch(build_regex_from_schema(json.dumps(schema)), text) is not None


def right(schema, text):
    try:
        value = json.loads(text)
    except ValueError:
        return False
    least, most = schema.get("minLength", 0), schema.get("maxLength", 99)
    return least <= len(value) <= most and re.search(schema.get("pattern", ""), value) is not None


plain = {"type": "string"}
least = {"type": "string", "minLength": 1}
most = {"type": "string", "maxLength": 20}
path = {"type": "string", "pattern": r"^C:\\[a-z]+$"}
say = {"type": "string", "pattern": '^say "hi"$'}
expected = [  # schema, text of the answer, by the schema, xgrammar, outlines-core
    (plain, r'"one\ntwo"', True, True, True),
    (plain, r'"say \"hi\""', True, True, True),
    (least, r'"one"', True, True, True),
    (least, r'"one\ntwo"', True, False, True),
    (least, r'"say \"hi\""', True, False, True),
    (most, r'"one\ntwo"', True, False, True),
    (path, r'"C:\\temp"', True, False, False),
    (path, r'"C:\temp"', False, True, True),
    (say, r'"say \"hi\""', True, False, False),
    (say, r'"say "hi""', False, True, True),
]
word = {True: "takes", False: "refuses"}
bad = 0
print(f"{'schema':50}{'answer':16}{'the standard':14}{'xgrammar':10}outlines-core")
for schema, text, *want in expected:
    got = [right(schema, text), by_xgrammar(schema, text), by_outlines(schema, text)]
    bad += got != want
    print(f"{json.dumps(schema):50}{text:16}{word[got[0]]:14}{word[got[1]]:10}{word[got[2]]}{'' if got == want else '   <-- changed'}")
if bad:
    sys.exit(f"{bad} rows differ from what this finding states")
print("as stated: a length forbids escapes in xgrammar, and a pattern makes both demand text that is wrong or no JSON")
PY
timeout -k 2 120 "$dir/venv/bin/python" "$dir/run.py"
