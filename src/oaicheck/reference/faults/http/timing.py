"""Faults of delivery over time: buffering, bursts, and waiting."""

from dataclasses import replace

from ...deviation import CHUNKS, REPLY, Situation, fault
from ...editing import Chunks, call_deltas, choices, content_chunks, deltas, is_stream, like
from ...http.reply import Piece, Reply


@fault(
    "http-gateway-buffers-stream",
    REPLY,
    "The whole stream is held back and sent at once.",
    "dstackai/dstack#4269",
)
def _buffered(reply: Reply, _: Situation) -> Reply:
    if not is_stream(reply):
        return reply
    waited = sum(piece.delay for piece in reply.pieces)
    return replace(reply, pieces=(Piece(reply.body, waited),))


@fault("timing-bursts", REPLY, "The stream arrives in a few bursts of 4 KB.")
def _bursts(reply: Reply, _: Situation) -> Reply:
    if not is_stream(reply):
        return reply
    body, waited = reply.body, sum(piece.delay for piece in reply.pieces)
    blocks = [body[start : start + 4096] for start in range(0, len(body), 4096)]
    return replace(reply, pieces=tuple(Piece(block, waited / len(blocks)) for block in blocks))


@fault(
    "http-tool-chunks-buffered",
    REPLY,
    "The events of tool calls are held back until the stream ends.",
    "seaavey/SRouter#104",
)
def _calls_buffered(reply: Reply, _: Situation) -> Reply:
    if not is_stream(reply):
        return reply
    kept = [piece for piece in reply.pieces if b'"tool_calls":[' not in piece.data]
    held = [piece for piece in reply.pieces if b'"tool_calls":[' in piece.data]
    if not held:
        return reply
    block = Piece(b"".join(piece.data for piece in held), sum(piece.delay for piece in held))
    place = next(i for i, piece in enumerate(kept) if b'"finish_reason":"' in piece.data)
    return replace(reply, pieces=(*kept[:place], block, *kept[place:]))


@fault("timing-one-delta", CHUNKS, "All text of a stream arrives in a single delta.")
def _one_delta(chunks: Chunks, _: Situation) -> Chunks:
    texts = content_chunks(chunks)
    indexes = {choice["index"] for chunk in texts for choice in choices(chunk)}
    if len(texts) < 2 or len(indexes) > 1:
        return chunks
    whole = "".join(delta["content"] for delta in deltas(texts))
    first = chunks.index(texts[0])
    rest = [chunk for chunk in chunks if chunk not in texts]
    return [*rest[:first], like(texts[0], {"content": whole}), *rest[first:]]


@fault("timing-never-answers", REPLY, "A chat response never continues after its headers.")
def _never(reply: Reply, situation: Situation) -> Reply:
    return replace(reply, pieces=(), ending="hang") if situation.route == "chat" else reply


@fault("timing-arguments-at-once", CHUNKS, "All arguments of a call arrive in its last delta.")
def _arguments_at_once(chunks: Chunks, _: Situation) -> Chunks:
    last: dict[int, dict[str, str]] = {}
    collected: dict[int, str] = {}
    for call in call_deltas(chunks):
        index = call["index"]
        collected[index] = collected.get(index, "") + call["function"]["arguments"]
        call["function"]["arguments"] = ""
        last[index] = call["function"]
    for index, function in last.items():
        function["arguments"] = collected[index]
    return chunks


@fault(
    "timing-closes-late", REPLY, "The connection stays open for 2.5 s after the end of a stream."
)
def _closes_late(reply: Reply, _: Situation) -> Reply:
    return replace(reply, pieces=(*reply.pieces, Piece(b"", 2.5))) if is_stream(reply) else reply
