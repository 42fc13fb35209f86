#!/usr/bin/env bash
# About: two npm helpers that mend the JSON a model writes, given JSON that is correct: jsonrepair 3.15.0 and
#   untruncate-json 0.0.1. Agents put them in front of JSON.parse for tool arguments and structured output.
# One would guess: correct JSON comes back as it is. There is nothing to repair.
# What happens instead: jsonrepair 3.15.0 looks for structure inside strings. It throws if the last member's string
#   ends with an opening brace ({"cmd":"if (x) {"}), and in silence makes ["["] into ["",[""]]. 3.14.0 does neither.
#   untruncate-json takes a complete \uXXXX escape at the end of a string for a cut one and adds a second end to the
#   document, so that JSON.parse fails.
# Why it matters: the model and the endpoint did all right, and the call still fails or runs with other arguments. It
#   hits exactly what coding agents send: code lines and regular expressions. \u escapes are what Python's json.dumps
#   writes for every letter outside ASCII. Before blaming an endpoint for broken arguments, read the raw stream. A
#   client should try JSON.parse first and repair only what failed.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cat > package.json <<'JSON'
{"private": true, "type": "module"}
JSON
timeout 300 npm install --no-audit --no-fund --silent --ignore-scripts \
  'jsonrepair@3.15.0' 'jsonrepair-before@npm:jsonrepair@3.14.0' 'untruncate-json@0.0.1'
cat > show.mjs <<'JS'
import assert from 'node:assert'
import { jsonrepair } from 'jsonrepair'
import { jsonrepair as before } from 'jsonrepair-before'
import untruncate from 'untruncate-json'

const close = untruncate.default ?? untruncate
const attempt = (mend, text) => {
  let mended
  try {
    mended = mend(text)
  } catch (error) {
    return `throws: ${error.message}`
  }
  try {
    JSON.parse(mended)
  } catch {
    return `no longer JSON: ${mended}`
  }
  return JSON.stringify(JSON.parse(mended)) === JSON.stringify(JSON.parse(text)) ? 'same' : `other value: ${mended}`
}
const cases = [
  '{"cmd":"echo hi"}',
  '{"cmd":"if (x) {"}',
  '{"cmd":"if (x) {","cwd":"src"}',
  '["["]',
  '{"globs":["[a-z]*.txt"]}',
  '{"pattern":["[a-z"]}',
  '{"name":"caf\\u00e9"}',
  '{"name":"caf\\u00e9 au lait"}',
]
const seen = {}
for (const text of cases) {
  JSON.parse(text) // every input is correct JSON
  seen[text] = [attempt(jsonrepair, text), attempt(before, text), attempt(close, text)]
  console.log(text)
  for (const [i, name] of ['jsonrepair 3.15.0', 'jsonrepair 3.14.0', 'untruncate-json 0.0.1'].entries()) {
    console.log(`    ${name.padEnd(22)} ${seen[text][i]}`)
  }
}
const says = (text, column, start) =>
  assert(seen[text][column].startsWith(start), `${text}: expected "${start}...", got "${seen[text][column]}"`)
says('{"cmd":"echo hi"}', 0, 'same')
says('{"cmd":"if (x) {"}', 0, 'throws: ')
says('{"cmd":"if (x) {","cwd":"src"}', 0, 'same')
says('["["]', 0, 'other value: ["",[""]]')
says('{"pattern":["[a-z"]}', 0, 'other value: ')
for (const text of cases) says(text, 1, 'same')
says('{"name":"caf\\u00e9"}', 2, 'no longer JSON: ')
says('{"name":"caf\\u00e9 au lait"}', 2, 'same')
console.log('As stated: correct JSON is refused or changed.')
JS
timeout 60 node show.mjs
