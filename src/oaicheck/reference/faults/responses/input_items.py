"""Faults in handling input items: replayed output items, and alternative forms of items."""

from collections.abc import Callable
from itertools import pairwise

from ...deviation import RESPONSES_BODY, Object, Situation, fault
from ...editing import refused
from ...http.problem import ApiError


def _refusing(
    fits: Callable[[Object], bool], status: int, message: str
) -> Callable[[Object, Situation], Object]:
    """A deviation that refuses every request with an input item that matches."""

    def alter(body: Object, _: Situation) -> Object:
        given = body.get("input")
        for item in given if isinstance(given, list) else ():
            if isinstance(item, dict) and fits(item):
                raise _error(status, message)
        return body

    return alter


def _error(status: int, message: str) -> ApiError:
    if status == 500:
        return refused(500, "Internal server error.", kind="server_error")
    return refused(status, message, "input")


def _of_type(kind: str) -> Callable[[Object], bool]:
    return lambda item: item.get("type") == kind


def _has_role(role: str) -> Callable[[Object], bool]:
    return lambda item: item.get("role") == role


def _is_called_with(member: str) -> Callable[[Object], bool]:
    return lambda item: item.get("type") == "function_call" and member in item


def _is_plain_answer(item: Object) -> bool:
    return item.get("role") == "assistant" and isinstance(item.get("content"), str)


def _is_written_reasoning(item: Object) -> bool:
    return item.get("type") == "reasoning" and "id" not in item


def _has_output_parts(item: Object) -> bool:
    return item.get("type") == "function_call_output" and isinstance(item.get("output"), list)


for _name, _fits, _status, _message, _sentence, _source in (
    (
        "reasoning-500",
        _of_type("reasoning"),
        500,
        "",
        "A reasoning item that is sent back gives a 500.",
        "vllm-project/vllm#28248",
    ),
    (
        "reasoning-refused",
        _of_type("reasoning"),
        400,
        "Unsupported item type: reasoning",
        "A reasoning item that is sent back is refused.",
        "BerriAI/litellm#13420",
    ),
    (
        "id-refused",
        _is_called_with("id"),
        400,
        "Extra inputs are not permitted: id",
        "A function call that is sent back with its id is refused.",
        "langdb/llmgateway#2134",
    ),
    (
        "status-refused",
        _is_called_with("status"),
        400,
        "Extra inputs are not permitted: status",
        "A function call that is sent back with its status is refused.",
        "langdb/llmgateway#2134",
    ),
    (
        "status-500",
        _is_called_with("status"),
        500,
        "",
        "A function call that is sent back with its status gives a 500.",
        None,
    ),
):
    fault(f"responses-replayed-{_name}", RESPONSES_BODY, _sentence, _source)(
        _refusing(_fits, _status, _message)
    )

for _name, _fits, _status, _message, _sentence, _source in (
    (
        "untyped-rejected",
        lambda item: "type" not in item,
        400,
        "input item without a type",
        "An input message without a type is refused.",
        "ai-dynamo/aiperf#931",
    ),
    (
        "untyped-500",
        lambda item: "type" not in item,
        500,
        "",
        "An input message without a type gives a 500.",
        None,
    ),
    (
        "reasoning-without-id-rejected",
        _is_written_reasoning,
        400,
        "Missing required parameter: 'input[1].id'.",
        "A reasoning item without an id is refused.",
        None,
    ),
    (
        "reasoning-without-id-500",
        _is_written_reasoning,
        500,
        "",
        "A reasoning item without an id gives a 500.",
        None,
    ),
    (
        "developer-rejected",
        _has_role("developer"),
        400,
        "Unexpected message role: developer",
        "Messages with the role developer are refused.",
        None,
    ),
    (
        "developer-500",
        _has_role("developer"),
        500,
        "",
        "A message with the role developer gives a 500.",
        None,
    ),
    (
        "assistant-string-rejected",
        _is_plain_answer,
        400,
        "content of an assistant's message must be an array",
        "An earlier answer with a string as its content is refused.",
        "vllm-project/vllm#44361",
    ),
    (
        "output-parts-rejected",
        _has_output_parts,
        400,
        "output must be a string",
        "The output of a call is refused if it is an array of parts.",
        "sgl-project/sglang#33867",
    ),
    (
        "output-parts-500",
        _has_output_parts,
        500,
        "",
        "The output of a call gives a 500 if it is an array of parts.",
        "ggml-org/llama.cpp#23553",
    ),
):
    fault(f"responses-input-{_name}", RESPONSES_BODY, _sentence, _source)(
        _refusing(_fits, _status, _message)
    )


def _crashing_where(fits: Callable[[Object], bool]) -> Callable[[Object, Situation], Object]:
    def alter(body: Object, _: Situation) -> Object:
        if fits(body):
            raise _error(500, "")
        return body

    return alter


def _has_undecided_function(body: Object) -> bool:
    return any("strict" in tool and tool["strict"] is None for tool in body.get("tools") or ())


for _name, _sentence, _where in (
    ("tools-empty", "An empty list of tools gives a 500.", lambda body: body.get("tools") == []),
    (
        "reasoning-null",
        "reasoning null gives a 500.",
        lambda body: "reasoning" in body and body["reasoning"] is None,
    ),
    ("include", "A request with include gives a 500.", lambda body: bool(body.get("include"))),
    ("strict-null", "A function with strict null gives a 500.", _has_undecided_function),
):
    fault(f"responses-params-{_name}-500", RESPONSES_BODY, _sentence)(_crashing_where(_where))


def _has_two_calls_in_a_row(body: Object) -> bool:
    given = body.get("input")
    types = [item.get("type") for item in given] if isinstance(given, list) else []
    return ("function_call", "function_call") in pairwise(types)


fault(
    "responses-input-two-calls-500",
    RESPONSES_BODY,
    "Two function calls in a row in the input give a 500.",
)(_crashing_where(_has_two_calls_in_a_row))


@fault(
    "responses-input-two-calls-rejected",
    RESPONSES_BODY,
    "Two function calls in a row in the input are refused.",
)
def _one_call_at_a_time(body: Object, _: Situation) -> Object:
    if _has_two_calls_in_a_row(body):
        raise _error(400, "A function_call must be followed by its function_call_output.")
    return body


@fault(
    "responses-input-last-output-only",
    RESPONSES_BODY,
    "Of several outputs of function calls only the last one reaches the model.",
)
def _last_output(body: Object, _: Situation) -> Object:
    given = body.get("input")
    outputs = [
        item
        for item in (given if isinstance(given, list) else ())
        if item.get("type") == "function_call_output"
    ]
    for item in outputs[:-1]:
        item["output"] = ""
    return body
