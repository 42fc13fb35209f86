"""Faults of finish_reason: missing, at the wrong time, or wrong."""

from dataclasses import replace

from ...deviation import ANSWER, CHUNKS, COMPLETION, Object, Situation, fault
from ...editing import (
    Chunks,
    choices,
    content_chunks,
    deltas,
    each_choice,
    finish_chunks,
    finished,
    like,
)
from ...model.answer import Answer


@fault("finish-end", ANSWER, "finish_reason is end.", "earendil-works/pi#2107")
def _end(answer: Answer, _: Situation) -> Answer:
    return finished(answer, {"stop": "end"})


@fault(
    "finish-eos-token",
    ANSWER,
    "finish_reason is eos_token.",
    "huggingface/text-generation-inference#2344",
)
def _eos_token(answer: Answer, _: Situation) -> Answer:
    return finished(answer, {"stop": "eos_token"})


@fault("finish-uppercase", ANSWER, "finish_reason is in capital letters.")
def _uppercase(answer: Answer, _: Situation) -> Answer:
    return finished(answer, {"stop": "STOP", "length": "MAX_TOKENS", "tool_calls": "TOOL_CALLS"})


@fault("finish-length-as-stop", ANSWER, "An answer cut by max_tokens has finish_reason stop.")
def _length_as_stop(answer: Answer, _: Situation) -> Answer:
    return finished(answer, {"length": "stop"})


@fault("finish-stop-as-length", ANSWER, "A complete answer has finish_reason length.")
def _stop_as_length(answer: Answer, _: Situation) -> Answer:
    return finished(answer, {"stop": "length"})


@fault("finish-stop-as-tool-calls", ANSWER, "A text answer has finish_reason tool_calls.")
def _stop_as_tool_calls(answer: Answer, _: Situation) -> Answer:
    return finished(answer, {"stop": "tool_calls"})


@fault(
    "finish-stop-with-tool-calls",
    ANSWER,
    "An answer with tool calls has finish_reason stop.",
    "BerriAI/litellm#12862",
)
def _stop_with_tool_calls(answer: Answer, _: Situation) -> Answer:
    return finished(answer, {"tool_calls": "stop"})


@fault(
    "finish-stop-when-required",
    ANSWER,
    "A call forced by tool_choice required has finish_reason stop.",
    "vllm-project/vllm#25054",
)
def _stop_when_required(answer: Answer, situation: Situation) -> Answer:
    required = situation.ask is not None and situation.ask.choosing == "required"
    return finished(answer, {"tool_calls": "stop"}) if required else answer


@fault("finish-function-call", ANSWER, "An answer with tool calls has finish_reason function_call.")
def _function_call(answer: Answer, _: Situation) -> Answer:
    return finished(answer, {"tool_calls": "function_call"})


@fault("finish-null-in-whole", COMPLETION, "finish_reason is null when not streaming.")
def _null_in_whole(completion: Object, _: Situation) -> Object:
    for choice in choices(completion):
        choice["finish_reason"] = None
    return completion


@fault(
    "finish-missing-at-end",
    CHUNKS,
    "No chunk of a stream has a finish reason.",
    "qualcomm/GenieX#1246",
)
def _missing_at_end(chunks: Chunks, _: Situation) -> Chunks:
    for chunk in finish_chunks(chunks):
        for choice in choices(chunk):
            choice["finish_reason"] = None
    return chunks


@fault("finish-missing-for-second-choice", CHUNKS, "Only the first choice gets a finish reason.")
def _missing_for_second(chunks: Chunks, _: Situation) -> Chunks:
    for chunk in finish_chunks(chunks):
        for choice in choices(chunk):
            if choice["index"] > 0:
                choice["finish_reason"] = None
    return chunks


@fault(
    "finish-multiple-finish-chunks-n",
    CHUNKS,
    "A choice gets its finish reason twice.",
    "sgl-project/sglang#8417",
)
def _twice(chunks: Chunks, _: Situation) -> Chunks:
    last = finish_chunks(chunks)[-1]
    chunks.insert(chunks.index(last), last)
    return chunks


