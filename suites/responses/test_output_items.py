"""The output items of a response: messages and their content parts."""

from oaicheck.rules import (
    MUST,
    NO_RESPONSE_STATUS,
    NO_RESPONSE_USAGE,
    SHOULD,
    Inconclusive,
    NotApplicable,
    require,
    requirement,
)
from oaicheck.views import (
    Located,
    ResponseObject,
    in_one_line,
    is_of_a_vendor,
    lacking,
    violations,
)

RESPONSES = ("responses/whole/*", "responses/stream/*", "responses/tools")
TEXTS = (
    "responses/whole/*",
    "responses/stream/text",
    "responses/stream/length",
    "responses/stream/reasoning",
    "responses/tools",
)
COMPLETED = (
    "responses/whole/messages",
    "responses/whole/json-schema",
    "responses/stream/text",
    "responses/stream/reasoning",
    "responses/tools",
)
LIMITED = ("responses/whole/length", "responses/stream/length")
STATUSES = ("in_progress", "completed", "incomplete", "failed")
PARTS = ("output_text", "refusal")


@requirement(
    "responses.items.type",
    MUST,
    "Every output item has a `type`, a non-empty string.",
    on=RESPONSES,
    source=("openai:responses/object#output", "client:codex", "client:ai-sdk-openai"),
    remedy="Send the type with every item: message, function_call or reasoning.",
)
def test_type(response: ResponseObject) -> None:
    for item in _items(response):
        require(item["type"].is_text, item["type"], expected="a non-empty string")


@requirement(
    "responses.items.id",
    MUST,
    "Every message and every reasoning item has an `id`, a non-empty string.",
    on=TEXTS,
    source=("openai:responses/object#output", "client:ai-sdk-openai"),
    remedy="Give every output item an id.",
)
def test_id(response: ResponseObject) -> None:
    identified = response.messages + response.of_type("reasoning")
    if not identified:
        raise lacking(response, "there is no message and no reasoning item")
    for item in identified:
        require(item["id"].is_text, item["id"], expected="a non-empty string")


@requirement(
    "responses.items.id-unique",
    MUST,
    "The output items of a response have different ids, and none has the id of the response.",
    on=RESPONSES,
    source=("openai:responses/object#output", "client:openai-python-responses"),
    remedy="Give every output item its own id.",
)
def test_ids_differ(response: ResponseObject) -> None:
    seen = {response.root["id"].value} if response.root["id"].is_text else set()
    for item in _items(response):
        if item["id"].is_text:
            require(item["id"].value not in seen, item["id"], expected="a unique id")
            seen.add(item["id"].value)


@requirement(
    "responses.items.role",
    MUST,
    "A message in the output has the role `assistant`.",
    on=TEXTS,
    source=("openai:responses/object#output", "client:ai-sdk-openai"),
    remedy='Send `"role": "assistant"`.',
)
def test_role(response: ResponseObject) -> None:
    for message in _messages(response):
        require(message["role"].value == "assistant", message["role"], expected='"assistant"')


@requirement(
    "responses.items.status",
    SHOULD,
    "A message has a `status`: in_progress, completed, incomplete or failed.",
    on=TEXTS,
    source=("openai:responses/object#output", "github:diegosouzapw/OmniRoute#13964"),
    remedy="Send `status` with every message.",
)
def test_status(response: ResponseObject) -> None:
    for message in _messages(response):
        require(
            message["status"].value in STATUSES,
            message["status"],
            expected="one of " + ", ".join(STATUSES),
        )


@requirement(
    "responses.items.status-completed",
    SHOULD,
    "If a message of a completed response has a `status`, it is `completed`.",
    on=COMPLETED,
    source="openai:responses/object#output",
    remedy="Set the status of a message to `completed` when it is finished.",
)
def test_items_of_a_completed_response(response: ResponseObject) -> None:
    if response.status.value != "completed":
        raise Inconclusive("the response did not complete", told_by=NO_RESPONSE_STATUS)
    for message in _messages(response):
        status = message["status"]
        if status.given:
            require(status.value == "completed", status, expected='"completed"')


@requirement(
    "responses.items.status-incomplete",
    SHOULD,
    "A message that the token limit cut off has the status `incomplete`.",
    on=LIMITED,
    follows=("responses.items.status",),
    source=("openai:responses/object#output", "github:vllm-project/vllm#57998"),
    remedy="Set the status of the item that was cut to `incomplete`.",
)
def test_a_cut_item_is_incomplete(response: ResponseObject) -> None:
    if response.why_not_cut is not None:
        raise Inconclusive(response.why_not_cut, told_by=NO_RESPONSE_USAGE, anywhere=True)
    last = _items(response)[-1]
    if last["type"].value != "message":
        raise Inconclusive("the limit did not cut a message")
    require(last["status"].value == "incomplete", last["status"], expected='"incomplete"')


