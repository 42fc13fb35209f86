"""HTTP: requests that clients write in one way or another, and how answers end."""

from oaicheck.rules import (
    MUST,
    SHOULD,
    Inconclusive,
    NotApplicable,
    header_line,
    require,
    requirement,
    status_line,
)
from oaicheck.views import RATE_LIMITED, Bench, Ending, Exchange, Scenario

_ORIGIN = "Access-Control-Allow-Origin"
_ELSEWHERE = (301, 302, 303, 307, 308, 404, 405)
"""By these an endpoint says that a path is not where the answer is."""


@requirement(
    "http.requests.double-slash",
    SHOULD,
    "A path with two slashes, from a base URL that ends with one, is served like one with one.",
    on="concurrent/double-slash",
    source="github:sigoden/aichat#767",
    remedy="Merge slashes before routing: many clients join base URL and path as they are.",
)
def test_a_double_slash_is_served(exchange: Exchange) -> None:
    if exchange.status not in (200, *_ELSEWHERE):
        raise Inconclusive(f"it was refused for another reason: {status_line(exchange)}")
    require(exchange.status == 200, exchange, expected="HTTP 200")


@requirement(
    "http.requests.scheme-case",
    SHOULD,
    "The key is accepted under `authorization: bearer` too: neither name has a case.",
    on="concurrent/lowercase-scheme",
    source=("rfc9110#11.1", "rfc9110#5.1"),
    remedy="Compare the scheme without regard to case.",
)
def test_the_scheme_has_no_case(exchange: Exchange) -> None:
    require(exchange.status not in (400, 401, 403), exchange, expected="the key to be accepted")


@requirement(
    "http.requests.no-redirect",
    MUST,
    "A request to the API is not answered with a redirect.",
    on=("chat/stream/text", "chat/whole/text", "models/list", "auth/*"),
    source=("rfc9110#15.4", "openai:chat/create", "openai:authentication"),
    remedy="Serve the path itself: clients drop the body, the key or the request on a redirect.",
)
def test_no_redirect(exchange: Exchange) -> None:
    require(
        not 300 <= (exchange.status or 0) < 400,
        exchange,
        expected="an answer, not a redirect",
        observed=f"HTTP {exchange.status} to {exchange.header('location')}",
    )


@requirement(
    "http.requests.complete",
    MUST,
    "A body that is not a stream is as long as its framing says.",
    on=("chat/whole/*", "models/list", "unknown/*", "auth/*"),
    source=("rfc9112#8", "rfc9110#8.6"),
    remedy="Send as many bytes as Content-Length says, or the last chunk; then clients know that "
    "they have it all.",
)
def test_complete(exchange: Exchange) -> None:
    require(
        exchange.ending is Ending.COMPLETE,
        exchange,
        expected="the end of the body",
        observed=f"{exchange.ending}: {exchange.detail}",
    )


@requirement(
    "http.requests.after-hang-up",
    MUST,
    "After a client hung up in the middle of a stream, the next request is served.",
    on="http/hang-up",
    source="github:ggml-org/llama.cpp#24496",
    remedy="Stop generating when the client is gone, and give its slot to the next request.",
)
def test_served_after_a_hang_up(bench: Bench, scenario: Scenario) -> None:
    turns = bench.conversation(scenario).turns
    if turns[0].ending is not Ending.HUNG_UP or len(turns) < 2:
        raise Inconclusive(f"the stream was over before: {status_line(turns[0])}")
    status = turns[1].status
    if status is not None and (status in RATE_LIMITED or 400 <= status < 500):
        raise Inconclusive(f"it was refused for another reason: {status_line(turns[1])}")
    require(
        status is not None and status < 300,
        turns[1],
        expected="an answer with HTTP 200",
        observed=f"{status_line(turns[1])}, {turns[1].ending}",
        beside=turns[0],
    )


@requirement(
    "http.requests.preflight",
    SHOULD,
    "A browser's preflight request is granted without a key.",
    on="http/preflight",
    source=("fetch:cors#CORS-preflight request", "github:mudler/LocalAI#710"),
    remedy="Answer OPTIONS with 204 and Access-Control-Allow-Origin before the key is checked: "
    "browsers send none with it.",
)
def test_a_preflight_is_granted(exchange: Exchange) -> None:
    require(200 <= (exchange.status or 0) < 300, exchange, expected="a status from 200 to 299")
    require(
        exchange.header(_ORIGIN) is not None,
        exchange,
        expected=f"{_ORIGIN}: *, or the origin",
        observed=header_line(exchange, _ORIGIN),
    )


