"""Function calls of the Responses API: forced calls arrive, are complete, and take an output."""

from oaicheck.rules import (
    MUST,
    NO_FUNCTION_CALL,
    NO_RESPONSE_STATUS,
    NO_RESPONSE_USAGE,
    SHOULD,
    Inconclusive,
    NotApplicable,
    require,
    requirement,
    status_line,
)
from oaicheck.views import (
    Bench,
    Exchange,
    Located,
    ResponseObject,
    ResponseStream,
    call_markup,
    in_one_line,
    input_count,
    offered_functions,
    parse_json,
    require_a_call,
    response_of,
    schema_violations,
    shown,
)

WHOLE = "responses/tools"
STREAM = "responses/stream/tool-call"
NESTED = "responses/schemas/tool"
_LEEWAY = 3
"""Other differences between two prompts are smaller than this fraction of a call's output."""
_FORCED_REMEDY = "Constrain the model to a call, or refuse `tool_choice` with a 400 that names it."


@requirement(
    "responses.tools.required",
    MUST,
    "With `tool_choice: required`, a response that is not streamed has a function call.",
    on=WHOLE,
    source=("openai:responses/create#tool_choice", "github:am17an/llama.cpp#33"),
    remedy=_FORCED_REMEDY,
)
def test_a_call_can_be_forced(first_response: ResponseObject) -> None:
    require_a_call(first_response)


@requirement(
    "responses.tools.required-streamed",
    MUST,
    "With `tool_choice: required`, a streamed response has a function call.",
    on=STREAM,
    source=("openai:responses/create#tool_choice", "github:am17an/llama.cpp#33"),
    remedy=_FORCED_REMEDY,
)
def test_a_streamed_call_can_be_forced(response_stream: ResponseStream) -> None:
    if not response_stream.calls and response_stream.final.root.is_object:
        require_a_call(response_stream.final)


@requirement(
    "responses.tools.call-id",
    MUST,
    "Every function call has a `call_id`, a non-empty string.",
    on=(WHOLE, STREAM),
    source=("openai:responses/function-calling", "client:codex", "client:ai-sdk-openai"),
    remedy="Give every call a `call_id`: the call's output refers to it.",
)
def test_call_id(first_response: ResponseObject) -> None:
    for call in _calls(first_response):
        require(call["call_id"].is_text, call["call_id"], expected="a non-empty string")


@requirement(
    "responses.tools.call-id-own",
    MUST,
    "All function calls of one response have different `call_id`s.",
    on=STREAM,
    follows=("responses.tools.call-id",),
    source=(
        "openai:responses/function-calling",
        "client:openai-python-responses",
        "client:openai-node",
    ),
    remedy="Give every call its own `call_id`: the call's output refers to it.",
)
def test_call_ids_of_a_response_differ(first_response: ResponseObject) -> None:
    calls = _calls(first_response)
    if len(calls) < 2:
        raise NotApplicable("the response has only one call")
    _require_different_call_ids(calls)


@requirement(
    "responses.tools.call-id-unique",
    SHOULD,
    "Function calls have different `call_id`s, even in different responses.",
    on=STREAM,
    against=WHOLE,
    follows=("responses.tools.call-id",),
    source="openai:responses/function-calling",
    remedy="Make a new `call_id` for every call.",
)
def test_call_ids_differ(first_response: ResponseObject, bench: Bench) -> None:
    earlier = response_of(bench.opening(bench.scenarios[WHOLE]))
    _require_different_call_ids(_calls(earlier) + _calls(first_response))


def _require_different_call_ids(calls: list[Located]) -> None:
    seen: dict[str, Located] = {}
    for call in calls:
        identity = call["call_id"]
        if identity.is_text:
            other = seen.setdefault(identity.value, identity)
            require(other is identity, identity, expected="a unique call_id", beside=other)


