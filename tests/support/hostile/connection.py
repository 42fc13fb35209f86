"""One connection of a client, and what a server can do with it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

KEY = "sk-live/4f9a+Zq81==mXk02&pLw7"
"""The only right key. Its characters are those that forms, URLs and JSON escape."""

SSE = "text/event-stream"
FOR_EVER = 3_600.0
"""Seconds: longer than any limit of a run."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: its head as it came, and its body."""

    head: bytes
    body: bytes

    @property
    def method(self) -> str:
        return self.head.split(b" ")[0].decode("latin-1")

    @property
    def path(self) -> str:
        return self.head.split(b" ")[1].decode("latin-1").split("?")[0]

    @property
    def is_authorized(self) -> bool:
        return any(
            line.lower().startswith(b"authorization: bearer ") and line.endswith(KEY.encode())
            for line in self.head.split(b"\r\n")
        )

    @property
    def json(self) -> Any:
        """The body; an empty object if it is no JSON object."""
        try:
            value = json.loads(self.body)
        except ValueError:
            return {}
        return value if isinstance(value, dict) else {}

    @property
    def streams(self) -> bool:
        return self.json.get("stream") is True


class Connection:
    """A connection that was accepted. `number` counts from 1, over all of a server."""

    def __init__(
        self,
        number: int,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        stop_listening: Callable[[], object],
    ) -> None:
        self.number = number
        self.reader = reader
        self.writer = writer
        self.stop_listening = stop_listening

    async def request(self) -> Asked:
        """Read a whole request. Raises IncompleteReadError if the client leaves."""
        head = await self.reader.readuntil(b"\r\n\r\n")
        headers = dict(
            line.lower().partition(b":")[::2] for line in head.split(b"\r\n")[1:] if line
        )
        if b"chunked" in headers.get(b"transfer-encoding", b""):
            body = await self.reader.readuntil(b"0\r\n\r\n")
            return Asked(head, b"".join(body.split(b"\r\n")[1::2]))
        return Asked(head, await self.reader.readexactly(int(headers.get(b"content-length", 0))))

    async def write(self, *pieces: bytes, pause: float = 0.0) -> None:
        """Write pieces, with a pause after each, so that each arrives by itself.

        Raises ConnectionError when the client has left.
        """
        for piece in pieces:
            if self.writer.is_closing():
                raise ConnectionResetError
            self.writer.write(piece)
            await self.writer.drain()
            await asyncio.sleep(pause)

    async def write_on(self, piece: bytes, pause: float = 0.0, times: int = 50_000_000) -> None:
        """Write the same piece until the client leaves."""
        for _ in range(times):
            await self.write(piece, pause=pause)

    async def answer(
        self,
        body: bytes | str,
        status: int | str = "200 OK",
        *headers: str,
        media_type: str = "application/json",
    ) -> None:
        """Write a complete answer with a right length."""
        body = body.encode() if isinstance(body, str) else body
        lines = [
            f"HTTP/1.1 {status}",
            *([f"Content-Type: {media_type}"] if media_type else []),
            f"Content-Length: {len(body)}",
            "Connection: close",
            *headers,
        ]
        await self.write("\r\n".join([*lines, "", ""]).encode("latin-1", "replace") + body)

    async def head(
        self, *lines: str, status: str = "200 OK", media_type: str = "application/json"
    ) -> None:
        """Write a head that says nothing of a length, except by what `lines` say."""
        written = [f"HTTP/1.1 {status}", f"Content-Type: {media_type}", *lines, "", ""]
        await self.write("\r\n".join(written).encode("latin-1"))

    async def wait(self, seconds: float = FOR_EVER) -> None:
        """Do nothing until the client has left, or for this long."""
        with contextlib.suppress(TimeoutError, OSError):
            async with asyncio.timeout(seconds):
                while await self.reader.read(65_536):
                    pass

    def read_nothing(self) -> None:
        """Leave what the client sends in the buffers of the system."""
        self.writer.transport.pause_reading()  # type: ignore[attr-defined]

    def reset(self) -> None:
        """End the connection by a reset instead of an orderly close."""
        raw = self.writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


def chunk(data: bytes) -> bytes:
    """A chunk of a chunked body."""
    return b"%x\r\n%s\r\n" % (len(data), data)


LAST_CHUNK = b"0\r\n\r\n"


def completion(content: Any = "Hello there.", **changes: Any) -> dict[str, Any]:
    """A right answer of the chat endpoint; `changes` replace members."""
    message = {"role": "assistant", "content": content, "refusal": None}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
    usage = {"prompt_tokens": 3, "completion_tokens": 3, "total_tokens": 6}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_700_000_000,
        "model": "m",
        "choices": [choice],
        "usage": usage,
    } | changes


def chunk_of(delta: dict[str, Any], finish: str | None = None, **changes: Any) -> dict[str, Any]:
    """A chunk of a chat stream; `changes` replace members."""
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1_700_000_000,
        "model": "m",
        "choices": [choice],
    } | changes


def event(value: Any) -> bytes:
    """An event with a JSON value."""
    return b"data: " + json.dumps(value).encode() + b"\n\n"


DONE = b"data: [DONE]\n\n"


def events(texts: Sequence[str] = ("Hello", " there.")) -> list[bytes]:
    """The events of a right chat stream, without the sentinel."""
    return [
        event(chunk_of({"role": "assistant", "content": ""})),
        *(event(chunk_of({"content": text})) for text in texts),
        event(chunk_of({}, "stop")),
    ]


def error(message: str, kind: str = "invalid_request_error", code: str | None = None) -> str:
    """The body of a refusal."""
    return json.dumps({"error": {"message": message, "type": kind, "param": None, "code": code}})


async def be_honest(connection: Connection) -> None:
    """Answer one request as a small but right server does."""
    await reply(connection, await connection.request())


async def reply(
    connection: Connection, asked: Asked, text: str = "Hello there.", *headers: str
) -> None:
    """Answer a request rightly, with this text as what the model says."""
    models = [{"id": "m", "object": "model", "created": 1_700_000_000, "owned_by": "nobody"}]
    if not asked.is_authorized:
        refused = error("Incorrect API key provided.", code="invalid_api_key")
        await connection.answer(refused, "401 Unauthorized", *headers)
    elif asked.path == "/v1/models":
        listed = json.dumps({"object": "list", "data": models})
        await connection.answer(listed, "200 OK", *headers)
    elif asked.path != "/v1/chat/completions":
        await connection.answer(error(f"Unknown path: {text}"), "404 Not Found", *headers)
    elif not isinstance(asked.json.get("messages"), list):
        await connection.answer(error(f"messages: {text}"), "400 Bad Request", *headers)
    elif asked.streams:
        body = b"".join([*events([text]), DONE])
        await connection.answer(body, "200 OK", *headers, media_type=SSE)
    else:
        await connection.answer(json.dumps(completion(text)), "200 OK", *headers)


async def stream(connection: Connection, *pieces: bytes, pause: float = 0.0) -> None:
    """Read a request, and answer with these pieces of an event stream, whatever it asks for."""
    await connection.request()
    await connection.head("Connection: close", media_type=SSE)
    await connection.write(*pieces, pause=pause)
