"""Input in the forms that clients send: a response's own items, and less usual forms."""

from oaicheck.rules import MUST, SHOULD, Inconclusive, NotApplicable, require, requirement
from oaicheck.views import Exchange, ResponseObject, require_no_server_error

REPLAY = "responses/replay"


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