@requirement(
    "responses.tools.id",
    SHOULD,
    "Every function call has an `id`, a non-empty string.",
    on=(WHOLE, STREAM),
    source=(
        "openai:responses/function-calling",
        "github:vllm-project/vllm#44608",
        "github:anomalyco/opencode#45081",
    ),
    remedy="Give the item an `id` in addition to its `call_id`: the events of a stream name the "
    "item by it.",
)
def test_id(first_response: ResponseObject) -> None:
    for call in _calls(first_response):
        require(call["id"].is_text, call["id"], expected="a non-empty string")


@requirement(
    "responses.tools.name",
    MUST,
    "A function call names one of the offered functions.",
    on=(WHOLE, STREAM),
    source="openai:responses/function-calling",
    remedy="Constrain the function's name to the names in `tools`.",
)
def test_name(first_response: ResponseObject) -> None:
    offered = offered_functions(first_response.exchange)
    for call in _calls(first_response):
        require(
            call["name"].is_one_of(offered),
            call["name"],
            expected=f"one of {shown(sorted(offered))}",
        )


@requirement(
    "responses.tools.arguments",
    MUST,
    "The `arguments` of a function call are a string that contains one JSON object.",
    on=(WHOLE, STREAM, NESTED),
    source=("openai:responses/function-calling", "github:openai/openai-agents-js#664"),
    remedy='Send the arguments as JSON text, encoded once; if there are none, send "{}".',
)
def test_arguments(first_response: ResponseObject) -> None:
    for call in _calls(first_response):
        if call["status"].value == "incomplete" or first_response.status.value == "incomplete":
            raise Inconclusive("the token limit cut the call")
        arguments = call["arguments"]
        parsed = parse_json(arguments.value) if arguments.is_string else None
        require(
            parsed is not None and isinstance(parsed.value, dict),
            arguments,
            expected="a JSON object as a string",
        )


@requirement(
    "responses.tools.arguments-schema",
    SHOULD,
    "The arguments of a call to a strict function are valid under the schema in its `parameters`.",
    on=(WHOLE, STREAM, NESTED),
    follows=("responses.tools.arguments",),
    source=("openai:responses/function-calling", "openai:responses/structured-outputs"),
    remedy="Constrain the arguments with the function's JSON Schema.",
)
def test_arguments_follow_the_schema(first_response: ResponseObject) -> None:
    offered = offered_functions(first_response.exchange)
    for call in _calls(first_response):
        parsed = parse_json(call["arguments"].value) if call["arguments"].is_string else None
        if parsed is None or not call["name"].is_one_of(offered):
            raise Inconclusive(
                "there are no arguments to judge", told_by=("responses.tools.arguments",)
            )
        wrong = schema_violations(parsed.value, dict(offered[call["name"].value]["parameters"]))
        require(
            not wrong,
            call["arguments"],
            expected="arguments that are valid under the schema in `parameters`",
            observed=in_one_line(wrong),
        )


@requirement(
    "responses.tools.nested-served",
    MUST,
    "The endpoint serves a strict function with parameters as SDKs make them: with `$defs`, "
    "`$ref`, `anyOf` with null, and arrays of objects and of arrays.",
    on=NESTED,
    source=("openai:responses/function-calling", "client:openai-python-responses"),
    remedy="Resolve `$ref` before you compile the parameters: SDKs write one for every nested "
    "class, and `anyOf` with null for every optional parameter.",
    since="2026.2",
)
def test_parameters_of_an_sdk_are_served(exchange: Exchange) -> None:
    require(exchange.status == 200, exchange, expected="HTTP 200, as for flat parameters")


@requirement(
    "responses.tools.strings-stay",
    SHOULD,
    "An argument of a strict function whose values are strings stays a string, even if it looks "
    "like a number.",
    on=NESTED,
    source=("openai:responses/function-calling", "openai:responses/structured-outputs"),
    remedy="Take the type of an argument from the function's schema: do not guess it from the text "
    "that the model wrote.",
    since="2026.2",
)
def test_a_string_stays_a_string(response: ResponseObject) -> None:
    offered = offered_functions(response.exchange)
    for call in _calls(response):
        parsed = parse_json(call["arguments"].value) if call["arguments"].is_string else None
        if parsed is None or not isinstance(parsed.value, dict):
            raise Inconclusive("there are no arguments to judge")
        if not call["name"].is_one_of(offered):
            raise Inconclusive("the call names no offered function")
        for name, schema in offered[call["name"].value]["parameters"]["properties"].items():
            given = parsed.value.get(name)
            texts = schema.get("enum", ())
            require(
                shown(given) not in texts,
                call["arguments"],
                expected=f"a string as `{name}`, one of {shown(texts)}",
                observed=f"the number {shown(given)} in {call['arguments'].shown}",
            )


