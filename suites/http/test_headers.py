"""HTTP: response headers."""

from oaicheck.rules import MUST, SHOULD, Inconclusive, header_line, require, requirement
from oaicheck.views import (
    Bench,
    ChatStream,
    Completion,
    Exchange,
    completion_id,
    echoes,
    internal_address,
    shown,
)

_REQUEST_ID = "x-request-id"
_FRAMING = ("content-length", "transfer-encoding")
_NODE_LIMIT = 16 * 1024
"""The size of all headers at which Node rejects a response, in bytes."""


@requirement(
    "http.headers.request-id",
    SHOULD,
    "Every response, errors included, carries an X-Request-Id.",
    on=("chat/stream/text", "chat/whole/text", "unknown/model"),
    source="openai:debugging",
    remedy="Give each request an id, log it, and send it as `X-Request-Id`: clients show it to "
    "their users.",
)
def test_request_id(exchange: Exchange) -> None:
    require(
        bool((exchange.header(_REQUEST_ID) or "").strip()),
        exchange,
        expected="an X-Request-Id header",
        observed=header_line(exchange, "X-Request-Id"),
    )


@requirement(
    "http.headers.request-id-unique",
    SHOULD,
    "Every response in a run carries a different X-Request-Id.",
    on="chat/whole/text",
    against="chat/stream/text",
    follows=("http.headers.request-id",),
    source="openai:debugging",
    remedy="Make a new X-Request-Id for each request that does not bring its own.",
)
def test_request_ids_are_unique(exchange: Exchange, bench: Bench) -> None:
    seen: dict[str, Exchange] = {}
    for answer in bench.answered:
        name = answer.header(_REQUEST_ID)
        if name is not None:
            require(
                name not in seen,
                answer,
                expected="a unique X-Request-Id",
                observed=f"X-Request-Id: {name}, as on another response",
                beside=seen.get(name),
            )
            seen[name] = answer
    if len(seen) < 2:
        raise Inconclusive(
            f"{exchange.id} and the other responses have no X-Request-Id to compare",
            told_by=("http.headers.request-id",),
        )


@requirement(
    "http.headers.stream-not-cached",
    SHOULD,
    "A stream has Cache-Control `no-cache` or `no-store`.",
    on="chat/stream/text",
    source=("whatwg:sse#authoring notes", "rfc9111#5.2.2.4"),
    remedy="Send `Cache-Control: no-cache` (or `no-store`) with every stream.",
)
def test_a_stream_is_not_cached(stream: ChatStream) -> None:
    control = (stream.exchange.header("cache-control") or "").lower()
    require(
        "no-cache" in control or "no-store" in control,
        stream.exchange,
        expected="Cache-Control: no-cache",
        observed=f"Cache-Control: {control}" if control else "no Cache-Control header",
    )


@requirement(
    "http.headers.stream-length",
    SHOULD,
    "A stream has no Content-Length header.",
    on=("chat/stream/text", "chat/stream/long"),
    source=("rfc9110#8.6", "openai:streaming-guide"),
    remedy="Leave Content-Length out of streams: a server that knows the length has waited for the "
    "whole response.",
)
def test_a_stream_has_no_length(stream: ChatStream) -> None:
    length = stream.exchange.header("content-length")
    require(
        length is None,
        stream.exchange,
        expected="no Content-Length header",
        observed=f"Content-Length: {length}",
    )


@requirement(
    "http.headers.one-length",
    MUST,
    "A response gives its length only once, by one Content-Length or one Transfer-Encoding.",
    on=("chat/stream/text", "chat/whole/text", "models/list", "unknown/path"),
    source=(
        "rfc9112#6.2",
        "rfc9112#6.3",
        "client:openai-node",
        "github:songquanpeng/one-api#528",
    ),
    remedy="Remove Content-Length and Transfer-Encoding from an upstream response before the "
    "server adds its own: otherwise clients reject the whole response.",
)
def test_one_length(exchange: Exchange) -> None:
    lines = [f"{name}: {value}" for name, value in exchange.headers if name.lower() in _FRAMING]
    require(
        len(lines) <= 1 and "," not in (exchange.header("content-length") or ""),
        exchange,
        expected="one Content-Length, one Transfer-Encoding, or neither",
        observed=", ".join(lines),
    )


