"""Clients that store nothing: each turn sends all earlier output back, encrypted reasoning too."""

from oaicheck.rules import (
    MUST,
    SHOULD,
    Inconclusive,
    NotApplicable,
    require,
    requirement,
    status_line,
)
from oaicheck.views import (
    Bench,
    Conversation,
    Exchange,
    ResponseStream,
    Scenario,
    error_within,
    require_no_server_error,
    response_of,
)

STATELESS = "responses/stateless"


@requirement(
    "responses.stateless.no-server-error",
    MUST,
    "With `store: false` and encrypted reasoning included, neither turn of a conversation causes a "
    "server error (5xx).",
    on=STATELESS,
    source=("openai:responses/reasoning", "rfc9110#15.5"),
    remedy="Accept as input every item that you send as output, with `encrypted_content`.",
    since="2026.2",
)
def test_no_turn_causes_a_server_error(conversation: Conversation) -> None:
    for turn in conversation.turns:
        require_no_server_error(turn)


@requirement(
    "responses.stateless.served",
    MUST,
    "The endpoint accepts the output of a response with `store: false` as input, unchanged, with "
    "its encrypted reasoning.",
    on=STATELESS,
    source=("openai:responses/reasoning", "client:codex", "github:vllm-project/vllm#28248"),
    remedy="Accept as input every item that you send as output: a client that stores nothing has "
    "no other way to continue.",
    since="2026.2",
)
def test_the_output_is_served_as_input(bench: Bench, scenario: Scenario) -> None:
    if response_of(_first(bench, scenario)).status.value != "completed":
        raise Inconclusive("the first response did not complete")
    continued = bench.exchange(scenario)
    require(continued.status == 200, continued, expected="HTTP 200 for the endpoint's own items")
    error = error_within(continued)
    if error is not None:
        require(False, error, expected="no error for the endpoint's own items")


@requirement(
    "responses.stateless.encrypted",
    SHOULD,
    "With `include` `reasoning.encrypted_content`, every reasoning item has `encrypted_content`, "
    "whole and in response.output_item.done.",
    on=STATELESS,
    source=("openai:responses/reasoning", "client:codex", "github:vllm-project/vllm#57323"),
    remedy="Send the reasoning in `encrypted_content`, or refuse the `include` with a 400: a "
    "client that stores nothing loses the reasoning between turns.",
    since="2026.2",
)
def test_reasoning_is_encrypted(bench: Bench, scenario: Scenario) -> None:
    items = response_of(_first(bench, scenario)).of_type("reasoning")
    for turn in bench.conversation(scenario).turns[1:]:
        streamed = turn.derived(ResponseStream).reasoning
        items += [item.item for item in streamed if item.done]
    if not items:
        raise NotApplicable("the model shows no reasoning")
    for item in items:
        content = item["encrypted_content"]
        require(content.is_text, content, expected="a non-empty string")


def _first(bench: Bench, scenario: Scenario) -> Exchange:
    first = bench.opening(scenario)
    if 400 <= (first.status or 0) < 500:
        raise NotApplicable(f"the endpoint refuses `store` or `include`: {status_line(first)}")
    return first
