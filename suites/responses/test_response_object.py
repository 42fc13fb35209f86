"""The response object, member by member: as a body and at the end of a stream."""

from oaicheck.rules import (
    MUST,
    NO_RESPONSE,
    NO_RESPONSE_STATUS,
    NO_RESPONSE_USAGE,
    SHOULD,
    Inconclusive,
    Unserved,
    header_line,
    json_flaw,
    require,
    requirement,
)
from oaicheck.views import (
    Exchange,
    ResponseObject,
    ResponseStream,
    in_one_line,
    is_of_a_vendor,
    violations,
)

RESPONSES = ("responses/whole/*", "responses/stream/*", "responses/tools")
WHOLE = ("responses/whole/*", "responses/tools")
COMPLETED = (
    "responses/whole/messages",
    "responses/whole/json-schema",
    "responses/stream/text",
    "responses/stream/tool-call",
    "responses/stream/reasoning",
    "responses/tools",
)
STATUSES = ("completed", "incomplete", "failed", "in_progress", "queued", "cancelled")
ENDED = ("completed", "incomplete", "failed")


@requirement(
    "responses.object.served",
    MUST,
    "The endpoint answers a valid request for a response with 200.",
    on=RESPONSES,
    source=(
        "openai:responses/create",
        "seed:opencode#Responses API Endpoint",
        "github:ggml-org/llama.cpp#22389",
    ),
    remedy="Serve POST /responses below the same base URL; if you do not support a parameter, "
    "refuse it by name.",
)
def test_a_valid_request_is_served(exchange: Exchange) -> None:
    require(exchange.status == 200, exchange, expected="HTTP 200")


@requirement(
    "responses.object.json",
    MUST,
    "A response that is not streamed is one JSON object.",
    on=WHOLE,
    source="openai:responses/object",
    remedy="Send the response object as the body; stream only if the request has `stream: true`.",
)
def test_the_body_is_an_object(exchange: Exchange) -> None:
    if exchange.status != 200:
        raise Unserved("there is no response object", exchange)
    require(
        exchange.json is not None and exchange.json.is_object,
        exchange,
        expected="a JSON object",
        observed=json_flaw(exchange.text) if exchange.body else "an empty body",
    )


@requirement(
    "responses.object.content-type",
    SHOULD,
    "A response that is not streamed has the media type application/json.",
    on=WHOLE,
    source=("openai:responses/object", "rfc8259#11"),
    remedy="Send `Content-Type: application/json`.",
)
def test_media_type(response: ResponseObject) -> None:
    exchange = response.exchange
    require(
        exchange.media_type == "application/json",
        exchange,
        expected="Content-Type: application/json",
        observed=header_line(exchange, "Content-Type"),
    )


@requirement(
    "responses.object.id",
    MUST,
    "A response has an `id`, a non-empty string.",
    on=RESPONSES,
    source=("openai:responses/object", "client:codex", "client:openai-python-responses"),
    remedy="Give every response an id: the next request uses it to continue the conversation.",
)
def test_id(response: ResponseObject) -> None:
    require(response.root["id"].is_text, response.root["id"], expected="a non-empty string")


@requirement(
    "responses.object.id-unique",
    MUST,
    "Two responses have different values of `id`.",
    on="responses/stream/text",
    against="responses/whole/messages",
    source="openai:responses/object",
    remedy="Make a new id for every response.",
)
def test_ids_differ(response: ResponseObject, against: ResponseObject) -> None:
    one, other = response.root["id"], against.root["id"]
    if not (one.is_text and other.is_text):
        raise Inconclusive("there are not two ids to compare", told_by=("responses.object.id",))
    require(one.value != other.value, one, expected="a unique id", beside=other)


@requirement(
    "responses.object.object",
    SHOULD,
    "A response has `object` `response`.",
    on=RESPONSES,
    source="openai:responses/object",
    remedy='Send `"object": "response"`.',
)
def test_object(response: ResponseObject) -> None:
    kind = response.root["object"]
    require(kind.value == "response", kind, expected='"response"')


@requirement(
    "responses.object.created-at",
    MUST,
    "A response has `created_at`, a number.",
    on=RESPONSES,
    source=("openai:responses/object", "client:ai-sdk-openai"),
    remedy="Send `created_at` as a Unix time in seconds.",
)
def test_created_at(response: ResponseObject) -> None:
    require(response.root["created_at"].is_number, response.root["created_at"], expected="a number")


