"""Faults of HTTP itself: methods, paths, headers, encodings, and mixed-up replies."""

import gzip
from dataclasses import replace

from ...deviation import BODY, ERROR, REPLY, REQUEST, Object, Refusal, Situation, fault
from ...editing import is_stream, path_is
from ...http.problem import ApiError
from ...http.reply import Piece, Reply, Request

_SHORT = 8
"""Streams with at most this many pieces end before anything can interrupt them."""
_BODY_LIMIT = 8192
_WAITED_FOR = 200
"""The limit of an answer that is long enough for a client to give up."""
"""In bytes. Real proxies allow more, but then few test requests would reach the limit."""


@fault(
    "http-base-url-trailing-slash-404",
    REQUEST,
    "A double slash in the path, from a base URL that ends in a slash, gives a 404.",
    "sigoden/aichat#767",
)
def _double_slash(request: Request, _: Situation) -> Request:
    if "//" in request.path:
        raise ApiError(404, "Not found.", code="unknown_url")
    return request


@fault(
    "http-options-405", REQUEST, "OPTIONS, the CORS preflight, is refused.", "mudler/LocalAI#710"
)
def _options(request: Request, _: Situation) -> Request:
    if request.method == "OPTIONS":
        raise ApiError(405, "Method Not Allowed", headers=(("Allow", "POST"),))
    return request


@fault("http-options-401", REQUEST, "The CORS preflight needs a key.")
def _options_key(request: Request, _: Situation) -> Request:
    if request.method == "OPTIONS" and not request.header("authorization"):
        raise ApiError(401, "Missing API key.", kind="authentication_error")
    return request


@fault("http-cors-missing", REPLY, "No reply has CORS headers.")
def _no_cors(reply: Reply, _: Situation) -> Reply:
    kept = tuple(i for i in reply.headers if not i[0].lower().startswith("access-control-"))
    return replace(reply, headers=kept)


@fault(
    "http-cors-wildcard-headers",
    REPLY,
    "A preflight allows all headers by `*`, which does not cover Authorization.",
)
def _wildcard_headers(reply: Reply, situation: Situation) -> Reply:
    if situation.request.method != "OPTIONS":
        return reply
    return reply.with_header("Access-Control-Allow-Headers", "*")


@fault(
    "http-stream-default-true",
    BODY,
    "A chat request without stream is answered with a stream.",
    "diegosouzapw/OmniRoute#10239",
)
def _stream_default(body: Object, situation: Situation) -> Object:
    return body if "stream" in situation.body else {**body, "stream": True}


@fault("http-stream-false-ignored", BODY, "stream false is answered with a stream.")
def _stream_always(body: Object, _: Situation) -> Object:
    return {**body, "stream": True}


@fault("http-stream-true-ignored", BODY, "stream true is answered with one JSON object.")
def _stream_never(body: Object, _: Situation) -> Object:
    rest = {key: value for key, value in body.items() if key != "stream_options"}
    return {**rest, "stream": False} if body.get("stream") is True else body


@fault(
    "http-unknown-endpoint-200",
    ERROR,
    "An unknown path gives a 200.",
    "karakeep-app/karakeep#347",
)
def _unknown_200(refusal: Refusal, _: Situation) -> Refusal:
    if refusal.status not in (404, 405):
        return refusal
    return replace(refusal, status=200, body={"error": "Unexpected endpoint. Returning 200 anyway"})


@fault("http-wrong-method-404", ERROR, "A wrong method on a known path gives a 404.")
def _method_404(refusal: Refusal, _: Situation) -> Refusal:
    return replace(refusal, status=404, headers=()) if refusal.status == 405 else refusal


@fault("http-wrong-method-500", ERROR, "A wrong method on a known path gives a 500.")
def _method_500(refusal: Refusal, _: Situation) -> Refusal:
    return replace(refusal, status=500) if refusal.status == 405 else refusal


@fault("http-allow-missing", ERROR, "A 405 has no Allow header.")
def _no_allow(refusal: Refusal, _: Situation) -> Refusal:
    return replace(refusal, headers=()) if refusal.status == 405 else refusal


@fault("http-content-type-wrong", REPLY, "JSON is labelled text/plain.")
def _labelled_plain(reply: Reply, _: Situation) -> Reply:
    if reply.header("content-type") != "application/json":
        return reply
    return reply.with_header("Content-Type", "text/plain")


@fault("http-content-type-missing", REPLY, "JSON has no Content-Type.")
def _unlabelled(reply: Reply, _: Situation) -> Reply:
    return reply if is_stream(reply) else reply.without_header("Content-Type")


