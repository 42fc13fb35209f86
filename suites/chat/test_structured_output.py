"""response_format: JSON if the request asks for JSON, or a clear refusal."""

from oaicheck.rules import (
    MUST,
    NO_CHOICES,
    SHOULD,
    Inconclusive,
    NotApplicable,
    clipped,
    require,
    requirement,
    status_line,
)
from oaicheck.views import (
    Answered,
    AnsweredChoice,
    Completion,
    Ending,
    Exchange,
    Form,
    Refusal,
    error_within,
    form_of,
    in_one_line,
    parse_json,
    schema_violations,
)

_SCHEMAS = ("chat/stream/json-schema", "chat/whole/json-schema")
_STRUCTURED = ("chat/whole/json-object", "chat/stream/json-object", *_SCHEMAS)
_NESTED = ("chat/format/stream/nested", "chat/format/whole/nested")
_INVALID = ("chat/either/unknown-format", "chat/either/broken-schema*")
_NAMES = ("response_format", "json_schema", "schema")
_BAD_VALUES = ("oaicheck_no_such_format", "no-such-type", "nowhere")
"""What is wrong in these requests: an error that quotes it names it."""


def _finished(answered: Answered) -> list[AnsweredChoice]:
    """The choices; raises Inconclusive if one was cut off, filtered or refused."""
    if not answered.choices:
        raise Inconclusive("the response has no choices", told_by=NO_CHOICES)
    for choice in answered.choices:
        if choice.reason.value == "length":
            raise Inconclusive("max_tokens cut off the answer")
        if choice.refused or choice.reason.value == "content_filter":
            raise Inconclusive("the model refused to answer, or a content filter ended the answer")
    return answered.choices


def _require_not(answered: Answered, form: Form) -> None:
    for choice in _finished(answered):
        require(
            form_of(choice.content) is not form,
            choice.start,
            expected="a JSON object and nothing else",
            observed=f"{form}: {clipped(choice.content)}",
        )


@requirement(
    "chat.format.json",
    SHOULD,
    "If `response_format` asks for JSON, the content contains JSON: the endpoint does not ignore "
    "the parameter.",
    on=_STRUCTURED,
    source=(
        "openai:structured-outputs",
        "github:ROCm/FastFlowLM#554",
        "github:waybarrios/vllm-mlx#538",
        "github:ggml-org/llama.cpp#24097",
    ),
    remedy="Constrain the generation, streamed or not, or refuse `response_format` with a 400 that "
    "names it.",
)
def test_the_content_is_json(answered: Answered) -> None:
    _require_not(answered, Form.NOT_JSON)


@requirement(
    "chat.format.object",
    SHOULD,
    "If `response_format` asks for JSON, the content is a JSON object, not another kind of JSON "
    "value.",
    on=_STRUCTURED,
    follows=("chat.format.json",),
    source=("openai:structured-outputs", "github:waybarrios/vllm-mlx#635"),
    remedy="Constrain the generation to a JSON object.",
)
def test_the_content_is_an_object(answered: Answered) -> None:
    _require_not(answered, Form.OTHER_JSON)


@requirement(
    "chat.format.no-fence",
    SHOULD,
    "If `response_format` asks for JSON, the content has no Markdown fence around the JSON.",
    on=_STRUCTURED,
    follows=("chat.format.json",),
    source=("openai:structured-outputs", "github:ROCm/FastFlowLM#554"),
    remedy="Constrain the generation from its first character on: clients parse the content "
    "unchanged.",
)
def test_the_content_is_not_fenced(answered: Answered) -> None:
    _require_not(answered, Form.FENCED)


@requirement(
    "chat.format.nothing-around",
    SHOULD,
    "If `response_format` asks for JSON, the content has no text before or after the JSON.",
    on=_STRUCTURED,
    follows=("chat.format.json",),
    source=("openai:structured-outputs", "github:ROCm/FastFlowLM#554"),
    remedy="Constrain the generation from its first to its last character.",
)
def test_no_text_around_the_json(answered: Answered) -> None:
    _require_not(answered, Form.SURROUNDED)


