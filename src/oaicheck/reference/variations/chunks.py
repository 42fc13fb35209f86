"""Legal variations of chunks and completions: members that are added, removed or moved."""

import copy
import json
from dataclasses import replace

from ..deviation import ANSWER, CHUNKS, COMPLETION, EACH, Object, Situation, variation
from ..editing import (
    Chunks,
    any_calls,
    call_deltas,
    choices,
    deltas,
    each_call,
    each_choice,
    finish_chunks,
    finished,
    messages,
)
from ..model.answer import Answer, ToolCall
from ..model.tokens import tokenize

_NAMELESS = {"id": "", "object": "", "created": 0, "model": ""}
"""The members of Azure's chunks that contain no model output."""


@variation("chunk-leading-empty", CHUNKS, "A chunk without choices comes first.", "simonw/llm#294")
def _leading_empty(chunks: Chunks, _: Situation) -> Chunks:
    leading = {
        **_NAMELESS,
        "choices": [],
        "prompt_filter_results": [{"prompt_index": 0, "content_filter_results": {}}],
    }
    return [leading, *chunks]


@variation(
    "chunk-annotation-without-delta",
    CHUNKS,
    "An annotation chunk has a choice without a delta.",
    "openai/openai-node#2658",
)
def _annotation(chunks: Chunks, _: Situation) -> Chunks:
    note = copy.deepcopy(chunks[0])
    note["choices"] = [{"index": 0, "finish_reason": None, "content_filter_results": {}}]
    return [chunks[0], note, *chunks[1:]]


@variation(
    "chunk-annotation-bare",
    CHUNKS,
    "Content filter results arrive in chunks with an empty id and a choice without a delta.",
    "microsoft/autogen#6465",
)
def _bare_annotation(chunks: Chunks, _: Situation) -> Chunks:
    note = {
        **_NAMELESS,
        "choices": [
            {
                "index": 0,
                "finish_reason": None,
                "content_filter_results": {},
                "content_filter_offsets": {"check_offset": 44, "start_offset": 44},
            }
        ],
    }
    return [chunks[0], note, *chunks[1:], copy.deepcopy(note)]


@variation("chunk-role-everywhere", CHUNKS, "Every delta has the role.")
def _role_everywhere(chunks: Chunks, _: Situation) -> Chunks:
    for delta in deltas(chunks):
        delta["role"] = "assistant"
    return chunks


@variation("chunk-role-null-later", CHUNKS, "Later deltas have a null role.")
def _role_null(chunks: Chunks, _: Situation) -> Chunks:
    for delta in deltas(chunks):
        delta.setdefault("role", None)
    return chunks


@variation("chunk-role-with-first-text", CHUNKS, "The role arrives together with the first text.")
def _role_with_text(chunks: Chunks, _: Situation) -> Chunks:
    opening = next(deltas(chunks[:1]), {})
    following = next(deltas(chunks[1:2]), {})
    several = any(choice["index"] for chunk in chunks for choice in choices(chunk))
    if several or not following:
        return chunks
    following.update({**opening, **following})
    return chunks[1:]


@variation(
    "finish-in-last-content",
    CHUNKS,
    "finish_reason is in the chunk with the last text.",
    "vllm-project/vllm#36944",
)
def _finish_in_content(chunks: Chunks, _: Situation) -> Chunks:
    for end in finish_chunks(chunks):
        index = choices(end)[0]["index"]
        earlier = [
            choice
            for chunk in chunks[: chunks.index(end)]
            for choice in choices(chunk)
            if choice["index"] == index
        ]
        if earlier and earlier[-1]["delta"].get("content"):
            earlier[-1]["finish_reason"] = choices(end)[0]["finish_reason"]
            chunks.remove(end)
    return chunks


@variation(
    "finish-stop-when-named",
    ANSWER,
    "A call forced by a named tool_choice has finish_reason stop.",
    "ollama/ollama#7963",
)
def _stop_when_named(answer: Answer, situation: Situation) -> Answer:
    named = situation.ask is not None and situation.ask.choosing == "named"
    return finished(answer, {"tool_calls": "stop"}) if named else answer


@variation(
    "usage-on-every-chunk",
    CHUNKS,
    "Every chunk has a cumulative usage if usage was requested.",
    "open-webui/open-webui#29064",
)
def _usage_everywhere(chunks: Chunks, situation: Situation) -> Chunks:
    if situation.ask is None or not situation.ask.include_usage:
        return chunks
    last = chunks[-1]["usage"]
    for written, chunk in enumerate(chunks[:-1]):
        count = min(written, last["completion_tokens"])
        chunk["usage"] = {
            "prompt_tokens": last["prompt_tokens"],
            "completion_tokens": count,
            "total_tokens": last["prompt_tokens"] + count,
        }
    return chunks


