"""An endpoint that cannot be judged is found out by the first request, and told how to mend."""

import asyncio
import json
import socket
from dataclasses import replace
from typing import Any

import pytest

from oaicheck.contact.models import only_model
from oaicheck.contact.warm_up import EndpointUnusable, warm_up
from oaicheck.target.target import Target
from oaicheck.wire.recording import RecordingWriter
from support.loopback import KEY, LIMITS, Call, Handler, Serve

pytestmark = pytest.mark.asyncio

QUICK = replace(LIMITS, retries=1, first_byte=5)


def always(status: int, body: Any, *headers: str, media_type: str = "application/json") -> Handler:
    async def handler(call: Call) -> None:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        await call.answer(data, status, *headers, media_type=media_type)

    return handler


async def complaint(target: Target, writer: RecordingWriter) -> str:
    with pytest.raises(EndpointUnusable) as raised:
        await warm_up(target, writer.add)
    message = str(raised.value)
    assert message.startswith(target.base_url)
    assert len(message.splitlines()) <= 25
    assert all(line.isprintable() for line in message.split("\n"))
    assert KEY not in message
    return message


async def test_all_is_well(serve: Serve, writer: RecordingWriter) -> None:
    server = await serve(Call.answer)
    assert await warm_up(server.target(), writer.add) == server.target()
    (exchange,) = writer.recording.exchanges
    assert exchange.id == "warm-up#1"
    assert server.calls[0].json["max_tokens"] == 16


async def test_refused_connection(writer: RecordingWriter) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    message = await complaint(Target(f"http://127.0.0.1:{port}/v1", "m", limits=QUICK), writer)
    assert "refused the connection" in message
    assert "host and the port" in message


async def test_a_malformed_header_is_not_taken_for_a_wrong_port(
    serve: Serve, writer: RecordingWriter
) -> None:
    head = b"HTTP/1.1 200 OK\r\nX-Powered-By : x\r\nContent-Length: 0\r\n\r\n"
    server = await serve(lambda call: call.write(head))
    message = await complaint(server.target(), writer)
    assert "the headers are malformed: invalid line: X-Powered-By : x" in message
    assert "without a space before the colon" in message
    assert "the port" not in message


async def test_unknown_host(writer: RecordingWriter) -> None:
    target = Target("http://nowhere.invalid/v1", "m", limits=QUICK)
    assert "cannot be resolved" in await complaint(target, writer)


async def test_no_tls(serve: Serve, writer: RecordingWriter) -> None:
    server = await serve(Call.gone)
    base_url = server.base_url.replace("http:", "https:")
    limits = replace(QUICK, connect=0.5)
    message = await complaint(server.target(base_url=base_url, limits=limits), writer)
    peer = server.base_url.removeprefix("http://").removesuffix("/v1")
    assert f"no TLS handshake with {peer} within 0.5 s" in message
    assert f"whether it speaks TLS: if not, the base URL is {server.base_url}" in message
    assert "--ca-bundle" not in message


