"""Fuzzing: schemas of tools, and arguments of the calls of earlier turns."""

from oaicheck.rules import MUST, SHOULD, require, requirement
from oaicheck.views import Reaction, require_a_form, require_an_end, require_no_server_error


@requirement(
    "fuzz.schemas.ends",
    MUST,
    "A request with a tool of any valid schema, or a call with any arguments in an earlier turn, "
    "is answered, and the answer comes to its end.",
    on="fuzz/schemas/*",
    source=("openai:function-calling", "openai:errors"),
    remedy="Bound the time that compiling a grammar for a schema may take.",
)
def test_the_answer_ends(reaction: Reaction) -> None:
    require_an_end(reaction)


@requirement(
    "fuzz.schemas.no-server-error",
    MUST,
    "A tool of any valid schema, and any string as the arguments of an earlier call, are no server "
    "error.",
    on="fuzz/schemas/*",
    source=("openai:function-calling", "openai:errors", "github:off-grid-ai/OGAM#442"),
    remedy="Generate unconstrained where a keyword cannot be enforced, and pass arguments that are "
    "not JSON to the template as a string.",
)
def test_schemas_are_no_server_error(reaction: Reaction) -> None:
    require_no_server_error(reaction.exchange)


@requirement(
    "fuzz.schemas.answer",
    MUST,
    "A request with a drawn schema or drawn arguments is answered with an error object that has a "
    "message, or served with a JSON object or a stream of them.",
    on="fuzz/schemas/*",
    source=("openai:errors", "client:ai-sdk"),
    remedy="Find out whether a schema can be used before the stream begins.",
)
def test_the_answer_has_a_form(reaction: Reaction) -> None:
    require_a_form(reaction)


@requirement(
    "fuzz.schemas.served",
    SHOULD,
    "A tool with a valid schema is accepted.",
    on="fuzz/schemas/definition/*",
    source=("openai:chat/create#tools", "openai:function-calling", "client:opencode"),
    remedy="Resolve `$ref` within the schema, and generate unconstrained where a keyword cannot be "
    "enforced.",
)
def test_schemas_are_served(reaction: Reaction) -> None:
    require(not reaction.refused, reaction.exchange, expected="HTTP 200")
