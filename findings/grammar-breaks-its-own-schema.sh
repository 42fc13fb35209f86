#!/usr/bin/env bash
# About: four engines with which model servers hold a model to a JSON schema: xgrammar 0.2.8, llguidance 1.9.1,
#   outlines-core 0.2.14, lm-format-enforcer 0.11.3 (all PyPI).
# One would guess: where an engine cannot do a keyword, it refuses the schema or lets more through. Whatever it lets
#   through is at least JSON, and a right answer stays possible.
# What happens instead, without an error (xgrammar writes a warning to the server's log for allOf):
#   - "properties" beside "anyOf": one of the two is dropped. outlines-core keeps the first, xgrammar and
#     lm-format-enforcer the second. The right answer is refused by these three, and a wrong one is taken.
#   - "allOf" of two objects: outlines-core writes them one after the other, {"a":1}{"b":2}. That is no JSON, and it is
#     the only form it takes. xgrammar checks nothing inside allOf.
#   - "required" that names a field without an entry in "properties": xgrammar takes only the object that lacks it.
#     lm-format-enforcer takes neither: after {"a":1 it leaves neither a comma nor a brace, only more digits, so the
#     model runs to max_tokens.
# Why it matters: tool schemas made from OpenAPI or from classes have allOf, and anyOf beside properties. The same request
#   gives another shape on each server, all with status 200 and finish_reason stop. A judge should validate the answer
#   against the schema it sent, with such schemas among them.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
# xgrammar asks for torch and transformers, some gigabytes. Its grammar part needs neither: they are left out here
# and stand-in modules take their names.
"$dir/venv/bin/pip" install -q --no-compile --disable-pip-version-check 'llguidance==1.9.1' 'outlines-core==0.2.14' \
  'lm-format-enforcer==0.11.3' 'interegular==0.3.3' 'pydantic==2.14.4' 'numpy' 'jsonschema==4.26.0'
"$dir/venv/bin/pip" install -q --no-compile --disable-pip-version-check --no-deps 'xgrammar==0.2.8' 'apache-tvm-ffi==0.1.15.post2'
cat > "$dir/run.py" <<'PY'
import json, re, sys
from unittest import mock

import tvm_ffi  # before the stand-ins, for it looks for a real torch

from jsonschema import Draft202012Validator
from llguidance import LLMatcher, LLTokenizer
from lmformatenforcer import JsonSchemaParser
from outlines_core.json_schema import build_regex_from_schema

for name in ("torch", "torch.utils", "torch.utils.cpp_extension", "transformers"):
    sys.modules[name] = mock.MagicMock(name=name)
import xgrammar
from xgrammar.testing import _is_grammar_accept_string

tokenizer = LLTokenizer("byte")


def by_xgrammar(schema, text):
    return _is_grammar_accept_string(xgrammar.Grammar.from_json_schema(json.dumps(schema)), text)


def by_llguidance(schema, text):
    matcher = LLMatcher(tokenizer, LLMatcher.grammar_from_json_schema(json.dumps(schema)), log_level=0)
    tokens = tokenizer.tokenize_bytes(text.encode())
    return matcher.try_consume_tokens(tokens) == len(tokens) and matcher.is_accepting()


def by_outlines(schema, text):
    return re.fullmatch(build_regex_from_schema(json.dumps(schema)), text) is not None


def by_enforcer(schema, text):
    parser = JsonSchemaParser(schema)
    for character in text:
        if character not in parser.get_allowed_characters():
            return False
        parser = parser.add_character(character)
    return parser.can_end()


def by_standard(schema, text):
    try:
        return Draft202012Validator(schema).is_valid(json.loads(text))
    except ValueError:
        return False


judges = [by_standard, by_llguidance, by_xgrammar, by_enforcer, by_outlines]


def has(name):
    return {"type": "object", "properties": {name: {"type": "integer"}}, "required": [name]}


Y, N = True, False
expected = [  # title, schema, [(answer, the standard, llguidance, xgrammar, lm-format-enforcer, outlines-core)]
    ("one object", has("a"), [('{"a":1}', Y, Y, Y, Y, Y), ("{}", N, N, N, N, N)]),
    ("a, and beside it anyOf: b or c", {**has("a"), "anyOf": [has("b"), has("c")]}, [
        ('{"a":1,"b":2}', Y, Y, N, N, N),
        ('{"a":1}', N, N, N, N, Y),
        ('{"b":2}', N, N, Y, Y, N)]),
    ("allOf: a, b", {"allOf": [has("a"), has("b")]}, [
        ('{"a":1,"b":2}', Y, Y, Y, Y, N),
        ('{"a":1}', N, N, Y, N, N),
        ('{"a":1}{"b":2}', N, N, N, N, Y)]),
    ("a, and required: a, z", {**has("a"), "required": ["a", "z"]}, [
        ('{"a":1,"z":2}', Y, Y, N, N, N),
        ('{"a":1}', N, N, Y, N, Y)]),
]
word = {True: "takes", False: "refuses"}
bad = 0
print(f"{'':18}{'the standard':14}{'llguidance':12}{'xgrammar':10}{'lm-format-enforcer':20}outlines-core")
for title, schema, rows in expected:
    print(title + ":")
    for text, *want in rows:
        got = [judge(schema, text) for judge in judges]
        bad += got != want
        a, b, c, d, e = (word[x] for x in got)
        print(f"  {text:16}{a:14}{b:12}{c:10}{d:20}{e}{'' if got == want else '   <-- changed'}")
parser = JsonSchemaParser(expected[-1][1])
for character in '{"a":1':
    parser = parser.add_character(character)
left = {character for character in parser.get_allowed_characters() if not character.isspace()}
print('lm-format-enforcer, after {"a":1 leaves: ' + " ".join(sorted(left)))
bad += bool({",", "}"} & left)
if bad:
    sys.exit(f"{bad} of these differ from what this finding states")
print("as stated: three of four engines refuse right answers and take wrong ones; one takes only what is no JSON")
PY
timeout -k 2 120 "$dir/venv/bin/python" "$dir/run.py"