@requirement(
    "http.headers.size",
    MUST,
    "The headers of a response are smaller than 16 KiB in total.",
    on=("chat/stream/text", "chat/whole/text", "models/list"),
    source=("client:openai-node", "github:nodejs/node#25794"),
    remedy="Keep prompts, traces and policies out of the headers: Node rejects a response whose "
    "headers reach 16 KiB.",
)
def test_headers_are_small(exchange: Exchange) -> None:
    sizes = {name: len(name) + len(value) for name, value in exchange.headers}
    total = sum(len(name) + len(value) for name, value in exchange.headers)
    largest = max(sizes, key=sizes.__getitem__, default="")
    require(
        total < _NODE_LIMIT,
        exchange,
        expected=f"less than {_NODE_LIMIT} bytes of headers",
        observed=f"{largest}: {sizes.get(largest, 0)} bytes, of {total} bytes in total",
    )


@requirement(
    "http.headers.charset",
    SHOULD,
    "If the Content-Type of a response names a charset, it is utf-8.",
    on=("chat/whole/text", "chat/whole/non-ascii", "models/list"),
    source=("rfc8259#8.1", "rfc8259#11"),
    remedy="Send `Content-Type: application/json` without a charset: JSON is always UTF-8.",
)
def test_charset(exchange: Exchange) -> None:
    named = (exchange.header("content-type") or "").lower().replace('"', "").replace(" ", "")
    require(
        "charset=" not in named or "charset=utf-8" in named or "charset=utf8" in named,
        exchange,
        expected="charset=utf-8, or no charset",
        observed=f"Content-Type: {named}",
    )


@requirement(
    "http.headers.no-key",
    MUST,
    "The headers of a successful response do not repeat the key.",
    on=("chat/stream/text", "chat/whole/text", "models/list"),
    source=("openai:authentication", "github:BerriAI/litellm#39757"),
    remedy="Do not copy request headers into the response: responses end up in logs and caches.",
)
def test_no_key(exchange: Exchange) -> None:
    for name, value in exchange.headers:
        require(
            not echoes(value.encode("utf-8")),
            exchange,
            expected="headers without the key",
            observed=f"the key, or a part or digest of it, in the header {name}",
        )


@requirement(
    "http.headers.no-internal-address",
    SHOULD,
    "The headers of a successful response contain no address of an internal network.",
    on=("chat/stream/text", "chat/whole/text", "models/list"),
    source=("owasp:error-handling", "github:BerriAI/litellm#39757"),
    remedy="Remove headers that name the server behind a gateway, such as "
    "`x-litellm-model-api-base`, before the response leaves it.",
    since="2026.2",
)
def test_no_internal_address(exchange: Exchange) -> None:
    for name, value in exchange.headers:
        found = internal_address(value, exchange.request.url)
        require(
            found is None or name.lower().startswith("access-control-"),
            exchange,
            expected="headers without an internal address",
            observed=f"{shown(found)} in the header {name}",
        )


@requirement(
    "http.headers.connection",
    SHOULD,
    "A response leaves the connection open for the next request.",
    on=("chat/whole/text", "models/list"),
    source="rfc9112#9.3",
    remedy="Keep connections alive: a new one for each request costs clients several round trips.",
)
def test_the_connection_stays_open(exchange: Exchange) -> None:
    words = [word.strip().lower() for word in (exchange.header("connection") or "").split(",")]
    require(
        "close" not in words,
        exchange,
        expected="no Connection: close",
        observed="Connection: close",
    )


@requirement(
    "http.headers.completion-id-unique",
    SHOULD,
    "Every completion in a run has a different `id`.",
    on="chat/whole/text",
    against="chat/stream/text",
    follows=("chat.completion.id",),
    source=("openai:chat/object#id", "client:langchain"),
    remedy="Make a new id for each completion: clients tell messages apart by it.",
)
def test_completion_ids_are_unique(completion: Completion, bench: Bench) -> None:
    own = completion.root["id"]
    seen = {own.value: own} if own.is_text else {}
    for other in map(completion_id, bench.answered):
        if other.exchange.id != completion.exchange.id and other.is_text:
            require(
                other.value not in seen,
                other,
                expected="a unique id",
                observed=f"{other.shown}, as on another completion",
                beside=seen.get(other.value),
            )
            seen[other.value] = other
    if len(seen) < 2:
        raise Inconclusive(
            "there are not two ids to compare", told_by=("chat.completion.id", "chat.chunk.id")
        )
