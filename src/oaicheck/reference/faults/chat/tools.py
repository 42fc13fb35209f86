"""Faults of tool calls in responses, streamed or not."""

from dataclasses import replace

from ...deviation import ANSWER, CHUNKS, COMPLETION, EACH, Object, Situation, fault
from ...editing import (
    Chunks,
    any_calls,
    call_deltas,
    choices,
    content_chunks,
    deltas,
    each_call,
    each_choice,
    finish_chunks,
    like,
    messages,
)
from ...model.answer import Answer, Choice
from ...model.tokens import tokenize


@fault(
    "tools-id-changes-per-delta",
    CHUNKS,
    "Every delta of a call has a different id.",
    "vllm-project/vllm#23522",
)
def _id_changes(chunks: Chunks, _: Situation) -> Chunks:
    for place, call in enumerate(call_deltas(chunks)):
        call["id"] = f"call_{place:024d}"
    return chunks


@fault(
    "tools-id-empty-string-continuation",
    CHUNKS,
    "Deltas that continue a call have an empty id.",
    "InternLM/lmdeploy#3412",
)
def _id_empty(chunks: Chunks, _: Situation) -> Chunks:
    for call in call_deltas(chunks):
        call.setdefault("id", "")
    return chunks


@fault("tools-id-number", EACH, "The id of a call is a number.", "Kilo-Org/kilocode#5816")
def _id_number(value: Object, _: Situation) -> Object:
    for call in any_calls(value):
        if "id" in call:
            call["id"] = 123
    return value


@fault("tools-id-missing", EACH, "Calls have no id.")
def _id_missing(value: Object, _: Situation) -> Object:
    for call in any_calls(value):
        call.pop("id", None)
    return value


@fault("tools-id-same", ANSWER, "All calls have the same id.")
def _id_same(answer: Answer, _: Situation) -> Answer:
    return each_call(answer, lambda call: replace(call, id="call_0"))


@fault(
    "tools-index-not-starting-at-zero",
    CHUNKS,
    "The first call of a stream has index 1.",
    "cyber-defence-campus/mole#169",
)
def _index_from_one(chunks: Chunks, _: Situation) -> Chunks:
    for call in call_deltas(chunks):
        call["index"] += 1
    return chunks


@fault("tools-index-missing", CHUNKS, "Deltas of a call have no index.")
def _index_missing(chunks: Chunks, _: Situation) -> Chunks:
    for call in call_deltas(chunks):
        del call["index"]
    return chunks


@fault(
    "tools-stream-index-always-zero",
    CHUNKS,
    "All calls in a stream have index 0.",
    "ollama/ollama#15457",
)
def _index_zero(chunks: Chunks, _: Situation) -> Chunks:
    for call in call_deltas(chunks):
        call["index"] = 0
    return chunks


@fault(
    "tools-name-and-id-repeated-every-delta",
    CHUNKS,
    "Every delta of a call repeats its id and name.",
    "AstrBotDevs/AstrBot#7765",
)
def _name_repeated(chunks: Chunks, _: Situation) -> Chunks:
    opened: dict[int, tuple[str, str]] = {}
    for call in call_deltas(chunks):
        if "id" in call:
            opened[call["index"]] = (call["id"], call["function"]["name"])
        call["id"], call["function"]["name"] = opened[call["index"]]
    return chunks


@fault(
    "tools-name-split-over-deltas",
    CHUNKS,
    "The name of a call is streamed in two pieces.",
    "continuedev/continue#5849",
)
def _name_split(chunks: Chunks, _: Situation) -> Chunks:
    rest = ""
    for call in call_deltas(chunks):
        function = call["function"]
        if "name" in function:
            half = len(function["name"]) // 2
            function["name"], rest = function["name"][:half], function["name"][half:]
        elif rest:
            function["name"], rest = rest, ""
    return chunks


@fault("tools-name-missing", EACH, "Calls have no function name.")
def _name_missing(value: Object, _: Situation) -> Object:
    for call in any_calls(value):
        call["function"].pop("name", None)
    return value


