"""Endpoints that repeat the key of the request, in every form and place."""

from __future__ import annotations

import base64
import gzip
import html
import json
from collections.abc import Callable
from urllib.parse import quote

from support.hostile.behaviour import EITHER, Family, Play
from support.hostile.connection import (
    DONE,
    KEY,
    LAST_CHUNK,
    SSE,
    Connection,
    chunk,
    chunk_of,
    completion,
    error,
    event,
    reply,
)

keys = Family("keys")

FORMS: dict[str, Callable[[str], str]] = {
    "as_it_is": str,
    "in_upper_case": str.upper,
    "in_lower_case": str.lower,
    "reversed": lambda key: key[::-1],
    "in_base64": lambda key: base64.b64encode(key.encode()).decode(),
    "in_base64_for_urls": lambda key: base64.urlsafe_b64encode(key.encode()).decode().rstrip("="),
    "in_base64_of_a_pair": lambda key: base64.b64encode(f"user:{key}".encode()).decode(),
    "in_hexadecimal": lambda key: key.encode().hex(),
    "in_hexadecimal_with_colons": lambda key: key.encode().hex(":").upper(),
    "in_percent_encoding": lambda key: quote(key, safe=""),
    "in_percent_encoding_with_slashes": quote,
    "in_lower_percent_encoding": lambda key: quote(key, safe="").lower(),
    "in_percent_encoding_throughout": lambda key: "".join(f"%{ord(each):02x}" for each in key),
    "in_html": html.escape,
    "in_entities": lambda key: "".join(f"&#{ord(each)};" for each in key),
    "in_json_with_slashes": lambda key: key.replace("/", "\\/"),
    "in_json_escapes": lambda key: "".join(f"\\u{ord(each):04x}" for each in key),
    "in_backslash_x": lambda key: "".join(f"\\x{ord(each):02x}" for each in key),
    "in_halves": lambda key: f"{key[:15]} {key[15:]}",
}
"""Ways to write the key."""


def repeats(form: Callable[[str], str]) -> Play:
    """Write the key in this form into texts, errors and headers."""
    written = form(KEY)

    async def play(c: Connection) -> None:
        await reply(c, await c.request(), f"your key is {written}", f"X-Echo: {written}")

    return play


keys.each(
    {
        name: (f"Repeats the key {name.replace('_', ' ')}.", repeats(form))
        for name, form in FORMS.items()
    }
)


def raw(text: Callable[[str], str]) -> Play:
    """Answer with JSON in which this form of the key stands as it is, escapes and all."""
    whole = json.dumps(completion("@")).replace("@", text(KEY)).encode()
    part = event(chunk_of({"content": "@"})).replace(b"@", text(KEY).encode())

    async def play(c: Connection) -> None:
        asked = await c.request()
        if asked.streams:
            await c.answer(part + DONE, media_type=SSE)
        else:
            await c.answer(whole)

    return play


keys.each(
    {
        "raw_json_slashes": ("Escapes the slash of the key.", raw(FORMS["in_json_with_slashes"])),
        "raw_json_escapes": ("Escapes each letter of the key.", raw(FORMS["in_json_escapes"])),
        "raw_json_some_escapes": (
            "Escapes the signs of the key in upper case.",
            raw(
                lambda key: "".join(
                    each if each.isalnum() else f"\\u{ord(each):04X}" for each in key
                )
            ),
        ),
    },
)


@keys("", first_codes=EITHER)
async def in_the_reason(c: Connection) -> None:
    """Repeats the key in the reason phrase of a refusal."""
    await c.request()
    await c.answer(error("no"), f"400 Your key {KEY} is bad")


@keys("redirect")
async def in_a_redirect(c: Connection) -> None:
    """Redirects to an address with the key."""
    await c.request()
    await c.answer(b"", "307 Temporary Redirect", f"Location: /login?key={quote(KEY, safe='')}")


@keys("", first_codes=EITHER)
async def in_an_error(c: Connection) -> None:
    """Refuses every request with the key in the message, the type and the code."""
    await c.request()
    await c.answer(error(f"key {KEY} may not do that", KEY, KEY), "400 Bad Request")


