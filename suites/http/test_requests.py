"""HTTP: variants of paths, methods and headers in requests, and how responses end."""

from collections.abc import Sequence

from oaicheck.rules import (
    MUST,
    SHOULD,
    Inconclusive,
    NotApplicable,
    Unserved,
    header_line,
    require,
    requirement,
    status_line,
)
from oaicheck.views import RATE_LIMITED, Bench, Ending, Exchange, Scenario

_ORIGIN = "Access-Control-Allow-Origin"
_ELSEWHERE = (301, 302, 303, 307, 308, 404, 405)
"""The statuses by which an endpoint says that it does not serve a request at this path."""
_BAD_GATEWAY = 502
"""A proxy did not reach the server, which shows nothing of the server."""


@requirement(
    "http.requests.double-slash",
    SHOULD,
    "The endpoint serves a path with a double slash (from a base URL that ends with a slash) like "
    "the path with one slash.",
    on="concurrent/double-slash",
    source="github:sigoden/aichat#767",
    remedy="Merge slashes before routing: many clients join base URL and path as they are.",
)
def test_a_double_slash_is_served(exchange: Exchange) -> None:
    if exchange.status not in (200, *_ELSEWHERE):
        raise Unserved("the request was refused for another reason", exchange)
    require(exchange.status == 200, exchange, expected="HTTP 200")


@requirement(
    "http.requests.scheme-case",
    SHOULD,
    "The endpoint accepts the key under `authorization: bearer` in lower case.",
    on="concurrent/lowercase-scheme",
    source=("rfc9110#11.1", "rfc9110#5.1"),
    remedy="Compare the header's name and the scheme case-insensitively.",
)
def test_the_scheme_is_case_insensitive(exchange: Exchange) -> None:
    require(
        exchange.status not in (400, 401, 403),
        exchange,
        expected="a status other than 400, 401 and 403",
    )


@requirement(
    "http.requests.no-redirect",
    MUST,
    "The endpoint does not redirect requests to the API.",
    on=("chat/stream/text", "chat/whole/text", "models/list", "auth/*"),
    source=("rfc9110#15.4", "openai:chat/create", "openai:authentication"),
    remedy="Serve the path itself: on a redirect, clients drop the body, the key or the request.",
)
def test_no_redirect(exchange: Exchange) -> None:
    require(
        not 300 <= (exchange.status or 0) < 400,
        exchange,
        expected="no redirect",
        observed=f"HTTP {exchange.status} to {exchange.header('location')}",
    )


@requirement(
    "http.requests.complete",
    MUST,
    "A body that is not a stream is as long as its Content-Length or its chunks say.",
    on=("chat/whole/*", "models/list", "unknown/*", "auth/*"),
    source=("rfc9112#8", "rfc9110#8.6"),
    remedy="Send exactly as many bytes as Content-Length says, or the last chunk, so that clients "
    "know that the body is complete.",
)
def test_complete(exchange: Exchange) -> None:
    require(
        exchange.ending is Ending.COMPLETE,
        exchange,
        expected="a complete body",
        observed=f"{exchange.ending}: {exchange.detail}",
    )


@requirement(
    "http.requests.after-hang-up",
    MUST,
    "After a client disconnects in the middle of a stream, the endpoint serves the next request.",
    on="http/hang-up",
    follows=("http.requests.after-impatience",),
    source="github:ggml-org/llama.cpp#24496",
    remedy="Stop generating when the client disconnects, and give its slot to the next request.",
)
def test_served_after_a_disconnect(bench: Bench, scenario: Scenario) -> None:
    _require_the_next_served(bench.conversation(scenario).turns[1:], "the stream")


@requirement(
    "http.requests.after-impatience",
    MUST,
    "After a client disconnects while it waits for a whole answer, the endpoint serves the next "
    "request.",
    on="http/hang-up",
    source=("github:ggml-org/llama.cpp#24496", "client:openai-python"),
    remedy="Notice that a client has gone before you send it anything: stop generating, and give "
    "its slot to the next request. The SDKs give up and retry after their timeout.",
    since="2026.2",
)
def test_served_after_a_client_gave_up(bench: Bench, scenario: Scenario) -> None:
    _require_the_next_served(bench.conversation(scenario).turns[:2], "the answer")


def _require_the_next_served(turns: Sequence[Exchange], left: str) -> None:
    """Require that the second of two requests is served, if the client has left the first."""
    if len(turns) < 2 or turns[0].ending is not Ending.HUNG_UP:
        if turns:
            raise Unserved(f"{left} ended before the client disconnected", turns[0])
        raise Inconclusive(f"{left} was not sent")
    following = turns[1]
    status = following.status
    if status is not None and (status in (*RATE_LIMITED, _BAD_GATEWAY) or 400 <= status < 500):
        raise Unserved("the next request was refused for another reason", following)
    require(
        status is not None and status < 300,
        following,
        expected="HTTP 200",
        observed=f"{status_line(following)}, {following.ending}",
        beside=turns[0],
    )