@requirement(
    "chat.format.schema",
    MUST,
    "If the request has a strict `json_schema`, the JSON in the content is valid under that "
    "schema.",
    on=_SCHEMAS,
    source=("openai:structured-outputs", "github:waybarrios/vllm-mlx#635"),
    remedy="Constrain the generation with the schema, or refuse `json_schema` with a 400 that "
    "names it.",
)
def test_the_content_follows_the_schema(answered: Answered) -> None:
    _require_valid(answered, "chat.format.json")


def _require_valid(answered: Answered, otherwise: str) -> None:
    """Require JSON that is valid under the requested schema; `otherwise` judges what is no JSON."""
    schema = answered.requested("response_format")["json_schema"]["schema"]
    for choice in _finished(answered):
        parsed = parse_json(choice.content)
        if parsed is None:
            raise NotApplicable(f"the content is not JSON (see {otherwise})")
        violations = schema_violations(parsed.value, schema)
        require(
            not violations,
            choice.end,
            expected="JSON that is valid under the schema",
            observed=in_one_line(violations),
        )


@requirement(
    "chat.format.nested-accepted",
    MUST,
    "If the endpoint serves a strict `json_schema`, it serves one with `$defs` and `$ref`, nested "
    "objects, arrays of objects and of arrays, and a nullable `anyOf`.",
    on=_NESTED,
    against="chat/whole/json-schema",
    source=("openai:structured-outputs", "client:openai-python", "client:openai-node"),
    remedy="Support the schemas that the SDKs make of classes: Pydantic puts every nested class "
    "into `$defs`, and makes a nullable `anyOf` of every optional member.",
    since="2026.2",
)
def test_a_nested_schema_is_served(exchange: Exchange, against: Completion) -> None:
    require(exchange.status == 200, exchange, expected="HTTP 200", beside=against.exchange)


@requirement(
    "chat.format.nested-json",
    SHOULD,
    "If a strict `json_schema` has nested objects and arrays, the content is a JSON object.",
    on=_NESTED,
    against="chat/whole/json-schema",
    follows=("chat.format.nested-accepted",),
    source=("openai:structured-outputs", "github:raullenchai/Rapid-MLX#416"),
    remedy="Constrain the generation, or return 400 for a schema that you cannot enforce.",
    since="2026.2",
)
def test_a_nested_schema_gives_an_object(answered: Answered, against: Completion) -> None:
    _must_follow_the_plain_schema(against)
    for choice in _finished(answered):
        require(
            form_of(choice.content) is Form.OBJECT,
            choice.start,
            expected="a JSON object and nothing else",
            observed=clipped(choice.content),
        )


@requirement(
    "chat.format.nested",
    MUST,
    "If a strict `json_schema` has nested objects, arrays of objects and of arrays, and a nullable "
    "member, the JSON in the content is valid under it.",
    on=_NESTED,
    against="chat/whole/json-schema",
    follows=("chat.format.nested-accepted",),
    source=("openai:structured-outputs", "github:raullenchai/Rapid-MLX#416"),
    remedy="Constrain the generation with the whole schema, including `items` and what `$ref` "
    "refers to, or return 400 for a schema that you cannot enforce.",
    since="2026.2",
)
def test_the_content_follows_a_nested_schema(answered: Answered, against: Completion) -> None:
    _must_follow_the_plain_schema(against)
    _require_valid(answered, "chat.format.nested-json")


def _must_follow_the_plain_schema(plain: Completion) -> None:
    """Raise NotApplicable if the content breaks even a schema without arrays and references."""
    schema = plain.requested("response_format")["json_schema"]["schema"]
    for message in plain.messages:
        parsed = parse_json(message["content"].value) if message["content"].is_string else None
        if parsed is None or schema_violations(parsed.value, schema):
            raise NotApplicable(
                f"{plain.exchange.id}: the content does not follow a plain schema either: "
                "chat.format.json and chat.format.schema judge that"
            )


