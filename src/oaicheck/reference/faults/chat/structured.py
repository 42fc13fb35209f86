"""Faults of structured output."""

import json
from collections.abc import Callable
from dataclasses import replace

from ...deviation import ANSWER, BODY, REPLY, Object, Situation, fault
from ...editing import dropped, each_choice, flattened, refused
from ...http.frames import DONE, frame
from ...http.reply import Reply
from ...http.replying import event_stream
from ...model.answer import Answer, Choice
from ...model.instance import SchemaError, check_schema
from ...model.tokens import tokenize

_PROSE = "Certainly! Here is what you asked for, as prose."


@fault(
    "format-grammar-fails-open",
    BODY,
    "A schema that cannot be compiled is ignored and the answer is free text.",
    "ggml-org/llama.cpp#19051",
)
def _fails_open(body: Object, _: Situation) -> Object:
    wanted = body.get("response_format")
    schema = wanted.get("json_schema") if isinstance(wanted, dict) else None
    if not isinstance(schema, dict):
        return body
    try:
        check_schema(schema.get("schema"))
    except SchemaError:
        return dropped(body, "response_format")
    return body


@fault(
    "format-json-object-ignored",
    BODY,
    "json_object is accepted but the answer is prose.",
    "ROCm/FastFlowLM#554",
)
def _json_object_ignored(body: Object, _: Situation) -> Object:
    return dropped(body, "response_format") if _type_of(body) == "json_object" else body


@fault("format-json-schema-ignored", BODY, "json_schema is accepted but the answer is prose.")
def _json_schema_ignored(body: Object, _: Situation) -> Object:
    return dropped(body, "response_format") if _type_of(body) == "json_schema" else body


@fault("format-json-schema-as-json-object", BODY, "json_schema gives JSON of any shape.")
def _any_shape(body: Object, _: Situation) -> Object:
    if _type_of(body) != "json_schema":
        return body
    reminder = {"role": "system", "content": "Answer in JSON."}
    messages = [reminder, *(body.get("messages") or ())]
    return {**body, "messages": messages, "response_format": {"type": "json_object"}}


@fault("format-ignored-in-stream", BODY, "response_format is ignored when streaming.")
def _ignored_in_stream(body: Object, situation: Situation) -> Object:
    return dropped(body, "response_format") if situation.streams else body


@fault("format-unknown-type-accepted", BODY, "An unknown response_format type is accepted.")
def _unknown_type(body: Object, _: Situation) -> Object:
    known = ("text", "json_object", "json_schema")
    return body if _type_of(body) in known else dropped(body, "response_format")


@fault("format-fenced", ANSWER, "Structured answers are wrapped in a Markdown fence.")
def _fenced(answer: Answer, situation: Situation) -> Answer:
    return _structured(answer, situation, lambda text: f"```json\n{text}\n```")


@fault("format-prose-before", ANSWER, "Structured answers begin with a sentence.")
def _prose_before(answer: Answer, situation: Situation) -> Answer:
    return _structured(answer, situation, lambda text: f"Here is the JSON: {text}")


@fault("format-prose-instead", ANSWER, "Structured answers are prose.")
def _prose_instead(answer: Answer, situation: Situation) -> Answer:
    return _structured(answer, situation, lambda _: _PROSE)


@fault("format-trailing-comma", ANSWER, "Structured answers have a trailing comma.")
def _trailing_comma(answer: Answer, situation: Situation) -> Answer:
    return _structured(answer, situation, lambda text: text[:-1] + "," + text[-1:])


@fault("format-truncated", ANSWER, "Structured answers lack the last brace.")
def _truncated(answer: Answer, situation: Situation) -> Answer:
    return _structured(answer, situation, lambda text: text[:-1])


@fault("format-wrapped", ANSWER, "Structured answers are wrapped in one more object.")
def _wrapped(answer: Answer, situation: Situation) -> Answer:
    return _structured(answer, situation, lambda text: f'{{"result": {text}}}')


def _type_of(body: Object) -> object:
    wanted = body.get("response_format")
    return wanted.get("type") if isinstance(wanted, dict) else "text"


def _structured(answer: Answer, situation: Situation, change: Callable[[str], str]) -> Answer:
    """The answer with its text changed, if the request asked for structured output."""
    if situation.ask is None or situation.ask.schema is None:
        return answer

    def rewritten(choice: Choice) -> Choice:
        if choice.finish_reason != "stop":
            return choice
        return replace(choice, content=tokenize(change("".join(choice.content))))

    return each_choice(answer, rewritten)


@fault("format-array", ANSWER, "Structured answers are an array.")
def _array(answer: Answer, situation: Situation) -> Answer:
    return _structured(answer, situation, lambda text: f"[{text}]")


@fault(
    "format-json-object-ignored-in-stream",
    BODY,
    "json_object is accepted but the answer is prose when streaming.",
    "waybarrios/vllm-mlx#635",
)
def _json_object_ignored_in_stream(body: Object, situation: Situation) -> Object:
    return _json_object_ignored(body, situation) if situation.streams else body


@fault(
    "format-json-schema-ignored-in-whole",
    BODY,
    "json_schema gives JSON of any shape when not streaming.",
    "ggml-org/llama.cpp#24097",
)
def _any_shape_in_whole(body: Object, situation: Situation) -> Object:
    return body if situation.streams else _any_shape(body, situation)


@fault(
    "format-array-of-objects-flattened",
    ANSWER,
    "Arrays of objects or of arrays become arrays of strings.",
    "raullenchai/Rapid-MLX#416",
)
def _arrays_flattened(answer: Answer, situation: Situation) -> Answer:
    return _structured(answer, situation, flattened)


@fault("format-nested-ignored", BODY, "A json_schema with references is accepted and ignored.")
def _nested_ignored(body: Object, _: Situation) -> Object:
    return dropped(body, "response_format") if _refers(body) else body


@fault("format-nested-rejected", BODY, "A json_schema with references is refused.")
def _nested_rejected(body: Object, _: Situation) -> Object:
    if _refers(body):
        raise refused(400, "Unsupported keyword in json_schema: $ref", "response_format")
    return body


def _refers(body: Object) -> bool:
    """Whether the schema of a body has a reference that leads somewhere."""
    wanted = json.dumps(body.get("response_format"))
    return _type_of(body) == "json_schema" and '"$ref"' in wanted and '"$defs"' in wanted


@fault(
    "format-broken-schema-in-stream-200",
    REPLY,
    "A schema that cannot be compiled gets a 200 and an error in the stream.",
)
def _broken_schema_in_stream(reply: Reply, situation: Situation) -> Reply:
    error = situation.error
    if error is None or error.code != "invalid_schema" or not situation.streams:
        return reply
    return event_stream([frame(error.body()), DONE], 0, situation.settings)


@fault(
    "format-broken-schema-stream-dies",
    REPLY,
    "A schema that cannot be compiled gets a 200 and a stream that breaks off.",
)
def _broken_schema_breaks_off(reply: Reply, situation: Situation) -> Reply:
    error = situation.error
    if error is None or error.code != "invalid_schema" or not situation.streams:
        return reply
    return replace(event_stream([b": starting\n\n"], 0, situation.settings), ending="cut")
