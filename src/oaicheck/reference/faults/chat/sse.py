"""Faults of server-sent events: framing, [DONE], encoding, and the end of the stream."""

import json
import re
from dataclasses import replace

from ...deviation import CHUNKS, FRAMES, REPLY, Situation, fault
from ...editing import Chunks, content_chunks, deltas, is_stream, json_frames
from ...http.frames import DONE, frame
from ...http.reply import Piece, Reply

_BOM = b"\xef\xbb\xbf"
_GATEWAY_ERROR = b'data: {"type":"error","error":{"type":"api_error","message":"upstream failed"}}'


@fault(
    "sse-missing-done",
    FRAMES,
    "The stream ends without data: [DONE].",
    "huggingface/text-generation-inference#1896",
)
def _missing_done(frames: list[bytes], _: Situation) -> list[bytes]:
    return [data for data in frames if data != DONE]


@fault("sse-done-variants", FRAMES, "[DONE] is sent in lower case, as [done].")
def _done_lowercase(frames: list[bytes], _: Situation) -> list[bytes]:
    return [b"data: [done]\n\n" if data == DONE else data for data in frames]


@fault("sse-done-quoted", FRAMES, "[DONE] is sent in quotes, as a JSON string.")
def _done_quoted(frames: list[bytes], _: Situation) -> list[bytes]:
    return [b'data: "[DONE]"\n\n' if data == DONE else data for data in frames]


@fault("sse-done-twice", FRAMES, "[DONE] is sent twice.")
def _done_twice(frames: list[bytes], _: Situation) -> list[bytes]:
    return [*frames, DONE]


@fault("sse-done-unterminated", FRAMES, "No blank line follows [DONE].")
def _done_unterminated(frames: list[bytes], _: Situation) -> list[bytes]:
    return [data.rstrip(b"\n") if data == DONE else data for data in frames]