@requirement(
    "responses.object.created-at-seconds",
    SHOULD,
    "The `created_at` of a response is a Unix time in seconds.",
    on=RESPONSES,
    follows=("responses.object.created-at",),
    source="openai:responses/object",
    remedy="Send seconds since 1970, not milliseconds, and not 0.",
)
def test_created_at_is_in_seconds(response: ResponseObject) -> None:
    created = response.root["created_at"]
    if not created.is_number:
        raise Inconclusive("there is no number to judge", told_by=("responses.object.created-at",))
    require(10**9 <= created.value < 10**11, created, expected="seconds since 1970")


@requirement(
    "responses.object.model",
    MUST,
    "A response has `model`, a non-empty string.",
    on=RESPONSES,
    source=("openai:responses/object", "client:ai-sdk-openai"),
    remedy="Send the name of the model that answered.",
)
def test_model(response: ResponseObject) -> None:
    require(response.root["model"].is_text, response.root["model"], expected="a non-empty string")


@requirement(
    "responses.object.status",
    MUST,
    "A response has a documented `status`, or a vendor's own, such as `acme:paused`.",
    on=RESPONSES,
    source=("openai:responses/object", "openresponses:spec"),
    remedy="Send completed, incomplete, failed, in_progress, queued or cancelled.",
)
def test_status(response: ResponseObject) -> None:
    status = response.status
    documented = status.is_one_of(STATUSES) or is_of_a_vendor(status.value)
    require(documented, status, expected="one of " + _of(STATUSES))


@requirement(
    "responses.object.status-ended",
    MUST,
    "A response in a body or at the end of a stream has the status completed, incomplete or "
    "failed.",
    on=RESPONSES,
    follows=("responses.object.status",),
    source=("openai:responses/object", "openai:responses/streaming"),
    remedy="Set the status to completed, incomplete or failed when the response ends.",
)
def test_an_ended_response_says_so(response: ResponseObject) -> None:
    if response.status.value not in STATUSES:
        raise Inconclusive(
            "the status is not a documented one", told_by=("responses.object.status",)
        )
    require(response.status.value in ENDED, response.status, expected="one of " + _of(ENDED))


@requirement(
    "responses.object.output",
    MUST,
    "A response has `output`, an array.",
    on=RESPONSES,
    source=(
        "openai:responses/object",
        "client:openai-python-responses",
        "github:decolua/9router#705",
    ),
    remedy="Send the output items in `output`, or `[]` if there are none.",
)
def test_output(response: ResponseObject) -> None:
    require(response.root["output"].is_array, response.root["output"], expected="an array")


@requirement(
    "responses.object.output-not-empty",
    SHOULD,
    "A completed response whose usage counts output tokens has at least one output item.",
    on=COMPLETED,
    source=("openai:responses/object", "github:QuantumNous/new-api#4362"),
    remedy="Put what the model wrote into `output`, also in the last event of a stream.",
)
def test_output_is_not_empty(response: ResponseObject) -> None:
    output = response.root["output"]
    if response.status.value != "completed" or not response.output_tokens or not output.is_array:
        raise Inconclusive(
            "nothing shows that the model wrote anything", told_by=NO_RESPONSE_USAGE, anywhere=True
        )
    require(len(output) > 0, output, expected="at least one item")


@requirement(
    "responses.object.no-error",
    MUST,
    "The `error` of a completed response is null or absent.",
    on=COMPLETED,
    source="openai:responses/object",
    remedy="Send `error: null` unless the status is failed.",
)
def test_a_completed_response_has_no_error(response: ResponseObject) -> None:
    if response.status.value != "completed":
        raise Inconclusive("the response did not complete", told_by=NO_RESPONSE_STATUS)
    require(not response.root["error"].given, response.root["error"], expected="null")


@requirement(
    "responses.object.error-null",
    SHOULD,
    "A response has the member `error`, even if it is null.",
    on=RESPONSES,
    source="openai:responses/object",
    remedy="Send `error: null` with every response that did not fail.",
)
def test_error_is_there(response: ResponseObject) -> None:
    require(not response.root["error"].absent, response.root["error"], expected="an error or null")


