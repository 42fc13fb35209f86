"""The chat completion object: a response that is not streamed."""

from oaicheck.rules import (
    MUST,
    SHOULD,
    Inconclusive,
    NotApplicable,
    header_line,
    index_range,
    json_flaw,
    require,
    requirement,
    status_line,
)
from oaicheck.views import (
    Completion,
    Exchange,
    error_in,
    phrase_to_repeat,
    require_whole_characters,
    shown,
)

_YEAR_3000 = 32_503_680_000


@requirement(
    "chat.completion.status",
    MUST,
    "The endpoint answers a valid request with HTTP 200.",
    on="chat/whole/*",
    follows=(
        "chat.tool-choice.string-form",
        "chat.parameters.null",
        "chat.messages.parts",
        "chat.stop.string-form",
        "chat.logprobs.without-top",
        "chat.sampling.no-server-error",
    ),
    source="openai:chat/create",
    remedy="Return 200 if you serve the request, and a 4xx if you refuse it.",
)
def test_a_completion_is_answered_with_200(exchange: Exchange) -> None:
    require(exchange.status == 200, exchange, expected="HTTP 200")


@requirement(
    "chat.completion.is-json",
    MUST,
    "The body of a completion is one JSON object.",
    on="chat/whole/*",
    source=("openai:chat/object", "rfc8259"),
    remedy="Send a single JSON object in UTF-8, with nothing before or after it.",
)
def test_a_completion_is_a_json_object(exchange: Exchange) -> None:
    if exchange.status == 200:
        body = exchange.json
        require(
            body is not None and body.is_object,
            exchange,
            expected="a JSON object",
            observed=json_flaw(exchange.text),
        )


@requirement(
    "chat.completion.content-type",
    MUST,
    "The media type of a completion is application/json.",
    on="chat/whole/*",
    source=("openai:chat/object", "rfc8259#11"),
    remedy="Send `Content-Type: application/json`.",
)
def test_media_type(completion: Completion) -> None:
    require(
        completion.exchange.media_type == "application/json",
        completion.exchange,
        expected="Content-Type: application/json",
        observed=header_line(completion.exchange, "Content-Type"),
    )


@requirement(
    "chat.completion.no-error",
    MUST,
    "A completion with HTTP 200 contains no error, neither in `error` nor, in place of choices, in "
    "another member such as `detail`.",
    on=("chat/whole/*", "chat/tools/whole/*"),
    source=(
        "openai:errors",
        "github:EpistasisLab/KRAGEN#90",
        "github:raullenchai/Rapid-MLX#471",
    ),
    remedy="Return the error with the 4xx or 5xx status that fits it: clients treat a 200 as "
    "success.",
)
def test_no_error_in_a_200(exchange: Exchange) -> None:
    if (exchange.status or 0) >= 400:
        raise NotApplicable(f"the status already reports the failure: {status_line(exchange)}")
    if exchange.status != 200 or exchange.json is None:
        raise Inconclusive(f"there is no chat completion to judge: {status_line(exchange)}")
    error = error_in(exchange.json)
    if error is not None:
        require(False, error, expected="no error, or a 4xx or 5xx status")


@requirement(
    "chat.completion.id",
    MUST,
    "A completion has an `id`, a non-empty string.",
    on="chat/whole/*",
    follows=("chat.completion.no-error",),
    source="openai:chat/object#id",
    remedy="Give every completion its own id.",
)
def test_id(completion: Completion) -> None:
    name = completion.root["id"]
    require(name.is_text, name, expected="a non-empty string")


@requirement(
    "chat.completion.object",
    MUST,
    "A completion has `object` set to `chat.completion`.",
    on="chat/whole/*",
    follows=("chat.completion.no-error",),
    source=("openai:chat/object#object", "github:langgenius/dify#3506"),
    remedy='Send `"object": "chat.completion"`.',
)
def test_object(completion: Completion) -> None:
    kind = completion.root["object"]
    require(kind.value == "chat.completion", kind, expected='"chat.completion"')


@requirement(
    "chat.completion.created",
    MUST,
    "A completion has an integer `created`.",
    on="chat/whole/*",
    follows=("chat.completion.no-error",),
    source=("openai:chat/object#created", "github:siyuan-note/siyuan#14787"),
    remedy="Send `created` as whole Unix seconds: an integer, not a fraction, a string or null.",
)
def test_created(completion: Completion) -> None:
    created = completion.root["created"]
    require(created.is_integer, created, expected="an integer")


@requirement(
    "chat.completion.created-seconds",
    SHOULD,
    "`created` of a completion is in seconds, not milliseconds.",
    on="chat/whole/*",
    follows=("chat.completion.created",),
    source=("openai:chat/object#created", "github:vercel/ai#7417"),
    remedy="Send `created` as a Unix timestamp in seconds: divide milliseconds by 1000.",
)
def test_created_in_seconds(completion: Completion) -> None:
    created = completion.root["created"]
    if created.is_number:
        require(0 <= created.value < _YEAR_3000, created, expected="a Unix timestamp in seconds")