@requirement(
    "http.requests.preflight",
    SHOULD,
    "A browser's CORS preflight request succeeds without a key.",
    on="http/preflight",
    source=("fetch:cors#CORS-preflight request", "github:mudler/LocalAI#710"),
    remedy="Answer OPTIONS with 204 and Access-Control-Allow-Origin before you check the key: "
    "browsers send no key with it.",
)
def test_a_preflight_succeeds(exchange: Exchange) -> None:
    require(200 <= (exchange.status or 0) < 300, exchange, expected="a 2xx status")
    require(
        exchange.header(_ORIGIN) is not None,
        exchange,
        expected=f"{_ORIGIN}: * or the origin",
        observed=header_line(exchange, _ORIGIN),
    )


@requirement(
    "http.requests.preflight-allows",
    SHOULD,
    "A successful preflight allows the page's origin and the headers Authorization and "
    "Content-Type.",
    on="http/preflight",
    source=("fetch:cors#CORS-preflight fetch", "github:mudler/LocalAI#710"),
    remedy="Send Access-Control-Allow-Origin, and name Authorization and Content-Type in "
    "Access-Control-Allow-Headers (`*` does not cover Authorization).",
)
def test_a_preflight_allows_what_clients_need(exchange: Exchange) -> None:
    origin = exchange.header(_ORIGIN)
    if not 200 <= (exchange.status or 0) < 300 or origin is None:
        raise NotApplicable("the preflight did not succeed: http.requests.preflight judges that")
    require(
        origin in ("*", "https://app.example"),
        exchange,
        expected=f"{_ORIGIN}: * or the origin",
        observed=header_line(exchange, _ORIGIN),
    )
    allowed = (exchange.header("access-control-allow-headers") or "").lower()
    names = {word.strip() for word in allowed.split(",")}
    observed = header_line(exchange, "Access-Control-Allow-Headers")
    require(
        "authorization" in names,
        exchange,
        expected="Authorization in Access-Control-Allow-Headers (`*` does not cover it)",
        observed=observed,
    )
    require(
        bool(names & {"content-type", "*"}),
        exchange,
        expected="Content-Type or `*` in Access-Control-Allow-Headers",
        observed=observed,
    )


@requirement(
    "http.requests.keep-alive",
    SHOULD,
    "The endpoint serves a second request on the same connection.",
    on=("http/keep-alive", "http/keep-alive-stream"),
    source=("rfc9112#9.3", "rfc9112#9.6"),
    remedy="End each response where its headers say, and then read the next request; send "
    "`Connection: close` if there will be no next one.",
)
def test_a_connection_serves_a_second_request(bench: Bench, scenario: Scenario) -> None:
    second = _second(bench, scenario)
    if _on_a_new_connection(second):
        raise NotApplicable(f"{second.id}: the server closes the connection after each response")
    require(
        second.answered and second.ending is Ending.COMPLETE,
        second,
        expected="a complete response",
        observed=f"{second.ending}: {second.detail}",
        beside=bench.opening(scenario),
    )


@requirement(
    "http.requests.second-complete",
    MUST,
    "A second response that begins on the same connection is complete.",
    on=("http/keep-alive", "http/keep-alive-stream"),
    source=("rfc9112#8", "client:openai-node", "client:openai-python"),
    remedy="Send the whole response, however many the connection has served, and nothing after its "
    "end, such as a second last chunk: clients reuse connections, and read leftover bytes as the "
    "beginning of the next response.",
)
def test_a_second_answer_is_complete(bench: Bench, scenario: Scenario) -> None:
    second = _second(bench, scenario)
    if _on_a_new_connection(second):
        raise NotApplicable(f"{second.id}: the connection was closed before it")
    if not second.answered and second.ending is not Ending.NOT_HTTP:
        raise Inconclusive(
            f"{second.id}: the connection was closed before any response",
            told_by=("http.requests.keep-alive",),
        )
    require(
        second.answered,
        second,
        expected="a response, and no leftover bytes of the one before it",
        observed=f"{second.ending}: {second.detail}",
        beside=bench.opening(scenario),
    )
    require(
        second.ending is Ending.COMPLETE,
        second,
        expected="a complete body",
        observed=f"{second.ending}: {second.detail}",
    )


def _second(bench: Bench, scenario: Scenario) -> Exchange:
    first = bench.opening(scenario)
    if "close" in (first.header("connection") or "").lower():
        raise NotApplicable(f"{first.id}: the server announces that it closes the connection")
    if first.status != 200 or first.ending is not Ending.COMPLETE:
        raise Unserved("the first request was not served", first)
    second = bench.conversation(scenario).turns[-1]
    if second.turn == first.turn or second.status in RATE_LIMITED:
        raise Inconclusive("the second request was not served for another reason")
    return second


def _on_a_new_connection(second: Exchange) -> bool:
    return second.variables.get("connection") == "new"


@requirement(
    "http.requests.head",
    SHOULD,
    "The endpoint answers HEAD on the list of models with the status of GET and no body.",
    on="http/head",
    against="models/list",
    source="rfc9110#9.3.2",
    remedy="Route HEAD wherever you route GET: health probes and proxies use it.",
)
def test_head_is_like_get(exchange: Exchange, against: Exchange) -> None:
    if against.status != 200:
        raise NotApplicable("GET is not served (see models.list.status)")
    require(
        exchange.status == against.status,
        exchange,
        expected=f"HTTP {against.status}, as for GET",
        beside=against,
    )
    require(not exchange.body, exchange, expected="no body", observed=f"{len(exchange.body)} bytes")