@requirement(
    "responses.object.parallel-tool-calls",
    SHOULD,
    "A response has `parallel_tool_calls`, true or false.",
    on=RESPONSES,
    source=("openai:responses/object", "openresponses:spec"),
    remedy="Repeat the request's setting, or send true if the request has none.",
)
def test_parallel_tool_calls(response: ResponseObject) -> None:
    setting = response.root["parallel_tool_calls"]
    require(isinstance(setting.value, bool), setting, expected="true or false")


@requirement(
    "responses.object.tool-choice",
    SHOULD,
    "A response has `tool_choice`, a non-empty string or an object.",
    on=RESPONSES,
    source=("openai:responses/object", "github:ogx-ai/ogx#3548"),
    remedy="Repeat the request's setting, or send `auto` if the request has none.",
)
def test_tool_choice(response: ResponseObject) -> None:
    choice = response.root["tool_choice"]
    require(choice.is_text or choice.is_object, choice, expected="a non-empty string or an object")


@requirement(
    "responses.object.tools",
    SHOULD,
    "A response has `tools`, an array.",
    on=RESPONSES,
    source=("openai:responses/object", "openresponses:spec"),
    remedy="Repeat the request's tools, or send `[]` if it offers none.",
)
def test_tools(response: ResponseObject) -> None:
    require(response.root["tools"].is_array, response.root["tools"], expected="an array")


@requirement(
    "responses.object.text-format",
    SHOULD,
    "A response names its text format in `text.format.type`.",
    on=RESPONSES,
    source="openai:responses/object",
    remedy='Send `"text": {"format": {"type": "text"}}`, or the format that the request asks for.',
)
def test_text_format(response: ResponseObject) -> None:
    kind = response.root["text"]["format"]["type"]
    require(kind.is_text, kind, expected="a type such as text or json_schema")


@requirement(
    "responses.object.schema",
    SHOULD,
    "A response object has the documented members with the documented types.",
    on=RESPONSES,
    follows=(
        "responses.object.id",
        "responses.object.object",
        "responses.object.created-at",
        "responses.object.model",
        "responses.object.status",
        "responses.object.output",
        "responses.object.error-null",
        "responses.object.incomplete-details-null",
        "responses.object.parallel-tool-calls",
        "responses.object.tool-choice",
        "responses.object.tools",
        "responses.object.text-format",
        "responses.usage.given",
        "responses.usage.counters",
        "responses.items.schema",
    ),
    source=("openai:responses/object", "openresponses:spec"),
    remedy="Compare the object with what `oaicheck schema responses/response` prints.",
)
def test_schema(response: ResponseObject) -> None:
    wrong = violations("responses/response", response.root.value)
    require(
        not wrong,
        response.root,
        expected="a response object",
        observed=in_one_line(wrong),
    )


@requirement(
    "responses.object.tools-repeated",
    SHOULD,
    "A response repeats the names of the functions that its request offers.",
    on="responses/tools",
    source="openai:responses/object",
    remedy="Copy the request's tools into the response.",
)
def test_the_tools_are_repeated(response: ResponseObject) -> None:
    offered = [tool["name"] for tool in response.requested("tools")]
    tools = response.root["tools"]
    names = [tool["name"].value for tool in tools]
    require(names == offered, tools, expected=f"the tools {_of(offered)}")


@requirement(
    "responses.object.same-streamed",
    SHOULD,
    "A streamed response object has every member that a response object in a body has.",
    on="responses/stream/text",
    against="responses/whole/messages",
    source=("openai:responses/streaming", "openai:responses/object"),
    remedy="Build the response object of the terminal event with the code that builds the body.",
)
def test_streamed_and_whole_have_the_same_members(
    response_stream: ResponseStream, against: ResponseObject
) -> None:
    final = response_stream.final.root
    if not final.is_object:
        raise Inconclusive("the stream ended without a response object", told_by=NO_RESPONSE)
    for name, member in against.root.members():
        streamed = final[name]
        require(
            not (member.given and streamed.absent),
            final,
            expected=f"`{name}`, as without streaming",
            observed=f"no `{name}`",
            beside=member,
        )


def _of(words: tuple[str, ...] | list[str]) -> str:
    return ", ".join(words)