@requirement(
    "responses.tools.status",
    SHOULD,
    "A function call of a completed response has the status `completed`.",
    on=(WHOLE, STREAM),
    source="openai:responses/function-calling",
    remedy="Send `status` with every call.",
)
def test_status(first_response: ResponseObject) -> None:
    if first_response.status.value != "completed":
        raise Inconclusive("the response did not complete", told_by=NO_RESPONSE_STATUS)
    for call in _calls(first_response):
        require(call["status"].value == "completed", call["status"], expected='"completed"')


@requirement(
    "responses.tools.no-markup",
    SHOULD,
    "The text beside a function call contains no call in the model's own syntax.",
    on=(WHOLE, STREAM),
    source=("openai:responses/function-calling", "github:am17an/llama.cpp#33"),
    remedy="Remove the call from the text when you turn it into an item.",
)
def test_no_markup_in_the_text(first_response: ResponseObject) -> None:
    _calls(first_response)
    for text in first_response.texts:
        found = call_markup(text.value) if text.is_string else None
        require(found is None, text, expected="no call syntax", observed=shown(found))


@requirement(
    "responses.tools.round-trip",
    MUST,
    "The endpoint accepts a `function_call_output` that names the call by its `call_id`.",
    on=WHOLE,
    source=(
        "openai:responses/function-calling",
        "github:NousResearch/hermes-agent#108713",
        "github:theopenco/llmgateway#2134",
    ),
    remedy="Accept items of the types `function_call` and `function_call_output` as input.",
)
def test_the_output_of_a_call_is_accepted(exchange: Exchange) -> None:
    require(
        exchange.status == 200,
        exchange,
        expected="HTTP 200 for the call and its output as input",
        observed=status_line(exchange),
    )


@requirement(
    "responses.tools.round-trip-counted",
    SHOULD,
    "The output of a function call is part of the prompt: a long output increases `input_tokens`.",
    on=WHOLE,
    source=(
        "openai:responses/function-calling",
        "github:NousResearch/hermes-agent#108713",
    ),
    remedy="Give the call and its output to the model, and count both.",
)
def test_the_output_of_a_call_is_read(
    response: ResponseObject, first_response: ResponseObject
) -> None:
    now, before = input_count(response.usage), input_count(first_response.usage)
    if now is None or before is None:
        raise Inconclusive(
            "there are not two counts to compare", told_by=NO_RESPONSE_USAGE, anywhere=True
        )
    if before == 0 or now == 0:
        raise Inconclusive(
            "usage counts nothing: responses.usage.counted judges that",
            told_by=("responses.usage.counted",),
            anywhere=True,
        )
    words = len(response.requested("input")[-1]["output"].split())
    require(
        now - before > words // _LEEWAY,
        response.usage["input_tokens"],
        expected=f"clearly more than {before}, because the output alone has {words} words",
        beside=first_response.usage["input_tokens"],
    )


@requirement(
    "responses.tools.none",
    MUST,
    "With `tool_choice: none`, the response has no function call.",
    on=WHOLE,
    source="openai:responses/create#tool_choice",
    remedy="Do not let the model call a function if `tool_choice` is `none`.",
)
def test_a_call_can_be_forbidden(response: ResponseObject) -> None:
    for call in response.function_calls:
        require(False, call, expected="no function call")


def _calls(response: ResponseObject) -> list[Located]:
    if not response.function_calls:
        raise Inconclusive("the model called no function", told_by=NO_FUNCTION_CALL)
    return response.function_calls
