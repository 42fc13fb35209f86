"""Input in the forms that clients send: a response's own items, and less usual forms."""

from oaicheck.rules import MUST, SHOULD, Inconclusive, NotApplicable, require, requirement
from oaicheck.views import (
    Bench,
    Conversation,
    Exchange,
    ResponseObject,
    Scenario,
    input_count,
    input_words,
    require_no_server_error,
    response_of,
)

REPLAY = "responses/replay"
FORMS = "responses/forms"
_UNTYPED, _TWO_CALLS, _REASONING = 2, 3, 4
"""The turns of FORMS that ask for one form alone."""


@requirement(
    "responses.replay.no-server-error",
    MUST,
    "The output items of a response, sent back unchanged as input, never cause a server error "
    "(5xx).",
    on=REPLAY,
    source=(
        "openai:responses/function-calling",
        "github:vllm-project/vllm#28248",
        "github:BerriAI/litellm#13420",
    ),
    remedy="Accept as input every item that you send as output, with its id and its status.",
)
def test_replayed_items_cause_no_server_error(exchange: Exchange) -> None:
    require((exchange.status or 0) < 500, exchange, expected="a status below 500")


@requirement(
    "responses.replay.served",
    MUST,
    "The endpoint accepts the output items of a response as input, unchanged, with ids and "
    "statuses.",
    on=REPLAY,
    source=(
        "openai:responses/function-calling",
        "client:codex",
        "github:vllm-project/vllm#28248",
        "github:BerriAI/litellm#13420",
        "github:langdb/llmgateway#2134",
    ),
    remedy="Accept as input every item that you send as output, reasoning included: the documented "
    "loop over function calls adds `response.output` to the next input.",
)
def test_replayed_items_are_served(decided: Exchange, first_response: ResponseObject) -> None:
    if len(first_response.function_calls) > 1:
        raise NotApplicable("the model made several calls, but only one has its output")
    for call in first_response.function_calls:
        if not all(call[name].is_string for name in ("call_id", "name", "arguments")):
            raise Inconclusive("the call is not complete: responses.tools.* judges that")
    require(decided.status == 200, decided, expected="HTTP 200 for the endpoint's own items")


@requirement(
    "responses.input.no-server-error",
    MUST,
    "The endpoint serves input and parameters in less usual forms, or refuses them with a 4xx.",
    on="responses/either/*",
    source=("openai:responses/create", "rfc9110#15.5"),
    remedy="Treat null and empty values as left out; refuse by name what you cannot read.",
)
def test_unusual_forms_cause_no_server_error(exchange: Exchange) -> None:
    require_no_server_error(exchange)


@requirement(
    "responses.input.developer",
    SHOULD,
    "The endpoint serves a message with the role `developer` in the input.",
    on="responses/either/developer",
    source="openai:responses/create#input",
    remedy="Treat a developer message like a system message.",
)
def test_a_developer_message_is_served(decided: Exchange) -> None:
    require(decided.status == 200, decided, expected="HTTP 200")


@requirement(
    "responses.input.assistant-string",
    SHOULD,
    "The endpoint serves an earlier answer in the input whose `content` is a string.",
    on="responses/either/assistant-string",
    source=("openai:responses/create#input", "github:vllm-project/vllm#44361"),
    remedy="Treat a string in `content` as one text part, whatever the role.",
)
def test_an_answer_as_a_string_is_served(decided: Exchange) -> None:
    require(decided.status == 200, decided, expected="HTTP 200")


@requirement(
    "responses.input.output-parts",
    SHOULD,
    "The endpoint serves a function call's output that is an array of `input_text` parts.",
    on="responses/either/output-parts",
    source=(
        "openai:responses/function-calling",
        "github:sgl-project/sglang#33867",
        "github:ggml-org/llama.cpp#23553",
    ),
    remedy="Treat an array of parts in `output` as their joined text.",
)
def test_an_output_of_parts_is_served(decided: Exchange) -> None:
    require(decided.status == 200, decided, expected="HTTP 200")


@requirement(
    "responses.input.untyped",
    MUST,
    "The endpoint serves an input message without a `type`, which has only `role` and `content`.",
    on=FORMS,
    source=("openai:responses/create#input", "github:ai-dynamo/aiperf#931"),
    remedy='Treat an input item with a `role` and without a `type` as `"type": "message"`: most '
    "people write messages that way.",
    since="2026.2",
)
def test_a_message_needs_no_type(bench: Bench, scenario: Scenario) -> None:
    asked = bench.asked_apart(scenario, _UNTYPED)
    require(asked.status == 200, asked, expected="HTTP 200 for a message without a type")


@requirement(
    "responses.input.two-calls",
    MUST,
    "The endpoint serves two function calls in a row, followed by their outputs.",
    on=FORMS,
    source=("openai:responses/function-calling", "openai:responses/create#input"),
    remedy="Accept as many function_call items in a row as there are, then their outputs: a model "
    "that calls two functions at once leaves that history.",
    since="2026.2",
)
def test_two_calls_in_a_row_are_served(bench: Bench, scenario: Scenario) -> None:
    asked = bench.asked_apart(scenario, _TWO_CALLS)
    if bench.refuses(asked, "response-tools"):
        raise NotApplicable(f"{asked.id}: the endpoint refuses function calls")
    require(asked.status == 200, asked, expected="HTTP 200 for two calls and their outputs")


@requirement(
    "responses.input.two-outputs-read",
    SHOULD,
    "The outputs of two function calls in a row are both part of the prompt: `input_tokens` is at "
    "least the number of their words.",
    on=FORMS,
    source=("openai:responses/function-calling", "openai:responses/create#input"),
    remedy="Give the model the output of each call, not only the last one.",
    since="2026.2",
)
def test_both_outputs_are_read(bench: Bench, scenario: Scenario) -> None:
    asked = bench.asked_apart(scenario, _TWO_CALLS)
    if asked.status != 200:
        raise NotApplicable("it was not served: responses.input.two-calls judges that")
    response = response_of(asked)
    counted, words = input_count(response.usage), input_words(response.exchange)
    if not counted:
        raise Inconclusive("usage does not say how many tokens the model read")
    require(
        counted >= words,
        response.usage["input_tokens"],
        expected=f"{words} or more, because the messages and the outputs have that many words",
    )


@requirement(
    "responses.input.reasoning",
    SHOULD,
    "The endpoint serves a reasoning item that the client wrote: a summary, and no id.",
    on=FORMS,
    source=("openai:responses/create#input", "client:codex", "openresponses:spec"),
    remedy="Accept reasoning items without an `id` and without `encrypted_content`: clients remove "
    "the id if nothing is stored. Leave the item out if your model cannot read it.",
    since="2026.2",
)
def test_a_written_reasoning_item_is_served(bench: Bench, scenario: Scenario) -> None:
    asked = bench.asked_apart(scenario, _REASONING)
    require(asked.status == 200, asked, expected="HTTP 200 for a reasoning item")


@requirement(
    "responses.input.forms-no-server-error",
    MUST,
    "No form of an input item causes a server error (5xx).",
    on=FORMS,
    source=("openai:responses/create#input", "rfc9110#15.5"),
    remedy="Refuse an item that you cannot read with a 400 that names it.",
    since="2026.2",
)
def test_no_form_causes_a_server_error(conversation: Conversation) -> None:
    for turn in conversation.turns:
        require_no_server_error(turn)
