"""Faults of usage: missing, in the wrong place, or wrong numbers."""

from collections.abc import Callable
from dataclasses import replace

from ...deviation import ANSWER, BODY, CHUNKS, COMPLETION, EACH, FRAMES, Object, Situation, fault
from ...editing import Chunks, call_deltas, choices, finish_chunks
from ...model.answer import Answer


@fault("usage-missing", COMPLETION, "usage is missing when not streaming.")
def _missing(completion: Object, _: Situation) -> Object:
    return {key: value for key, value in completion.items() if key != "usage"}


@fault("usage-null", COMPLETION, "usage is null when not streaming.")
def _null(completion: Object, _: Situation) -> Object:
    return {**completion, "usage": None}


@fault("usage-missing-in-stream", CHUNKS, "There is no usage chunk although include_usage is true.")
def _missing_in_stream(chunks: Chunks, _: Situation) -> Chunks:
    return [chunk for chunk in chunks if not chunk.get("usage")]


@fault(
    "usage-chunk-without-choices",
    CHUNKS,
    "The usage chunk has no choices key.",
    "anomalyco/opencode#1298",
)
def _without_choices(chunks: Chunks, _: Situation) -> Chunks:
    for chunk in _usage_chunks(chunks):
        del chunk["choices"]
    return chunks


@fault("usage-chunk-choices-null", CHUNKS, "choices is null in the usage chunk.")
def _choices_null(chunks: Chunks, _: Situation) -> Chunks:
    for chunk in _usage_chunks(chunks):
        chunk["choices"] = None
    return chunks


@fault("usage-empty-object", CHUNKS, "Every chunk has an empty usage.", "BerriAI/litellm#1571")
def _empty_object(chunks: Chunks, _: Situation) -> Chunks:
    return [{**chunk, "usage": {}} for chunk in chunks]


@fault(
    "usage-input-output-names",
    EACH,
    "The counters are called input_tokens and output_tokens.",
    "earendil-works/pi#2326",
)
def _other_names(value: Object, _: Situation) -> Object:
    if usage := value.get("usage"):
        usage["input_tokens"] = usage.pop("prompt_tokens")
        usage["output_tokens"] = usage.pop("completion_tokens")
    return value


@fault("usage-total-missing", EACH, "usage has no total_tokens.", "PaddlePaddle/FastDeploy#3247")
def _total_missing(value: Object, _: Situation) -> Object:
    if usage := value.get("usage"):
        del usage["total_tokens"]
    return value


@fault("usage-total-wrong", EACH, "total_tokens is not the sum of the other two.")
def _total_wrong(value: Object, _: Situation) -> Object:
    if usage := value.get("usage"):
        usage["total_tokens"] += 7
    return value


@fault("usage-zero", EACH, "All counters are 0 although tokens were read and written.")
def _zero(value: Object, _: Situation) -> Object:
    return _counters(value, lambda _: 0)


@fault("usage-strings", EACH, "The counters are strings.")
def _strings(value: Object, _: Situation) -> Object:
    return _counters(value, str)


@fault("usage-floats", EACH, "The counters are not whole numbers.")
def _floats(value: Object, _: Situation) -> Object:
    return _counters(value, lambda count: count + 0.5)


@fault("usage-counters-null", EACH, "The counters are null.")
def _counters_null(value: Object, _: Situation) -> Object:
    return _counters(value, lambda _: None)


@fault("usage-negative", EACH, "The counters are negative.")
def _negative(value: Object, _: Situation) -> Object:
    return _counters(value, lambda count: -count)


@fault("usage-above-max-tokens", ANSWER, "completion_tokens is larger than max_tokens allows.")
def _above_limit(answer: Answer, _: Situation) -> Answer:
    return replace(answer, completion_tokens=answer.completion_tokens + 5)


@fault("usage-prompt-constant", ANSWER, "prompt_tokens is the same for every prompt.")
def _prompt_constant(answer: Answer, _: Situation) -> Answer:
    return replace(answer, prompt_tokens=1)


@fault(
    "usage-differs-in-stream", CHUNKS, "prompt_tokens differs between streaming and not streaming."
)
def _differs(chunks: Chunks, _: Situation) -> Chunks:
    for chunk in _usage_chunks(chunks):
        chunk["usage"]["prompt_tokens"] += 50
        chunk["usage"]["total_tokens"] += 50
    return chunks


@fault(
    "usage-reasoning-details-missing-in-stream",
    CHUNKS,
    "reasoning_tokens are missing in usage when streaming.",
    "diegosouzapw/OmniRoute#5131",
)
def _no_details(chunks: Chunks, _: Situation) -> Chunks:
    for chunk in _usage_chunks(chunks):
        del chunk["usage"]["completion_tokens_details"]
    return chunks


@fault(
    "usage-reasoning-exceeds-completion",
    EACH,
    "completion_tokens does not include the reasoning tokens, so that nothing adds up.",
    "router-for-me/CLIProxyAPI#5733",
)
def _reasoning_left_out(value: Object, _: Situation) -> Object:
    usage = value.get("usage")
    if usage and usage["completion_tokens_details"]["reasoning_tokens"]:
        usage["completion_tokens"] = 0
    return value


