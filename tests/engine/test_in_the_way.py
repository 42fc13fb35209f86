"""What stands before an endpoint is named, with what to do about it, by the first answer."""

import asyncio
import ssl
from dataclasses import replace

import pytest

from oaicheck.contact.said import page_words
from oaicheck.contact.warm_up import EndpointUnusable, warm_up
from oaicheck.target.target import Target
from oaicheck.wire.recording import RecordingWriter
from support.loopback import CERTIFICATE, KEY, LIMITS, Call, Handler, Serve, until
from support.virtual_time import VirtualTime

pytestmark = pytest.mark.asyncio

QUICK = replace(LIMITS, retries=1, first_byte=5)

NGINX = (
    "<html>\r\n<head><title>{0}</title></head>\r\n<body>\r\n<center><h1>{0}</h1></center>\r\n"
    "<hr><center>nginx/1.24.0</center>\r\n</body>\r\n</html>\r\n"
)
HAPROXY = (
    "<html><body><h1>503 Service Unavailable</h1>\n"
    "No server is available to handle this request.\n</body></html>\n"
)
APACHE = (
    '<!DOCTYPE HTML PUBLIC "-//IETF//DTD HTML 2.0//EN">\n<html><head>\n'
    "<title>503 Service Unavailable</title>\n</head><body>\n<h1>Service Unavailable</h1>\n"
    "<p>The server is temporarily unable to service your\nrequest.</p>\n</body></html>\n"
)
SQUID = (
    '<!DOCTYPE html PUBLIC "-//W3C//DTD HTML 4.01//EN" "http://www.w3.org/TR/html4/strict.dtd">'
    "<html><head>\n<title>ERROR: The requested URL could not be retrieved</title>\n"
    '<style type="text/css"><!--\n * Copyright (C) 1996-2023\n--></style></head><body id=E>'
)


def page(body: str, status: int, *headers: str, media_type: str = "text/html") -> Handler:
    async def handler(call: Call) -> None:
        await call.answer(body.encode(), status, *headers, media_type=media_type)

    return handler


async def complaint(target: Target, writer: RecordingWriter) -> str:
    with pytest.raises(EndpointUnusable) as raised:
        await warm_up(target, writer.add)
    message = str(raised.value)
    assert message.startswith(f"{target.base_url} cannot be judged\n  ")
    assert all(line.isprintable() for line in message.split("\n"))
    assert not any(sign in message for sign in (KEY, "<", "None"))
    return message


@pytest.mark.parametrize(
    ("body", "media_type", "quoted"),
    [
        (NGINX.format("400 The plain HTTP request was sent to HTTPS port"), "text/html", "400 The"),
        ("Client sent an HTTP request to an HTTPS server.\n", "", "Client sent an HTTP"),
        (
            "<title>400 Bad Request</title><p>Reason: You're speaking plain HTTP to an "
            "SSL-enabled server port.<br />",
            "text/html",
            "400 Bad Request",
        ),
    ],
)
async def test_plain_http_to_a_tls_port(
    serve: Serve, writer: RecordingWriter, body: str, media_type: str, quoted: str
) -> None:
    server = await serve(page(body, 400, media_type=media_type))
    message = await complaint(server.target(), writer)
    assert f"it answered 400: {quoted}" in message
    assert f"did you mean {server.base_url.replace('http', 'https')} ?" in message
    assert "path" not in message


async def test_a_tls_alert_to_plain_http(serve: Serve, writer: RecordingWriter) -> None:
    alert = b"\x15\x03\x01\x00\x02\x02\x16" + b"\r\n" * 3
    server = await serve(lambda call: call.write(alert))
    message = await complaint(server.target(), writer)
    assert f"did you mean {server.base_url.replace('http', 'https')} ?" in message


async def test_a_client_certificate_that_is_missing(serve: Serve, writer: RecordingWriter) -> None:
    server = await serve(page(NGINX.format("400 No required SSL certificate was sent"), 400))
    message = await complaint(server.target(), writer)
    assert "400 No required SSL certificate was sent" in message
    assert "--client-cert and --client-key" in message