async def test_plain_http_where_tls_is_asked_for(writer: RecordingWriter) -> None:
    async def plain(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(plain, "127.0.0.1", 0) as listening:
        address = f"127.0.0.1:{listening.sockets[0].getsockname()[1]}/v1"
        message = await complaint(Target(f"https://{address}", "m", limits=QUICK), writer)
    assert "does not speak TLS" in message
    assert f"did you mean http://{address} ?" in message
    assert "--ca-bundle" not in message


async def test_no_http(serve: Serve, writer: RecordingWriter) -> None:
    server = await serve(lambda call: call.write(b"220 mail \x1b[31mready\r\n\r\n"))
    message = await complaint(server.target(), writer)
    assert "not HTTP" in message
    assert "\x1b" not in message


async def test_silence(serve: Serve, writer: RecordingWriter) -> None:
    server = await serve(Call.gone)
    message = await complaint(server.target(limits=replace(QUICK, first_byte=0.1)), writer)
    assert "no response headers within 0.1 s" in message
    assert "--first-byte-timeout" in message
    assert len(server.calls) == 1


async def test_redirect(serve: Serve, writer: RecordingWriter) -> None:
    server = await serve(always(308, b"", "Location: https://elsewhere/v1\x1b[0m"))
    message = await complaint(server.target(), writer)
    assert "a redirect to https://elsewhere/v1" in message
    assert "\x1b" not in message


@pytest.mark.parametrize("status", [401, 403])
async def test_refused_key(serve: Serve, writer: RecordingWriter, status: int) -> None:
    server = await serve(always(status, {"error": {"message": f"bad key {KEY}\x1b]0;x\x07"}}))
    message = await complaint(server.target(), writer)
    assert f"it refuses the key: {status}, bad key #REDACTED#" in message
    assert "\\x1b]0;x\\x07" in message


async def test_wanted_key(serve: Serve, writer: RecordingWriter) -> None:
    server = await serve(always(401, {"detail": "Not authenticated"}))
    message = await complaint(server.target(key=None), writer)
    assert "it requires a key" in message
    assert "OAICHECK_API_KEY" in message


@pytest.mark.parametrize(
    ("path", "advice"),
    [
        ("", "did you mean {}/v1 ?"),
        ("/api", "did you mean {}/api/v1 ?"),
        ("/v1", "a few have no version: {}"),
        ("/v1/chat/completions", "give the base URL only: {}/v1"),
    ],
)
@pytest.mark.parametrize(
    "handler",
    [
        always(404, {"detail": "Not Found"}),
        always(404, b"404 page not found", media_type="text/plain"),
        always(405, b""),
        always(200, b"<!DOCTYPE html><html>", media_type="text/html"),
        always(200, b"\n <html>", media_type=""),
        always(200, b""),
    ],
)
async def test_wrong_base_url(
    serve: Serve, writer: RecordingWriter, handler: Handler, path: str, advice: str
) -> None:
    server = await serve(handler)
    root = server.base_url.removesuffix("/v1")
    message = await complaint(server.target(base_url=root + path), writer)
    assert "the base URL seems to be wrong" in message
    assert advice.format(root) in message


COMPLETION = {"object": "chat.completion", "choices": []}
STREAM = b'data: {"object": "chat.completion.chunk", "choices": []}\n\ndata: [DONE]\n\n'


@pytest.mark.parametrize("media_type", ["text/html", "text/html; charset=utf-8", "text/plain", ""])
@pytest.mark.parametrize(
    ("status", "body"),
    [(200, COMPLETION), (200, STREAM), (200, []), (400, {"error": {"message": "no"}})],
)
async def test_what_can_be_parsed_is_judged_whatever_it_is_declared_as(
    serve: Serve, writer: RecordingWriter, status: int, body: Any, media_type: str
) -> None:
    server = await serve(always(status, body, media_type=media_type))
    assert await warm_up(server.target(), writer.add) == server.target()


@pytest.mark.parametrize("body", [b"It works!", b'"Welcome"', b"data: welcome\n\n", b"data: 1\n\n"])
async def test_a_page_without_tags_is_no_api(
    serve: Serve, writer: RecordingWriter, body: bytes
) -> None:
    server = await serve(always(200, body, media_type="text/html"))
    message = await complaint(server.target(), writer)
    assert "the base URL seems to be wrong" in message


async def test_a_refusal_of_the_api_may_be_declared_as_a_page(
    serve: Serve, writer: RecordingWriter
) -> None:
    server = await serve(always(403, {"error": {"message": "no"}}, media_type="text/html"))
    assert "it refuses the key: 403, no" in await complaint(server.target(), writer)


async def test_a_list_of_models_may_be_declared_as_a_page(serve: Serve) -> None:
    server = await serve(always(200, {"data": [{"id": "one"}]}, media_type="text/html"))
    assert await only_model(server.target(model="")) == "one"


@pytest.mark.parametrize(
    ("answer", "problem", "advice"),
    [
        (
            b"HTTP/1.1 20 OK\r\n\r\n",
            "the status line is malformed: HTTP/1.1 20 OK",
            "begin each answer with a line such as `HTTP/1.1 200 OK`",
        ),
        (
            b"HTTP/1.1 099 x\r\n\r\n",
            "its status is 99, and HTTP begins at 100",
            "begin each answer with a line such as `HTTP/1.1 200 OK`",
        ),
        (
            b"HTTP/1.1 101 x\r\n\r\n",
            "it answered 101, a change of the protocol",
            "let the server answer a plain request without changing the protocol",
        ),
        (
            b"HTTP/1.1 102 x\r\n\r\n" * 21,
            "interim answers (1xx) came without end: more than 20",
            "--max-interim allows more",
        ),
        (
            b"HTTP/1.1 200 OK\r\nX: " + b"y" * 300_000,
            "the headers are longer than 262144 bytes",
            "--max-header-bytes allows more",
        ),
        (
            b"\x00\x00\x06\x04" + bytes(11),
            "the answer is HTTP/2, but oaicheck speaks HTTP/1.1",
            "let the server, or the proxy in front of it, accept HTTP/1.1 too",
        ),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
            "`Content-Length` is no whole number of at most 20 digits",
            "`Content-Length` or `Transfer-Encoding: chunked`",
        ),
    ],
)
async def test_the_advice_fits_what_is_wrong_with_the_head(
    serve: Serve, writer: RecordingWriter, answer: bytes, problem: str, advice: str
) -> None:
    server = await serve(lambda call: call.write(answer))
    message = await complaint(server.target(), writer)
    assert problem in message
    assert advice in message
    assert "scheme" not in message
    assert "the port" not in message


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (404, {"message": "The model `a-model` does not exist", "code": "model_not_found"}),
        (404, {"message": "a-model: no such thing"}),
        (400, {"message": "no", "code": "model_not_found"}),
    ],
)
async def test_unknown_model(
    serve: Serve, writer: RecordingWriter, status: int, error: Any
) -> None:
    async def handler(call: Call) -> None:
        if call.head.startswith(b"GET /v1/models "):
            data = [{"id": f"model-{number}"} for number in range(30)]
            await call.answer(json.dumps({"data": data}).encode())
        else:
            await call.answer(json.dumps({"error": error}).encode(), status)

    message = await complaint((await serve(handler)).target(), writer)
    assert "does not know the model a-model" not in message.splitlines()[1]
    assert message.splitlines()[0].endswith("does not know the model a-model")
    assert "model-19\n    … and 10 more" in message
    assert "--model" in message