@variation(
    "usage-on-finish-chunk",
    CHUNKS,
    "Usage is on the chunk with the last finish reason; no chunk follows.",
    "openkursar/hello-halo#226",
)
def _usage_beside_finish(chunks: Chunks, situation: Situation) -> Chunks:
    if situation.ask is None or not situation.ask.include_usage:
        return chunks
    *before, last = chunks
    finish_chunks(before)[-1]["usage"] = last["usage"]
    return before


@variation("usage-key-absent", CHUNKS, "Chunks without usage have no usage key.")
def _usage_absent(chunks: Chunks, _: Situation) -> Chunks:
    for chunk in chunks:
        if chunk.get("usage") is None:
            chunk.pop("usage", None)
    return chunks


@variation("usage-without-details", EACH, "usage has no details.")
def _no_details(value: Object, situation: Situation) -> Object:
    if (usage := value.get("usage")) and not (situation.ask and situation.ask.thinks):
        usage.pop("prompt_tokens_details")
        usage.pop("completion_tokens_details")
    return value


@variation(
    "reasoning-key-reasoning",
    EACH,
    "The model's thoughts are in reasoning instead of reasoning_content.",
    "vllm-project/vllm#27755",
)
def _reasoning_key(value: Object, _: Situation) -> Object:
    for choice in choices(value):
        carrier = choice.get("message") or choice.get("delta") or {}
        if "reasoning_content" in carrier:
            carrier["reasoning"] = carrier.pop("reasoning_content")
    return value


@variation(
    "reasoning-both-names",
    EACH,
    "The model's thoughts are in both reasoning and reasoning_content.",
)
def _reasoning_both(value: Object, _: Situation) -> Object:
    for choice in choices(value):
        carrier = choice.get("message") or choice.get("delta") or {}
        if "reasoning_content" in carrier:
            carrier["reasoning"] = carrier["reasoning_content"]
    return value


@variation("reasoning-none", EACH, "A reasoning model does not show its thoughts.")
def _no_reasoning(value: Object, _: Situation) -> Object:
    for choice in choices(value):
        (choice.get("message") or choice.get("delta") or {}).pop("reasoning_content", None)
    return value


@variation("reasoning-null-later", CHUNKS, "Deltas with text have a null reasoning_content.")
def _reasoning_null(chunks: Chunks, _: Situation) -> Chunks:
    for delta in deltas(chunks):
        delta.setdefault("reasoning_content", None)
    return chunks


@variation(
    "tools-whole-call-in-one-delta",
    CHUNKS,
    "A complete tool call arrives in one delta.",
    "64bit/async-openai#329",
)
def _whole_call(chunks: Chunks, _: Situation) -> Chunks:
    opened: dict[tuple[int, int], Object] = {}
    kept: Chunks = []
    for chunk in chunks:
        continues = False
        for choice in choices(chunk):
            for call in choice["delta"].get("tool_calls") or ():
                key = (choice["index"], call["index"])
                if key in opened:
                    opened[key]["function"]["arguments"] += call["function"]["arguments"]
                    continues = True
                else:
                    opened[key] = call
        if not continues:
            kept.append(chunk)
    return kept


@variation("tools-id-null-later", CHUNKS, "Deltas that continue a call have a null id.")
def _id_null(chunks: Chunks, _: Situation) -> Chunks:
    for call in call_deltas(chunks):
        call.setdefault("id", None)
    return chunks


@variation("tools-type-everywhere", CHUNKS, "Every delta of a call has the type function.")
def _type_everywhere(chunks: Chunks, _: Situation) -> Chunks:
    for call in call_deltas(chunks):
        call["type"] = "function"
    return chunks


@variation("tools-name-null-later", CHUNKS, "Deltas that continue a call have a null name.")
def _name_null(chunks: Chunks, _: Situation) -> Chunks:
    for call in call_deltas(chunks):
        call["function"].setdefault("name", None)
    return chunks


@variation("tools-opaque-ids", ANSWER, "The ids of calls have an unusual form.")
def _opaque_ids(answer: Answer, _: Situation) -> Answer:
    return each_call(answer, lambda call: replace(call, id=f"tool-{call.name}:{call.id[-9:]}"))


@variation("tools-null-on-text", EACH, "tool_calls is null if there are none.")
def _null_on_text(value: Object, _: Situation) -> Object:
    for choice in choices(value):
        carrier = choice.get("message") or choice.get("delta")
        if carrier is not None:
            carrier.setdefault("tool_calls", None)
    return value


@variation("tools-empty-on-text", COMPLETION, "tool_calls is an empty array if there are none.")
def _empty_on_text(completion: Object, _: Situation) -> Object:
    for message in messages(completion):
        message.setdefault("tool_calls", [])
    return completion


@variation("tools-content-empty", EACH, "content is an empty string beside tool calls.")
def _content_empty(value: Object, _: Situation) -> Object:
    if list(any_calls(value)):
        for choice in choices(value):
            carrier = choice["message"] if "message" in choice else choice["delta"]
            carrier["content"] = ""
    return value