async def test_a_client_certificate_that_will_not_do(serve: Serve, writer: RecordingWriter) -> None:
    server = await serve(page(NGINX.format("400 The SSL certificate error"), 400))
    assert "--client-cert" in await complaint(server.target(), writer)
    message = await complaint(server.target(client_cert=CERTIFICATE), writer)
    assert f"it does not accept {CERTIFICATE}, given with --client-cert" in message


async def test_a_client_certificate_asked_for_after_the_handshake(
    serve: Serve, writer: RecordingWriter
) -> None:
    demanding = tls_server()
    demanding.verify_mode = ssl.CERT_REQUIRED
    server = await serve(Call.answer, tls=demanding)
    message = await complaint(server.target(ca_bundle=CERTIFICATE), writer)
    assert "--client-cert and --client-key" in message


def tls_server() -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(CERTIFICATE)
    return context


async def test_a_certificate_for_another_name(serve: Serve, writer: RecordingWriter) -> None:
    server = await serve(Call.answer, tls=tls_server())
    base_url = server.base_url.replace("127.0.0.1", "127.1")
    with pytest.raises(EndpointUnusable) as raised:
        await warm_up(server.target(base_url=base_url, ca_bundle=CERTIFICATE), writer.add)
    assert "use a host name from the certificate in the base URL" in str(raised.value)
    assert "--ca-bundle does not help" in str(raised.value)


async def test_a_certificate_of_nobody_known(serve: Serve, writer: RecordingWriter) -> None:
    server = await serve(Call.answer, tls=tls_server())
    message = await complaint(server.target(), writer)
    assert "is not trusted: self-signed certificate" in message
    assert "give the CA's certificate with --ca-bundle" in message


@pytest.mark.parametrize("status", [200, 400, 404])
async def test_any_page_is_quoted(serve: Serve, writer: RecordingWriter, status: int) -> None:
    server = await serve(page("<html><title>Welcome &amp; hello \x1b[0m</title>", status))
    message = await complaint(server.target(), writer)
    assert f"answered {status} with a web page: Welcome & hello \\x1b[0m" in message


@pytest.mark.parametrize("title", ["Sign in", "Please log in · Example", "Login", "SSO"])
async def test_a_login_page(serve: Serve, writer: RecordingWriter, title: str) -> None:
    server = await serve(page(f"<!doctype html><title>{title}</title>", 200))
    message = await complaint(server.target(), writer)
    assert "a login page of a gateway answers instead of the API" in message
    assert f"with a web page: {title}" in message
    assert "--header" in message


@pytest.mark.parametrize("title", ["Blogging in style", "Design inn", "The author"])
async def test_no_login_page(serve: Serve, writer: RecordingWriter, title: str) -> None:
    server = await serve(page(f"<!doctype html><title>{title}</title>", 200))
    assert "login" not in await complaint(server.target(), writer)


async def test_nothing_may_be_a_wrong_host_name(serve: Serve, writer: RecordingWriter) -> None:
    server = await serve(page("", 200, media_type=""))
    message = await complaint(server.target(), writer)
    assert "answered 200 with an empty body" in message
    assert "or check the host name: a proxy answers like this" in message


@pytest.mark.parametrize(
    ("status", "location", "advice"),
    [
        (302, "/login?next=/v1", "it leads to the login page of a gateway"),
        (303, "https://login.example.com/x", "it leads to the login page of a gateway"),
        (302, "/welcome", "such a redirect usually leads to a web page"),
        (
            308,
            "https://localhost:9205/v1/chat/completions?a=b",
            "give the base URL behind the redirect: https://localhost:9205/v1\n",
        ),
        (301, "/api/v1/chat/completions", "give the base URL behind the redirect: {root}/api/v1\n"),
        (307, "/v1/chat/completions/", "let the server answer there without a redirect"),
        (308, "https://[bad/v1", "give the address behind the redirect"),
        (307, "https://elsewhere/v1", "give the address behind the redirect"),
    ],
)
async def test_redirects(
    serve: Serve, writer: RecordingWriter, status: int, location: str, advice: str
) -> None:
    server = await serve(page("", status, f"Location: {location}"))
    message = await complaint(server.target(), writer)
    assert (
        f"it answered {status}, a redirect to {location}, which oaicheck does not follow" in message
    )
    assert advice.format(root=server.base_url.removesuffix("/v1")) in message + "\n"


