"""response_format: JSON where JSON was asked for, or a clear refusal."""

from oaicheck.rules import MUST, SHOULD, Inconclusive, NotApplicable, clipped, require, requirement
from oaicheck.views import (
    Answered,
    AnsweredChoice,
    Exchange,
    Form,
    Refusal,
    form_of,
    in_one_line,
    parse_json,
    schema_violations,
)

_SCHEMAS = ("chat/stream/json-schema", "chat/whole/json-schema")
_STRUCTURED = ("chat/whole/json-object", "chat/stream/json-object", *_SCHEMAS)
_INVALID = ("chat/either/unknown-format", "chat/either/broken-schema")
_NAMES = ("response_format", "json_schema", "schema")


def _finished(answered: Answered) -> list[AnsweredChoice]:
    """The choices that came to their end; raises Inconclusive where one did not."""
    if not answered.choices:
        raise Inconclusive("there is no choice")
    for choice in answered.choices:
        if choice.reason.value == "length":
            raise Inconclusive("max_tokens cut the answer")
        if choice.refused or choice.reason.value == "content_filter":
            raise Inconclusive("the model refused to answer")
    return answered.choices


def _is_not(answered: Answered, form: Form) -> None:
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
    "With a response_format of JSON the content is JSON: the parameter is not ignored.",
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
    _is_not(answered, Form.NOT_JSON)


@requirement(
    "chat.format.object",
    SHOULD,
    "With a response_format of JSON the content is an object, not another kind of JSON value.",
    on=_STRUCTURED,
    source=("openai:structured-outputs", "github:waybarrios/vllm-mlx#635"),
    remedy="Constrain the generation to a JSON object.",
)
def test_the_content_is_an_object(answered: Answered) -> None:
    _is_not(answered, Form.OTHER_JSON)


@requirement(
    "chat.format.no-fence",
    SHOULD,
    "JSON that was asked for by response_format stands in no Markdown fence.",
    on=_STRUCTURED,
    source=("openai:structured-outputs", "github:ROCm/FastFlowLM#554"),
    remedy="Constrain the generation from its first character on: clients parse the content as it "
    "stands.",
)
def test_the_content_is_not_fenced(answered: Answered) -> None:
    _is_not(answered, Form.FENCED)


@requirement(
    "chat.format.nothing-around",
    SHOULD,
    "No text stands before or after JSON that was asked for by response_format.",
    on=_STRUCTURED,
    source=("openai:structured-outputs", "github:ROCm/FastFlowLM#554"),
    remedy="Constrain the generation from its first to its last character.",
)
def test_nothing_stands_around_the_json(answered: Answered) -> None:
    _is_not(answered, Form.SURROUNDED)


@requirement(
    "chat.format.schema",
    MUST,
    "JSON that a strict json_schema was given for is valid under that schema.",
    on=_SCHEMAS,
    source=("openai:structured-outputs", "github:waybarrios/vllm-mlx#635"),
    remedy="Constrain the generation by the schema, or refuse json_schema by name with a 400.",
)
def test_the_content_follows_the_schema(answered: Answered) -> None:
    schema = answered.requested("response_format")["json_schema"]["schema"]
    for choice in _finished(answered):
        parsed = parse_json(choice.content)
        if parsed is None:
            raise NotApplicable("the content is not JSON: chat.format.json judges that")
        violations = schema_violations(parsed.value, schema)
        require(
            not violations,
            choice.end,
            expected="JSON that is valid under the schema",
            observed=in_one_line(violations),
        )


@requirement(
    "chat.format.finish",
    SHOULD,
    "An answer whose JSON is complete has the finish_reason `stop`.",
    on=_STRUCTURED,
    source=("openai:structured-outputs", "openai:chat/object#choices"),
    remedy="Report `length` only where the limit cut the JSON short.",
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
    "A response_format of an unknown type, and a broken schema, are no server error.",
    on=_INVALID,
    source=("openai:errors", "openai:structured-outputs", "rfc9110#15.5"),
    remedy="Check the type and compile the schema before generating; answer 400 where that fails.",
)
def test_an_invalid_format_is_no_server_error(exchange: Exchange) -> None:
    require((exchange.status or 0) < 500, exchange, expected="a 4xx")


@requirement(
    "chat.format.unknown-type",
    SHOULD,
    "A response_format of an unknown type is refused with a 4xx.",
    on="chat/either/unknown-format",
    source="openai:chat/create#response_format",
    remedy="Refuse every type but text, json_object and json_schema with 400.",
)
def test_an_unknown_type_is_refused(exchange: Exchange) -> None:
    require((exchange.status or 0) >= 400, exchange, expected="a 4xx")


@requirement(
    "chat.format.broken-schema",
    SHOULD,
    "A json_schema that is no valid JSON Schema is refused with a 4xx.",
    on="chat/either/broken-schema",
    source=("openai:structured-outputs", "github:ggml-org/llama.cpp#19051"),
    remedy="Answer 400 where the schema cannot be compiled; never generate without it.",
)
def test_a_broken_schema_is_refused(exchange: Exchange) -> None:
    require((exchange.status or 0) >= 400, exchange, expected="a 4xx")


@requirement(
    "chat.format.refusal-named",
    SHOULD,
    "An invalid response_format is refused by an error that names it.",
    on=_INVALID,
    source="openai:errors",
    remedy="Put `response_format` into `error.param` or into the message.",
)
def test_an_invalid_format_is_refused_by_name(decided: Exchange) -> None:
    require(
        decided.status == 200 or Refusal(decided).names(*_NAMES),
        decided,
        expected="an error that names response_format or the schema",
    )