@variation("tools-text-before", ANSWER, "The model says something before it calls a tool.")
def _text_before(answer: Answer, _: Situation) -> Answer:
    said = tokenize("I will look up Paris for you.")
    return each_choice(
        answer, lambda choice: replace(choice, content=said) if choice.calls else choice
    )


@variation(
    "tools-all-calls-in-one-chunk",
    CHUNKS,
    "All calls of an answer arrive complete in one chunk.",
    "64bit/async-openai#329",
)
def _all_in_one(chunks: Chunks, situation: Situation) -> Chunks:
    whole = _whole_call(chunks, situation)
    calling = [chunk for chunk in whole if list(call_deltas([chunk]))]
    several = any(choice["index"] for chunk in calling for choice in choices(chunk))
    if len(calling) < 2 or several:
        return whole
    choices(calling[0])[0]["delta"]["tool_calls"] = list(call_deltas(calling))
    return [chunk for chunk in whole if chunk not in calling[1:]]


@variation("tools-empty-in-deltas", CHUNKS, "Deltas without calls have an empty tool_calls.")
def _empty_in_deltas(chunks: Chunks, _: Situation) -> Chunks:
    for delta in deltas(chunks):
        delta.setdefault("tool_calls", [])
    return chunks


@variation(
    "tools-id-of-name-and-number",
    ANSWER,
    "The id of a call consists of the function's name and a number.",
)
def _numbered_ids(answer: Answer, _: Situation) -> Answer:
    return each_choice(
        answer,
        lambda choice: replace(
            choice,
            calls=tuple(
                replace(call, id=f"functions.{call.name}:{number}")
                for number, call in enumerate(choice.calls)
            ),
        ),
    )


@variation("tools-arguments-spaced", ANSWER, "Arguments are JSON with line ends and indentation.")
def _spaced(answer: Answer, _: Situation) -> Answer:
    def change(call: ToolCall) -> ToolCall:
        try:
            value = json.loads(call.arguments)
        except ValueError:
            return call
        return replace(call, fragments=tokenize(json.dumps(value, indent=2) + "\n"))

    return each_call(answer, change)


@variation("tools-args-loose", ANSWER, "Only strict functions hold the model to an object.")
def _loose(answer: Answer, situation: Situation) -> Answer:
    offered = situation.body.get("tools") or ()
    if any("strict" in tool.get("function", tool) for tool in offered):
        return answer
    return each_call(answer, lambda call: replace(call, fragments=tokenize("-5")))


@variation("chunk-first-content-null", CHUNKS, "content is null in the first delta.")
def _first_null(chunks: Chunks, _: Situation) -> Chunks:
    for delta in deltas(chunks):
        if delta.get("content") == "":
            delta["content"] = None
    return chunks


@variation("chunk-last-content-empty", CHUNKS, "The last delta has an empty content.")
def _last_empty(chunks: Chunks, _: Situation) -> Chunks:
    for delta in deltas(finish_chunks(chunks)):
        delta["content"] = ""
    return chunks


@variation("extra-keys", EACH, "Objects have members that the API does not define.")
def _extra_keys(value: Object, _: Situation) -> Object:
    value.update(provider="Somebody", timings={"prompt_ms": 1.5}, x_request={"id": "abc"})
    for choice in choices(value):
        choice.update(stop_reason=None, native_finish_reason="end_turn")
        carrier = choice.get("message") or choice.get("delta") or {}
        carrier["annotations"] = []
        for call in carrier.get("tool_calls") or ():
            call["extra_content"] = {"signature": "abc"}
    if usage := value.get("usage"):
        usage["cost"] = 0.0001
    return value


@variation(
    "optional-keys-absent",
    EACH,
    "logprobs, refusal, system_fingerprint and service_tier are absent.",
)
def _optional_absent(value: Object, _: Situation) -> Object:
    value.pop("system_fingerprint", None)
    value.pop("service_tier", None)
    for choice in choices(value):
        if choice.get("logprobs") is None:
            choice.pop("logprobs", None)
        (choice.get("message") or choice.get("delta") or {}).pop("refusal", None)
    return value


@variation("optional-keys-null", EACH, "system_fingerprint and service_tier are null.")
def _optional_null(value: Object, _: Situation) -> Object:
    return {**value, "system_fingerprint": None, "service_tier": None}


@variation("object-opaque-id", EACH, "The id of a completion is a bare UUID.")
def _opaque_id(value: Object, _: Situation) -> Object:
    digits = value["id"].removeprefix("chatcmpl-").ljust(32, "0")
    return {**value, "id": f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:]}"}


@variation("object-dated-model", EACH, "model is a dated version of the requested model.")
def _dated_model(value: Object, _: Situation) -> Object:
    return {**value, "model": f"{value['model']}-2024-01-31"}


@variation("chunk-delta-missing", CHUNKS, "The chunk with the finish reason has no delta.")
def _delta_missing(chunks: Chunks, _: Situation) -> Chunks:
    for chunk in finish_chunks(chunks):
        for choice in choices(chunk):
            del choice["delta"]
    return chunks
