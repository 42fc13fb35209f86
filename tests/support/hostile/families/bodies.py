"""Bodies: too short, too long, without end, in broken chunks, under wrong labels."""

from __future__ import annotations

import gzip
import json
import zlib

from support.hostile.behaviour import EITHER, Family, Play
from support.hostile.connection import LAST_CHUNK, Connection, chunk, chunk_of, completion, event

bodies = Family("bodies")

VALUE = completion()
GOOD = json.dumps(VALUE).encode()
CHUNKED = "Transfer-Encoding: chunked"
SPACES = 20_000_000


def sends(body: bytes, *headers: str, media_type: str = "application/json") -> Play:
    """Read the request, and send this body with its length."""

    async def play(c: Connection) -> None:
        await c.request()
        await c.answer(body, "200 OK", *headers, media_type=media_type)

    return play


def frames(body: bytes, *headers: str) -> Play:
    """Read the request, and send this under a head with only these headers about framing."""

    async def play(c: Connection) -> None:
        await c.request()
        await c.head(*headers)
        await c.write(body, pause=0.05)

    return play


bodies.each(
    {
        "too_short": ("Sends less than it announced.", frames(GOOD, "Content-Length: 5000")),
        "too_long": ("Sends more than it announced.", frames(GOOD, "Content-Length: 20")),
        "empty": ("Sends an empty body.", sends(b"")),
        "white_space": ("Sends nothing but white space.", sends(b" \n" * 1_000)),
        "chunk_size_letters": (
            "Announces a chunk of size `zz`.",
            frames(b"zz\r\nhello\r\n", CHUNKED),
        ),
        "chunk_size_negative": (
            "Announces a chunk of size -5.",
            frames(b"-5\r\nhello\r\n" + LAST_CHUNK, CHUNKED),
        ),
        "chunk_size_huge": (
            "Announces a chunk of 2^64 - 1 bytes.",
            frames(b"ffffffffffffffff\r\n" + GOOD, CHUNKED),
        ),
        "chunk_size_of_1000_digits": (
            "Announces the size of a chunk in 1,000 digits.",
            frames(b"f" * 1_000 + b"\r\n" + GOOD, CHUNKED),
        ),
        "chunk_size_missing": ("Leaves out the size of a chunk.", frames(b"\r\n" + GOOD, CHUNKED)),
        "chunk_too_long": (
            "Sends more bytes in a chunk than it announced.",
            frames(b"5\r\n" + GOOD + b"\r\n" + LAST_CHUNK, CHUNKED),
        ),
        "chunk_without_line_end": (
            "Sends no line end behind a chunk.",
            frames(b"%x\r\n%s" % (len(GOOD), GOOD) + LAST_CHUNK, CHUNKED),
        ),
        "chunks_with_lf": (
            "Ends the lines of chunks with line feeds only.",
            frames(b"%x\n%s\n0\n\n" % (len(GOOD), GOOD), CHUNKED),
        ),
        "not_chunked_at_all": ("Says chunked, and sends JSON.", frames(GOOD, CHUNKED)),
        "no_last_chunk": ("Closes without the last chunk.", frames(chunk(GOOD), CHUNKED)),
        "chunk_extensions": (
            "Sends extensions of chunks.",
            frames(b'%x;a=b;c="d"\r\n%s\r\n' % (len(GOOD), GOOD) + LAST_CHUNK, CHUNKED),
        ),
        "trailers": (
            "Sends trailers that would change the head.",
            frames(
                chunk(GOOD) + b"0\r\nContent-Length: 3\r\nTransfer-Encoding: x\r\n\r\n", CHUNKED
            ),
        ),
        "trailers_malformed": (
            "Sends trailers that are no headers.",
            frames(chunk(GOOD) + b"0\r\nhello\r\n\x00\x01: \r\n\r\n", CHUNKED),
        ),
        "trailers_many": (
            "Sends 2,000 trailers.",
            frames(chunk(GOOD) + b"0\r\n" + b"X-A: b\r\n" * 2_000 + b"\r\n", CHUNKED),
        ),
        "labelled_gzip": (
            "Says gzip, and sends plain JSON.",
            sends(GOOD, "Content-Encoding: gzip"),
        ),
        "labelled_br": ("Says br, and sends plain JSON.", sends(GOOD, "Content-Encoding: br")),
        "labelled_unknown": (
            "Names a coding that does not exist.",
            sends(GOOD, "Content-Encoding: wrapped, twice"),
        ),
        "compressed_unasked": (
            "Compresses, although nobody asked for it.",
            sends(gzip.compress(GOOD), "Content-Encoding: gzip"),
        ),
        "compressed_unlabelled": ("Compresses, and does not say so.", sends(gzip.compress(GOOD))),
        "compressed_in_part": (
            "Sends the first half of a compressed body.",
            sends(gzip.compress(GOOD)[:80], "Content-Encoding: gzip"),
        ),
        "compressed_wrongly": (
            "Says gzip, and sends deflate.",
            sends(zlib.compress(GOOD), "Content-Encoding: gzip"),
        ),
        "compressed_spaces": (
            "Sends 20 MB of spaces, compressed to 20 kB.",
            sends(gzip.compress(GOOD[:-1] + b" " * SPACES + b"}"), "Content-Encoding: gzip"),
        ),
        "type_missing": ("Sends no content type.", sends(GOOD, media_type="")),
        "type_text": ("Says text/plain, and sends JSON.", sends(GOOD, media_type="text/plain")),
        "type_html": ("Says text/html, and sends JSON.", sends(GOOD, media_type="text/html")),
        "type_image": ("Says image/png, and sends JSON.", sends(GOOD, media_type="image/png")),
        "type_malformed": ("Sends a malformed content type.", sends(GOOD, media_type=';;"=/,')),
        "type_long": ("Sends a content type of 9 kB.", sends(GOOD, media_type="a/" + "b" * 9_000)),
        "charset_wrong": (
            "Says UTF-16, and sends UTF-8.",
            sends(GOOD, media_type="application/json; charset=utf-16"),
        ),
        "charset_unknown": (
            "Names a character set that does not exist.",
            sends(GOOD, media_type="application/json; charset=klingon"),
        ),
        "binary": ("Sends 100 kB of binary data as JSON.", sends(bytes(range(256)) * 400)),
    },
    "",
    first_codes=EITHER,
)


