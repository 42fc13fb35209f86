"""Faults of streams: events among the chunks that are no chunks."""

from ...deviation import CHUNKS, FRAMES, Situation, fault
from ...editing import Chunks


@fault(
    "chunk-cost-event-bare",
    CHUNKS,
    "An event with the cost and an empty choices, but without id, object, created and model, "
    "follows the last chunk.",
    "anomalyco/opencode#39061",
)
def _cost_event(chunks: Chunks, _: Situation) -> Chunks:
    return [*chunks, {"choices": [], "cost": "0.0001"}]


@fault("usage-chunk-bare", CHUNKS, "The usage chunk has only choices and usage.")
def _bare_usage(chunks: Chunks, _: Situation) -> Chunks:
    return [
        {"choices": [], "usage": chunk["usage"]} if chunk.get("usage") else chunk
        for chunk in chunks
    ]


@fault("usage-chunk-object", CHUNKS, "The object of the usage chunk is chat.completion.")
def _usage_object(chunks: Chunks, _: Situation) -> Chunks:
    return [
        {**chunk, "object": "chat.completion"} if chunk.get("usage") else chunk for chunk in chunks
    ]


@fault(
    "chunk-anthropic-ping",
    FRAMES,
    "A keep-alive event of Anthropic's protocol is among the chunks.",
    "Wei-Shaw/sub2api#5203",
)
def _ping(frames: list[bytes], situation: Situation) -> list[bytes]:
    return _with_event(frames, situation, b'event: ping\ndata: {"type":"ping"}\n\n')


@fault(
    "chunk-vendor-progress-event",
    FRAMES,
    "A named event about the progress of a tool is among the chunks.",
    "NousResearch/hermes-agent#100705",
)
def _progress(frames: list[bytes], situation: Situation) -> list[bytes]:
    event = b'event: hermes.tool.progress\ndata: {"tool":"search","status":"running"}\n\n'
    return _with_event(frames, situation, event)


def _with_event(frames: list[bytes], situation: Situation, event: bytes) -> list[bytes]:
    return [*frames[:1], event, *frames[1:]] if situation.route == "chat" else frames
