"""Function calls of the Responses API: that a forced call comes, comes whole, and is answered."""

from oaicheck.rules import (
    MUST,
    SHOULD,
    Inconclusive,
    NotApplicable,
    require,
    require_text,
    requirement,
    status_line,
)
from oaicheck.views import (
    Bench,
    Exchange,
    Located,
    ResponseObject,
    ResponseStream,
    StreamedItem,
    StreamedText,
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
_LEEWAY = 3
"""Less than a third of a call's output is no more than what else may differ in a prompt."""
_FORCED = "tool_choice `required` is answered with a function call."
_FORCED_REMEDY = "Constrain the model to a call, or refuse tool_choice with a 400 that names it."


@requirement(
    "responses.tools.required",
    MUST,
    "Not streamed: " + _FORCED,
    on=WHOLE,
    source=("openai:responses/create#tool_choice", "github:am17an/llama.cpp#33"),
    remedy=_FORCED_REMEDY,
)
def test_a_call_can_be_forced(first_response: ResponseObject) -> None:
    require_a_call(first_response)


@requirement(
    "responses.tools.required-streamed",
    MUST,
    "Streamed: " + _FORCED,
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
    "Every function call has a `call_id`, a string that is not empty.",
    on=(WHOLE, STREAM),
    source=("openai:responses/function-calling", "client:codex", "client:ai-sdk-openai"),
    remedy="Give every call a call_id: its output refers to it.",
)
def test_call_id(first_response: ResponseObject) -> None:
    for call in _calls(first_response):
        require(call["call_id"].is_text, call["call_id"], expected="a string, not empty")


@requirement(
    "responses.tools.call-id-own",
    MUST,
    "Two function calls of one response have different call_ids.",
    on=STREAM,
    source=(
        "openai:responses/function-calling",
        "client:openai-python-responses",
        "client:openai-node",
    ),
    remedy="Give every call a call_id of its own: its output refers to it.",
)
def test_call_ids_of_a_response_differ(first_response: ResponseObject) -> None:
    calls = _calls(first_response)
    if len(calls) < 2:
        raise NotApplicable("the model makes one call at a time")
    _differ(calls)


@requirement(
    "responses.tools.call-id-unique",
    SHOULD,
    "Two function calls have different call_ids, in two responses too.",
    on=STREAM,
    against=WHOLE,
    source="openai:responses/function-calling",
    remedy="Make a new call_id for every call.",
)
def test_call_ids_differ(first_response: ResponseObject, bench: Bench) -> None:
    earlier = response_of(bench.opening(bench.scenarios[WHOLE]))
    _differ(_calls(earlier) + _calls(first_response))


def _differ(calls: list[Located]) -> None:
    seen: dict[str, Located] = {}
    for call in calls:
        identity = call["call_id"]
        if identity.is_text:
            other = seen.setdefault(identity.value, identity)
            require(other is identity, identity, expected="a call_id of its own", beside=other)


@requirement(
    "responses.tools.id",
    SHOULD,
    "Every function call has an `id`, a string that is not empty.",
    on=(WHOLE, STREAM),
    source=(
        "openai:responses/function-calling",
        "github:vllm-project/vllm#44608",
        "github:anomalyco/opencode#45081",
    ),
    remedy="Give the item an id beside its call_id; the events of a stream name the item by it.",
)
def test_id(first_response: ResponseObject) -> None:
    for call in _calls(first_response):
        require(call["id"].is_text, call["id"], expected="a string, not empty")


@requirement(
    "responses.tools.name",
    MUST,
    "A function call names one of the functions that were offered.",
    on=(WHOLE, STREAM),
    source="openai:responses/function-calling",
    remedy="Constrain the function's name to the names in `tools`.",
)
def test_name(first_response: ResponseObject) -> None:
    offered = offered_functions(first_response.exchange)
    for call in _calls(first_response):
        require(
            call["name"].value in offered, call["name"], expected=f"one of {shown(sorted(offered))}"
        )


@requirement(
    "responses.tools.arguments",
    MUST,
    "The arguments of a function call are a string that holds one JSON object.",
    on=(WHOLE, STREAM),
    source=("openai:responses/function-calling", "github:openai/openai-agents-js#664"),
    remedy='Send the arguments as JSON text, encoded once; for no arguments send "{}".',
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
    "The arguments of a call of a strict function are valid under its parameters.",
    on=(WHOLE, STREAM),
    source=("openai:responses/function-calling", "openai:responses/structured-outputs"),
    remedy="Constrain the arguments by the function's JSON Schema.",
)
def test_arguments_follow_the_schema(first_response: ResponseObject) -> None:
    offered = offered_functions(first_response.exchange)
    for call in _calls(first_response):
        parsed = parse_json(call["arguments"].value) if call["arguments"].is_string else None
        if parsed is None or call["name"].value not in offered:
            raise Inconclusive("there are no arguments to judge")
        wrong = schema_violations(parsed.value, dict(offered[call["name"].value]["parameters"]))
        require(
            not wrong,
            call["arguments"],
            expected="arguments that are valid under the parameters",
            observed=in_one_line(wrong),
        )


@requirement(
    "responses.tools.status",
    SHOULD,
    "A function call of a completed response has the status `completed`.",
    on=(WHOLE, STREAM),
    source="openai:responses/function-calling",
    remedy="Send the status with every call.",
)
def test_status(first_response: ResponseObject) -> None:
    if first_response.status.value != "completed":
        raise Inconclusive("the response did not complete")
    for call in _calls(first_response):
        require(call["status"].value == "completed", call["status"], expected='"completed"')


@requirement(
    "responses.tools.no-markup",
    SHOULD,
    "The text beside a function call holds no call in the model's own syntax.",
    on=(WHOLE, STREAM),
    source=("openai:responses/function-calling", "github:am17an/llama.cpp#33"),
    remedy="Take the call out of the text when it becomes an item.",
)
def test_no_markup_in_the_text(first_response: ResponseObject) -> None:
    _calls(first_response)
    for text in first_response.texts:
        found = call_markup(text.value) if text.is_string else None
        require(found is None, text, expected="no call syntax", observed=shown(found))


@requirement(
    "responses.tools.streamed-start",
    MUST,
    "A streamed function call is announced with its `call_id` and its whole `name`.",
    on=STREAM,
    source=(
        "openai:responses/streaming",
        "client:ai-sdk-openai",
        "client:openai-python-responses",
    ),
    remedy="Announce the call when its name is whole.",
)
def test_streamed_calls_begin_with_their_name(response_stream: ResponseStream) -> None:
    offered = offered_functions(response_stream.exchange)
    for item in _streamed(response_stream):
        announced = item.added["item"]
        require(announced["call_id"].is_text, announced["call_id"], expected="a string, not empty")
        require(
            announced["name"].value in offered,
            announced["name"],
            expected=f"one of {shown(sorted(offered))}",
        )


@requirement(
    "responses.tools.streamed-constant",
    MUST,
    "A streamed function call has one `call_id` and one `name`, from its announcement to the end.",
    on=STREAM,
    source=("openai:responses/streaming", "client:openai-python-responses"),
    remedy="Make the call_id once, and send the same name in both events.",
)
def test_streamed_calls_keep_their_names(response_stream: ResponseStream) -> None:
    finals = response_stream.final.root["output"]
    for item in _streamed(response_stream):
        announced = item.added["item"]
        for later in (item.item, finals[item.index]):
            same_kind = later["type"].value == "function_call"
            for name in ("call_id", "name") if same_kind else ():
                require(
                    later[name].value == announced[name].value,
                    later[name],
                    expected=f"the {name} as announced, which is {announced[name].shown}",
                    beside=announced[name],
                )


@requirement(
    "responses.tools.streamed-done",
    SHOULD,
    "The arguments of a streamed call are ended by one response.function_call_arguments.done.",
    on=STREAM,
    source=("openai:responses/streaming", "github:lidge-jun/opencodex#4652"),
    remedy="Send response.function_call_arguments.done with the whole arguments.",
)
def test_streamed_arguments_are_done(response_stream: ResponseStream) -> None:
    for item in _streamed(response_stream):
        ends = sum(len(text.dones) for text in _arguments(item))
        require(
            ends == 1,
            item.added,
            expected="one response.function_call_arguments.done for it",
            observed=f"{ends} of them",
        )


@requirement(
    "responses.tools.streamed-joins",
    MUST,
    "The argument deltas of a call join to the arguments of the .done event.",
    on=STREAM,
    source=("openai:responses/streaming", "github:anomalyco/opencode#44862"),
    remedy="Send every piece of the arguments once, the closing brace included.",
)
def test_argument_deltas_join(response_stream: ResponseStream) -> None:
    judged = [
        text
        for item in _streamed(response_stream)
        for text in _arguments(item)
        if text.deltas and text.dones
    ]
    if not judged:
        raise Inconclusive("there are not both deltas and whole arguments")
    for text in judged:
        for whole in text.whole:
            _same(whole, text)


@requirement(
    "responses.tools.streamed-item",
    MUST,
    "The function call in response.output_item.done has the arguments that were streamed.",
    on=STREAM,
    source=("openai:responses/streaming", "client:codex", "github:docker/docker-agent#3825"),
    remedy="Put the whole arguments into the item that is done: agents run the call from there.",
)
def test_the_item_has_the_arguments(response_stream: ResponseStream) -> None:
    for item in _streamed(response_stream):
        if not item.done:
            raise Inconclusive("the call is not done")
        for text in _arguments(item):
            if text.deltas or text.dones:
                whole = text.joined if text.deltas else text.whole[-1].value
                told = item.item["arguments"]
                require(
                    told.value == whole,
                    told,
                    expected=f"{shown(whole)}, as streamed",
                    beside=text.first,
                )


@requirement(
    "responses.tools.streamed-final",
    MUST,
    "The function call in the terminal event has the arguments that were streamed.",
    on=STREAM,
    source=("openai:responses/streaming", "client:openai-python-responses"),
    remedy="Send the item that was done in `output` of the terminal event.",
)
def test_the_final_response_has_the_arguments(response_stream: ResponseStream) -> None:
    output = response_stream.final.root["output"]
    for item in _streamed(response_stream):
        final = output[item.index]
        if final["type"].value != "function_call":
            raise Inconclusive("the terminal event does not have the call")
        for text in _arguments(item):
            if text.deltas:
                _same(final["arguments"], text)


@requirement(
    "responses.tools.round-trip",
    MUST,
    "A function_call_output that names the call by its call_id is accepted.",
    on=WHOLE,
    source=(
        "openai:responses/function-calling",
        "github:NousResearch/hermes-agent#108713",
        "github:theopenco/llmgateway#2134",
    ),
    remedy="Accept items of the types function_call and function_call_output as input.",
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
    "The output of a function call is read: a long one makes the prompt longer.",
    on=WHOLE,
    source=(
        "openai:responses/function-calling",
        "github:NousResearch/hermes-agent#108713",
    ),
    remedy="Give the call and its output to the model, and count them.",
)
def test_the_output_of_a_call_is_read(
    response: ResponseObject, first_response: ResponseObject
) -> None:
    now, before = input_count(response.usage), input_count(first_response.usage)
    if now is None or before is None:
        raise Inconclusive("there are not two counts to compare")
    if before == 0 or now == 0:
        raise Inconclusive("usage counts nothing: responses.usage.counted judges that")
    words = len(response.requested("input")[-1]["output"].split())
    require(
        now - before > words // _LEEWAY,
        response.usage["input_tokens"],
        expected=f"well more than {before}, because the output alone has {words} words",
        beside=first_response.usage["input_tokens"],
    )


@requirement(
    "responses.tools.none",
    SHOULD,
    "tool_choice `none` is answered without a function call.",
    on=WHOLE,
    source="openai:responses/create#tool_choice",
    remedy="Do not let the model call when tool_choice is none.",
)
def test_a_call_can_be_forbidden(response: ResponseObject) -> None:
    for call in response.function_calls:
        require(False, call, expected="no function call")


def _calls(response: ResponseObject) -> list[Located]:
    if not response.function_calls:
        raise Inconclusive("the model called no function")
    return response.function_calls


def _streamed(stream: ResponseStream) -> list[StreamedItem]:
    if not stream.calls:
        raise Inconclusive("the model called no function, under an integer output_index")
    return stream.calls


def _arguments(item: StreamedItem) -> list[StreamedText]:
    return [text for text in item.shown if text.holder == "arguments"]


def _same(whole: Located, text: StreamedText) -> None:
    require_text(
        whole,
        text.joined,
        source=f"what {len(text.deltas)} deltas brought",
        beside=text.deltas[-1]["delta"],
    )
