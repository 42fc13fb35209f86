#!/usr/bin/env bash
# About: @microsoft/fetch-event-source 2.0.1 (npm), with which many chat pages read streams of chat completions, as
#   the browser's EventSource cannot POST.
# One would guess: a comment between two events (": keep-alive" and a blank line) is dropped, as the SSE standard says:
#   a block without data makes no event.
# What happens instead: it calls onmessage with empty data for the comment. The usual handler gives that to JSON.parse,
#   which throws. The library takes the throw for a broken connection and, a second later, sends the POST again, and
#   so on: the same question, answered and billed every second, and the user sees no text.
# Why it matters: gateways send such comments while a model is slow to start, so it fails under load alone. A comment
#   whose line is followed directly by an event does no harm. Who builds an endpoint can write the comment so, without
#   a blank line of its own. Who judges one should ask whether its comments stand alone, and count the requests.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
echo '{"private": true, "type": "module"}' > package.json
timeout 300 npm install --no-audit --no-fund --silent --ignore-scripts '@microsoft/fetch-event-source@2.0.1'
cat > show.mjs <<'JS'
import assert from 'node:assert'
import http from 'node:http'

// The library is written for pages: it asks these two whether the page is in sight, and for timers.
globalThis.window = globalThis
globalThis.document = { hidden: false, addEventListener() {}, removeEventListener() {} }
const { fetchEventSource } = await import('@microsoft/fetch-event-source')

const chunk = delta =>
  `data: ${JSON.stringify({ object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason: null }] })}\n\n`
const answer = chunk({ role: 'assistant', content: 'Hello' }) + 'data: [DONE]\n\n'
const streams = { '/plain': answer, '/joined': `: keep-alive\n${answer}`, '/alone': `: keep-alive\n\n${answer}` }
let posts = 0
const server = http.createServer((request, response) => {
  request.resume().on('end', () => {
    posts += 1
    response.writeHead(200, { 'content-type': 'text/event-stream' }).end(streams[request.url])
  })
})
await new Promise(resolve => server.listen(0, '127.0.0.1', resolve))

async function ask(path) {
  posts = 0
  let text = ''
  const data = []
  const stop = new AbortController()
  const timer = setTimeout(() => stop.abort(), 3500)
  await fetchEventSource(`http://127.0.0.1:${server.address().port}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'm', stream: true, messages: [{ role: 'user', content: 'Hi' }] }),
    signal: stop.signal,
    onmessage(message) {
      data.push(message.data)
      if (message.data === '[DONE]') return
      text += JSON.parse(message.data).choices[0].delta.content ?? ''
    },
  })
  clearTimeout(timer)
  console.log(`${path.padEnd(8)} requests in 3.5 s: ${posts}, text: ${JSON.stringify(text)}, first data: ${JSON.stringify(data[0])}`)
  return { posts, text, first: data[0] }
}

const plain = await ask('/plain')
const joined = await ask('/joined')
const alone = await ask('/alone')
server.close()
for (const right of [plain, joined]) assert(right.posts === 1 && right.text === 'Hello', 'the plain stream is not read')
assert(alone.first === '', 'the comment is no longer a message: the behaviour has changed')
assert(alone.posts >= 2 && alone.text === '', 'the POST is not sent again: the behaviour has changed')
console.log('As stated: a comment of its own makes the library send the POST again.')
process.exit(0)
JS
timeout 60 node show.mjs
