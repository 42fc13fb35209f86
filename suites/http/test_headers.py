"""HTTP: the headers of answers."""

from oaicheck.rules import MUST, SHOULD, Inconclusive, header_line, require, requirement
from oaicheck.views import Bench, ChatStream, Completion, Exchange, completion_id, echoes

_REQUEST_ID = "x-request-id"
_FRAMING = ("content-length", "transfer-encoding")
_MOST_BYTES = 16 * 1024
"""Of headers, in Node."""


@requirement(
    "http.headers.request-id",
    SHOULD,
    "An answer, be it an error, carries an X-Request-Id.",
    on=("chat/stream/text", "chat/whole/text", "unknown/model"),
    source="openai:debugging",
    remedy="Number the requests, log the number, and send it as `X-Request-Id`: clients show it.",
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
    "No two requests of a run get the same X-Request-Id.",
    on="chat/whole/text",
    against="chat/stream/text",
    source="openai:debugging",
    remedy="Make a new X-Request-Id for each request that does not bring one itself.",
)
def test_request_ids_are_unique(exchange: Exchange, bench: Bench) -> None:
    seen: dict[str, Exchange] = {}
    for answer in bench.answered:
        name = answer.header(_REQUEST_ID)
        if name is not None:
            require(
                name not in seen,
                answer,
                expected="an X-Request-Id of its own",
                observed=f"X-Request-Id: {name}, as on another answer",
                beside=seen.get(name),
            )
            seen[name] = answer
    if len(seen) < 2:
        raise Inconclusive(f"{exchange.id} and the others carry no X-Request-Id to compare")


@requirement(
    "http.headers.stream-not-cached",
    SHOULD,
    "A stream forbids caches to keep it.",
    on="chat/stream/text",
    source=("whatwg:sse#authoring notes", "rfc9111#5.2.2.4"),
    remedy="Send `Cache-Control: no-cache` (or no-store) with every stream.",
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
    "A stream does not declare its length in advance.",
    on=("chat/stream/text", "chat/stream/long"),
    source=("rfc9110#8.6", "openai:streaming-guide"),
    remedy="Leave Content-Length out of streams: who knows it has the whole answer already.",
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
    "An answer says once how long its body is: by one Content-Length or one Transfer-Encoding.",
    on=("chat/stream/text", "chat/whole/text", "models/list", "unknown/path"),
    source=(
        "rfc9112#6.2",
        "rfc9112#6.3",
        "client:openai-node",
        "github:songquanpeng/one-api#528",
    ),
    remedy="Drop Content-Length and Transfer-Encoding of an upstream answer before the server adds "
    "its own: clients refuse the whole answer otherwise.",
)
def test_one_length(exchange: Exchange) -> None:
    lines = [f"{name}: {value}" for name, value in exchange.headers if name.lower() in _FRAMING]
    require(
        len(lines) <= 1 and "," not in (exchange.header("content-length") or ""),
        exchange,
        expected="one Content-Length, or one Transfer-Encoding, or neither",
        observed=", ".join(lines),
    )


@requirement(
    "http.headers.size",
    MUST,
    "The headers of an answer are smaller than 16 KiB together.",
    on=("chat/stream/text", "chat/whole/text", "models/list"),
    source=("client:openai-node", "github:nodejs/node#25794"),
    remedy="Keep prompts, traces and policies out of the headers: Node gives an answer up whose "
    "headers reach 16 KiB.",
)
def test_headers_are_small(exchange: Exchange) -> None:
    sizes = {name: len(name) + len(value) for name, value in exchange.headers}
    total = sum(len(name) + len(value) for name, value in exchange.headers)
    largest = max(sizes, key=sizes.__getitem__, default="")
    require(
        total < _MOST_BYTES,
        exchange,
        expected=f"less than {_MOST_BYTES} bytes of headers",
        observed=f"{largest}: {sizes.get(largest, 0)} bytes, of {total} bytes in all",
    )


@requirement(
    "http.headers.charset",
    SHOULD,
    "A charset named for JSON is utf-8.",
    on=("chat/whole/text", "chat/whole/non-ascii", "models/list"),
    source=("rfc8259#8.1", "rfc8259#11"),
    remedy="Send `Content-Type: application/json` with no charset: JSON is always UTF-8.",
)
def test_charset(exchange: Exchange) -> None:
    named = (exchange.header("content-type") or "").lower().replace('"', "").replace(" ", "")
    require(
        "charset=" not in named or "charset=utf-8" in named or "charset=utf8" in named,
        exchange,
        expected="charset=utf-8, or none",
        observed=f"Content-Type: {named}",
    )


@requirement(
    "http.headers.no-key",
    MUST,
    "The headers of an answer that was served do not repeat the key.",
    on=("chat/stream/text", "chat/whole/text", "models/list"),
    source=("openai:authentication", "github:BerriAI/litellm#39757"),
    remedy="Do not reflect request headers: answers end up in logs and caches.",
)
def test_no_key(exchange: Exchange) -> None:
    for name, value in exchange.headers:
        require(
            not echoes(value.encode("utf-8")),
            exchange,
            expected="headers without the key",
            observed=f"the key, or a part of it, in the header {name}",
        )


@requirement(
    "http.headers.connection",
    SHOULD,
    "An answer leaves the connection open for the next request.",
    on=("chat/whole/text", "models/list"),
    source="rfc9112#9.3",
    remedy="Keep connections alive: a new one for each request costs clients several round trips.",
)
def test_the_connection_stays_open(exchange: Exchange) -> None:
    words = [word.strip().lower() for word in (exchange.header("connection") or "").split(",")]
    require("close" not in words, exchange, expected="no `close`", observed="Connection: close")


@requirement(
    "http.headers.completion-id-unique",
    SHOULD,
    "No two completions of a run have the same `id`.",
    on="chat/whole/text",
    against="chat/stream/text",
    source=("openai:chat/object#id", "client:langchain"),
    remedy="Make a new id for each completion; clients tell messages apart by it.",
)
def test_completion_ids_are_unique(completion: Completion, bench: Bench) -> None:
    seen = {completion.root["id"].value: completion.root["id"]}
    for other in map(completion_id, bench.answered):
        if other.exchange.id != completion.exchange.id and other.is_text:
            require(
                other.value not in seen,
                other,
                expected="an id of its own",
                observed=f"{other.shown}, as on another completion",
                beside=seen.get(other.value),
            )
            seen[other.value] = other
    if len(seen) < 2:
        raise Inconclusive("there are no two ids to compare")