@fault("tools-name-unknown", ANSWER, "The call names a function that was not offered.")
def _name_unknown(answer: Answer, _: Situation) -> Answer:
    return each_call(answer, lambda call: replace(call, name=f"functions.{call.name}"))


@fault(
    "tools-no-args-chunk-for-parameterless",
    CHUNKS,
    "The streamed call of a tool without parameters never has arguments.",
    "vllm-project/vllm#28806",
)
def _no_arguments(chunks: Chunks, _: Situation) -> Chunks:
    whole = "".join(call["function"].get("arguments", "") for call in call_deltas(chunks))
    if whole != "{}":
        return chunks
    for call in call_deltas(chunks):
        call["function"].pop("arguments", None)
    return [c for c in chunks if not any("id" not in call for call in call_deltas([c]))]


@fault(
    "tools-raw-markup-in-content-stream",
    CHUNKS,
    "A stream has the model's raw markup as text instead of a tool call.",
    "waybarrios/vllm-mlx#107",
)
def _raw_markup(chunks: Chunks, _: Situation) -> Chunks:
    for delta in deltas(chunks):
        for call in delta.pop("tool_calls", ()):
            name = call["function"].get("name")
            opening = f'<tool_call>{{"name":"{name}","arguments":' if name else ""
            delta["content"] = opening + call["function"]["arguments"]
    return chunks


@fault(
    "tools-unclosed-envelope-as-content",
    ANSWER,
    "The call is unclosed markup in the text, with finish_reason stop.",
    "jundot/omlx#3153",
)
def _unclosed_envelope(answer: Answer, _: Situation) -> Answer:
    def change(choice: Choice) -> Choice:
        if not choice.calls:
            return choice
        call = choice.calls[0]
        text = f'<tool_call>{{"name": "{call.name}", "arguments": {call.arguments}'
        return replace(choice, content=tokenize(text), calls=(), finish_reason="stop")

    return each_choice(answer, change)


@fault(
    "tools-type-missing-or-late",
    CHUNKS,
    "No delta of a call has a type.",
    "vllm-project/vllm#16340",
)
def _type_missing(chunks: Chunks, _: Situation) -> Chunks:
    for call in call_deltas(chunks):
        call.pop("type", None)
    return chunks


@fault("tools-type-late", CHUNKS, "The type of a call arrives in its last delta, after its name.")
def _type_late(chunks: Chunks, _: Situation) -> Chunks:
    last: dict[int, Object] = {}
    for call in call_deltas(chunks):
        call.pop("type", None)
        last[call["index"]] = call
    for call in last.values():
        call["type"] = "function"
    return chunks


@fault("tools-type-missing-in-whole", COMPLETION, "Calls have no type when not streaming.")
def _type_missing_in_whole(completion: Object, _: Situation) -> Object:
    for call in any_calls(completion):
        del call["type"]
    return completion


@fault(
    "tools-type-repeated-and-empty-args-chunk",
    CHUNKS,
    "Every delta of a call repeats the type, and a delta with empty arguments follows.",
    "maximhq/bifrost#3443",
)
def _type_repeated(chunks: Chunks, _: Situation) -> Chunks:
    calls = list(call_deltas(chunks))
    for call in calls:
        call["type"] = "function"
    if calls:
        empty = {"index": calls[-1]["index"], "type": "function", "function": {"arguments": ""}}
        end = finish_chunks(chunks)[0]
        chunks.insert(chunks.index(end), like(end, {"tool_calls": [empty]}))
    return chunks


@fault("tools-function-missing", CHUNKS, "A delta of a call has no function.")
def _function_missing(chunks: Chunks, _: Situation) -> Chunks:
    for call in list(call_deltas(chunks))[-1:]:
        del call["function"]
    return chunks


@fault("tools-in-legacy-function-call", COMPLETION, "The call is in message.function_call.")
def _legacy(completion: Object, _: Situation) -> Object:
    for message in messages(completion):
        if calls := message.pop("tool_calls", None):
            message["function_call"] = calls[0]["function"]
    return completion


