"""HTTP: requests in the forms that clients and their libraries send."""

from oaicheck.rules import MUST, SHOULD, NotApplicable, require, requirement, status_line
from oaicheck.views import ChatStream, Completion, Exchange

_LENGTH_REQUIRED = 411
_FORBIDDEN = 403


@requirement(
    "http.requests.charset",
    MUST,
    "The endpoint serves a request with `Content-Type: application/json; charset=utf-8` like one "
    "without the charset.",
    on="http/charset",
    against="chat/whole/text",
    source=("rfc9110#8.3.1", "github:Wei-Shaw/sub2api#963"),
    remedy="Compare the media type without its parameters: axios and .NET add the charset.",
)
def test_a_charset_changes_nothing(exchange: Exchange, against: Completion) -> None:
    require(
        exchange.status == 200,
        exchange,
        expected="HTTP 200, as without the charset",
        beside=against.exchange,
    )


@requirement(
    "http.requests.accept-json",
    MUST,
    "A streaming request with the OpenAI SDK's headers, which include `Accept: application/json`, "
    "gets a stream.",
    on="http/sdk-headers",
    against="chat/stream/text",
    source=("client:openai-python", "client:openai-node", "openai:streaming-guide"),
    remedy="Decide by `stream` in the body, never by the Accept header: the SDKs send `Accept: "
    "application/json` with every request, including streaming ones.",
)
def test_the_headers_of_the_sdk_get_a_stream(exchange: Exchange, against: ChatStream) -> None:
    if exchange.status == _FORBIDDEN:
        raise NotApplicable("it was refused with 403: http.requests.sdk-not-forbidden judges that")
    require(
        exchange.status == 200 and bool(exchange.events),
        exchange,
        expected="HTTP 200 and a stream, as without these headers",
        observed=status_line(exchange),
        beside=against.exchange,
    )


@requirement(
    "http.requests.sdk-not-forbidden",
    MUST,
    "The endpoint does not answer 403 to the OpenAI SDK's headers.",
    on="http/sdk-headers",
    against="chat/stream/text",
    source=("openai:chat/create", "client:openai-python", "github:anomalyco/opencode#41320"),
    remedy="Let the firewall accept `User-Agent: OpenAI/Python …` and the X-Stainless headers: "
    "every user of an official SDK sends them.",
)
def test_the_sdk_is_not_forbidden(exchange: Exchange, against: ChatStream) -> None:
    require(
        exchange.status != _FORBIDDEN,
        exchange,
        expected="no HTTP 403, as without these headers",
        beside=against.exchange,
    )


@requirement(
    "http.requests.old-version",
    SHOULD,
    "A response to a request in HTTP/1.0 is not chunked.",
    on="http/old-version",
    source="rfc9112#6.1",
    remedy="If the request line says HTTP/1.0, send the body without chunks and close the "
    "connection after it. Proxies such as nginx speak HTTP/1.0 to a server unless told otherwise.",
    since="2026.2",
)
def test_an_old_version_gets_no_chunks(exchange: Exchange) -> None:
    coding = exchange.header("transfer-encoding")
    require(
        coding is None,
        exchange,
        expected="no Transfer-Encoding, since the request says HTTP/1.0",
        observed=f"Transfer-Encoding: {coding}",
    )


@requirement(
    "http.requests.large-body",
    SHOULD,
    "The endpoint serves a request of 300 KB with a short prompt.",
    on="http/large-body",
    against="chat/whole/text",
    source=("github:google-gemini/gemini-cli#13776", "github:xtekky/gpt4free#3242"),
    remedy="Raise the limit for request bodies (100 KB in Express, 1 MB in nginx) to what the "
    "context window holds: coding agents send their tools and files with every request.",
)
def test_a_large_body_is_served(exchange: Exchange, against: Completion) -> None:
    require(
        exchange.status == 200,
        exchange,
        expected="HTTP 200, as for the same request without white space",
        beside=against.exchange,
    )


@requirement(
    "http.requests.chunked-body",
    SHOULD,
    "The endpoint serves a request whose body is sent in chunks, or refuses it with 411.",
    on="http/chunked-body",
    against="chat/whole/text",
    source=("rfc9112#7.1", "rfc9110#15.5.12", "github:ggml-org/llama.cpp#20264"),
    remedy="Read a body with `Transfer-Encoding: chunked`: clients that stream their request, and "
    "proxies, send no Content-Length.",
)
def test_a_chunked_body_is_served(exchange: Exchange, against: Completion) -> None:
    if exchange.status == _LENGTH_REQUIRED:
        raise NotApplicable(f"the endpoint requires a Content-Length: {status_line(exchange)}")
    require(
        exchange.status == 200,
        exchange,
        expected="HTTP 200, as with a Content-Length, or HTTP 411",
        beside=against.exchange,
    )