@pytest.mark.parametrize(
    ("handler", "said"),
    [
        (
            page(NGINX.format("502 Bad Gateway"), 502, "Server: nginx/1.24.0"),
            "a proxy (Server: nginx/1.24.0) answers, but does not reach the server behind it: "
            "502 to a plain first request, 2 times: 502 Bad Gateway\n",
        ),
        (
            page("", 502, "Server: Caddy", media_type=""),
            "a proxy (Server: Caddy) answers, but does not reach the server behind it: "
            "502 to a plain first request, 2 times, with an empty body\n",
        ),
        (
            page(NGINX.format("504 Gateway Time-out"), 504, "Server: nginx"),
            "a proxy (Server: nginx) answers, but got no response in time from the server behind "
            "it: ",
        ),
        (
            page(HAPROXY, 503, "Retry-After: 0"),
            "a proxy answers, but does not reach the server behind it: 503 to a plain first "
            "request, 2 times: 503 Service Unavailable No server is available to handle this",
        ),
        (
            page(APACHE, 503, "Retry-After: 0", "Server: Apache/2.4.57"),
            "2 times: 503 Service Unavailable\n",
        ),
        (
            page(
                "upstream connect error or disconnect/reset before headers. reset reason: "
                "connection failure",
                503,
                "Retry-After: 0",
                "Server: envoy",
                media_type="text/plain",
            ),
            "a proxy (Server: envoy) answers, but does not reach the server behind it",
        ),
    ],
)
async def test_nobody_behind_a_proxy(
    serve: Serve, writer: RecordingWriter, handler: Handler, said: str
) -> None:
    message = await complaint((await serve(handler)).target(limits=QUICK), writer)
    assert said in message
    assert "model is loaded" not in message


@pytest.mark.parametrize(
    ("handler", "said"),
    [
        (
            page('{"error": {"message": "Loading model"}}', 503, "Retry-After: 0"),
            "503 to a plain first request, 2 times: Loading model\n",
        ),
        (
            page('{"error": {"message": "no deployment"}}', 502, "Server: nginx"),
            "502 to a plain first request, 2 times: no deployment\n",
        ),
        (
            page("Service Unavailable", 503, "Retry-After: 0", "Server: uvicorn", media_type=""),
            "2 times: Service Unavailable\n",
        ),
        (page("", 500), "500 to a plain first request, 2 times, with an empty body\n"),
    ],
)
async def test_a_server_that_answers_for_itself(
    serve: Serve, writer: RecordingWriter, handler: Handler, said: str
) -> None:
    message = await complaint((await serve(handler)).target(limits=QUICK), writer)
    assert said in message
    assert "wait until its model is loaded" in message
    assert "a proxy" not in message


async def test_squid_and_an_unknown_host(serve: Serve, writer: RecordingWriter) -> None:
    squid = page(SQUID, 502, "Server: squid/5.7", "X-Squid-Error: ERR_DNS_FAIL 0")
    proxy = (await serve(squid)).base_url.removesuffix("/v1")
    target = Target("http://far.invalid/v1", "m", proxy=proxy, limits=QUICK)
    message = await complaint(target, writer)
    assert (
        "a proxy (Server: squid/5.7, X-Squid-Error: ERR_DNS_FAIL 0) answers, but does not reach "
        "far.invalid:80: 502 to a plain first request, 2 times: "
        "ERROR: The requested URL could not be retrieved\n" in message
    )
    assert "the proxy from --proxy" in message