@fault(
    "finish-null-with-lost-tool-call",
    CHUNKS,
    "The tool call never arrives and the last chunk has no finish reason.",
    "OpenRouterTeam/ai-sdk-provider#166",
)
def _lost_tool_call(chunks: Chunks, situation: Situation) -> Chunks:
    if not any("tool_calls" in delta for delta in deltas(chunks)):
        return chunks
    kept = [chunk for chunk in chunks if not any("tool_calls" in d for d in deltas([chunk]))]
    return _missing_at_end(kept, situation)


@fault(
    "finish-on-first-chunk",
    CHUNKS,
    "The first chunk has a finish reason and the text follows.",
    "open-webui/open-webui#23929",
)
def _on_first_chunk(chunks: Chunks, _: Situation) -> Chunks:
    for choice in choices(chunks[0]):
        choice["finish_reason"] = "stop"
    return chunks


@fault("finish-on-every-chunk", CHUNKS, "Every chunk with text has finish_reason stop.")
def _on_every_chunk(chunks: Chunks, _: Situation) -> Chunks:
    for chunk in content_chunks(chunks):
        for choice in choices(chunk):
            choice["finish_reason"] = "stop"
    return chunks


@fault("finish-empty-before-end", CHUNKS, "Chunks before the last have an empty finish reason.")
def _empty_before_end(chunks: Chunks, _: Situation) -> Chunks:
    for chunk in chunks:
        for choice in choices(chunk):
            if choice["finish_reason"] is None:
                choice["finish_reason"] = ""
    return chunks


@fault("finish-number", CHUNKS, "finish_reason is a number.")
def _number(chunks: Chunks, _: Situation) -> Chunks:
    for chunk in finish_chunks(chunks):
        for choice in choices(chunk):
            choice["finish_reason"] = 1
    return chunks


@fault("finish-inside-delta", CHUNKS, "finish_reason is in the delta instead of the choice.")
def _inside_delta(chunks: Chunks, _: Situation) -> Chunks:
    for chunk in chunks:
        for choice in choices(chunk):
            reason = choice.pop("finish_reason")
            if reason is not None:
                choice["delta"]["finish_reason"] = reason
    return chunks


@fault("finish-text-after", CHUNKS, "Text follows the chunk with the finish reason.")
def _text_after(chunks: Chunks, _: Situation) -> Chunks:
    last = finish_chunks(chunks)[-1]
    chunks.insert(chunks.index(last) + 1, like(last, {"content": " And more."}))
    return chunks


@fault(
    "finish-differs-in-stream",
    CHUNKS,
    "A stream has finish_reason length although the same answer not streamed has stop.",
)
def _differs(chunks: Chunks, _: Situation) -> Chunks:
    for chunk in finish_chunks(chunks):
        for choice in choices(chunk):
            if choice["finish_reason"] == "stop":
                choice["finish_reason"] = "length"
    return chunks


@fault(
    "finish-stop-text-as-length",
    ANSWER,
    "An answer ended by a stop string has finish_reason length.",
)
def _stopped_as_length(answer: Answer, situation: Situation) -> Answer:
    if situation.ask is None or not situation.ask.stop:
        return answer
    return each_choice(answer, lambda choice: replace(choice, finish_reason="length"))


@fault("finish-content-filter", ANSWER, "Every complete answer has finish_reason content_filter.")
def _content_filter(answer: Answer, _: Situation) -> Answer:
    return finished(answer, {"stop": "content_filter"})


@fault("finish-stop-in-stream", CHUNKS, "Every stream has finish_reason stop, whatever ended it.")
def _stop_in_stream(chunks: Chunks, _: Situation) -> Chunks:
    for chunk in finish_chunks(chunks):
        for choice in choices(chunk):
            choice["finish_reason"] = "stop"
    return chunks
