"""Faults in handling requests as clients and their HTTP libraries send them."""

from ...deviation import BODY, REPLY, REQUEST, Object, Situation, fault
from ...editing import dropped, is_stream, path_is
from ...http.problem import ApiError
from ...http.reply import Reply, Request

_EXPRESS = 100 * 1024
"""The default limit of Express for a JSON body, in bytes."""


@fault(
    "http-request-charset-415",
    REQUEST,
    "A request that names its charset is refused.",
    "Wei-Shaw/sub2api#963",
)
def _charset(request: Request, _: Situation) -> Request:
    if "charset" in (request.header("content-type") or "").lower():
        raise ApiError(415, "The Content-Type has to be application/json.")
    return request


@fault(
    "http-accept-json-406", REQUEST, "A streaming request with Accept: application/json is refused."
)
def _not_acceptable(request: Request, _: Situation) -> Request:
    if request.header("accept") == "application/json" and b'"stream":true' in request.body:
        raise ApiError(406, "Accept has to name text/event-stream.")
    return request


@fault(
    "http-accept-json-whole",
    BODY,
    "A streaming request with Accept: application/json gets no stream.",
)
def _whole_for_json(body: Object, situation: Situation) -> Object:
    if situation.request.header("accept") != "application/json":
        return body
    return dropped(body, "stream", "stream_options")


@fault(
    "http-sdk-forbidden",
    REQUEST,
    "A firewall forbids the User-Agent of the OpenAI SDK.",
    "anomalyco/opencode#41320",
)
def _sdk_forbidden(request: Request, _: Situation) -> Request:
    if (request.header("user-agent") or "").startswith("OpenAI/"):
        raise ApiError(403, "Your request was blocked.", kind="permission_error")
    return request


@fault(
    "http-body-limit-100-kb",
    REQUEST,
    "A body above 100 KB is refused with 413.",
    "google-gemini/gemini-cli#13776",
)
def _small_bodies(request: Request, situation: Situation) -> Request:
    if path_is(situation, "/chat/completions") and len(request.body) > _EXPRESS:
        raise ApiError(413, "request entity too large", code="entity.too.large")
    return request


@fault(
    "http-chunked-body-unread",
    REQUEST,
    "A chunked request body is treated as empty.",
    "ggml-org/llama.cpp#20264",
)
def _chunked_unread(request: Request, _: Situation) -> Request:
    if request.header("transfer-encoding") is not None:
        raise ApiError(400, "The body of the request is not valid JSON: it is empty.")
    return request


@fault(
    "http-old-version-chunked",
    REPLY,
    "A request in HTTP/1.0 is answered in chunks, which HTTP/1.0 does not know.",
)
def _chunks_for_old(reply: Reply, situation: Situation) -> Reply:
    chunked = situation.request.is_old and is_stream(reply)
    return reply.with_header("Transfer-Encoding", "chunked") if chunked else reply


@fault(
    "http-gzip-mislabelled-whole",
    REPLY,
    "A completion that is not compressed is labelled gzip for a client that accepts it.",
    "open-webui/open-webui#23920",
)
def _whole_mislabelled(reply: Reply, situation: Situation) -> Reply:
    whole = situation.route == "chat" and not is_stream(reply)
    return _labelled_gzip(reply, situation) if whole else reply


@fault(
    "http-gzip-mislabelled-models",
    REPLY,
    "A list of models that is not compressed is labelled gzip for a client that accepts it.",
    "open-webui/open-webui#23920",
)
def _models_mislabelled(reply: Reply, situation: Situation) -> Reply:
    return _labelled_gzip(reply, situation) if situation.route == "models" else reply


def _labelled_gzip(reply: Reply, situation: Situation) -> Reply:
    accepted = "gzip" in (situation.request.header("accept-encoding") or "")
    return reply.with_header("Content-Encoding", "gzip") if accepted else reply
