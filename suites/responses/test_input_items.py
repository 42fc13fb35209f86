"""The input in the forms in which clients send it: an answer's own items, and other spellings."""

from oaicheck.rules import MUST, SHOULD, Inconclusive, NotApplicable, require, requirement
from oaicheck.views import Exchange, ResponseObject, require_no_server_error

REPLAY = "responses/replay"


@requirement(
    "responses.replay.no-server-error",
    MUST,
    "The output items of a response, sent back as they came, are never answered with a 5xx.",
    on=REPLAY,
    source=(
        "openai:responses/function-calling",
        "github:vllm-project/vllm#28248",
        "github:BerriAI/litellm#13420",
    ),
    remedy="Read every item as input that you send as output, with its id and its status.",
)
def test_replayed_items_cause_no_server_error(exchange: Exchange) -> None:
    require((exchange.status or 0) < 500, exchange, expected="HTTP 200")


@requirement(
    "responses.replay.served",
    MUST,
    "The output items of a response are accepted as input, as they came, with ids and statuses.",
    on=REPLAY,
    source=(
        "openai:responses/function-calling",
        "client:codex",
        "github:vllm-project/vllm#28248",
        "github:BerriAI/litellm#13420",
        "github:langdb/llmgateway#2134",
    ),
    remedy="Read every item as input that you send as output, reasoning too: the documented loop "
    "over function calls adds `response.output` to the next input.",
)
def test_replayed_items_are_served(decided: Exchange, first_response: ResponseObject) -> None:
    if len(first_response.function_calls) > 1:
        raise NotApplicable("several calls were made, of which one got its output")
    for call in first_response.function_calls:
        if not all(call[name].is_string for name in ("call_id", "name", "arguments")):
            raise Inconclusive("the call is not whole: responses.tools.* judge that")
    require(decided.status == 200, decided, expected="HTTP 200 for the items that it sent itself")


@requirement(
    "responses.input.no-server-error",
    MUST,
    "Input and parameters in less usual forms are served, or refused with a 4xx.",
    on="responses/either/*",
    source=("openai:responses/create", "rfc9110#15.5"),
    remedy="Read null and what is empty as left out; refuse what you cannot read by its name.",
)
def test_unusual_forms_cause_no_server_error(exchange: Exchange) -> None:
    require_no_server_error(exchange)


@requirement(
    "responses.input.developer",
    SHOULD,
    "A message of the role `developer` in the input is served.",
    on="responses/either/developer",
    source="openai:responses/create#input",
    remedy="Read a message of the developer as one of the system.",
)
def test_a_developer_message_is_served(decided: Exchange) -> None:
    require(decided.status == 200, decided, expected="HTTP 200")


@requirement(
    "responses.input.assistant-string",
    SHOULD,
    "An earlier answer in the input may have a string as its content.",
    on="responses/either/assistant-string",
    source=("openai:responses/create#input", "github:vllm-project/vllm#44361"),
    remedy="Read `content` as one part of text where it is a string, whatever the role.",
)
def test_an_answer_as_a_string_is_served(decided: Exchange) -> None:
    require(decided.status == 200, decided, expected="HTTP 200")


@requirement(
    "responses.input.output-parts",
    SHOULD,
    "The output of a function call may be an array of parts `input_text`.",
    on="responses/either/output-parts",
    source=(
        "openai:responses/function-calling",
        "github:sgl-project/sglang#33867",
        "github:ggml-org/llama.cpp#23553",
    ),
    remedy="Read an array of parts in `output` as their joined text.",
)
def test_an_output_of_parts_is_served(decided: Exchange) -> None:
    require(decided.status == 200, decided, expected="HTTP 200")
