"""Fuzzing: requests in which one field is damaged."""

from oaicheck.rules import MUST, SHOULD, require, requirement
from oaicheck.views import Reaction, require_a_form, require_an_end, require_no_server_error


@requirement(
    "fuzz.damaged.ends",
    MUST,
    "A request with one damaged field is answered, and the answer comes to its end.",
    on="fuzz/damaged/*",
    source=("rfc9110#15.5", "openai:errors"),
    remedy="Catch what a handler raises and answer it, so that no request is left waiting.",
)
def test_the_answer_ends(reaction: Reaction) -> None:
    require_an_end(reaction)


@requirement(
    "fuzz.damaged.no-server-error",
    MUST,
    "A request with one damaged field is no server error.",
    on="fuzz/damaged/*",
    source=("openai:errors", "rfc9110#15.5", "github:BerriAI/litellm#18690"),
    remedy="Check kinds and ranges of all fields before the engine sees them: clients repeat a "
    "request that got a 5xx.",
)
def test_damage_is_no_server_error(reaction: Reaction) -> None:
    require_no_server_error(reaction.exchange)


@requirement(
    "fuzz.damaged.answer",
    MUST,
    "A request with one damaged field is answered with an error object that has a message, or "
    "served with a JSON object or a stream of them.",
    on="fuzz/damaged/*",
    source=("openai:errors", "client:ai-sdk", "github:vllm-project/vllm#12886"),
    remedy='Answer every refusal with `{"error": {"message": "…"}}`, a framework\'s own ones too.',
)
def test_the_answer_has_a_form(reaction: Reaction) -> None:
    require_a_form(reaction)


@requirement(
    "fuzz.damaged.refused",
    SHOULD,
    "A request in which one field is missing, of a wrong kind or out of its range is refused.",
    on="fuzz/damaged/*",
    source=("openai:chat/create", "openai:errors"),
    remedy="Refuse with 400 what the API does not allow: who wrote it believes that it works.",
)
def test_damage_is_refused(reaction: Reaction) -> None:
    require(reaction.refused, reaction.exchange, expected="HTTP 400, or 422")
