"""Legal variations of server-sent events: other ways to send the same payloads."""

import json
import zlib
from dataclasses import replace

from ..deviation import FRAMES, REPLY, Situation, variation
from ..editing import is_stream, json_frames
from ..http.frames import DONE
from ..http.reply import Piece, Reply

_LONG = 100


@variation("sse-crlf", FRAMES, "Lines end with CR LF.")
def _crlf(frames: list[bytes], _: Situation) -> list[bytes]:
    return [data.replace(b"\n", b"\r\n") for data in frames]


@variation("sse-cr", FRAMES, "Lines end with a bare CR.")
def _cr(frames: list[bytes], _: Situation) -> list[bytes]:
    return [data.replace(b"\n", b"\r") for data in frames]


@variation("sse-no-space", FRAMES, "No space follows data:.", "openai/openai-python#498")
def _no_space(frames: list[bytes], _: Situation) -> list[bytes]:
    return [data.replace(b"data: ", b"data:", 1) for data in frames]


@variation("sse-comments", FRAMES, "Comment lines keep the connection alive.")
def _comments(frames: list[bytes], _: Situation) -> list[bytes]:
    return [b": ping\n\n", *(b": still here\n" + data for data in frames)]


@variation("sse-several-data-lines", FRAMES, "One payload is spread over several data: lines.")
def _several_lines(frames: list[bytes], _: Situation) -> list[bytes]:
    return json_frames(frames, lambda data: data.replace(b',"choices":', b'\ndata: ,"choices":', 1))


@variation("sse-event-names", FRAMES, "Events have a name besides their data.")
def _event_names(frames: list[bytes], _: Situation) -> list[bytes]:
    return [b"event: message\n" + data for data in frames]


@variation("sse-event-ids", FRAMES, "Events have an id besides their data.")
def _event_ids(frames: list[bytes], _: Situation) -> list[bytes]:
    return [f"id: {place}\n".encode() + data for place, data in enumerate(frames, 1)]


@variation("sse-retry-field", FRAMES, "The first event has a retry field besides its data.")
def _retry(frames: list[bytes], _: Situation) -> list[bytes]:
    return [b"retry: 3000\n" + frames[0], *frames[1:]]


@variation("sse-escaped-unicode", FRAMES, "Non-ASCII characters are escaped in the JSON.")
def _escaped(frames: list[bytes], _: Situation) -> list[bytes]:
    return [_ascii(data) for data in frames]


@variation("sse-spaced-json", FRAMES, "The JSON has spaces after its commas and colons.")
def _spaced(frames: list[bytes], _: Situation) -> list[bytes]:
    return json_frames(frames, lambda data: b"data: %s\n\n" % _respaced(data[len("data: ") :]))


def _respaced(payload: bytes) -> bytes:
    return json.dumps(json.loads(payload), ensure_ascii=False).encode("utf-8")


@variation(
    "sse-content-type-bare", REPLY, "The Content-Type is text/event-stream without a charset."
)
def _bare_type(reply: Reply, _: Situation) -> Reply:
    return reply.with_header("Content-Type", "text/event-stream") if is_stream(reply) else reply


@variation("sse-bytewise", REPLY, "The beginning of a stream is sent byte by byte.")
def _bytewise(reply: Reply, _: Situation) -> Reply:
    return _recut(reply, 1)


@variation(
    "sse-split-characters", REPLY, "Events and multi-byte characters are split over several writes."
)
def _split_characters(reply: Reply, _: Situation) -> Reply:
    if not is_stream(reply):
        return reply
    pieces: list[Piece] = []
    for piece in reply.pieces:
        place = next((i for i, byte in enumerate(piece.data) if byte >= 0xC0), 0) + 1
        pieces += [replace(piece, data=piece.data[:place]), Piece(piece.data[place:])]
    return replace(reply, pieces=tuple(piece for piece in pieces if piece.data))


@variation("sse-coalesced", REPLY, "Several events are sent in one write.")
def _coalesced(reply: Reply, _: Situation) -> Reply:
    if not is_stream(reply):
        return reply
    groups = [reply.pieces[start : start + 3] for start in range(0, len(reply.pieces), 3)]
    joined = (
        Piece(b"".join(p.data for p in group), sum(p.delay for p in group)) for group in groups
    )
    return replace(reply, pieces=tuple(joined))


@variation("sse-short-in-one-piece", REPLY, "A short stream is sent in one write.")
def _one_piece(reply: Reply, _: Situation) -> Reply:
    if not is_stream(reply) or len(reply.pieces) > _LONG:
        return reply
    return replace(reply, pieces=(Piece(reply.body),))


@variation("sse-sentinel-apart", REPLY, "[DONE] arrives a little later than the rest.")
def _sentinel_apart(reply: Reply, _: Situation) -> Reply:
    return replace(
        reply,
        pieces=tuple(
            replace(piece, delay=0.05) if piece.data == DONE else piece for piece in reply.pieces
        ),
    )


@variation(
    "http-stream-gzip-flushed", REPLY, "A stream is compressed and flushed after every event."
)
def _gzip_flushed(reply: Reply, situation: Situation) -> Reply:
    if not is_stream(reply) or "gzip" not in (situation.request.header("accept-encoding") or ""):
        return reply
    packer = zlib.compressobj(wbits=31)
    pieces = [
        replace(piece, data=packer.compress(piece.data) + packer.flush(zlib.Z_SYNC_FLUSH))
        for piece in reply.pieces
    ]
    pieces.append(Piece(packer.flush()))
    return replace(reply.with_header("Content-Encoding", "gzip"), pieces=tuple(pieces))


def _recut(reply: Reply, size: int) -> Reply:
    """The first events of a stream split into small writes, the others unchanged."""
    if not is_stream(reply):
        return reply
    head, rest = reply.pieces[:3], reply.pieces[3:]
    small = [
        Piece(piece.data[start : start + size], piece.delay if start == 0 else 0.0)
        for piece in head
        for start in range(0, len(piece.data), size)
    ]
    return replace(reply, pieces=(*small, *rest))


def _ascii(data: bytes) -> bytes:
    units = data.decode().encode("utf-16-be")
    codes = (units[place] << 8 | units[place + 1] for place in range(0, len(units), 2))
    return "".join(chr(code) if code < 128 else f"\\u{code:04x}" for code in codes).encode()


@variation(
    "sse-id-field-then-extra-blank-line",
    FRAMES,
    "Events have an id and are followed by an extra blank line.",
    "openai/openai-python#3839",
)
def _id_and_blank_line(frames: list[bytes], _: Situation) -> list[bytes]:
    return [f"id: {place}\n".encode() + data + b"\n" for place, data in enumerate(frames, 1)]
