"""The number of input tokens of a request, counted without a response."""

from oaicheck.rules import (
    MUST,
    SHOULD,
    NotApplicable,
    require,
    requirement,
    status_line,
)
from oaicheck.views import Exchange, Located, ResponseObject, require_no_server_error

COUNT = "responses/input-tokens"
_SOURCE = "openai:responses/input-tokens"


@requirement(
    "responses.input-tokens.no-server-error",
    MUST,
    "A request to /responses/input_tokens is served or refused with a 4xx, without a server error "
    "(5xx).",
    on=COUNT,
    source=(_SOURCE, "rfc9110#15.5"),
    remedy="Answer 404 if you do not count tokens.",
    since="2026.2",
)
def test_counting_causes_no_server_error(exchange: Exchange) -> None:
    require_no_server_error(exchange)


@requirement(
    "responses.input-tokens.count",
    MUST,
    "The response of /responses/input_tokens has `input_tokens`, a positive integer.",
    on=COUNT,
    source=_SOURCE,
    remedy="Send the number of tokens as `input_tokens`.",
    since="2026.2",
)
def test_the_count_is_an_integer(exchange: Exchange) -> None:
    count = _counted(exchange)["input_tokens"]
    require(count.is_integer and count.value > 0, count, expected="a positive integer")


@requirement(
    "responses.input-tokens.object",
    SHOULD,
    "`object` in the response of /responses/input_tokens is `response.input_tokens`.",
    on=COUNT,
    source=_SOURCE,
    remedy='Send `"object": "response.input_tokens"`.',
    since="2026.2",
)
def test_the_object_is_named(exchange: Exchange) -> None:
    name = _counted(exchange)["object"]
    require(name.value == "response.input_tokens", name, expected='"response.input_tokens"')


@requirement(
    "responses.input-tokens.same",
    SHOULD,
    "/responses/input_tokens counts as many tokens as the usage of a response to the same input.",
    on=COUNT,
    against="responses/whole/messages",
    follows=("responses.input-tokens.count",),
    source=_SOURCE,
    remedy="Count with the same template and tokenizer: clients decide by this number when to "
    "compact a conversation.",
    since="2026.2",
)
def test_the_count_is_that_of_usage(exchange: Exchange, against: ResponseObject) -> None:
    count, used = _counted(exchange)["input_tokens"], against.usage["input_tokens"]
    if not (count.is_integer and used.is_integer):
        raise NotApplicable("one of the two counts is no integer")
    require(count.value == used.value, count, expected=f"{used.value}, as in usage", beside=used)


def _counted(exchange: Exchange) -> Located:
    """The body. Raises NotApplicable if the endpoint does not count.

    An endpoint that answers on every path sends a response here.
    """
    root = exchange.json
    if exchange.status != 200 or root is None or root["object"].value == "response":
        raise NotApplicable(f"the endpoint does not count tokens: {status_line(exchange)}")
    return root