@fault("http-charset-wrong", REPLY, "JSON is labelled and encoded as Latin-1.")
def _latin1(reply: Reply, _: Situation) -> Reply:
    if reply.header("content-type") != "application/json":
        return reply
    body = reply.body.decode().encode("latin-1", "replace")
    return reply.with_body(body).with_header("Content-Type", "application/json; charset=latin-1")


@fault("http-bom", REPLY, "JSON begins with a byte order mark.")
def _bom(reply: Reply, _: Situation) -> Reply:
    if reply.header("content-type") != "application/json":
        return reply
    return reply.with_body(b"\xef\xbb\xbf" + reply.body)


@fault("http-gzip-unasked", REPLY, "Replies are compressed although the client did not ask for it.")
def _gzip_unasked(reply: Reply, _: Situation) -> Reply:
    if is_stream(reply) or not reply.body:
        return reply
    packed = reply.with_body(gzip.compress(reply.body, mtime=0))
    return packed.with_header("Content-Encoding", "gzip")


@fault("http-stream-compressed", REPLY, "A stream is compressed as one block.")
def _stream_compressed(reply: Reply, _: Situation) -> Reply:
    if not is_stream(reply):
        return reply
    packed = (Piece(gzip.compress(reply.body, mtime=0)),)
    return replace(reply.with_header("Content-Encoding", "gzip"), pieces=packed)


@fault("http-stream-content-length", REPLY, "A stream declares its length in advance.")
def _stream_length(reply: Reply, _: Situation) -> Reply:
    if not is_stream(reply):
        return reply
    return reply.with_header("Content-Length", str(len(reply.body)))


@fault(
    "http-stream-cacheable",
    REPLY,
    "A stream has no Cache-Control header, so that proxies may cache it.",
)
def _cacheable(reply: Reply, _: Situation) -> Reply:
    return reply.without_header("Cache-Control") if is_stream(reply) else reply


