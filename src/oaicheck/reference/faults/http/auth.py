"""Faults of authentication: invalid keys that are accepted, and keys that leak."""

from dataclasses import replace

from ...deviation import ERROR, REPLY, REQUEST, Refusal, Situation, fault
from ...http.problem import ApiError
from ...http.reply import Piece, Reply, Request


@fault("auth-missing-key-accepted", REQUEST, "A request without a key is served.")
def _missing_accepted(request: Request, situation: Situation) -> Request:
    return _with_key(request, situation) if not request.header("authorization") else request


@fault("auth-wrong-key-accepted", REQUEST, "A request with any key is served.")
def _wrong_accepted(request: Request, situation: Situation) -> Request:
    return _with_key(request, situation) if request.header("authorization") else request


@fault("auth-truncated-key-accepted", REQUEST, "The beginning of the key is accepted.")
def _truncated_accepted(request: Request, situation: Situation) -> Request:
    key = (request.header("authorization") or "").removeprefix("Bearer ")
    whole = situation.settings.api_key or ""
    return _with_key(request, situation) if len(key) > 4 and whole.startswith(key) else request


@fault("auth-longer-key-accepted", REQUEST, "Any text that begins with the key is accepted.")
def _longer_accepted(request: Request, situation: Situation) -> Request:
    key = _key_in(request)
    whole = situation.settings.api_key or ""
    longer = key.startswith(whole) and key != whole and not _is_known(key, situation)
    return _with_key(request, situation) if longer else request


@fault("auth-empty-key-accepted", REQUEST, "A request with an empty key is served.")
def _empty_accepted(request: Request, situation: Situation) -> Request:
    return _with_key(request, situation) if _has_empty_key(request) else request


@fault("auth-empty-key-500", REQUEST, "An empty key gives a 500.")
def _empty_500(request: Request, _: Situation) -> Request:
    if _has_empty_key(request):
        raise ApiError(500, "list index out of range", kind="server_error")
    return request


@fault(
    "auth-streamed-wrong-key-in-200",
    REPLY,
    "A streaming request with a wrong key gets a 200 and an error in the stream.",
    "runpod-workers/worker-vllm#57",
)
def _refused_in_stream(reply: Reply, situation: Situation) -> Reply:
    streamed = b'"stream":true' in situation.request.body
    if situation.error is None or situation.error.status != 401 or not streamed:
        return reply
    event = Piece(b"data: " + reply.body + b"\n\n")
    headers = (("Content-Type", "text/event-stream"), ("Cache-Control", "no-cache"))
    return Reply(200, headers, (event,))


@fault("auth-models-any-key", REQUEST, "The list of models is served with any key.")
def _models_any_key(request: Request, situation: Situation) -> Request:
    any_key = request.path.endswith("/models") and request.header("authorization") is not None
    return _with_key(request, situation) if any_key else request


@fault("auth-other-scheme-accepted", REQUEST, "The Basic scheme is served like Bearer.")
def _other_scheme(request: Request, situation: Situation) -> Request:
    given = request.header("authorization") or ""
    return _with_key(request, situation) if given.startswith("Basic") else request


@fault("auth-models-open", REQUEST, "The list of models is served without a valid key.")
def _models_open(request: Request, situation: Situation) -> Request:
    return _with_key(request, situation) if "/models" in request.path else request


@fault("auth-scopeless-key-accepted", REQUEST, "A key without the inference scope is served.")
def _scopeless(request: Request, situation: Situation) -> Request:
    given = request.header("authorization") or ""
    served = given.endswith(situation.settings.scopeless_key)
    return _with_key(request, situation) if served else request


@fault("auth-expired-key-accepted", REQUEST, "An expired key is served.")
def _expired(request: Request, situation: Situation) -> Request:
    given = request.header("authorization") or ""
    served = given.endswith(situation.settings.expired_key)
    return _with_key(request, situation) if served else request