@keys("cannot be judged")
async def in_a_refusal_of_itself(c: Connection) -> None:
    """Refuses the key with 401, and repeats it."""
    await c.request()
    await c.answer(error(f"Incorrect API key provided: {KEY}"), "401 Unauthorized")


@keys("", first_codes=EITHER)
async def in_the_name_of_a_header(c: Connection) -> None:
    """Sends a header whose name has the letters of the key."""
    name = "X-" + "".join(each if each.isalnum() else "-" for each in KEY)
    await reply(c, await c.request(), "hello", f"{name}: {KEY}")


@keys()
async def in_cookies(c: Connection) -> None:
    """Sends the key as a cookie."""
    await reply(c, await c.request(), "hello", f"Set-Cookie: session={quote(KEY)}; Path=/")


@keys()
async def in_trailers(c: Connection) -> None:
    """Sends the key as a trailer."""
    await c.request()
    await c.head("Transfer-Encoding: chunked")
    body = json.dumps(completion()).encode()
    await c.write(chunk(body), b"0\r\nX-Key: " + KEY.encode() + b"\r\n\r\n")


@keys()
async def in_the_extension_of_a_chunk(c: Connection) -> None:
    """Sends the key as the extension of a chunk."""
    await c.request()
    await c.head("Transfer-Encoding: chunked")
    body = json.dumps(completion()).encode()
    await c.write(b"%x;key=%s\r\n%s\r\n" % (len(body), KEY.encode(), body), LAST_CHUNK)


@keys("", first_codes=EITHER)
async def in_the_size_of_a_chunk(c: Connection) -> None:
    """Sends the key where the size of a chunk belongs."""
    await c.request()
    await c.head("Transfer-Encoding: chunked")
    await c.write(KEY.encode() + b"\r\nhello\r\n", pause=0.05)


@keys("", first_codes=EITHER)
async def in_the_status_line(c: Connection) -> None:
    """Sends the key where the status belongs."""
    await c.request()
    await c.write(b"HTTP/1.1 " + KEY.encode() + b" OK\r\nContent-Length: 0\r\n\r\n", pause=0.05)


@keys("", first_codes=EITHER)
async def in_a_malformed_header(c: Connection) -> None:
    """Sends the key as a header line without a colon."""
    await c.request()
    await c.write(b"HTTP/1.1 200 OK\r\n" + KEY.encode() + b"\r\n\r\n", pause=0.05)


@keys("is not HTTP")
async def instead_of_a_head(c: Connection) -> None:
    """Answers with the request, as an echo server does."""
    asked = await c.request()
    await c.write(asked.head + asked.body, pause=0.05)


@keys("", first_codes=EITHER)
async def in_the_content_type(c: Connection) -> None:
    """Sends the key as the content type and as the coding."""
    await c.request()
    await c.answer(b"{}", "200 OK", f"Content-Encoding: {KEY}", media_type=f"text/{KEY}")


@keys()
async def in_compressed_answers(c: Connection) -> None:
    """Compresses an answer with the key."""
    await c.request()
    body = gzip.compress(json.dumps(completion(f"your key is {KEY}")).encode())
    await c.answer(body, "200 OK", "Content-Encoding: gzip")


@keys()
async def in_pieces(c: Connection) -> None:
    """Streams the key a letter at a time, in events of their own."""
    asked = await c.request()
    if asked.streams:
        pieces = [event(chunk_of({"content": each})) for each in KEY]
        await c.head("Connection: close", media_type=SSE)
        await c.write(*pieces, DONE)
    else:
        await reply(c, asked)


@keys()
async def in_packets(c: Connection) -> None:
    """Sends an answer with the key a byte at a time."""
    await c.request()
    body = json.dumps(completion(f"your key is {KEY}")).encode()
    await c.head("Transfer-Encoding: chunked")
    await c.write(*(chunk(bytes([each])) for each in body), LAST_CHUNK)


@keys()
async def in_ids(c: Connection) -> None:
    """Uses the key as id, model and fingerprint."""
    await c.request()
    await c.answer(json.dumps(completion(id=KEY, model=KEY, system_fingerprint=KEY)))


@keys()
async def in_utf_16(c: Connection) -> None:
    """Answers in UTF-16, with the key."""
    await c.request()
    await c.answer(json.dumps(completion(f"your key is {KEY}")).encode("utf-16"))