@requirement(
    "chat.format.finish",
    SHOULD,
    "If the content is a complete JSON object, the finish_reason is `stop`.",
    on=_STRUCTURED,
    source=("openai:structured-outputs", "openai:chat/object#choices"),
    remedy="Send finish_reason `length` only if the token limit cut the JSON off.",
)
def test_complete_json_ends_with_stop(answered: Answered) -> None:
    for choice in answered.choices:
        if form_of(choice.content) is not Form.OBJECT:
            raise Inconclusive("the content is not a complete JSON object")
        if choice.reason.value == "length" and answered.cut:
            raise Inconclusive("max_tokens was reached")
        require(choice.reason.value == "stop", choice.reason, expected='"stop"')


@requirement(
    "chat.format.no-server-error",
    MUST,
    "A `response_format` with an unknown type or a broken schema does not cause a server error "
    "(5xx).",
    on=_INVALID,
    source=("openai:errors", "openai:structured-outputs", "rfc9110#15.5"),
    remedy="Check the type and compile the schema before generating, and return 400 if that fails.",
)
def test_an_invalid_format_causes_no_server_error(exchange: Exchange) -> None:
    require((exchange.status or 0) < 500, exchange, expected="a 4xx")


@requirement(
    "chat.format.unknown-type",
    SHOULD,
    "If a `response_format` has an unknown type, the endpoint refuses it with a 4xx.",
    on="chat/either/unknown-format",
    source="openai:chat/create#response_format",
    remedy="Return 400 for every type other than `text`, `json_object` and `json_schema`.",
)
def test_an_unknown_type_is_refused(exchange: Exchange) -> None:
    require((exchange.status or 0) >= 400, exchange, expected="a 4xx")


@requirement(
    "chat.format.broken-schema",
    SHOULD,
    "If a `json_schema` is not a valid JSON Schema, the endpoint refuses it with a 4xx.",
    on="chat/either/broken-schema",
    source=("openai:structured-outputs", "github:ggml-org/llama.cpp#19051"),
    remedy="Return 400 if the schema cannot be compiled. Never generate without it.",
)
def test_a_broken_schema_is_refused(exchange: Exchange) -> None:
    require((exchange.status or 0) >= 400, exchange, expected="a 4xx")


@requirement(
    "chat.format.broken-schema-streamed",
    MUST,
    "If a `json_schema` is not a valid JSON Schema, the endpoint does not begin a stream with "
    "status 200 that ends with an error.",
    on="chat/either/broken-schema-streamed",
    source=("openai:errors", "openai:structured-outputs"),
    remedy="Compile the schema before the response begins, while you can still answer 400: clients "
    "take a stream that fails for a broken connection, and repeat it.",
    since="2026.2",
)
def test_a_broken_schema_fails_before_the_stream(exchange: Exchange) -> None:
    if exchange.status == 200:
        error = error_within(exchange)
        if error is not None:
            require(False, error, expected="a 4xx status with this error")
        require(
            exchange.ending is Ending.COMPLETE and bool(exchange.body),
            exchange,
            expected="a 4xx status, or a complete stream",
            observed=f"{status_line(exchange)}, {exchange.ending}",
        )


@requirement(
    "chat.format.refusal-named",
    SHOULD,
    "If the endpoint refuses an invalid `response_format`, the error names `response_format`, the "
    "schema or the bad value.",
    on=_INVALID,
    follows=(
        "errors.body.is-json",
        "chat.format.no-server-error",
    ),
    source="openai:errors",
    remedy="Name `response_format` in `error.param` or in the message, or quote the bad value.",
)
def test_a_refused_format_is_named(decided: Exchange) -> None:
    require(
        decided.status == 200 or Refusal(decided).names(*_NAMES, *_BAD_VALUES),
        decided,
        expected="an error that names response_format, the schema or the bad value",
    )