@fault("auth-lowercase-scheme-rejected", REQUEST, "A lower-case bearer scheme is refused.")
def _lowercase_rejected(request: Request, _: Situation) -> Request:
    if (request.header("authorization") or "").startswith("bearer "):
        raise ApiError(401, "Malformed Authorization header.", kind="authentication_error")
    return request


@fault("auth-wrong-key-403", ERROR, "A wrong key is answered with 403 instead of 401.")
def _status_403(refusal: Refusal, _: Situation) -> Refusal:
    return replace(refusal, status=403) if refusal.status == 401 else refusal


@fault("auth-wrong-key-400", ERROR, "A missing or wrong key is answered with 400.")
def _status_400(refusal: Refusal, _: Situation) -> Refusal:
    return replace(refusal, status=400) if refusal.status == 401 else refusal


@fault("auth-wrong-key-500", ERROR, "A missing or wrong key is answered with 500.")
def _status_500(refusal: Refusal, _: Situation) -> Refusal:
    return replace(refusal, status=500) if refusal.status == 401 else refusal


@fault(
    "errors-200-bad-key",
    REPLY,
    "A bad key gives a 200 with an empty answer.",
    "EpistasisLab/KRAGEN#90",
)
def _empty_200(reply: Reply, situation: Situation) -> Reply:
    if situation.error is None or situation.error.status != 401:
        return reply
    return replace(reply.with_body(b'{"answer":""}'), status=200)


@fault("auth-redirect-to-login", REPLY, "A bad key is answered with a redirect to a login page.")
def _redirect(reply: Reply, situation: Situation) -> Reply:
    if situation.error is None or situation.error.status != 401:
        return reply
    page = b"<html><a href='/login'>Log in</a></html>"
    moved = Reply(302, (("Content-Type", "text/html"), ("Location", "/login")), (Piece(page),))
    return moved.with_header("Content-Length", str(len(page)))


@fault("auth-challenge-missing", ERROR, "A 401 has no WWW-Authenticate header.")
def _no_challenge(refusal: Refusal, _: Situation) -> Refusal:
    kept = tuple(item for item in refusal.headers if item[0] != "WWW-Authenticate")
    return replace(refusal, headers=kept)


@fault("auth-key-echoed", ERROR, "The error for a wrong key repeats the key.")
def _key_echoed(refusal: Refusal, situation: Situation) -> Refusal:
    given = (situation.request.header("authorization") or "").partition(" ")[2]
    if refusal.status != 401 or not given:
        return refusal
    message = f"Incorrect API key provided: {given}."
    return replace(refusal, body={"error": {**refusal.body["error"], "message": message}})


@fault("auth-key-echoed-in-header", REPLY, "Every reply repeats the key in a header.")
def _key_in_header(reply: Reply, situation: Situation) -> Reply:
    given = (situation.request.header("authorization") or "").partition(" ")[2]
    printable = "".join(letter for letter in given if 31 < ord(letter) < 127)
    return reply.with_header("X-Debug-Key", printable) if printable else reply


@fault(
    "errors-leaks-internals",
    ERROR,
    "The error for a wrong key names a database table and a hash of the key.",
    "BerriAI/litellm#39757",
)
def _internals(refusal: Refusal, _: Situation) -> Refusal:
    if refusal.status != 401:
        return refusal
    message = (
        "Authentication Error, Invalid proxy server token passed. Received API Key = sk-...abcd, "
        "Key Hash (Token) =d748f1cb3d0f. Unable to find token in cache or "
        "`LiteLLM_VerificationTokenTable`"
    )
    return replace(refusal, body={"error": {**refusal.body["error"], "message": message}})


def _with_key(request: Request, situation: Situation) -> Request:
    return request.with_header("Authorization", f"Bearer {situation.settings.api_key}")


def _key_in(request: Request) -> str:
    return (request.header("authorization") or "").removeprefix("Bearer ")


def _has_empty_key(request: Request) -> bool:
    return (request.header("authorization") or "").strip() == "Bearer"


def _is_known(key: str, situation: Situation) -> bool:
    return key in (situation.settings.expired_key, situation.settings.scopeless_key)