@requirement(
    "chat.completion.model",
    MUST,
    "A completion has a `model`, a non-empty string.",
    on="chat/whole/*",
    follows=("chat.completion.no-error",),
    source="openai:chat/object#model",
    remedy="Send the name of the model that generated the answer as `model`.",
)
def test_model(completion: Completion) -> None:
    model = completion.root["model"]
    require(model.is_text, model, expected="a non-empty string")


@requirement(
    "chat.completion.choices",
    MUST,
    "A completion has a non-empty `choices` array.",
    on="chat/whole/*",
    follows=("chat.completion.no-error",),
    source=("openai:chat/object#choices", "client:ai-sdk", "client:langchain"),
    remedy="Send at least one choice. If there is none to send, return an error with a 4xx or 5xx "
    "status.",
)
def test_choices(completion: Completion) -> None:
    choices = completion.root["choices"]
    require(len(choices) > 0 and choices.is_array, choices, expected="at least one choice")


@requirement(
    "chat.completion.choice-index",
    MUST,
    "The `index` values of a completion's choices are the integers from 0 up, each used once.",
    on="chat/whole/*",
    follows=("chat.completion.choices",),
    source=("openai:chat/object#choices", "github:spring-projects/spring-ai#6221"),
    remedy="Set the `index` of each choice to its position in `choices`.",
)
def test_choice_index(completion: Completion) -> None:
    indexes = [choice["index"] for choice in completion.choices]
    for index in indexes:
        require(
            index.is_integer and 0 <= index.value < len(indexes),
            index,
            expected=index_range(len(indexes)),
        )
    numbers = [index.value for index in indexes]
    require(
        len(set(numbers)) == len(numbers),
        completion.root["choices"],
        expected="a different index for each choice",
        observed=shown(numbers),
    )


@requirement(
    "chat.completion.every-choice",
    SHOULD,
    "If `n` is 2, the completion has exactly two choices.",
    on="chat/whole/choices",
    follows=("chat.completion.choices", "chat.completion.choice-index"),
    source="openai:chat/create#n",
    remedy="Generate as many choices as `n` says, or refuse `n` with a 400 that names it.",
)
def test_every_requested_choice_is_in_the_completion(completion: Completion) -> None:
    require(
        len(completion.choices) == 2,
        completion.root["choices"],
        expected="2 choices",
        observed=f"{len(completion.choices)}",
    )


@requirement(
    "chat.completion.role",
    MUST,
    "The `message` of every choice has the role `assistant`.",
    on="chat/whole/*",
    source=("openai:chat/object#choices", "client:ai-sdk"),
    remedy='Send `"role": "assistant"` in every message.',
)
def test_role(completion: Completion) -> None:
    for message in completion.messages:
        require(message["role"].value == "assistant", message["role"], expected='"assistant"')


@requirement(
    "chat.completion.content",
    MUST,
    "The `content` of a message is a string; only beside tool calls or a refusal, or after the "
    "token limit, may it be null or absent.",
    on="chat/whole/*",
    source="openai:chat/object#choices",
    remedy="Send the text as a string. Send null only if the message has tool calls or a refusal "
    "instead.",
)
def test_content(completion: Completion) -> None:
    for choice in completion.choices:
        message = choice["message"]
        instead = len(message["tool_calls"]) > 0 or message["refusal"].given
        cut_off = choice["finish_reason"].value == "length"
        require(
            message["content"].is_string or (not message["content"].given and (instead or cut_off)),
            message["content"],
            expected="a string" if not instead else "a string or null",
        )


@requirement(
    "chat.completion.text-intact",
    MUST,
    "Multi-byte characters arrive intact in a completion: the content has no U+FFFD, except where "
    "a token limit cut it off, and is not UTF-8 decoded as Latin-1.",
    on="chat/whole/non-ascii",
    source="rfc8259#8.1",
    remedy="Join the bytes of all tokens and decode them together as UTF-8, not token by token.",
)
def test_multi_byte_characters_arrive_intact(completion: Completion) -> None:
    texts = [choice for choice in completion.choices if choice["message"]["content"].is_string]
    for choice in texts:
        content = choice["message"]["content"]
        cut = choice["finish_reason"].value == "length"
        require_whole_characters([content], phrase_to_repeat(completion.exchange), cut=cut)
        require(not _is_mojibake(content.value), content, expected="text decoded as UTF-8")
    if all(choice["message"]["content"].value.isascii() for choice in texts):
        raise Inconclusive("the model wrote no multi-byte character")


def _is_mojibake(text: str) -> bool:
    """Whether a text is UTF-8 that was decoded as Latin-1."""
    try:
        return len(text.encode("latin-1").decode("utf-8")) < len(text)
    except UnicodeError:
        return False