async def test_a_server_that_fails(serve: Serve, writer: RecordingWriter) -> None:
    server = await serve(always(500, {"error": {"message": "out of memory"}}))
    message = await complaint(server.target(limits=QUICK), writer)
    assert "500 to a plain first request, 2 times: out of memory" in message


async def test_a_proxy_that_refuses(serve: Serve, writer: RecordingWriter) -> None:
    proxy = (await serve(always(407, b"who are you?"))).base_url.removesuffix("/v1")
    target = Target("http://far.invalid/v1", "m", proxy=proxy, limits=QUICK)
    assert "the proxy refuses the request" in await complaint(target, writer)


async def test_a_rate_limit(serve: Serve, writer: RecordingWriter) -> None:
    server = await serve(always(429, {"error": {"message": "quota"}}, "Retry-After: 0"))
    message = await complaint(server.target(limits=QUICK), writer)
    assert "429 to the first request, 2 times: quota" in message


async def test_a_model_that_is_being_loaded_is_waited_for(
    serve: Serve, writer: RecordingWriter
) -> None:
    calls: list[Call] = []

    async def loading(call: Call) -> None:
        calls.append(call)
        await call.answer(
            b'{"error": {"message": "Loading model"}}', 503 if calls[3:] == [] else 200
        )

    server = await serve(loading)
    target = server.target(limits=replace(QUICK, first_byte=30))
    await warm_up(target, writer.add)
    assert [each.attempt for each in writer.recording.exchanges] == [1, 2, 3, 4]


@pytest.mark.parametrize("status", [400, 422])
async def test_another_name_for_the_token_limit(
    serve: Serve, writer: RecordingWriter, status: int
) -> None:
    async def handler(call: Call) -> None:
        if "max_tokens" in call.json:
            text = "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens'."
            await call.answer(json.dumps({"error": {"message": text}}).encode(), status)
        else:
            await call.answer()

    server = await serve(handler)
    target = await warm_up(server.target(), writer.add)
    assert target.token_limit_parameter == "max_completion_tokens"
    assert [each.id for each in writer.recording.exchanges] == ["warm-up#1", "warm-up#1.2"]