@fault("tools-lost-when-streaming", CHUNKS, "Tool calls are missing when streaming.")
def _lost_when_streaming(chunks: Chunks, _: Situation) -> Chunks:
    return [chunk for chunk in chunks if not list(call_deltas([chunk]))]


@fault("tools-call-repeated", ANSWER, "A call arrives twice, with two ids.")
def _call_repeated(answer: Answer, _: Situation) -> Answer:
    def change(choice: Choice) -> Choice:
        again = tuple(replace(call, id=f"{call.id}b") for call in choice.calls[:1])
        return replace(choice, calls=(*choice.calls, *again))

    return each_choice(answer, change)


@fault("tools-empty-array-on-text", COMPLETION, "A text answer is empty, with tool_calls [].")
def _empty_array(completion: Object, _: Situation) -> Object:
    for message in messages(completion):
        if "tool_calls" not in message:
            message.update(content=None, tool_calls=[])
    return completion


@fault("tools-deltas-after-finish", CHUNKS, "Tool call deltas follow the finish reason.")
def _after_finish(chunks: Chunks, _: Situation) -> Chunks:
    late = [chunk for chunk in chunks if list(call_deltas([chunk]))]
    if not late or content_chunks(late):
        return chunks
    rest = [chunk for chunk in chunks if chunk not in late]
    place = rest.index(finish_chunks(rest)[-1]) + 1
    return [*rest[:place], *late, *rest[place:]]


@fault("tools-calls-object", EACH, "tool_calls is one call instead of an array.")
def _calls_object(value: Object, _: Situation) -> Object:
    for choice in choices(value):
        carrier = choice.get("message") or choice.get("delta") or {}
        if calls := carrier.get("tool_calls"):
            carrier["tool_calls"] = calls[0]
    return value


@fault("tools-type-wrong", EACH, "The type of a call is tool instead of function.")
def _type_wrong(value: Object, _: Situation) -> Object:
    for call in any_calls(value):
        if "type" in call:
            call["type"] = "tool"
    return value


@fault(
    "tools-in-legacy-function-call-stream",
    CHUNKS,
    "Streamed calls are in delta.function_call.",
)
def _legacy_stream(chunks: Chunks, _: Situation) -> Chunks:
    for delta in deltas(chunks):
        if calls := delta.pop("tool_calls", None):
            delta["function_call"] = calls[0]["function"]
    return chunks


@fault(
    "tools-metadata-only-delta",
    CHUNKS,
    "A delta with a signature but without index and function follows each call.",
    "open-webui/computer#224",
)
def _metadata_only(chunks: Chunks, _: Situation) -> Chunks:
    if list(call_deltas(chunks)):
        end = finish_chunks(chunks)[0]
        note = {"extra_content": {"google": {"thought_signature": "abc"}}}
        chunks.insert(chunks.index(end), like(end, {"tool_calls": [note]}))
    return chunks


@fault(
    "tools-ids-by-number",
    ANSWER,
    "Call ids are numbered from the start again in every answer.",
    "QwenLM/qwen-code#8382",
)
def _ids_by_number(answer: Answer, _: Situation) -> Answer:
    def change(choice: Choice) -> Choice:
        calls = (replace(call, id=f"call_{number}") for number, call in enumerate(choice.calls))
        return replace(choice, calls=tuple(calls))

    return each_choice(answer, change)


@fault(
    "tools-id-carries-signature",
    ANSWER,
    "The id of a call carries a signature of thousands of characters.",
    "agentgateway/agentgateway#3342",
)
def _id_with_signature(answer: Answer, _: Situation) -> Answer:
    return each_call(answer, lambda call: replace(call, id=call.id + "__thought__" + "Ci4B" * 1000))


@fault("tools-id-odd-characters", ANSWER, "The id of a call has characters other than letters.")
def _odd_id(answer: Answer, _: Situation) -> Answer:
    return each_call(answer, lambda call: replace(call, id=f"{call.id}|fc/0+="))
