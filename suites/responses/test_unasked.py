"""Parameters that clients send although nobody asked them to: a server can ignore them."""

from oaicheck.rules import MUST, SHOULD, require, requirement
from oaicheck.views import (
    Bench,
    Conversation,
    Exchange,
    Refusal,
    Scenario,
    require_no_server_error,
)

UNASKED = "responses/unasked"
_EVERYWHERE = ("model", "input", "max_output_tokens")
_OF_THE_MODEL = {"text": ("text", "verbosity"), "reasoning": ("reasoning", "effort")}
"""Parameters that some models of a conformant endpoint refuse, and the words that name them."""


@requirement(
    "responses.unasked.no-server-error",
    MUST,
    "The endpoint serves each of the parameters that clients send unasked, or refuses it with a "
    "4xx.",
    on=UNASKED,
    source=("openai:responses/create", "rfc9110#15.5"),
    remedy="Ignore what you do not need. If you refuse it, answer 400 and name it.",
    since="2026.2",
)
def test_what_clients_send_unasked_causes_no_server_error(conversation: Conversation) -> None:
    for turn in conversation.turns:
        require_no_server_error(turn)


@requirement(
    "responses.unasked.served",
    SHOULD,
    "The endpoint serves `prompt_cache_key`, `safety_identifier`, `user`, `metadata` and `store`, "
    "which clients send unasked.",
    on=UNASKED,
    source=("openai:responses/create", "client:codex"),
    remedy="Accept these parameters and ignore them: a client that always sends one cannot use an "
    "endpoint that refuses it.",
    since="2026.2",
)
def test_what_clients_send_unasked_is_served(bench: Bench, scenario: Scenario) -> None:
    refused = [
        (name, asked)
        for name, asked in _alone(bench, scenario)
        if name not in _OF_THE_MODEL and 400 <= (asked.status or 0) < 500
    ]
    for _, asked in refused:
        names = ", ".join(f"HTTP {each.status} to `{name}`" for name, each in refused)
        require(False, asked, expected="HTTP 200 for each of them, alone", observed=names)


@requirement(
    "responses.unasked.named",
    SHOULD,
    "The endpoint serves `text.verbosity` and `reasoning.effort`, or its error names the one that "
    "the model does not support.",
    on=UNASKED,
    source=("openai:responses/create", "openai:errors"),
    remedy="Ignore the parameter, or answer 400 and name it in `error.param`.",
    since="2026.2",
)
def test_what_the_model_does_not_support_is_named(bench: Bench, scenario: Scenario) -> None:
    for name, asked in _alone(bench, scenario):
        if name in _OF_THE_MODEL and 400 <= (asked.status or 0) < 500:
            words = _OF_THE_MODEL[name]
            require(
                Refusal(asked).names(*words, f"{words[0]}.{words[1]}"),
                asked,
                expected=f"HTTP 200, or an error that names `{words[1]}`",
            )


def _alone(bench: Bench, scenario: Scenario) -> list[tuple[str, Exchange]]:
    """Each parameter, with the exchange that shows how the endpoint reacts to it alone."""
    _, *turns = scenario.turns
    return [
        (name, bench.asked_apart(scenario, turn))
        for turn, request in enumerate(turns, start=2)
        for name in request.body
        if name not in _EVERYWHERE
    ]
