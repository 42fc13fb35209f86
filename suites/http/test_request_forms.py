"""HTTP: requests in the forms that clients and their libraries give them."""

from oaicheck.rules import MUST, SHOULD, NotApplicable, require, requirement, status_line
from oaicheck.views import ChatStream, Completion, Exchange

_LENGTH_REQUIRED = 411
_FORBIDDEN = 403


@requirement(
    "http.requests.charset",
    MUST,
    "A request labelled `application/json; charset=utf-8` is served like one without the charset.",
    on="http/charset",
    against="chat/whole/text",
    source=("rfc9110#8.3.1", "github:Wei-Shaw/sub2api#963"),
    remedy="Compare the media type without its parameters: axios and .NET name the charset.",
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
    "A streamed request with the headers of the OpenAI SDK, which accepts JSON, gets a stream.",
    on="http/sdk-headers",
    against="chat/stream/text",
    source=("client:openai-python", "client:openai-node", "openai:streaming-guide"),
    remedy="Choose by `stream` in the body, never by Accept: the SDKs send "
    "`Accept: application/json` with every request, and streams are no exception.",
)
def test_the_headers_of_the_sdk_get_a_stream(exchange: Exchange, against: ChatStream) -> None:
    if exchange.status == _FORBIDDEN:
        raise NotApplicable("it was forbidden: http.requests.sdk-not-forbidden judges that")
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
    "A request is not forbidden for the headers of the OpenAI SDK.",
    on="http/sdk-headers",
    against="chat/stream/text",
    source=("openai:chat/create", "client:openai-python", "github:anomalyco/opencode#41320"),
    remedy="Let the firewall pass `User-Agent: OpenAI/Python …` and the X-Stainless headers: every "
    "user of an official SDK sends them.",
)
def test_the_sdk_is_not_forbidden(exchange: Exchange, against: ChatStream) -> None:
    require(
        exchange.status != _FORBIDDEN,
        exchange,
        expected="an answer, as without these headers",
        beside=against.exchange,
    )


@requirement(
    "http.requests.large-body",
    SHOULD,
    "A request of 300 KB with a short prompt is served.",
    on="http/large-body",
    against="chat/whole/text",
    source=("github:google-gemini/gemini-cli#13776", "github:xtekky/gpt4free#3242"),
    remedy="Raise the limit for bodies, 100 KB in Express and 1 MB in nginx, to what the context "
    "window takes: coding agents send their tools and files with every request.",
)
def test_a_large_body_is_served(exchange: Exchange, against: Completion) -> None:
    require(
        exchange.status == 200,
        exchange,
        expected="HTTP 200, as to the same request without white space",
        beside=against.exchange,
    )


@requirement(
    "http.requests.chunked-body",
    SHOULD,
    "A request whose body comes in chunks is served, or refused with 411.",
    on="http/chunked-body",
    against="chat/whole/text",
    source=("rfc9112#7.1", "rfc9110#15.5.12", "github:ggml-org/llama.cpp#20264"),
    remedy="Read a body with `Transfer-Encoding: chunked`: clients that stream their request, and "
    "proxies in between, send no Content-Length.",
)
def test_a_chunked_body_is_served(exchange: Exchange, against: Completion) -> None:
    if exchange.status == _LENGTH_REQUIRED:
        raise NotApplicable(f"the endpoint wants a Content-Length: {status_line(exchange)}")
    require(
        exchange.status == 200,
        exchange,
        expected="HTTP 200, as with Content-Length, or 411",
        beside=against.exchange,
    )
