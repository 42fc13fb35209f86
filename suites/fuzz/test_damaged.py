"""Fuzzing: requests with one damaged field."""

from oaicheck.rules import MUST, SHOULD, require, requirement
from oaicheck.views import Reaction, require_a_form, require_an_end, require_no_server_error


@requirement(
    "fuzz.damaged.ends",
    MUST,
    "The endpoint answers a request with one damaged field and completes the response.",
    on="fuzz/damaged/*",
    source=("rfc9110#15.5", "openai:errors"),
    remedy="Catch every exception in a handler and answer with an error, so that no request is "
    "left waiting.",
)
def test_the_answer_ends(reaction: Reaction) -> None:
    require_an_end(reaction)


@requirement(
    "fuzz.damaged.no-server-error",
    MUST,
    "A request with one damaged field never causes a server error (5xx).",
    on="fuzz/damaged/*",
    source=("openai:errors", "rfc9110#15.5", "github:BerriAI/litellm#18690"),
    remedy="Check the types and ranges of all fields before you pass them to the engine: clients "
    "retry after a 5xx.",
)
def test_damage_causes_no_server_error(reaction: Reaction) -> None:
    require_no_server_error(reaction.exchange)


@requirement(
    "fuzz.damaged.answer",
    MUST,
    "The response to a request with one damaged field is an error with a message, a JSON object, "
    "or a stream of JSON objects.",
    on="fuzz/damaged/*",
    follows=("errors.body.is-json", "errors.body.error-object", "errors.body.message"),
    source=("openai:errors", "client:ai-sdk", "github:vllm-project/vllm#12886"),
    remedy='Send every error as `{"error": {"message": "…"}}`, including those that the web '
    "framework sends.",
)
def test_the_answer_is_well_formed(reaction: Reaction) -> None:
    require_a_form(reaction)


@requirement(
    "fuzz.damaged.refused",
    SHOULD,
    "The endpoint refuses a request with a field that is missing, of the wrong type or out of "
    "range.",
    on="fuzz/damaged/*",
    source=("openai:chat/create", "openai:errors"),
    remedy="Refuse with 400 what the API does not allow: otherwise the client's author believes "
    "that it works.",
)
def test_damage_is_refused(reaction: Reaction) -> None:
    require(reaction.refused, reaction.exchange, expected="HTTP 400 or 422")
