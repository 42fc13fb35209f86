"""Heads of answers: status lines, interim answers, lengths and headers as they must not be."""

from __future__ import annotations

import json

from support.hostile.behaviour import EITHER, Family, Play
from support.hostile.connection import SSE, Connection, completion

heads = Family("heads")

GOOD = json.dumps(completion()).encode()
TYPE = b"Content-Type: application/json\r\n"
LENGTH = b"Content-Length: %d\r\n" % len(GOOD)


def sends(line: bytes, headers: bytes = TYPE + LENGTH, body: bytes = GOOD) -> Play:
    """Read the request, and send this head and this body."""

    async def play(c: Connection) -> None:
        await c.request()
        await c.write(line + b"\r\n" + headers + b"\r\n" + body, pause=0.05)

    return play


def with_line(headers: bytes, body: bytes = GOOD) -> Play:
    """Send a usual head with these lines in it, but no length."""
    return sends(b"HTTP/1.1 200 OK", TYPE + headers, body)


heads.each(
    {
        "status_000": ("Sends the status 000.", sends(b"HTTP/1.1 000 None")),
        "status_099": ("Sends the status 099.", sends(b"HTTP/1.1 099 Low")),
        "status_99": ("Sends a status of two digits.", sends(b"HTTP/1.1 99 Short")),
        "status_2000": ("Sends a status of four digits.", sends(b"HTTP/1.1 2000 OK")),
        "status_letters": ("Sends the status 2OO, with letters.", sends(b"HTTP/1.1 2OO OK")),
        "status_minus": ("Sends the status -200.", sends(b"HTTP/1.1 -200 OK")),
        "no_status": ("Sends a status line without a status.", sends(b"HTTP/1.1")),
        "empty_lines_first": ("Sends empty lines before the head.", sends(b"\r\n\r\nHTTP/1.1 200")),
        "no_colon": ("Sends a header line without a colon.", with_line(b"Hello\r\n" + LENGTH)),
        "space_before_colon": (
            "Sends a header with a space before its colon.",
            with_line(b"X-A : b\r\n" + LENGTH),
        ),
        "no_name": ("Sends a header without a name.", with_line(b": nameless\r\n" + LENGTH)),
        "name_with_signs": (
            "Sends a header whose name has signs that no name may have.",
            with_line(b"X-(A){}: b\r\n" + LENGTH),
        ),
        "nul_in_a_value": ("Sends a NUL in a header.", with_line(b"X-A: b\x00c\r\n" + LENGTH)),
        "control_in_a_value": (
            "Sends control characters in a header.",
            with_line(b"X-A: b\x01\x07\x1b[2Jc\r\n" + LENGTH),
        ),
        "bare_cr": ("Sends a carriage return within a header.", with_line(b"X-A: b\rc\r\n")),
        "only_cr": (
            "Ends the lines of the head with carriage returns only.",
            sends(b"HTTP/1.1 200 OK\r" + (TYPE + LENGTH).replace(b"\r\n", b"\r") + b"\r", b""),
        ),
        "lengths_differ": (
            "Sends two different lengths.",
            with_line(LENGTH + b"Content-Length: 7\r\n"),
        ),
        "length_negative": ("Sends a negative length.", with_line(b"Content-Length: -1\r\n")),
        "length_float": ("Sends a length with a point.", with_line(b"Content-Length: 12.5\r\n")),
        "length_exponent": ("Sends the length 1e3.", with_line(b"Content-Length: 1e3\r\n")),
        "length_hexadecimal": ("Sends the length 0x20.", with_line(b"Content-Length: 0x20\r\n")),
        "length_plus": ("Sends a length with a plus sign.", with_line(b"Content-Length: +9\r\n")),
        "length_empty": ("Sends an empty length.", with_line(b"Content-Length:\r\n")),
        "length_list": ("Sends a list of lengths.", with_line(b"Content-Length: 5, 6\r\n")),
        "length_of_30_digits": (
            "Sends a length of 30 digits.",
            with_line(b"Content-Length: " + b"9" * 30 + b"\r\n"),
        ),
        "length_of_5000_digits": (
            "Sends a length of 5,000 digits.",
            with_line(b"Content-Length: " + b"9" * 5_000 + b"\r\n"),
        ),
        "coding_unknown": (
            "Sends an unknown transfer coding.",
            with_line(b"Transfer-Encoding: wrapped\r\n"),
        ),
        "coding_gzip_chunked": (
            "Sends two transfer codings.",
            with_line(b"Transfer-Encoding: gzip, chunked\r\n"),
        ),
        "codings_differ": (
            "Sends two headers with different transfer codings.",
            with_line(b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n"),
        ),
    },
    "",
    first_codes=EITHER,
)

heads.each(
    {
        "status_600": ("Sends the status 600.", sends(b"HTTP/1.1 600 Beyond")),
        "status_999": ("Sends the status 999.", sends(b"HTTP/1.1 999 Beyond")),
        "no_reason": ("Sends a status without a reason.", sends(b"HTTP/1.1 200")),
        "reason_long": ("Sends a reason of 50,000 bytes.", sends(b"HTTP/1.1 200 " + b"a" * 50_000)),
        "reason_foreign": (
            "Sends a reason with bytes outside ASCII.",
            sends(b"HTTP/1.1 200 \xc3\x84\xff\xfe"),
        ),
        "folded": ("Folds a header.", with_line(b"X-A: b\r\n c\r\n\td\r\n" + LENGTH)),
        "foreign_bytes": (
            "Sends a header with bytes outside ASCII.",
            with_line(b"X-A: \xe4\xf6\xfc\xff\r\n" + LENGTH),
        ),
        "only_lf": (
            "Ends the lines of the head with line feeds only.",
            sends(b"HTTP/1.1 200 OK\n" + (TYPE + LENGTH).replace(b"\r\n", b"\n") + b"\n", b""),
        ),
        "lengths_equal": ("Sends the same length twice.", with_line(LENGTH + LENGTH)),
        "length_and_chunks": (
            "Sends a length and chunks.",
            with_line(
                LENGTH + b"Transfer-Encoding: chunked\r\n",
                b"%x\r\n%s\r\n0\r\n\r\n" % (len(GOOD), GOOD),
            ),
        ),
        "chunked_twice": (
            "Sends `Transfer-Encoding: chunked` twice.",
            with_line(
                b"Transfer-Encoding: chunked\r\n" * 2,
                b"%x\r\n%s\r\n0\r\n\r\n" % (len(GOOD), GOOD),
            ),
        ),
        "many": (
            "Sends 1,500 headers.",
            with_line(b"".join(b"X-%d: %d\r\n" % (n, n) for n in range(1_500)) + LENGTH),
        ),
        "same_name_often": ("Sends one header 1,000 times.", with_line(b"X-A: b\r\n" * 1_000)),
        "cookies": (
            "Sends 200 cookies.",
            with_line(b"".join(b"Set-Cookie: n%d=v; Path=/\r\n" % n for n in range(200)) + LENGTH),
        ),
        "alt_svc": (
            "Sends the client to another host by Alt-Svc.",
            with_line(b'Alt-Svc: h3="elsewhere.invalid:443"; ma=99999999\r\n' + LENGTH),
        ),
        "refresh": (
            "Sends the client to another address by Refresh and Link.",
            with_line(b"Refresh: 0; url=http://elsewhere.invalid/\r\nLink: </x>; rel=a\r\n"),
        ),
        "status_204_with_a_body": ("Sends 204 with a body.", sends(b"HTTP/1.1 204 No Content")),
        "status_205": ("Sends 205 with a body.", sends(b"HTTP/1.1 205 Reset Content")),
        "status_304": ("Sends 304.", sends(b"HTTP/1.1 304 Not Modified")),
    },
    "",
    first_codes=EITHER,
)


@heads("", first_codes=EITHER, megabytes=300)
async def huge(c: Connection) -> None:
    """Sends a head of 2 MB."""
    await c.request()
    await c.write(
        b"HTTP/1.1 200 OK\r\nX-A: " + b"a" * 2_000_000 + b"\r\n" + LENGTH + b"\r\n" + GOOD
    )


@heads("", megabytes=300)
async def headers_without_end(c: Connection) -> None:
    """Sends headers as fast as they are read, and never ends."""
    await c.request()
    await c.write(b"HTTP/1.1 200 OK\r\n")
    await c.write_on(b"X-Again: and again\r\n" * 200)


@heads("", megabytes=300)
async def header_without_end(c: Connection) -> None:
    """Sends one header that never ends, as fast as it is read."""
    await c.request()
    await c.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
    await c.write_on(b"a" * 16_384)


@heads("", megabytes=300)
async def status_line_without_end(c: Connection) -> None:
    """Sends a status line that never ends, as fast as it is read."""
    await c.request()
    await c.write(b"HTTP/1.1 200 ")
    await c.write_on(b"a" * 16_384)


@heads("", megabytes=300)
async def interim_without_end(c: Connection) -> None:
    """Sends interim answers as fast as they are read, and nothing else."""
    await c.request()
    await c.write_on(b"HTTP/1.1 100 Continue\r\n\r\n" * 200)


@heads("")
async def interim_now_and_then(c: Connection) -> None:
    """Sends an interim answer every 0.3 s, and nothing else."""
    await c.request()
    await c.write_on(b"HTTP/1.1 102 Processing\r\n\r\n", pause=0.3)


@heads("", first_codes=EITHER)
async def interim_often(c: Connection) -> None:
    """Sends 300 interim answers with headers, and then a good one."""
    await c.request()
    await c.write(b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n" * 300)
    await c.answer(GOOD)


@heads("", first_codes=EITHER)
async def interim_once(c: Connection) -> None:
    """Sends `100 Continue` although nobody asked, and then a good answer."""
    await c.request()
    await c.write(b"HTTP/1.1 100 Continue\r\n\r\n", pause=0.05)
    await c.answer(GOOD)


@heads("", first_codes=EITHER)
async def interim_with_a_length(c: Connection) -> None:
    """Sends an interim answer with a length and a body."""
    await c.request()
    await c.write(b"HTTP/1.1 100 Continue\r\nContent-Length: 5\r\n\r\nhello")
    await c.answer(GOOD)


@heads("", first_codes=EITHER)
async def interim_only(c: Connection) -> None:
    """Sends one interim answer, and closes."""
    await c.request()
    await c.write(b"HTTP/1.1 100 Continue\r\n\r\n", pause=0.05)


@heads("", first_codes=EITHER)
async def interim_199(c: Connection) -> None:
    """Sends an interim answer with an unknown status, and then a good answer."""
    await c.request()
    await c.write(b"HTTP/1.1 199 Soon\r\n\r\n", pause=0.05)
    await c.answer(GOOD)


@heads()
async def then_silence(c: Connection) -> None:
    """Sends the head at once, and then nothing."""
    await c.request()
    await c.head("Transfer-Encoding: chunked", media_type=SSE)
    await c.wait()


@heads("")
async def half_and_silence(c: Connection) -> None:
    """Sends half a head, and then nothing."""
    await c.request()
    await c.write(b"HTTP/1.1 200 OK\r\nContent-Ty")
    await c.wait()


@heads("")
async def half_and_close(c: Connection) -> None:
    """Sends half a head, and closes."""
    await c.request()
    await c.write(b"HTTP/1.1 200 OK\r\nContent-Ty", pause=0.05)


@heads("")
async def by_the_byte(c: Connection) -> None:
    """Sends the head a byte at a time, one every 0.3 s, without an end."""
    await c.request()
    await c.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    await c.write_on(b"a", pause=0.3)
