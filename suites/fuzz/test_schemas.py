"""Fuzzing: tool schemas, and arguments of tool calls in earlier turns."""

from oaicheck.rules import MUST, SHOULD, require, requirement
from oaicheck.views import Reaction, require_a_form, require_an_end, require_no_server_error


@requirement(
    "fuzz.schemas.ends",
    MUST,
    "The endpoint answers a request with any valid tool schema, or any arguments in an earlier "
    "tool call, and completes the response.",
    on="fuzz/schemas/*",
    source=("openai:function-calling", "openai:errors"),
    remedy="Limit the time for compiling a schema into a grammar.",
)
def test_the_answer_ends(reaction: Reaction) -> None:
    require_an_end(reaction)


@requirement(
    "fuzz.schemas.no-server-error",
    MUST,
    "A valid tool schema, or any string as the arguments of an earlier tool call, never causes a "
    "server error (5xx).",
    on="fuzz/schemas/*",
    source=("openai:function-calling", "openai:errors", "github:off-grid-ai/OGAM#442"),
    remedy="Generate without the constraint if a keyword cannot be enforced, and pass arguments "
    "that are not JSON to the template as a string.",
)
def test_schemas_cause_no_server_error(reaction: Reaction) -> None:
    require_no_server_error(reaction.exchange)


@requirement(
    "fuzz.schemas.answer",
    MUST,
    "The response to a request with a random schema or random arguments is an error with a "
    "message, a JSON object, or a stream of JSON objects.",
    on="fuzz/schemas/*",
    follows=("errors.body.is-json", "errors.body.error-object", "errors.body.message"),
    source=("openai:errors", "client:ai-sdk"),
    remedy="Find out whether a schema can be used before the stream begins.",
)
def test_the_answer_is_well_formed(reaction: Reaction) -> None:
    require_a_form(reaction)


@requirement(
    "fuzz.schemas.served",
    SHOULD,
    "The endpoint accepts a tool with a valid schema.",
    on="fuzz/schemas/definition/*",
    source=("openai:chat/create#tools", "openai:function-calling", "client:opencode"),
    remedy="Resolve `$ref` within the schema, and generate without the constraint if a keyword "
    "cannot be enforced.",
)
def test_schemas_are_served(reaction: Reaction) -> None:
    require(not reaction.refused, reaction.exchange, expected="HTTP 200")