async def test_a_proxy_that_is_down(
    serve: Serve, writer: RecordingWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = await asyncio.start_server(lambda _, __: None, "127.0.0.1", 0)
    proxy = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    server.close()
    await server.wait_closed()
    target = Target("https://far.invalid/v1", "m", limits=QUICK)
    message = await complaint(replace(target, proxy=f"http://{proxy}"), writer)
    assert f"the proxy {proxy} (from --proxy) refused the connection" in message
    assert "check the host and the port of --proxy" in message
    monkeypatch.setenv("https_proxy", f"http://{proxy}")
    message = await complaint(target, writer)
    assert f"the proxy {proxy} (from HTTPS_PROXY) refused the connection" in message
    assert "check HTTPS_PROXY in the environment, or name far.invalid in NO_PROXY" in message


@pytest.mark.parametrize(
    ("status", "advice"),
    [
        (403, "the proxy's rules do not allow far.invalid:443"),
        (503, "the proxy does not reach far.invalid:443"),
        (407, "add user name and password to the proxy's URL"),
        (400, "or connect to far.invalid:443 without it"),
    ],
)
async def test_a_proxy_that_opens_no_tunnel(
    serve: Serve, writer: RecordingWriter, status: int, advice: str
) -> None:
    proxy = (await serve(page("", status))).base_url.removesuffix("/v1")
    target = Target("https://far.invalid/v1", "m", proxy=proxy, limits=QUICK)
    message = await complaint(target, writer)
    assert f"(from --proxy) refused to connect: {status} Word\n" in message
    assert advice in message


async def test_a_firewall_is_not_the_api(serve: Serve, writer: RecordingWriter) -> None:
    server = await serve(page(NGINX.format("403 Forbidden"), 403, "Server: cloudflare"))
    message = await complaint(server.target(), writer)
    assert "something in front of the API refuses, with a web page" in message
    assert "403, 403 Forbidden (Server: cloudflare)" in message
    assert "the key may be right" in message
    assert "OAICHECK_API_KEY" in await complaint(server.target(key=None), writer)


@pytest.mark.parametrize(
    ("asked", "realm"),
    [('Basic realm="the API"', " (realm the API)"), ("basic", ""), ("Basic realm=x", " (realm x)")],
)
async def test_basic_authentication(
    serve: Serve, writer: RecordingWriter, asked: str, realm: str
) -> None:
    server = await serve(page("no", 401, f"WWW-Authenticate: {asked}"))
    message = await complaint(server.target(), writer)
    assert f"it asks for Basic authentication{realm}: 401, no\n" in message
    assert "--auth-scheme Basic" in message
    message = await complaint(server.target(auth_scheme="Basic"), writer)
    assert f"it refuses the user or the password for Basic authentication{realm}" in message


async def test_basic_beside_bearer_is_about_the_key(serve: Serve, writer: RecordingWriter) -> None:
    server = await serve(page("no", 401, "WWW-Authenticate: Bearer, Basic"))
    assert "it refuses the key: 401, no" in await complaint(server.target(), writer)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("<html><body>a<br>b<script>c < d</script><!-- e <f> -->&lt;g&gt;", "a b <g>"),
        ("<title lang=en> A\n B </title><p>c", "A B"),
        ("<title></title><p>c", "c"),
        ("<script>" * 1000, ""),
        ("<p " * 5000, ""),
        ("", ""),
    ],
)
async def test_the_words_of_a_page(body: str, words: str) -> None:
    assert page_words(body) == words


async def test_silence_is_told_meanwhile(serve: Serve, writer: RecordingWriter) -> None:
    told: list[tuple[str, float]] = []
    time = VirtualTime()

    async def slow(call: Call) -> None:
        await time.move(8)
        await call.answer()

    target = (await serve(slow)).target(limits=replace(LIMITS, first_byte=10))
    await warm_up(target, writer.add, waiting=lambda *what: told.append(what), time=time)
    assert told == [("it has not answered yet", left) for left in (5.0, 4.0, 3.0, 2.0)]


async def test_a_pause_is_told_meanwhile(serve: Serve, writer: RecordingWriter) -> None:
    told: list[tuple[str, float]] = []
    time = VirtualTime()
    busy = await serve(page("", 503, "Retry-After: 8", media_type=""))
    target = busy.target(limits=replace(LIMITS, retries=1, retry_after_cap=30))
    warming_up = asyncio.create_task(
        warm_up(target, writer.add, waiting=lambda *what: told.append(what), time=time)
    )
    await until(lambda: bool(writer.recording.exchanges))
    await time.move(8)
    with pytest.raises(EndpointUnusable):
        await warming_up
    assert told == [("it answered 503, with an empty body", left) for left in (3.0, 2.0, 1.0)]
    assert len(busy.calls) == 2


async def test_a_quick_answer_is_not_waited_for_aloud(
    serve: Serve, writer: RecordingWriter
) -> None:
    told: list[str] = []
    server = await serve(Call.answer)
    await warm_up(
        server.target(),
        writer.add,
        waiting=lambda reason, _: told.append(reason),
        time=VirtualTime(),
    )
    assert told == []
