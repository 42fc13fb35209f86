#!/usr/bin/env bash
# About: json_repair 0.64.6 (PyPI), which many Python agents use to read tool arguments that a model wrote or that a
#   token limit cut. Its option skip_json_loads=True is offered as the faster way.
# One would guess: the option only saves a try with the standard parser. Strings that are complete are read as JSON
#   says, and only the broken end of a cut document is made up.
# What happens instead: its own parser reads strings by other rules. It drops a newline at the end of a string, keeps
#   the backslash of \/ and \f, and does not join \ud83d\ude00 to one character: the text that comes back cannot be
#   written as UTF-8. It does so on correct JSON under the option, and by default in the parts of a cut document that
#   are complete.
# Why it matters: a tool that writes files gets a file without its last newline, or a URL with backslashes, and nobody
#   is told. The escapes are legal, and servers in Python and PHP write them by default. Read the raw arguments before
#   blaming an endpoint or a model. A client should ask the standard parser first, and should not run a repaired
#   call whose finish_reason is "length".
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
timeout 300 "$dir/venv/bin/pip" install -q --no-compile --disable-pip-version-check 'json_repair==0.64.6'
cat > "$dir/show.py" <<'PY'
import json

import json_repair


def expect(label, got, wanted):
    print(f"    {label:24} {got!a}")
    if got != wanted:
        raise SystemExit(f"{label}: {got!a} instead of {wanted!a}: the behaviour has changed")


CASES = [
    (r'{"content": "last line\n"}', "last line\n", "last line"),
    (r'{"url": "https:\/\/example.com\/a"}', "https://example.com/a", "https:\\/\\/example.com\\/a"),
    (r'{"page": "one\ftwo"}', "one\ftwo", "one\\ftwo"),
    (r'{"face": "\ud83d\ude00"}', "\U0001f600", "\ud83d\ude00"),
]
for text, right, wrong in CASES:
    print(text)
    expect("json.loads", list(json.loads(text).values())[0], right)
    expect("json_repair, as it comes", list(json_repair.loads(text).values())[0], right)
    expect("with skip_json_loads", list(json_repair.loads(text, skip_json_loads=True).values())[0], wrong)
    cut = text[:-1] + ', "next": "abc'
    print(f"  and cut in the next member: {cut}")
    value = json_repair.loads(cut)
    expect("json_repair, as it comes", list(value.values())[0], wrong)
    expect("  the cut member", value["next"], "abc")
try:
    json_repair.loads(CASES[3][0], skip_json_loads=True)["face"].encode()
    raise SystemExit("the text can be written as UTF-8: the behaviour has changed")
except UnicodeEncodeError as error:
    print(f"    written as UTF-8: {type(error).__name__}: {error.reason}")
print("As stated: complete strings come back changed.")
PY
timeout 60 "$dir/venv/bin/python" "$dir/show.py"