@requirement(
    "http.requests.preflight-allows",
    SHOULD,
    "A preflight that is granted allows any origin to POST with a key.",
    on="http/preflight",
    source=("fetch:cors#CORS-preflight fetch", "github:mudler/LocalAI#710"),
    remedy="Send Access-Control-Allow-Origin, and allow the headers Authorization and "
    "Content-Type by name (a `*` does not cover Authorization).",
)
def test_a_preflight_allows_what_clients_need(exchange: Exchange) -> None:
    origin = exchange.header(_ORIGIN)
    if not 200 <= (exchange.status or 0) < 300 or origin is None:
        raise NotApplicable("no preflight is granted: http.requests.preflight judges that")
    require(
        origin in ("*", "https://app.example"),
        exchange,
        expected=f"{_ORIGIN}: *, or the origin",
        observed=header_line(exchange, _ORIGIN),
    )
    allowed = (exchange.header("access-control-allow-headers") or "").lower()
    names = {word.strip() for word in allowed.split(",")}
    observed = header_line(exchange, "Access-Control-Allow-Headers")
    require(
        "authorization" in names,
        exchange,
        expected="Authorization named in Access-Control-Allow-Headers; `*` does not cover it",
        observed=observed,
    )
    require(
        bool(names & {"content-type", "*"}),
        exchange,
        expected="Content-Type in Access-Control-Allow-Headers, or `*`",
        observed=observed,
    )


@requirement(
    "http.requests.keep-alive",
    SHOULD,
    "A connection serves a second request after the first.",
    on=("http/keep-alive", "http/keep-alive-stream"),
    source=("rfc9112#9.3", "rfc9112#9.6"),
    remedy="End each answer where its framing says, and read the next request from there; say "
    "`Connection: close` where there will be no next one.",
)
def test_a_connection_serves_a_second_request(bench: Bench, scenario: Scenario) -> None:
    second = _second(bench, scenario)
    if _on_a_new_connection(second):
        raise Inconclusive(f"{second.id}: the connection was closed before it, without a word")
    require(
        second.answered and second.ending is Ending.COMPLETE,
        second,
        expected="an answer that comes to its end",
        observed=f"{second.ending}: {second.detail}",
        beside=bench.opening(scenario),
    )


@requirement(
    "http.requests.second-complete",
    MUST,
    "A second answer that begins on a connection comes to its end.",
    on=("http/keep-alive", "http/keep-alive-stream"),
    source=("rfc9112#8", "client:openai-node", "client:openai-python"),
    remedy="Send the whole answer, however many the connection has served, and nothing after its "
    "end, such as a second last chunk: clients keep their connections, and take what is left there "
    "for the beginning of the next answer.",
)
def test_a_second_answer_is_complete(bench: Bench, scenario: Scenario) -> None:
    second = _second(bench, scenario)
    if _on_a_new_connection(second):
        raise NotApplicable(f"{second.id}: the connection was closed before it")
    if not second.answered and second.ending is not Ending.NOT_HTTP:
        raise Inconclusive(f"{second.id}: the connection was closed before any answer")
    require(
        second.answered,
        second,
        expected="an answer, and nothing of the one before it left on the connection",
        observed=f"{second.ending}: {second.detail}",
        beside=bench.opening(scenario),
    )
    require(
        second.ending is Ending.COMPLETE,
        second,
        expected="the end of the body",
        observed=f"{second.ending}: {second.detail}",
    )


def _second(bench: Bench, scenario: Scenario) -> Exchange:
    first = bench.opening(scenario)
    if "close" in (first.header("connection") or "").lower():
        raise NotApplicable(f"{first.id}: the server says that it closes the connection")
    if first.status != 200 or first.ending is not Ending.COMPLETE:
        raise Inconclusive(f"the first request was not served: {status_line(first)}")
    second = bench.conversation(scenario).turns[-1]
    if second.turn == first.turn or second.status in RATE_LIMITED:
        raise Inconclusive("the second request was not served for another reason")
    return second


def _on_a_new_connection(second: Exchange) -> bool:
    return second.variables.get("connection") == "new"


@requirement(
    "http.requests.head",
    SHOULD,
    "HEAD on the list of models is answered with the status of GET and no body.",
    on="http/head",
    against="models/list",
    source="rfc9110#9.3.2",
    remedy="Route HEAD wherever GET is: health probes and proxies ask in that way.",
)
def test_head_is_like_get(exchange: Exchange, against: Exchange) -> None:
    require(
        exchange.status == against.status,
        exchange,
        expected=f"HTTP {against.status}, as to GET",
        beside=against,
    )
    require(not exchange.body, exchange, expected="no body", observed=f"{len(exchange.body)} bytes")
