"""Fuzzing: unusual characters in any string of a request."""

from oaicheck.rules import MUST, SHOULD, require, requirement
from oaicheck.views import Reaction, require_a_form, require_an_end, require_no_server_error


@requirement(
    "fuzz.unicode.ends",
    MUST,
    "The endpoint answers a request with unusual characters and completes the response.",
    on="fuzz/unicode/*",
    source=("rfc8259#7", "openai:errors"),
    remedy="Limit the work that a tokenizer, a template or a regular expression does on any text.",
)
def test_the_answer_ends(reaction: Reaction) -> None:
    require_an_end(reaction)


@requirement(
    "fuzz.unicode.no-server-error",
    MUST,
    "Unusual characters in a request, such as escaped NULs and lone surrogates, never cause a "
    "server error (5xx).",
    on="fuzz/unicode/*",
    source=("rfc8259#8.2", "openai:errors", "github:raullenchai/Rapid-MLX#730"),
    remedy="Replace invalid characters with U+FFFD, or refuse them with 400, right after you parse "
    "the body.",
)
def test_characters_cause_no_server_error(reaction: Reaction) -> None:
    require_no_server_error(reaction.exchange)


@requirement(
    "fuzz.unicode.answer",
    MUST,
    "The response to a request with unusual characters is an error with a message, a JSON object, "
    "or a stream of JSON objects.",
    on="fuzz/unicode/*",
    follows=("errors.body.is-json", "errors.body.error-object", "errors.body.message"),
    source=("openai:errors", "client:ai-sdk"),
    remedy="Escape what a response quotes from the request, and use one form for all errors.",
)
def test_the_answer_is_well_formed(reaction: Reaction) -> None:
    require_a_form(reaction)


@requirement(
    "fuzz.unicode.utf-8",
    MUST,
    "The response to a request with unusual characters is valid UTF-8.",
    on="fuzz/unicode/*",
    source="rfc8259#8.1",
    remedy="Escape lone surrogates in what a response quotes, or replace them with U+FFFD.",
)
def test_the_answer_is_utf_8(reaction: Reaction) -> None:
    try:
        reaction.exchange.body.decode("utf-8")
    except UnicodeDecodeError as error:
        broken = f"the byte {error.object[error.start]:#04x} at offset {error.start}"
    else:
        broken = None
    require(broken is None, reaction.exchange, expected="valid UTF-8", observed=broken)


@requirement(
    "fuzz.unicode.served",
    SHOULD,
    "The endpoint accepts emoji, combining marks, escapes and text in any script in the text of a "
    "message.",
    on="fuzz/unicode/text/*",
    source=("openai:chat/create#messages", "rfc8259#7"),
    remedy="Do not let a filter or a template refuse characters that Unicode has assigned.",
)
def test_characters_are_served(reaction: Reaction) -> None:
    require(not reaction.refused, reaction.exchange, expected="HTTP 200")