@pytest.mark.parametrize(
    "handler",
    [
        always(400, {"error": {"message": "max_tokens is not to my liking"}}),
        always(400, {"error": {"message": "no"}}),
        always(200, b"not JSON", media_type="text/plain"),
        lambda call: call.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{"),
    ],
)
async def test_other_refusals_are_for_the_checks(
    serve: Serve, writer: RecordingWriter, handler: Handler
) -> None:
    server = await serve(handler)
    assert await warm_up(server.target(), writer.add) == server.target()


def listing(*names: Any) -> Handler:
    return always(200, {"object": "list", "data": [{"id": name} for name in names]})


async def test_the_only_model(serve: Serve) -> None:
    server = await serve(listing("the-one"))
    assert await only_model(server.target(model="")) == "the-one"
    assert server.calls[0].head.startswith(b"GET /v1/models HTTP/1.1")
    assert server.calls[0].header("authorization") == f"Bearer {KEY}"


@pytest.mark.parametrize(
    ("handler", "said"),
    [
        (listing("one", "t\x1bwo"), "it lists 2 models:\n    one\n    t\\x1bwo"),
        (listing(), "lists no model: 200"),
        (listing(7, None), "lists no model: 200"),
        (always(404, {"detail": "Not Found"}), "lists no model: 404, "),
        (always(200, []), "lists no model: 200"),
        (always(200, b""), "lists no model: 200, an empty body"),
        (always(200, b"<html>", media_type="text/html"), "the base URL seems to be wrong"),
        (always(401, {"error": {"message": "no"}}), "it refuses the key"),
    ],
)
async def test_no_only_model(serve: Serve, handler: Handler, said: str) -> None:
    server = await serve(handler)
    with pytest.raises(EndpointUnusable) as raised:
        await only_model(server.target(model="", limits=QUICK))
    assert said in str(raised.value)
    assert "\x1b" not in str(raised.value)


@pytest.mark.parametrize(
    ("answer", "thinks"),
    [
        ({"choices": [{"message": {"reasoning_content": "Hm"}}]}, True),
        ({"choices": [{"message": {"reasoning": "Hm"}}]}, True),
        ({"usage": {"completion_tokens_details": {"reasoning_tokens": 16}}}, True),
        ({"usage": {"completion_tokens_details": {"reasoning_tokens": 0}}}, False),
        ({"choices": [{"message": {"reasoning_content": "", "reasoning": None}}]}, False),
        ({"choices": None, "usage": []}, False),
        ({"choices": [{"message": {"content": " <think>Hm"}}]}, True),
        ({"choices": [{"message": {"content": "a <think>"}}]}, False),
        ({"choices": [{"message": {"content": ""}, "finish_reason": "length"}]}, True),
        ({"choices": [{"message": {"content": ""}, "finish_reason": "stop"}]}, False),
        ({"choices": [{"message": {"content": "Hi"}, "finish_reason": "length"}]}, False),
    ],
)
async def test_a_model_that_thinks(
    serve: Serve, writer: RecordingWriter, answer: Any, thinks: bool
) -> None:
    target = await warm_up((await serve(always(200, answer))).target(), writer.add)
    assert target.thinks is thinks


NOT_FINISHED = {
    "error": {
        "message": "Could not finish the message because max_tokens or model output limit was "
        "reached. Please try again with higher max_tokens."
    }
}


@pytest.mark.parametrize("name", ["max_tokens", "max_completion_tokens"])
async def test_a_limit_that_leaves_nothing_after_thinking(
    serve: Serve, writer: RecordingWriter, name: str
) -> None:
    async def handler(call: Call) -> None:
        if name in call.json:
            await call.answer(json.dumps(NOT_FINISHED).encode(), 400)
        else:
            await call.answer(b'{"error": {"message": "max_tokens is not supported"}}', 400)

    server = await serve(handler)
    target = await warm_up(server.target(), writer.add)
    assert target == replace(server.target(), token_limit_parameter=name, thinks=True)