@fault("http-body-cut", REPLY, "A non-streamed response is cut off in the middle of its JSON.")
def _body_cut(reply: Reply, situation: Situation) -> Reply:
    if situation.route != "chat" or is_stream(reply) or reply.status != 200:
        return reply
    part = Piece(reply.body[: len(reply.body) // 2])
    return replace(reply.without_header("Content-Length"), pieces=(part,), ending="cut")


@fault("http-json-trailing-text", REPLY, "Text follows the JSON of a non-streamed response.")
def _trailing(reply: Reply, situation: Situation) -> Reply:
    if situation.route != "chat" or is_stream(reply) or reply.status != 200:
        return reply
    return reply.with_body(reply.body + b"\n[DONE]")


@fault("http-status-201", REPLY, "A completion has status 201.")
def _status_201(reply: Reply, situation: Situation) -> Reply:
    created = situation.route == "chat" and reply.status == 200
    return replace(reply, status=201) if created else reply


@fault("http-redirect", REQUEST, "Chat completions are redirected to a path that ends in a slash.")
def _redirect(request: Request, situation: Situation) -> Request:
    if path_is(situation, "/chat/completions"):
        where = (("Location", f"{request.path}/"),)
        raise ApiError(307, "Moved.", headers=where)
    return request


@fault("http-request-id-missing", REPLY, "Replies have no X-Request-Id.")
def _no_request_id(reply: Reply, _: Situation) -> Reply:
    return reply.without_header("X-Request-Id")


@fault("http-request-id-same", REPLY, "All replies have the same X-Request-Id.")
def _same_request_id(reply: Reply, _: Situation) -> Reply:
    return reply.with_header("X-Request-Id", "req_1")


@fault("http-flaky-502", REQUEST, "Every third chat request is answered with 502.")
def _flaky(request: Request, situation: Situation) -> Request:
    if not path_is(situation, "/chat/completions"):
        return request
    seen = situation.memory["flaky"] = situation.memory.get("flaky", 0) + 1
    if seen % 3 == 2:
        raise ApiError(502, "Bad gateway.", kind="server_error")
    return request


@fault("http-always-500", REQUEST, "Every chat request is answered with 500.")
def _always_500(request: Request, situation: Situation) -> Request:
    if path_is(situation, "/chat/completions"):
        raise ApiError(500, "Internal server error.", kind="server_error")
    return request


@fault(
    "concurrency-answer-broken-off",
    REPLY,
    "The first long stream of each API is cut off, as if another request took its place.",
    "abetlen/llama-cpp-python#867",
)
def _broken_off(reply: Reply, situation: Situation) -> Reply:
    before = situation.memory.setdefault("broken off", set())
    if not is_stream(reply) or len(reply.pieces) <= _SHORT or situation.route in before:
        return reply
    before.add(situation.route)
    return replace(reply, pieces=reply.pieces[: len(reply.pieces) // 2], ending="cut")


@fault(
    "concurrency-gateway-response-mixing",
    REPLY,
    "A request gets the response to the previous request.",
    "QuantumNous/new-api#5446",
)
def _mixing(reply: Reply, situation: Situation) -> Reply:
    if situation.route != "chat" or reply.status != 200:
        return reply
    kind = "stream" if is_stream(reply) else "whole"
    earlier = situation.memory.get(kind, reply)
    situation.memory[kind] = reply
    return earlier if isinstance(earlier, Reply) else reply


@fault("http-connection-close", REPLY, "Every reply closes its connection.")
def _close(reply: Reply, _: Situation) -> Reply:
    return reply.with_header("Connection", "close")


@fault("http-second-request-cut", REPLY, "The second request on a connection is cut off.")
def _second_cut(reply: Reply, situation: Situation) -> Reply:
    connection = situation.request.connection
    if not connection:
        return reply
    seen = situation.memory.setdefault("connections", set())
    if connection in seen:
        return replace(reply, pieces=(), ending="cut")
    seen.add(connection)
    return reply


@fault("http-head-405", REQUEST, "HEAD is refused although GET works.")
def _head(request: Request, _: Situation) -> Request:
    if request.method == "HEAD":
        raise ApiError(405, "Method Not Allowed", headers=(("Allow", "GET"),))
    return request


@fault(
    "http-gzip-holds-stream",
    REPLY,
    "A stream for a client that accepts gzip is compressed and held back until it ends.",
    "tower-rs/tower-http#419",
)
def _gzip_held(reply: Reply, situation: Situation) -> Reply:
    if not is_stream(reply) or "gzip" not in (situation.request.header("accept-encoding") or ""):
        return reply
    waited = sum(piece.delay for piece in reply.pieces)
    packed = (Piece(gzip.compress(reply.body, mtime=0), waited),)
    return replace(reply.with_header("Content-Encoding", "gzip"), pieces=packed)


@fault("http-gzip-mislabelled", REPLY, "A stream that is not compressed is labelled gzip.")
def _gzip_mislabelled(reply: Reply, situation: Situation) -> Reply:
    if not is_stream(reply) or "gzip" not in (situation.request.header("accept-encoding") or ""):
        return reply
    return reply.with_header("Content-Encoding", "gzip")


@fault(
    "concurrency-no-abort-on-disconnect",
    BODY,
    "A long stream goes on after its client has disconnected, and the next request fails.",
    "ggml-org/llama.cpp#24496",
)
def _no_abort(body: Object, situation: Situation) -> Object:
    busy = situation.memory.pop("busy", False)
    situation.memory["busy"] = body.get("stream") is True and body.get("max_tokens", 0) > 400
    if busy:
        raise ApiError(500, "No slot became free in time.", kind="server_error")
    return body


@fault(
    "concurrency-no-abort-of-whole-answer",
    BODY,
    "A long answer goes on after its client has disconnected, and the next request fails.",
)
def _no_abort_of_whole(body: Object, situation: Situation) -> Object:
    busy = situation.memory.pop("busy", False)
    waits = body.get("stream") is not True and body.get("max_tokens", 0) == _WAITED_FOR
    situation.memory["busy"] = waits
    if busy:
        raise ApiError(500, "No slot became free in time.", kind="server_error")
    return body


@fault("http-proxy-body-limit", REPLY, "A proxy refuses long requests with an HTML page.")
def _body_limit(reply: Reply, situation: Situation) -> Reply:
    if len(situation.request.body) <= _BODY_LIMIT:
        return reply
    page = b"<html><head><title>413 Request Entity Too Large</title></head></html>"
    return replace(reply, status=413).with_body(page).with_header("Content-Type", "text/html")


@fault(
    "http-internal-address-in-header",
    REPLY,
    "A header of every response names the server behind the gateway.",
)
def _internal_address(reply: Reply, _: Situation) -> Reply:
    return reply.with_header("X-Model-Api-Base", "http://10.20.0.7:8000/v1")


@fault(
    "whole-as-event-stream-with-done",
    REPLY,
    "Without stream in the request, the JSON of a completion has the sentinel glued to its end and "
    "is labelled as an event stream.",
    "decolua/9router#3492",
)
def _glued_sentinel(reply: Reply, situation: Situation) -> Reply:
    if situation.route != "chat" or "stream" in situation.body or reply.status != 200:
        return reply
    glued = reply.with_body(reply.body + b"data: [DONE]\n\n")
    return glued.with_header("Content-Type", "text/event-stream")
