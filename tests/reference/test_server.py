"""The endpoint on a real socket: it starts, streams, breaks off, and leaves nothing behind."""

import contextlib
import json
import socket
import threading
import time

import httpx
import pytest

from oaicheck.reference import ReferenceEndpoint, Settings, running

FRAMING = (b"content-length:", b"transfer-encoding:")
HEADERS = {"Authorization": "Bearer oaicheck-reference-key"}
LONG = {
    "model": "reference-1",
    "stream": True,
    "messages": [{"role": "user", "content": "Count from 1 to 60"}],
}


PATIENT = httpx.Timeout(60)
SLOW = Settings(long_piece_delay=600, longest_stream=1e6)
"""The first event of a long stream comes at once, and the second one ten minutes later."""


def test_starts_and_stops() -> None:
    threads = threading.active_count()
    with running(ReferenceEndpoint()) as base:
        assert httpx.get(f"{base}/models", headers=HEADERS, timeout=60).status_code == 200
    assert threading.active_count() == threads
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{base}/models", timeout=60)


def test_streams_in_steps() -> None:
    with running(ReferenceEndpoint()) as base, streamed(base) as response:
        assert response.headers["transfer-encoding"] == "chunked"
        parts = list(response.iter_raw())
    assert b"".join(parts).endswith(b"data: [DONE]\n\n")
    assert len(parts) > 30


def test_the_first_event_does_not_wait_for_the_others() -> None:
    with running(ReferenceEndpoint(SLOW)) as base, streamed(base) as response:
        assert b'"role":"assistant"' in next(response.iter_raw())


@pytest.mark.parametrize(
    ("fault", "failure"),
    [
        ("sse-abrupt-close-mid-stream", httpx.RemoteProtocolError),
        ("sse-reset-mid-stream", httpx.ReadError),
        ("sse-stalls-mid-stream", httpx.ReadTimeout),
        ("http-body-cut", httpx.RemoteProtocolError),
    ],
)
def test_breaks_off(fault: str, failure: type[Exception]) -> None:
    body = {**LONG, "stream": fault.startswith("sse")}
    received: list[bytes] = []
    timeout = httpx.Timeout(60, read=2) if failure is httpx.ReadTimeout else PATIENT
    with running(ReferenceEndpoint(faults=[fault])) as base, pytest.raises(failure):
        collect(f"{base}/chat/completions", body, received, timeout)
    assert b"".join(received)


def collect(
    url: str, body: dict[str, object], received: list[bytes], timeout: httpx.Timeout
) -> None:
    with httpx.stream("POST", url, json=body, headers=HEADERS, timeout=timeout) as response:
        received.extend(response.iter_raw())


def streamed(base: str) -> contextlib.AbstractContextManager[httpx.Response]:
    url = f"{base}/chat/completions"
    return httpx.stream("POST", url, json=LONG, headers=HEADERS, timeout=PATIENT)


def test_notices_a_client_that_leaves() -> None:
    with running(ReferenceEndpoint(SLOW)) as base:
        stats = base.removesuffix("/v1") + "/__reference__/stats"
        with streamed(base) as left:
            next(left.iter_raw())
        deadline = time.monotonic() + 60
        while (
            httpx.get(stats, timeout=60).json()["disconnected"] != 1 and time.monotonic() < deadline
        ):
            time.sleep(0.01)
        assert httpx.get(stats, timeout=60).json()["disconnected"] == 1


def test_refuses_a_body_that_is_too_large() -> None:
    body = json.dumps({**LONG, "user": "x" * (17 * 1024 * 1024)})
    with running(ReferenceEndpoint()) as base:
        url = f"{base}/chat/completions"
        reply = httpx.post(url, content=body, headers=HEADERS, timeout=PATIENT)
    assert reply.status_code == 413
    assert reply.json()["error"]["message"]


def test_does_not_wait_for_hanging_replies() -> None:
    """It stops while a client still reads a reply that would hang for ten minutes."""
    server = contextlib.ExitStack()
    base = server.enter_context(running(ReferenceEndpoint(faults=["sse-open-after-done"])))
    with streamed(base) as response:
        parts = response.iter_raw()
        next(parts)
        stopping = threading.Thread(target=server.close)
        stopping.start()
        stopping.join(60)
        assert not stopping.is_alive()
        with pytest.raises(httpx.RemoteProtocolError):
            list(parts)


@pytest.mark.parametrize(
    ("fault", "stream", "lines"),
    [
        ("http-length-twice", False, 2),
        ("http-length-and-chunked", False, 2),
        ("http-chunked-twice", True, 2),
        ("http-stream-cacheable", True, 1),
    ],
)
def test_headers_that_no_library_would_send(fault: str, stream: bool, lines: int) -> None:
    head, _, body = _raw_answer(fault, stream).partition(b"\r\n\r\n")
    framing = [line for line in head.lower().split(b"\r\n") if line.startswith(FRAMING)]
    assert len(framing) == lines
    assert body


@pytest.mark.parametrize(
    ("fault", "surplus"),
    [("http-last-chunk-twice", b"0\r\n\r\n"), ("http-line-after-last-chunk", b"\r\n")],
)
def test_bytes_after_the_last_chunk(fault: str, surplus: bytes) -> None:
    assert _raw_answer(fault, stream=True).endswith(b"\r\n0\r\n\r\n" + surplus)


def _raw_answer(fault: str, stream: bool) -> bytes:
    """All bytes of an answer, whose connection the client has asked to close."""
    body = json.dumps({**LONG, "stream": stream}).encode()
    head = "\r\n".join(
        [
            "POST /v1/chat/completions HTTP/1.1",
            "Host: 127.0.0.1",
            "Connection: close",
            f"Authorization: {HEADERS['Authorization']}",
            f"Content-Length: {len(body)}",
            "",
            "",
        ]
    )
    with running(ReferenceEndpoint(faults=[fault])) as base:
        host, port = base.removeprefix("http://").removesuffix("/v1").split(":")
        with socket.create_connection((host, int(port)), timeout=60) as connection:
            connection.sendall(head.encode() + body)
            received = b""
            while data := connection.recv(65536):
                received += data
    return received
