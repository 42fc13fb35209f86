#!/usr/bin/env bash
# About: llguidance 1.9.1 and outlines-core 0.2.14 (PyPI), engines with which model servers hold a model to a schema.
# One would guess: an enum or const of whole numbers is kept digit for digit, as the text of the request has it.
# What happens instead: llguidance keeps numbers as floating point. With an enum of one 64-bit id it refuses that id,
#   and takes another in its place, 21 lower in this example. "maximum": 9007199254740993 refuses that very
#   number. outlines-core keeps 64 bits, and above that it takes only 1.2345678901234568e+22 for a 23-digit integer.
# Why it matters: ids of chats, orders and posts are of this size. A tool whose parameter lists the allowed ids is
#   called with an id that exists nowhere, and strict mode is the cause. A judge should put an id above 2^53 into an
#   enum. A builder should give ids as strings.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --no-compile --disable-pip-version-check 'llguidance==1.9.1' 'outlines-core==0.2.14'
cat > "$dir/run.py" <<'PY'
import json, re, sys

from llguidance import LLMatcher, LLTokenizer
from outlines_core.json_schema import build_regex_from_schema

tokenizer = LLTokenizer("byte")


def by_llguidance(schema, text):
    matcher = LLMatcher(tokenizer, LLMatcher.grammar_from_json_schema(json.dumps(schema)), log_level=0)
    tokens = tokenizer.tokenize_bytes(text.encode())
    return matcher.try_consume_tokens(tokens) == len(tokens) and matcher.is_accepting()


def by_outlines(schema, text):
    return re.fullmatch(build_regex_from_schema(json.dumps(schema)), text) is not None


small = {"enum": [9007199254740992]}
one = {"enum": [1234567890123456789]}
long = {"const": 12345678901234567890123}
most = {"type": "integer", "maximum": 9007199254740993}
expected = [  # schema, answer, llguidance, outlines-core
    (small, "9007199254740992", True, True),
    (one, "1234567890123456789", False, True),
    (one, "1234567890123456768", True, False),
    (most, "9007199254740992", True, True),
    (most, "9007199254740993", False, True),
    (long, "12345678901234567890123", False, False),
    (long, "1.2345678901234568e+22", False, True),
]
word = {True: "takes", False: "refuses"}
bad = 0
print(f"{'schema':52}{'answer':26}{'llguidance':12}outlines-core")
for schema, text, *want in expected:
    got = [by_llguidance(schema, text), by_outlines(schema, text)]
    bad += got != want
    print(f"{json.dumps(schema):52}{text:26}{word[got[0]]:12}{word[got[1]]}{'' if got == want else '   <-- changed'}")
if bad:
    sys.exit(f"{bad} rows differ from what this finding states")
print("as stated: the one allowed id is refused, and a wrong one is taken in its place")
PY
timeout -k 2 120 "$dir/venv/bin/python" "$dir/run.py"