@bodies()
async def without_end(c: Connection) -> None:
    """Sends a body without end, as fast as it is read."""
    await c.request()
    await c.head()
    await c.write_on(b"a" * 16_384)


@bodies()
async def chunks_without_end(c: Connection) -> None:
    """Sends chunks without end, as fast as they are read."""
    await c.request()
    await c.head(CHUNKED)
    await c.write_on(chunk(b"a" * 8_192))


@bodies()
async def small_chunks_without_end(c: Connection) -> None:
    """Sends chunks of one byte without end, as fast as they are read."""
    await c.request()
    await c.head(CHUNKED)
    await c.write_on(chunk(b"a") * 1_000)


@bodies()
async def drip(c: Connection) -> None:
    """Sends a byte of the body every 0.3 s, without end."""
    await c.request()
    await c.head()
    await c.write_on(b" ", pause=0.3)


@bodies()
async def chunk_size_without_end(c: Connection) -> None:
    """Sends the size of a chunk without end, as fast as it is read."""
    await c.request()
    await c.head(CHUNKED)
    await c.write_on(b"0" * 8_192)


@bodies()
async def chunk_extension_without_end(c: Connection) -> None:
    """Sends the extension of a chunk without end, as fast as it is read."""
    await c.request()
    await c.head(CHUNKED)
    await c.write(b"5;a=")
    await c.write_on(b"b" * 8_192)


@bodies()
async def trailers_without_end(c: Connection) -> None:
    """Sends trailers without end, as fast as they are read."""
    await c.request()
    await c.head(CHUNKED)
    await c.write(chunk(GOOD) + b"0\r\n")
    await c.write_on(b"X-Again: and again\r\n" * 200)


@bodies()
async def one_byte_chunks(c: Connection) -> None:
    """Sends a good answer in chunks of one byte."""
    await c.request()
    await c.head(CHUNKED)
    await c.write(*(chunk(bytes([each])) for each in GOOD), LAST_CHUNK)


@bodies()
async def silence_before_the_last_byte(c: Connection) -> None:
    """Sends all but the last byte, and then nothing."""
    await c.request()
    await c.head(f"Content-Length: {len(GOOD)}")
    await c.write(GOOD[:-1])
    await c.wait()


@bodies()
async def silence_before_the_last_chunk(c: Connection) -> None:
    """Sends a good answer without the last chunk, and then nothing."""
    await c.request()
    await c.head(CHUNKED)
    await c.write(chunk(GOOD))
    await c.wait()


@bodies(megabytes=300)
async def compressed_without_end(c: Connection) -> None:
    """Sends a compressed stream without end, as fast as it is read."""
    packer = zlib.compressobj(wbits=31)
    piece = event(chunk_of({"content": "again "}))
    await c.request()
    await c.head("Content-Encoding: gzip", media_type="text/event-stream")
    for _ in range(1_000_000):
        await c.write(packer.compress(piece) + packer.flush(zlib.Z_SYNC_FLUSH))
