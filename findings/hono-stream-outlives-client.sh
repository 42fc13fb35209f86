#!/usr/bin/env bash
# About: streamSSE of Hono 4.13.19 on @hono/node-server 2.1.9 (npm), with which gateways and small servers stream.
# One would guess: (1) once the client has hung up, the next await stream.writeSSE() fails, as a write into a closed
#   pipe does. The loop that reads the model ends, and the model is free. (2) An error thrown in the callback breaks
#   the connection off, so that the client knows. A plain ReadableStream in the same server does that.
# What happens instead: (1) every write after the hang-up succeeds without a sound. The loop runs to its end and uses up
#   the whole answer for nobody. Only stream.aborted, or stream.onAbort(), tells. (2) The callback's error goes to the
#   log; the body ends in order, without an error event. A half answer looks like a whole one.
# Why it matters: both harms are in the usual way to write such a handler: for await (chunk of upstream) writeSSE(chunk).
#   The caller pays for tokens that nobody reads, and cannot tell a failed stream but by the missing finish_reason and
#   [DONE]. A judge should hang up and watch what the upstream still does, and should break the upstream off.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
echo '{"type": "module"}' > package.json
npm install --silent --no-audit --no-fund hono@4.13.19 @hono/node-server@2.1.9
cat > run.js <<'JS'
import http from "node:http";
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { streamSSE } from "hono/streaming";

const pause = (ms) => new Promise((done) => setTimeout(done, ms));
console.error = () => {};
const app = new Hono();
let written = 0, failed = 0, aborted = false, over = false;
app.get("/long", (c) => streamSSE(c, async (stream) => {
  for (let n = 0; n < 40; n++) {
    try {
      await stream.writeSSE({ data: `{"n":${n}}` });
      written++;
    } catch {
      failed++;
    }
    await pause(50);
  }
  aborted = stream.aborted;
  over = true;
}));
app.get("/throws", (c) => streamSSE(c, async (stream) => {
  await stream.writeSSE({ data: '{"n":1}' });
  await pause(100);
  throw new Error("the backend died");
}));
app.get("/plain", () => new Response(new ReadableStream({
  async start(controller) {
    controller.enqueue(new TextEncoder().encode('data: {"n":1}\n\n'));
    await pause(100);
    controller.error(new Error("the backend died"));
  },
}), { headers: { "content-type": "text/event-stream" } }));

const server = await new Promise((done) => {
  const made = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }, () => done(made));
});
const port = server.address().port;

const get = (path, leaveAfter) => new Promise((done, fail) => {
  const request = http.get({ host: "127.0.0.1", port, path, timeout: 30000 }, (answer) => {
    let text = "";
    answer.on("data", (data) => {
      text += data;
      if (leaveAfter && text.split("\n\n").length > leaveAfter) {
        request.destroy();
        done(`${text.split("\n\n").length - 1} events read, then hung up`);
      }
    });
    answer.on("error", () => done(`${text.trim()}, is broken off`));
    answer.on("end", () => done(`${text.trim()}, ends in order`));
  });
  request.on("error", fail);
  request.on("timeout", () => fail(new Error("no answer within 30 s")));
});

const throws = await get("/throws");
const plain = await get("/plain");
const left = await get("/long", 3);
for (let n = 0; n < 300 && !over; n++) await pause(100);
const seen = [
  ["error thrown in streamSSE", throws, 'data: {"n":1}, ends in order'],
  ["error in a ReadableStream", plain, 'data: {"n":1}, is broken off'],
  ["client of 40 events", left, "3 events read, then hung up"],
  ["server", `${written} writes succeeded, ${failed} failed, aborted: ${aborted}`, "40 writes succeeded, 0 failed, aborted: true"],
];
let bad = 0;
for (const [what, got, want] of seen) {
  bad += got !== want;
  console.log(`${what.padEnd(28)}${got}${got === want ? "" : "   <-- changed, was " + want}`);
}
if (bad) console.log(`${bad} of these differ from what this finding states`);
else console.log("as stated: writes to a client that left succeed, and an error ends the stream in order");
process.exit(bad ? 1 : 0);
JS
timeout -k 2 120 node run.js
