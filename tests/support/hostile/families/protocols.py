"""Other protocols where HTTP is expected, and TLS where it is not, or the other way round."""

from __future__ import annotations

import json

from support.hostile.behaviour import EITHER, Family, Play
from support.hostile.connection import FOR_EVER, Connection, completion

protocols = Family("protocols")

GOOD = json.dumps(completion()).encode()
LENGTH = b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(GOOD)


def sends(data: bytes, *, waits: bool = True) -> Play:
    """Read the request, send this, and close."""

    async def play(c: Connection) -> None:
        if waits:
            await c.request()
        await c.write(data, pause=0.05)

    return play


def greets(data: bytes) -> Play:
    """Send this before anything is read, and wait for the client."""

    async def play(c: Connection) -> None:
        await c.write(data)
        await c.wait()

    return play


NOT_HTTP = r"is not HTTP|is HTTP/2|TLS|malformed|closed the connection"

protocols.each(
    {
        "tls_alert": ("Answers with a TLS alert.", sends(b"\x15\x03\x01\x00\x02\x02\x16\r\n\r\n")),
        "tls_hello": (
            "Answers with the beginning of a TLS handshake.",
            sends(b"\x16\x03\x03\x00\x31\x02\x00\x00\x2d\x03\x03" + bytes(43)),
        ),
        "http2_settings": (
            "Answers with the first frame of HTTP/2.",
            sends(b"\x00\x00\x12\x04\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x64" + bytes(12)),
        ),
        "zeros": ("Answers with 4,096 zero bytes.", sends(bytes(4_096))),
        "every_byte": ("Answers with each of the 256 bytes.", sends(bytes(range(256)))),
        "http_0_9": (
            "Answers with a page and no head, as HTTP/0.9 does.",
            sends(b"<html><title>Hello</title></html>\n"),
        ),
        "json_without_a_head": ("Answers with JSON and no head.", sends(GOOD)),
        "icecast": ("Answers `ICY 200 OK`.", sends(b"ICY 200 OK\r\nicy-name: radio\r\n\r\n")),
        "rtsp": ("Answers `RTSP/1.0 200 OK`.", sends(b"RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n")),
        "http_2_in_words": ("Says `HTTP/2 200`.", sends(b"HTTP/2 200\r\n" + LENGTH + GOOD)),
        "http_in_small_letters": (
            "Says `http/1.1 200 ok`.",
            sends(b"http/1.1 200 ok\r\n" + LENGTH + GOOD),
        ),
    },
    NOT_HTTP,
)
protocols.each(
    {
        "ssh": ("Greets as an SSH server.", greets(b"SSH-2.0-OpenSSH_9.6\r\n")),
        "smtp": ("Greets as a mail server.", greets(b"220 mail.example ESMTP ready\r\n")),
        "ftp": ("Greets as an FTP server.", greets(b"220 FTP server ready.\r\n")),
        "redis": ("Answers as a Redis server.", greets(b"-ERR unknown command 'POST'\r\n")),
        "mysql": (
            "Greets as a MySQL server.",
            greets(b"\x4a\x00\x00\x00\x0a8.0.36\x00\x0b\x00\x00\x00" + b"a" * 20 + bytes(30)),
        ),
        "amqp": ("Answers as a message broker.", greets(b"AMQP\x00\x00\x09\x01")),
    },
    r"is not HTTP",
)


@protocols("", first_codes=EITHER)
async def http_3_in_words(c: Connection) -> None:
    """Says `HTTP/3.0 200 OK`."""
    await c.request()
    await c.write(b"HTTP/3.0 200 OK\r\n" + LENGTH + GOOD)


@protocols(first_codes=EITHER)
async def http_1_0(c: Connection) -> None:
    """Answers well in HTTP/1.0, without a length."""
    await c.request()
    await c.write(b"HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n" + GOOD)


@protocols("is not HTTP")
async def rubbish_without_end(c: Connection) -> None:
    """Answers with bytes that are no head, as fast as they are read."""
    await c.request()
    await c.write_on(b"\x00\xff" * 8_192)


@protocols()
async def websocket(c: Connection) -> None:
    """Switches to another protocol with 101, and sends frames."""
    await c.request()
    await c.write(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n")
    await c.write(b"Connection: Upgrade\r\n\r\n" + b"\x81\x05hello" * 20)
    await c.wait()


@protocols()
async def upgrade_required(c: Connection) -> None:
    """Demands another protocol with 426."""
    await c.request()
    await c.answer(b"", "426 Upgrade Required", "Upgrade: h2c, HTTP/2.0", "Connection: Upgrade")


@protocols("TLS", later=None, scheme="https")
async def https_to_plain_http(c: Connection) -> None:
    """Answers a TLS handshake with plain HTTP."""
    await c.reader.read(100)
    await c.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")


@protocols("TLS", later=None, scheme="https")
async def https_to_silence(c: Connection) -> None:
    """Never answers a TLS handshake."""
    await c.wait(FOR_EVER)


@protocols("TLS", later=None, scheme="https")
async def https_to_a_closed_handshake(c: Connection) -> None:
    """Closes the connection during a TLS handshake."""
    await c.reader.read(100)


@protocols("TLS", later=None, scheme="https")
async def https_to_rubbish(c: Connection) -> None:
    """Answers a TLS handshake with bytes that mean nothing."""
    await c.reader.read(100)
    await c.write(bytes(range(256)) * 8)


@protocols("TLS|certificate", later=None, scheme="https")
async def https_to_an_alert(c: Connection) -> None:
    """Refuses the TLS handshake with an alert."""
    await c.reader.read(100)
    await c.write(b"\x15\x03\x03\x00\x02\x02\x28")


@protocols("is not trusted", later=None, scheme="tls")
async def https_with_an_unknown_certificate(c: Connection) -> None:
    """Shows a certificate that nobody trusts."""
    await c.request()
    await c.answer(GOOD)
