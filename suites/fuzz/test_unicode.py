"""Fuzzing: characters of all kinds wherever a string may stand."""

from oaicheck.rules import MUST, SHOULD, require, requirement
from oaicheck.views import Reaction, require_a_form, require_an_end, require_no_server_error


@requirement(
    "fuzz.unicode.ends",
    MUST,
    "A request with unusual characters is answered, and the answer comes to its end.",
    on="fuzz/unicode/*",
    source=("rfc8259#7", "openai:errors"),
    remedy="Bound the work that a tokenizer, a template or a pattern does on any text.",
)
def test_the_answer_ends(reaction: Reaction) -> None:
    require_an_end(reaction)


@requirement(
    "fuzz.unicode.no-server-error",
    MUST,
    "Unusual characters in any string of a request, escaped NULs and lone surrogates among them, "
    "are no server error.",
    on="fuzz/unicode/*",
    source=("rfc8259#8.2", "openai:errors", "github:raullenchai/Rapid-MLX#730"),
    remedy="Replace what is not a character by U+FFFD, or refuse it with 400, right after the body "
    "is parsed.",
)
def test_characters_are_no_server_error(reaction: Reaction) -> None:
    require_no_server_error(reaction.exchange)


@requirement(
    "fuzz.unicode.answer",
    MUST,
    "A request with unusual characters is answered with an error object that has a message, or "
    "served with a JSON object or a stream of them.",
    on="fuzz/unicode/*",
    source=("openai:errors", "client:ai-sdk"),
    remedy="Escape what an answer quotes of the request, and keep to one form of error.",
)
def test_the_answer_has_a_form(reaction: Reaction) -> None:
    require_a_form(reaction)


@requirement(
    "fuzz.unicode.utf-8",
    MUST,
    "The answer to a request with unusual characters is valid UTF-8.",
    on="fuzz/unicode/*",
    source="rfc8259#8.1",
    remedy="Escape lone surrogates in what an answer quotes, or replace them by U+FFFD.",
)
def test_the_answer_is_utf_8(reaction: Reaction) -> None:
    try:
        reaction.exchange.body.decode("utf-8")
    except UnicodeDecodeError as error:
        broken = f"the byte {error.object[error.start]:#04x} at {error.start}"
    else:
        broken = None
    require(broken is None, reaction.exchange, expected="valid UTF-8", observed=broken)


@requirement(
    "fuzz.unicode.served",
    SHOULD,
    "Emoji, combining marks, escapes and text in any script are served in the text of a message.",
    on="fuzz/unicode/text/*",
    source=("openai:chat/create#messages", "rfc8259#7"),
    remedy="Let no filter or template refuse characters that Unicode has assigned.",
)
def test_characters_are_served(reaction: Reaction) -> None:
    require(not reaction.refused, reaction.exchange, expected="HTTP 200")