@fault(
    "usage-sent-with-empty-stream-options",
    BODY,
    "Usage is streamed although include_usage was not requested.",
    "vllm-project/vllm#36379",
)
def _unasked(body: Object, situation: Situation) -> Object:
    return {**body, "stream_options": {"include_usage": True}} if situation.streams else body


@fault("usage-then-null-usage", CHUNKS, "A chunk with null usage follows the usage chunk.")
def _then_null(chunks: Chunks, _: Situation) -> Chunks:
    used = _usage_chunks(chunks)
    return [*chunks, *({**chunk, "usage": None} for chunk in used)]


@fault("usage-chunk-twice", CHUNKS, "A stream has two usage chunks at the end.")
def _twice(chunks: Chunks, _: Situation) -> Chunks:
    return [*chunks, *_usage_chunks(chunks)]


@fault("usage-after-done", FRAMES, "The usage chunk follows [DONE].")
def _after_done(frames: list[bytes], situation: Situation) -> list[bytes]:
    if situation.ask is None or not situation.ask.include_usage:
        return frames
    return [*frames[:-2], frames[-1], frames[-2]]


@fault("usage-before-finish", CHUNKS, "The usage chunk precedes the finish reason.")
def _before_finish(chunks: Chunks, _: Situation) -> Chunks:
    used = _usage_chunks(chunks)
    rest = [chunk for chunk in chunks if chunk not in used]
    place = rest.index(finish_chunks(rest)[0])
    return [*rest[:place], *used, *rest[place:]]


@fault("usage-details-array", EACH, "The details of usage are an array.")
def _details_array(value: Object, _: Situation) -> Object:
    if usage := value.get("usage"):
        usage["completion_tokens_details"] = [usage["completion_tokens_details"]]
    return value


@fault("usage-cached-exceeds-prompt", EACH, "prompt_tokens does not include the cached tokens.")
def _cached_left_out(value: Object, _: Situation) -> Object:
    if usage := value.get("usage"):
        usage["prompt_tokens_details"]["cached_tokens"] = usage["prompt_tokens"] + 8
    return value


@fault("usage-reasoning-left-out", EACH, "completion_tokens does not include the reasoning tokens.")
def _reasoning_on_top(value: Object, _: Situation) -> Object:
    if usage := value.get("usage"):
        beyond = usage["completion_tokens"] + 60
        usage["completion_tokens_details"]["reasoning_tokens"] = beyond
    return value


@fault(
    "usage-of-each-chunk",
    CHUNKS,
    "Every chunk has the usage of its own tokens instead of a running total.",
)
def _of_each_chunk(chunks: Chunks, situation: Situation) -> Chunks:
    if situation.ask is None or not situation.ask.include_usage:
        return chunks
    for place, chunk in enumerate(chunks):
        prompt = chunks[-1]["usage"]["prompt_tokens"] if place == 0 else 0
        chunk["usage"] = {
            "prompt_tokens": prompt,
            "completion_tokens": 1,
            "total_tokens": prompt + 1,
        }
    return chunks


@fault("usage-prompt-times-n", ANSWER, "The prompt is counted once for each choice.")
def _prompt_times_n(answer: Answer, _: Situation) -> Answer:
    return replace(answer, prompt_tokens=answer.prompt_tokens * len(answer.choices))


def _usage_chunks(chunks: Chunks) -> Chunks:
    return [chunk for chunk in chunks if chunk.get("usage") and not choices(chunk)]


def _counters(value: Object, change: Callable[[int], object]) -> Object:
    if usage := value.get("usage"):
        for name in ("prompt_tokens", "completion_tokens", "total_tokens"):
            usage[name] = change(usage[name])
    return value


@fault(
    "usage-first-choice-only",
    ANSWER,
    "completion_tokens counts the first choice only.",
    "ggml-org/llama.cpp#27318",
)
def _first_choice_only(answer: Answer, _: Situation) -> Answer:
    return replace(answer, completion_tokens=answer.choices[0].tokens)


@fault(
    "usage-tokens-doubled",
    ANSWER,
    "Every token of the answer is counted twice.",
    "router-for-me/CLIProxyAPI#5733",
)
def _doubled(answer: Answer, _: Situation) -> Answer:
    return replace(
        answer,
        completion_tokens=2 * answer.completion_tokens,
        reasoning_tokens=2 * answer.reasoning_tokens,
    )


@fault("usage-chunk-other-id", CHUNKS, "The usage chunk has a different id.")
def _other_id(chunks: Chunks, _: Situation) -> Chunks:
    for chunk in _usage_chunks(chunks):
        chunk["id"] += "-usage"
    return chunks


@fault(
    "usage-missing-with-calls",
    CHUNKS,
    "There is no usage chunk if the answer is a tool call.",
    "sgl-project/sglang#12241",
)
def _missing_with_calls(chunks: Chunks, situation: Situation) -> Chunks:
    return _missing_in_stream(chunks, situation) if any(call_deltas(chunks)) else chunks


@fault("usage-calls-uncounted", EACH, "The tokens of a forced tool call are not counted.")
def _calls_uncounted(value: Object, situation: Situation) -> Object:
    usage = value.get("usage")
    if usage and situation.body.get("tool_choice") == "required":
        usage.update(completion_tokens=0, total_tokens=usage["prompt_tokens"])
    return value
