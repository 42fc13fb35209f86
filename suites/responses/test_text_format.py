"""text.format: the text follows the JSON Schema, or the endpoint refuses the parameter."""

from oaicheck.rules import (
    MUST,
    NO_OUTPUT,
    SHOULD,
    Inconclusive,
    clipped,
    require,
    requirement,
)
from oaicheck.views import (
    Exchange,
    Form,
    Located,
    ResponseObject,
    form_of,
    in_one_line,
    parse_json,
    schema_violations,
)

STRUCTURED = "responses/whole/json-schema"
NESTED = "responses/schemas/format"
BOTH = (STRUCTURED, NESTED)
_SOURCE = (
    "openai:responses/structured-outputs",
    "github:jundot/omlx#613",
)


def _text(response: ResponseObject) -> Located:
    """The text that should follow the schema; raises Inconclusive if it is not complete."""
    if response.status.value == "incomplete" or response.reached_limit:
        raise Inconclusive("the token limit cut the response")
    if response.refused:
        raise Inconclusive("the model refused to answer")
    if len(response.texts) != 1 or not response.texts[0].is_text:
        raise Inconclusive("the response does not have exactly one text", told_by=NO_OUTPUT)
    return response.texts[0]


def _require_other_form(response: ResponseObject, form: Form) -> None:
    text = _text(response)
    require(
        form_of(text.value) is not form,
        text,
        expected="a JSON object and nothing else",
        observed=f"{form}: {clipped(text.value)}",
    )


@requirement(
    "responses.format.json",
    SHOULD,
    "With a `text.format` of type json_schema, the text is JSON.",
    on=BOTH,
    source=_SOURCE,
    remedy="Constrain the generation, or refuse `text.format` with a 400 that names it.",
)
def test_the_text_is_json(response: ResponseObject) -> None:
    _require_other_form(response, Form.NOT_JSON)


@requirement(
    "responses.format.no-fence",
    SHOULD,
    "JSON that `text.format` asks for is not inside a Markdown code fence.",
    on=BOTH,
    follows=("responses.format.json",),
    source=_SOURCE,
    remedy="Constrain the generation from its first character.",
)
def test_the_text_is_not_fenced(response: ResponseObject) -> None:
    _require_other_form(response, Form.FENCED)


@requirement(
    "responses.format.nothing-around",
    SHOULD,
    "JSON that `text.format` asks for has no text before or after it.",
    on=BOTH,
    follows=("responses.format.json",),
    source=_SOURCE,
    remedy="Constrain the generation from its first to its last character.",
)
def test_no_text_surrounds_the_json(response: ResponseObject) -> None:
    _require_other_form(response, Form.SURROUNDED)


@requirement(
    "responses.format.schema",
    MUST,
    "With a strict json_schema, the JSON is valid under that schema.",
    on=BOTH,
    source=_SOURCE,
    remedy="Constrain the generation with the schema, or refuse json_schema by name with a 400.",
)
def test_the_text_follows_the_schema(response: ResponseObject) -> None:
    text = _text(response)
    parsed = parse_json(text.value)
    if parsed is None:
        raise Inconclusive("the text is not JSON", told_by=("responses.format.json",))
    wrong = schema_violations(parsed.value, response.requested("text")["format"]["schema"])
    require(
        not wrong,
        text,
        expected="JSON that is valid under the schema",
        observed=in_one_line(wrong),
    )


@requirement(
    "responses.format.repeated",
    SHOULD,
    "A response repeats the type and the name of its request's `text.format`.",
    on=STRUCTURED,
    source="openai:responses/object",
    remedy="Put the format that was used into `text.format`.",
)
def test_the_format_is_repeated(response: ResponseObject) -> None:
    asked = response.requested("text")["format"]
    for name in ("type", "name"):
        told = response.root["text"]["format"][name]
        require(told.value == asked[name], told, expected=f'"{asked[name]}"')


@requirement(
    "responses.format.nested-served",
    MUST,
    "The endpoint serves a strict json_schema as SDKs make it: with `$defs`, `$ref`, `anyOf` with "
    "null, and arrays of objects and of arrays.",
    on=NESTED,
    source=("openai:responses/structured-outputs", "client:openai-python-responses"),
    remedy="Resolve `$ref` before you compile the schema: SDKs write one for every nested class, "
    "and `anyOf` with null for every optional field.",
    since="2026.2",
)
def test_a_schema_of_an_sdk_is_served(exchange: Exchange) -> None:
    require(exchange.status == 200, exchange, expected="HTTP 200, as for a flat schema")
