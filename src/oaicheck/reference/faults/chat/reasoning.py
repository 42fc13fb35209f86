"""Faults of reasoning: thoughts that leak, are lost, or must be sent back."""

from dataclasses import replace

from ...chat.objects import logprobs_object
from ...deviation import ANSWER, BODY, CHUNKS, COMPLETION, Object, Situation, fault
from ...editing import Chunks, choices, deltas, each_choice, finish_chunks, messages, refused
from ...model.answer import Answer, Choice
from ...model.tokens import tokenize


@fault(
    "reasoning-dropped-in-nonstream",
    COMPLETION,
    "The model's thoughts are streamed but missing when not streaming.",
    "decolua/9router#2774",
)
def _dropped_in_whole(completion: Object, _: Situation) -> Object:
    for message in messages(completion):
        message.pop("reasoning_content", None)
    return completion


@fault("reasoning-dropped-in-stream", CHUNKS, "The model's thoughts are missing when streaming.")
def _dropped_in_stream(chunks: Chunks, _: Situation) -> Chunks:
    return [c for c in chunks if not any("reasoning_content" in delta for delta in deltas([c]))]


@fault("reasoning-as-content", ANSWER, "Thoughts are sent as content, between think tags.")
def _as_content(answer: Answer, _: Situation) -> Answer:
    def change(choice: Choice) -> Choice:
        if not choice.reasoning:
            return choice
        content = ("<think>", *choice.reasoning, "</think>", *choice.content)
        return replace(choice, reasoning=(), content=content)

    return each_choice(answer, change)


@fault("reasoning-tag-in-content", ANSWER, "The closing think tag is left in the content.")
def _tag_in_content(answer: Answer, _: Situation) -> Answer:
    return each_choice(
        answer,
        lambda choice: (
            replace(choice, content=("</think>", *choice.content))
            if choice.reasoning and choice.content
            else choice
        ),
    )


@fault(
    "reasoning-repeated-in-content", ANSWER, "Thoughts are repeated at the start of the content."
)
def _repeated(answer: Answer, _: Situation) -> Answer:
    return each_choice(answer, lambda c: replace(c, content=(*c.reasoning, *c.content)))


@fault(
    "reasoning-flushed-into-content-at-end",
    CHUNKS,
    "The last chunk of a turn with tool calls has left-over thoughts as content.",
    "vllm-project/vllm#32997",
)
def _flushed(chunks: Chunks, _: Situation) -> Chunks:
    thoughts = [
        delta["reasoning_content"] for delta in deltas(chunks) if "reasoning_content" in delta
    ]
    for chunk in finish_chunks(chunks):
        for choice in choices(chunk):
            if thoughts and choice["finish_reason"] == "tool_calls":
                choice["delta"]["content"] = "".join(thoughts[-5:])
    return chunks


@fault("reasoning-after-content", CHUNKS, "Thoughts are streamed after the answer.")
def _after_content(chunks: Chunks, _: Situation) -> Chunks:
    late = [c for c in chunks if any("reasoning_content" in delta for delta in deltas([c]))]
    rest = [chunk for chunk in chunks if chunk not in late]
    place = rest.index(finish_chunks(rest)[0])
    return [*rest[:place], *late, *rest[place:]]


@fault("reasoning-object", CHUNKS, "reasoning_content is an object instead of a string.")
def _object(chunks: Chunks, _: Situation) -> Chunks:
    for delta in deltas(chunks):
        if "reasoning_content" in delta:
            delta["reasoning_content"] = {"text": delta["reasoning_content"]}
    return chunks


@fault(
    "reasoning-object-in-whole",
    COMPLETION,
    "reasoning_content is an object instead of a string when not streaming.",
)
def _object_in_whole(completion: Object, _: Situation) -> Object:
    for message in messages(completion):
        if "reasoning_content" in message:
            message["reasoning_content"] = {"text": message["reasoning_content"]}
    return completion


@fault("reasoning-cumulative", CHUNKS, "Each delta repeats all thoughts so far.")
def _cumulative(chunks: Chunks, _: Situation) -> Chunks:
    so_far = ""
    for delta in deltas(chunks):
        if "reasoning_content" in delta:
            so_far += delta["reasoning_content"]
            delta["reasoning_content"] = so_far
    return chunks


@fault(
    "reasoning-other-name-in-stream",
    CHUNKS,
    "Thoughts are in reasoning when streaming and in reasoning_content when not.",
)
def _other_name(chunks: Chunks, _: Situation) -> Chunks:
    for delta in deltas(chunks):
        if "reasoning_content" in delta:
            delta["reasoning"] = delta.pop("reasoning_content")
    return chunks


@fault(
    "reasoning-names-alternate",
    CHUNKS,
    "Thoughts alternate between reasoning_content and reasoning in one stream.",
)
def _names_alternate(chunks: Chunks, _: Situation) -> Chunks:
    for delta in [delta for delta in deltas(chunks) if "reasoning_content" in delta][1::2]:
        delta["reasoning"] = delta.pop("reasoning_content")
    return chunks


@fault(
    "reasoning-history-rejected",
    BODY,
    "An assistant message with its reasoning_content is refused.",
)
def _history_rejected(body: Object, _: Situation) -> Object:
    for place, message in enumerate(body.get("messages") or ()):
        if "reasoning_content" in message:
            where = f"messages[{place}].reasoning_content"
            raise refused(400, f"Extra inputs are not permitted: {where}.", where)
    return body


@fault(
    "reasoning-must-be-echoed-400",
    BODY,
    "A second turn is refused unless the assistant message has its reasoning_content.",
    "earendil-works/pi#3636",
)
def _must_be_echoed(body: Object, _: Situation) -> Object:
    for message in body.get("messages") or ():
        if message.get("role") == "assistant" and "reasoning_content" not in message:
            raise refused(
                400, "The reasoning_content in the thinking mode must be passed back to the API."
            )
    return body


@fault("reasoning-tokens-uncounted", ANSWER, "Thoughts are not counted as completion tokens.")
def _uncounted(answer: Answer, _: Situation) -> Answer:
    rest = answer.completion_tokens - answer.reasoning_tokens
    return replace(answer, completion_tokens=rest, reasoning_tokens=0)


@fault(
    "reasoning-swallows-content",
    ANSWER,
    "The content is sent as reasoning, so that there is no content.",
    "vllm-project/vllm#40816",
)
def _swallows_content(answer: Answer, situation: Situation) -> Answer:
    if situation.route != "chat":
        return answer
    taken = each_choice(
        answer,
        lambda choice: replace(choice, reasoning=choice.reasoning + choice.content, content=()),
    )
    return replace(taken, reasoning_tokens=sum(len(choice.reasoning) for choice in taken.choices))


@fault(
    "logprobs-of-reasoning-in-whole",
    COMPLETION,
    "The log probabilities of a whole answer begin with the tokens of the reasoning.",
    "sgl-project/sglang#25055",
)
def _logprobs_of_reasoning(completion: Object, situation: Situation) -> Object:
    for choice in completion["choices"]:
        thought = choice["message"].get("reasoning_content")
        if thought and choice["logprobs"] and situation.ask is not None:
            listed = logprobs_object(situation.ask, tokenize(f"<think>{thought}</think>"))
            choice["logprobs"]["content"][:0] = listed["content"] if listed else []
    return completion
