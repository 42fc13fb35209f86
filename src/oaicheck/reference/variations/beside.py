"""Legal variations: what may stand beside calls and reasoning."""

from ..chat.objects import logprobs_object
from ..deviation import CHUNKS, Situation, variation
from ..editing import Chunks, call_deltas, choices, finish_chunks, like


@variation(
    "tools-text-after",
    CHUNKS,
    "The model says something more after it has called a tool.",
    "pydantic/pydantic-ai#8235",
)
def _text_after(chunks: Chunks, _: Situation) -> Chunks:
    if not list(call_deltas(chunks)):
        return chunks
    end = chunks.index(finish_chunks(chunks)[0])
    return [*chunks[:end], like(chunks[0], {"content": "Let me see."}), *chunks[end:]]


@variation(
    "reasoning-with-logprobs",
    CHUNKS,
    "Chunks with reasoning carry the log probabilities of their tokens.",
    "sgl-project/sglang#26778",
)
def _reasoning_logprobs(chunks: Chunks, situation: Situation) -> Chunks:
    if situation.ask is not None:
        for chunk in chunks:
            for choice in choices(chunk):
                if thought := choice["delta"].get("reasoning_content"):
                    choice["logprobs"] = logprobs_object(situation.ask, [thought])
    return chunks