@requirement(
    "responses.items.content",
    MUST,
    "A message has `content`, an array.",
    on=TEXTS,
    source=("openai:responses/object#output", "client:codex", "client:ai-sdk-openai"),
    remedy="Send the parts of a message as an array, not as a string.",
)
def test_content(response: ResponseObject) -> None:
    for message in _messages(response):
        require(message["content"].is_array, message["content"], expected="an array")


@requirement(
    "responses.items.part-type",
    MUST,
    "Every content part of a message has the type `output_text` or `refusal`, or a vendor's own, "
    "such as `acme:card`.",
    on=TEXTS,
    source=("openai:responses/object#output", "client:codex", "client:ai-sdk-openai"),
    remedy="Send `output_text`, not `text` as in chat completions.",
)
def test_part_type(response: ResponseObject) -> None:
    for part in _parts(response):
        kind = part["type"]
        known = kind.is_one_of(PARTS) or is_of_a_vendor(kind.value)
        require(known, kind, expected="output_text or refusal")


@requirement(
    "responses.items.text",
    MUST,
    "Every output_text part has `text`, a string.",
    on=TEXTS,
    source=("openai:responses/object#output", "client:openai-python-responses"),
    remedy='Send the text as a string, or `""` if there is none.',
)
def test_text(response: ResponseObject) -> None:
    if not response.texts:
        raise lacking(response, "there is no output_text")
    for text in response.texts:
        require(text.is_string, text, expected="a string")


@requirement(
    "responses.items.text-not-empty",
    MUST,
    "A response whose usage counts output tokens for text has text in its message.",
    on=("responses/whole/messages", "responses/stream/text"),
    source=("openai:responses/object#output", "github:QuantumNous/new-api#4362"),
    remedy="Put what the model wrote into the message's `text`.",
)
def test_text_is_there(response: ResponseObject) -> None:
    if response.text:
        return
    if response.cut_before_message:
        raise NotApplicable("the token limit ended the response before a message")
    reasoned = response.usage["output_tokens_details"]["reasoning_tokens"]
    if (
        (response.output_tokens or 0) < 2
        or (reasoned.is_integer and reasoned.value > 0)
        or len(response.messages) != len(response.items)
        or response.refused
    ):
        raise Inconclusive(
            "nothing shows that the model wrote text", told_by=NO_RESPONSE_USAGE, anywhere=True
        )
    require(False, response.root["output"], expected="a message with text")


@requirement(
    "responses.items.annotations",
    MUST,
    "Every output_text part has `annotations`, an array.",
    on=TEXTS,
    source=("openai:responses/object#output", "client:ai-sdk-openai"),
    remedy="Send `annotations: []` if there are none.",
)
def test_annotations(response: ResponseObject) -> None:
    for part in _parts(response):
        if part["type"].value == "output_text":
            require(part["annotations"].is_array, part["annotations"], expected="an array")


@requirement(
    "responses.items.schema",
    SHOULD,
    "Every output item of a documented type has the documented members.",
    on=RESPONSES,
    follows=(
        "responses.items.type",
        "responses.items.id",
        "responses.items.role",
        "responses.items.status",
        "responses.items.content",
        "responses.items.part-type",
        "responses.items.text",
        "responses.items.annotations",
        "responses.tools.call-id",
        "responses.tools.arguments",
        "responses.tools.status",
        "responses.reasoning.summary",
        "responses.reasoning.part-types",
    ),
    source=("openai:responses/object#output", "openresponses:spec"),
    remedy="Compare the item with what `oaicheck schema responses/output-item` prints.",
)
def test_schema(response: ResponseObject) -> None:
    for item in _items(response):
        wrong = violations("responses/output-item", item.value)
        require(not wrong, item, expected="an output item", observed=in_one_line(wrong))


def _items(response: ResponseObject) -> list[Located]:
    if not response.items:
        raise lacking(response, "there is no output item")
    return response.items


def _messages(response: ResponseObject) -> list[Located]:
    if not response.messages:
        raise lacking(response, "there is no message")
    return response.messages


def _parts(response: ResponseObject) -> list[Located]:
    if not response.parts:
        raise lacking(response, "there is no content part")
    return response.parts