@fault("sse-data-after-done", FRAMES, "A chunk with text follows [DONE].")
def _data_after_done(frames: list[bytes], _: Situation) -> list[bytes]:
    return [*frames, frames[len(frames) // 2]]


@fault(
    "sse-abrupt-close-mid-stream",
    REPLY,
    "The connection is closed in the middle of an event, without a terminating chunk.",
    "dstackai/dstack#1208",
)
def _abrupt_close(reply: Reply, _: Situation) -> Reply:
    return _broken_off(reply) if is_stream(reply) else reply


@fault("sse-reset-mid-stream", REPLY, "The connection is reset in the middle of an event.")
def _reset(reply: Reply, _: Situation) -> Reply:
    return replace(_broken_off(reply), ending="reset") if is_stream(reply) else reply


@fault("sse-stalls-mid-stream", REPLY, "The stream stalls in the middle and never continues.")
def _stalls(reply: Reply, _: Situation) -> Reply:
    if not is_stream(reply):
        return reply
    return replace(reply, pieces=reply.pieces[: len(reply.pieces) // 2], ending="hang")


@fault("sse-open-after-done", REPLY, "The connection stays open after [DONE].")
def _open_after_done(reply: Reply, _: Situation) -> Reply:
    return replace(reply, ending="hang") if is_stream(reply) else reply


@fault("sse-ends-early", FRAMES, "The stream ends normally, but half of it was never sent.")
def _ends_early(frames: list[bytes], _: Situation) -> list[bytes]:
    return frames[: len(frames) // 2]


@fault("sse-bom", REPLY, "The body of a stream begins with a UTF-8 byte order mark.")
def _bom(reply: Reply, _: Situation) -> Reply:
    if not is_stream(reply) or not reply.pieces:
        return reply
    first = replace(reply.pieces[0], data=_BOM + reply.pieces[0].data)
    return replace(reply, pieces=(first, *reply.pieces[1:]))


@fault(
    "sse-content-type-application-json",
    REPLY,
    "A stream is labelled application/json.",
    "openclaw/openclaw#97474",
)
def _labelled_json(reply: Reply, _: Situation) -> Reply:
    return reply.with_header("Content-Type", "application/json") if is_stream(reply) else reply


@fault("sse-content-type-text-plain", REPLY, "A stream is labelled text/plain.")
def _labelled_plain(reply: Reply, _: Situation) -> Reply:
    return reply.with_header("Content-Type", "text/plain") if is_stream(reply) else reply


@fault("sse-content-type-missing", REPLY, "A stream has no Content-Type.")
def _unlabelled(reply: Reply, _: Situation) -> Reply:
    return reply.without_header("Content-Type") if is_stream(reply) else reply


@fault(
    "sse-error-injected-into-open-event",
    FRAMES,
    "An error is written into an event that is not closed, so that two objects share it.",
    "Wei-Shaw/sub2api#1479",
)
def _error_in_open_event(frames: list[bytes], _: Situation) -> list[bytes]:
    middle = len(frames) // 2
    joined = frames[middle].rstrip(b"\n") + b"\n" + _GATEWAY_ERROR + b"\n\n"
    return [*frames[:middle], joined]


@fault("sse-charset-latin-1", REPLY, "A stream is labelled with the charset iso-8859-1.")
def _latin_1(reply: Reply, _: Situation) -> Reply:
    if not is_stream(reply):
        return reply
    return reply.with_header("Content-Type", "text/event-stream; charset=iso-8859-1")


@fault(
    "sse-utf8-split-server-replacement",
    CHUNKS,
    "A multi-byte character that is split over two tokens arrives as U+FFFD.",
    "wecode-ai/Wegent#2271",
)
def _replacement_characters(chunks: Chunks, _: Situation) -> Chunks:
    for delta in deltas(chunks):
        if isinstance(text := delta.get("content"), str):
            delta["content"] = "".join(
                "\ufffd" * len(letter.encode()) if ord(letter) > 127 else letter for letter in text
            )
    return chunks


@fault(
    "sse-utf8-split-once",
    CHUNKS,
    "One multi-byte character that is split over two network reads arrives as U+FFFD.",
    "wecode-ai/Wegent#2271",
)
def _one_replacement_character(chunks: Chunks, _: Situation) -> Chunks:
    for delta in deltas(chunks):
        if isinstance(text := delta.get("content"), str) and not text.isascii():
            letter = next(letter for letter in text if ord(letter) > 127)
            delta["content"] = text.replace(letter, "\ufffd" * len(letter.encode()), 1)
            break
    return chunks


@fault("sse-invalid-utf8", FRAMES, "Non-ASCII text in a stream is encoded as Latin-1.")
def _latin1(frames: list[bytes], _: Situation) -> list[bytes]:
    return [data.decode().encode("latin-1", "replace") for data in frames]


@fault("sse-single-newline", FRAMES, "Events are separated by one line end instead of two.")
def _single_newline(frames: list[bytes], _: Situation) -> list[bytes]:
    return [data.removesuffix(b"\n") for data in frames]


@fault("sse-json-lines", FRAMES, "The stream is plain JSON lines, without the data: field.")
def _json_lines(frames: list[bytes], _: Situation) -> list[bytes]:
    return json_frames(frames, lambda data: data.removeprefix(b"data: ").removesuffix(b"\n"))


@fault("sse-data-prefix-doubled", FRAMES, "Every payload begins with a second data: field name.")
def _prefix_doubled(frames: list[bytes], _: Situation) -> list[bytes]:
    return [b"data: " + data for data in frames]


@fault("sse-broken-json", FRAMES, "One event has invalid JSON.")
def _broken_json(frames: list[bytes], _: Situation) -> list[bytes]:
    middle = len(frames) // 2
    broken = frames[middle].rstrip(b"\n")[:-2] + b"\n\n"
    return [*frames[:middle], broken, *frames[middle + 1 :]]


@fault("sse-python-repr", FRAMES, "Payloads are Python literals with single quotes.")
def _python_repr(frames: list[bytes], _: Situation) -> list[bytes]:
    return json_frames(
        frames, lambda data: f"data: {json.loads(data.removeprefix(b'data: '))!r}\n\n".encode()
    )


@fault("sse-json-split-over-events", FRAMES, "One JSON payload is spread over two events.")
def _split_over_events(frames: list[bytes], _: Situation) -> list[bytes]:
    middle = len(frames) // 2
    payload = frames[middle].removeprefix(b"data: ").rstrip(b"\n")
    half = len(payload) // 2
    halves = [b"data: " + part + b"\n\n" for part in (payload[:half], payload[half:])]
    return [*frames[:middle], *halves, *frames[middle + 1 :]]


@fault("sse-empty-data", FRAMES, "There is an event with an empty data field between the chunks.")
def _empty_data(frames: list[bytes], _: Situation) -> list[bytes]:
    return [frames[0], b"data:\n\n", *frames[1:]]


@fault(
    "sse-event-without-data",
    FRAMES,
    "There is an event with a retry field but without data.",
    "openai/openai-python#2722",
)
def _without_data(frames: list[bytes], _: Situation) -> list[bytes]:
    return [b"retry: 3000\n\n", *frames]


@fault("sse-null-payload", FRAMES, "There is an event whose payload is the JSON value null.")
def _null_payload(frames: list[bytes], _: Situation) -> list[bytes]:
    return [frames[0], b"data: null\n\n", *frames[1:]]


@fault("sse-array-payload", FRAMES, "Chunks are wrapped in a JSON array.")
def _array_payload(frames: list[bytes], _: Situation) -> list[bytes]:
    return json_frames(frames, lambda data: frame([json.loads(data.removeprefix(b"data: "))]))


@fault("sse-html-in-stream", FRAMES, "A gateway's HTML error page is written into the stream.")
def _html(frames: list[bytes], _: Situation) -> list[bytes]:
    page = b"<html><body><h1>502 Bad Gateway</h1></body></html>\r\n"
    return [*frames[: len(frames) // 2], page]


@fault("sse-event-lost", CHUNKS, "One chunk with text is lost.")
def _event_lost(chunks: Chunks, _: Situation) -> Chunks:
    texts = content_chunks(chunks)
    lost = texts[len(texts) // 2] if len(texts) > 2 else None
    return [chunk for chunk in chunks if chunk is not lost]


@fault("sse-events-out-of-order", CHUNKS, "Two chunks with text are swapped.")
def _out_of_order(chunks: Chunks, _: Situation) -> Chunks:
    texts = content_chunks(chunks)
    if len(texts) < 3:
        return chunks
    one, two = (chunks.index(chunk) for chunk in texts[1:3])
    chunks[one], chunks[two] = chunks[two], chunks[one]
    return chunks


@fault("sse-event-repeated", CHUNKS, "One chunk with text is sent twice.")
def _repeated(chunks: Chunks, _: Situation) -> Chunks:
    texts = content_chunks(chunks)
    if texts:
        chunks.insert(chunks.index(texts[-1]), texts[-1])
    return chunks


def _broken_off(reply: Reply) -> Reply:
    """The first half of a stream, with an incomplete last event."""
    middle = len(reply.pieces) // 2
    part = reply.pieces[middle].data
    last = Piece(part[: len(part) // 2])
    return replace(reply, pieces=(*reply.pieces[:middle], last), ending="cut")


@fault("sse-events-named", FRAMES, "Every event has a vendor-specific name.")
def _named(frames: list[bytes], _: Situation) -> list[bytes]:
    return [b"event: completion.chunk\n" + data for data in frames]


@fault(
    "sse-surrogates-split",
    FRAMES,
    "An emoji is sent as two halves of a surrogate pair, in separate chunks.",
    "elizaOS/eliza#30904",
)
def _surrogates_split(frames: list[bytes], situation: Situation) -> list[bytes]:
    if situation.route != "chat":
        return frames
    return [half for data in frames for half in _halves(data)]


def _halves(data: bytes) -> list[bytes]:
    letter = next((each for each in data.decode() if ord(each) > 0xFFFF), None)
    if letter is None:
        return [data]
    before, after = data.decode().split(letter, 1)
    high, low = re.findall(r"\\u....", json.dumps(letter))
    opening, closing = before[: before.rindex('"') + 1], after[after.index('"') :]
    return [f"{before}{high}{closing}".encode(), f"{opening}{low}{after}".encode()]


@fault("sse-without-a-byte", FRAMES, "A chunked stream ends normally before its first byte.")
def _without_a_byte(frames: list[bytes], situation: Situation) -> list[bytes]:
    return [] if situation.route == "chat" else frames
