"""What stands before an API: redirects, login pages, and refusals without end."""

from __future__ import annotations

from support.hostile.behaviour import EITHER, JUDGED, Family, Play
from support.hostile.connection import Connection, error

gateways = Family("gateways")


def redirects(location: str, status: str = "302 Found") -> Play:
    """Redirect each request."""

    async def play(c: Connection) -> None:
        await c.request()
        await c.answer(b"", status, *([f"Location: {location}"] if location else []))

    return play


def page(body: str, status: str = "200 OK", *headers: str) -> Play:
    """Answer each request with a page."""

    async def play(c: Connection) -> None:
        await c.request()
        await c.answer(body, status, *headers, media_type="text/html; charset=utf-8")

    return play


def refuses(status: str, *headers: str, body: str | None = None) -> Play:
    """Refuse each request."""
    said = error("Not now.", "server_error") if body is None else body

    async def play(c: Connection) -> None:
        await c.request()
        await c.answer(said, status, *headers)

    return play


LOGIN = (
    "<!doctype html><html><head><title>Log in</title></head><body><form action=/login>"
    "<input name=user><input type=password></form></body></html>"
)

gateways.each(
    {
        "redirect_loop": (
            "Redirects each request to itself.",
            redirects("/v1/chat/completions", "307 Temporary Redirect"),
        ),
        "redirect_elsewhere": (
            "Redirects to another host.",
            redirects("http://elsewhere.invalid/v1/chat/completions", "308 Permanent Redirect"),
        ),
        "redirect_to_javascript": ("Redirects to a script.", redirects("javascript:hostile()")),
        "redirect_to_a_file": ("Redirects to a file.", redirects("file:///etc/passwd")),
        "redirect_to_nothing": ("Redirects without saying where.", redirects("")),
        "redirect_malformed": ("Redirects to no address at all.", redirects("http://[::bad")),
        "redirect_long": ("Redirects to an address of 9 kB.", redirects("/a" * 4_500)),
        "redirect_to_login": ("Redirects to a login.", redirects("https://sso.invalid/login")),
        "redirect_300": ("Answers 300 with a list.", refuses("300 Multiple Choices")),
    },
    "redirect",
)
gateways.each(
    {
        "login_page": ("Answers with a login page.", page(LOGIN)),
        "empty_page": ("Answers with an empty page.", page("")),
        "page_in_pieces": (
            "Answers with a broken page.",
            page("<html><head><title>" + "<" * 5_000),
        ),
        "long_page": ("Answers with a page of 1 MB.", page("<p>hello</p>" * 83_000)),
        "page_without_end_tags": ("Nests 20,000 elements.", page("<div>" * 20_000)),
        "forbidden_page": ("Refuses with a page.", page("<h1>Forbidden</h1>", "403 Forbidden")),
        "bad_gateway": (
            "Answers 502 with a page of nginx.",
            page("<center><h1>502 Bad Gateway</h1></center>", "502 Bad Gateway", "Server: nginx"),
        ),
        "gateway_timeout": ("Answers 504.", page("upstream request timeout", "504 Timeout")),
        "unauthorized": ("Refuses every key.", refuses("401 Unauthorized")),
        "proxy_authentication": ("Asks for authentication as a proxy.", refuses("407 Proxy")),
        "payment": ("Asks for money.", refuses("402 Payment Required")),
    },
    "cannot be judged",
    later=JUDGED | {5},
)
gateways.each(
    {
        "teapot": ("Is a teapot.", refuses("418 I'm a teapot")),
        "not_found": ("Answers 404 without a body.", refuses("404 Not Found", body="")),
        "conflict": ("Answers 409.", refuses("409 Conflict")),
        "loop_detected": ("Answers 508.", refuses("508 Loop Detected")),
    },
    "",
    first_codes=EITHER,
)
