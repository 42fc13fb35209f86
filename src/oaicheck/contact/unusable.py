"""Explains from the first response why an endpoint cannot be judged, and what to do about it."""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit

from oaicheck.contact.in_between import (
    basic_realm,
    is_login,
    is_of_squid,
    misses_the_server,
    proxy_words,
    refuses_certificate,
    wants_certificate,
    wants_tls,
)
from oaicheck.contact.said import is_web_page, page_words, shown, what_it_said
from oaicheck.engine.endings import (
    BAD_STATUS,
    HANDSHAKE_CLOSED,
    HTTP2_ANSWER,
    INTERIM_FLOOD,
    LONG_HEADERS,
    MALFORMED,
    NO_HANDSHAKE,
    NOT_HTTP,
    OTHER_NAME,
    PLAIN_HTTP,
    REFUSED_TUNNEL,
    SWITCHED,
    TLS_ANSWER,
    WANTS_CERTIFICATE,
    connection_failure,
)
from oaicheck.engine.transport import peer_of, proxy_of, proxy_origin
from oaicheck.target.target import Target
from oaicheck.wire.exchange import Ending, Exchange
from oaicheck.wire.printable import printable

_VERSION = re.compile(r"/v\d\w*(/|$)")
_ENDPOINT_PATH = re.compile(r"/(chat/completions|completions|responses|models)$")
_TUNNEL_STATUS = re.compile(rf"{REFUSED_TUNNEL}: (\d{{3}})")
_ADDRESS_OF_THE_API = (
    "give the address of the API itself, or send with --header what the gateway accepts instead of "
    "a login, such as a service token"
)
_CLIENT_CERTIFICATE = "give --client-cert and --client-key"
_ABOUT_HEADS = {
    NOT_HTTP: "check the scheme and the port of the base URL",
    MALFORMED: "send each header as `Name: value` without a space before the colon, and either one "
    "`Content-Length` or `Transfer-Encoding: chunked`: HTTP clients reject anything else",
    BAD_STATUS: "begin each answer with a line such as `HTTP/1.1 200 OK`: HTTP clients reject "
    "anything else",
    SWITCHED: "let the server answer a plain request without changing the protocol",
    HTTP2_ANSWER: "let the server, or the proxy in front of it, accept HTTP/1.1 too",
    INTERIM_FLOOD: "find out what sends them, the server or a proxy in front of it: one or two are "
    "usual; --max-interim allows more",
    LONG_HEADERS: "find out which header is so long: most clients allow less; --max-header-bytes "
    "allows more",
}
"""What to do about an answer whose head cannot be read, by how its description begins."""


class EndpointUnusable(Exception):
    """The endpoint cannot be judged. The message says why and what to do; it is safe to print."""


def wrong_address(target: Target, exchange: Exchange) -> EndpointUnusable:
    """The exception for a base URL that does not lead to the API."""
    base_url = target.base_url
    answered = f"{exchange.request.url} {_answered(exchange)}"
    if is_web_page(exchange) and is_login(page_words(exchange.text)):
        return _unusable(
            target,
            f"a login page of a gateway answers instead of the API: {answered}",
            _ADDRESS_OF_THE_API,
        )
    if _ENDPOINT_PATH.search(base_url):
        advice = f"give the base URL only: {_ENDPOINT_PATH.sub('', base_url)}"
    elif _VERSION.search(base_url):
        advice = (
            "check the path of the base URL: most end in /v1, some have a path before it, and a "
            f"few have no version: {_VERSION.sub('', base_url)}"
        )
    else:
        advice = f"did you mean {base_url}/v1 ?"
    if exchange.status in (200, 204) and not exchange.body.strip():
        advice += (
            "\n  or check the host name: a proxy answers like this for a name that it does not "
            "serve"
        )
    return _unusable(target, f"the base URL seems to be wrong: {answered}", advice)


def refuse_silence(target: Target, exchange: Exchange) -> None:
    """Raise EndpointUnusable if no response headers arrived."""
    if exchange.answered:
        return
    ending, detail = exchange.ending, shown(exchange.detail)
    if ending is Ending.NO_FIRST_BYTE:
        raise _unusable(
            target,
            f"it accepted the request but did not answer: {detail}",
            "wait until its model is loaded, or allow more time with --first-byte-timeout",
        )
    if ending is Ending.TLS_FAILED:
        raise _unusable(target, detail, _about_tls(target, detail))
    if ending is Ending.NOT_HTTP and detail.startswith(TLS_ANSWER):
        raise _unusable(target, detail, f"did you mean {_with_scheme(target, 'https')} ?")
    if ending in (Ending.NOT_HTTP, Ending.TOO_LARGE):
        raise _unusable(target, detail, _about_the_head(detail))
    if ending is Ending.NOT_CONNECTED:
        raise _not_connected(target, detail)
    if WANTS_CERTIFICATE in detail:
        raise _unusable(target, detail, f"it asks for a client certificate: {_CLIENT_CERTIFICATE}")
    advice = "check the port of the base URL, and the server's log"
    if target.base_url.startswith("https://") and target.client_cert is None:
        # In TLS 1.3 a server that wants a certificate says so after the handshake, or just closes.
        advice += f"; if it asks for a client certificate, {_CLIENT_CERTIFICATE}"
    raise _unusable(target, detail, advice)


def not_connected(target: Target, error: BaseException) -> EndpointUnusable:
    """The exception for an endpoint to which no connection can be opened."""
    return _not_connected(target, shown(connection_failure(error, peer_of(target.base_url))))


def refuse_statuses(target: Target, exchange: Exchange, attempts: int) -> None:
    """Raise EndpointUnusable if the response shows that all other requests would fail too."""
    status = exchange.status or 0
    said = what_it_said(exchange)
    times = f", {attempts} times" if attempts > 1 else ""
    _refuse_tls(target, exchange)
    if 300 <= status < 400:
        raise _redirected(target, exchange)
    if status in (401, 403):
        raise _unauthorized(target, exchange)
    if status == 407:
        raise _unusable(
            target,
            f"the proxy refuses the request: 407, {said or 'with an empty body'}",
            "add user name and password to the proxy's URL, in --proxy or the environment",
        )
    if status in (402, 429):
        raise _unusable(
            target,
            f"it answered {status} to the first request{times}{_quoted(said)}",
            "check the account's quota; --concurrency 1 and --rpm keep a run below a rate limit",
        )
    if status >= 500 and misses_the_server(exchange):
        raise _nobody_behind(target, exchange, times)
    if status >= 500:
        raise _unusable(
            target,
            f"it answered {status} to a plain first request{times}{_quoted(said)}",
            "wait until its model is loaded, or check the server's log",
        )


def _about_the_head(detail: str) -> str:
    """What to do about an answer whose head no client can read."""
    return next(
        (advice for begin, advice in _ABOUT_HEADS.items() if detail.startswith(begin)),
        "check the server's log",
    )


def _about_tls(target: Target, detail: str) -> str:
    """What to do about a TLS handshake that failed."""
    plain = _with_scheme(target, "http")
    if PLAIN_HTTP in detail and proxy_of(target) is None:
        return f"did you mean {plain} ?"
    if detail.startswith(NO_HANDSHAKE) or HANDSHAKE_CLOSED in detail:
        advice = f"check the port, and whether it speaks TLS: if not, the base URL is {plain}"
        if HANDSHAKE_CLOSED in detail and target.client_cert is None:
            advice += f"; if it asks for a client certificate, {_CLIENT_CERTIFICATE}"
        return advice
    if OTHER_NAME in detail:
        peer = peer_of(target.base_url)
        return (
            "use a host name from the certificate in the base URL, or get a certificate for this "
            "name; --ca-bundle does not help\n"
            f"  to list its names: openssl s_client -connect {printable(peer)} </dev/null | "
            "openssl x509 -noout -ext subjectAltName"
        )
    if "has expired" in detail or "not yet valid" in detail:
        return "renew the certificate, and check this machine's clock"
    if target.ca_bundle is not None:
        trusted = f"{printable(str(target.ca_bundle))}, given with --ca-bundle, does not have the"
        return f"{trusted} CA that signed it; the server must send intermediate certificates itself"
    return (
        "give the CA's certificate with --ca-bundle; if the server asks for a client certificate, "
        f"{_CLIENT_CERTIFICATE}"
    )


def _not_connected(target: Target, detail: str) -> EndpointUnusable:
    return _unusable(target, detail, _about_the_connection(target, detail))


def _about_the_connection(target: Target, detail: str) -> str:
    """What to do if there is no connection to the endpoint or to the proxy."""
    peer = printable(peer_of(target.base_url))
    if proxy_of(target) is None:
        return (
            "check the host and the port of the base URL, and that the server is up; if it is "
            "only reachable through a proxy, give that with --proxy"
        )
    refused = _TUNNEL_STATUS.search(detail)
    status = refused[1] if refused else ""
    if status == "407":
        return "add user name and password to the proxy's URL, in --proxy or the environment"
    if status in ("403", "405"):
        return f"the proxy's rules do not allow {peer}: allow that host and port there"
    if status in ("500", "502", "503", "504"):
        return f"the proxy does not reach {peer}: check the host and the port of the base URL"
    if status:
        return f"ask the operator of the proxy, or connect to {peer} without it"
    if target.proxy is not None:
        return "check the host and the port of --proxy, and that the proxy is up"
    return (
        f"check {proxy_origin(target)} in the environment, or name "
        f"{printable(urlsplit(target.base_url).hostname or '')} in NO_PROXY to go without the proxy"
    )


def _refuse_tls(target: Target, exchange: Exchange) -> None:
    """Raise EndpointUnusable if a server says over HTTP that the TLS set-up is wrong."""
    said = f"it answered {exchange.status}: {what_it_said(exchange)}"
    if wants_tls(exchange):
        raise _unusable(target, said, f"did you mean {_with_scheme(target, 'https')} ?")
    if wants_certificate(exchange):
        raise _unusable(target, said, f"it needs a client certificate: {_CLIENT_CERTIFICATE}")
    if refuses_certificate(exchange):
        raise _unusable(
            target,
            said,
            f"it does not accept {printable(str(target.client_cert))}, given with --client-cert: "
            "check which CA signed it, and when it expires"
            if target.client_cert
            else _CLIENT_CERTIFICATE,
        )


def _redirected(target: Target, exchange: Exchange) -> EndpointUnusable:
    """The exception for a redirect."""
    status, location = exchange.status, exchange.header("location")
    problem = (
        f"it answered {status}, a redirect to {shown(location or 'no Location')}, "
        "which oaicheck does not follow"
    )
    base_url = _base_url_behind(target, exchange, location or "")
    if base_url == target.base_url:
        advice = "that is the same address: let the server answer there without a redirect"
    elif base_url is not None:
        advice = f"give the base URL behind the redirect: {shown(base_url)}"
    elif is_login(location or ""):
        advice = f"it leads to the login page of a gateway: {_ADDRESS_OF_THE_API}"
    elif status in (302, 303):
        advice = f"such a redirect usually leads to a web page: {_ADDRESS_OF_THE_API}"
    else:
        advice = "give the address behind the redirect as the base URL"
    return _unusable(target, problem, advice)


def _base_url_behind(target: Target, exchange: Exchange, location: str) -> str | None:
    """The base URL that a redirect leads to, or None if it leads to another kind of path."""
    try:
        there = urlsplit(urljoin(exchange.request.url, location))
    except ValueError:
        return None
    asked = urlsplit(exchange.request.url).path
    asked = asked.removeprefix(urlsplit(target.base_url).path)
    path = there.path.rstrip("/")
    if not location or not path.endswith(asked):
        return None
    return f"{there.scheme}://{there.netloc}{path.removesuffix(asked)}"


def _unauthorized(target: Target, exchange: Exchange) -> EndpointUnusable:
    """The exception for a request that the API, or something in front of it, refuses."""
    said = f"{exchange.status}, {what_it_said(exchange) or 'with an empty body'}"
    has_key = target.key is not None or _has_own_credential(target)
    realm = basic_realm(exchange)
    if realm is not None:
        of_realm = f"Basic authentication (realm {realm})" if realm else "Basic authentication"
        if target.key is not None and target.auth_scheme.lower() == "basic":
            return _unusable(
                target, f"it refuses the user or the password for {of_realm}: {said}", "check both"
            )
        return _unusable(
            target,
            f"it asks for {of_realm}: {said}",
            "give --auth-scheme Basic, and as the key the output of: "
            "printf %s USER:PASSWORD | base64",
        )
    if exchange.status == 403 and is_web_page(exchange):
        hope = (
            "the key may be right"
            if has_key
            else "a request with a key may get through: set OAICHECK_API_KEY"
        )
        before = proxy_words(exchange).removeprefix("a proxy").strip()
        return _unusable(
            target,
            "something in front of the API refuses, with a web page instead of an API error: "
            f"{said} {before}".rstrip(),
            f"{hope}; check the rules and the log of the firewall or proxy in front of the API",
        )
    if not has_key:
        return _unusable(
            target,
            f"it requires a key: {said}",
            "put the key into the environment variable OAICHECK_API_KEY, or name a file with "
            "--key-file",
        )
    return _unusable(
        target,
        f"it refuses the key: {said}",
        "check the key and its permissions; if the endpoint does not expect `Authorization: "
        "Bearer …`, give --auth-header or --auth-scheme",
    )


def _nobody_behind(target: Target, exchange: Exchange, times: str) -> EndpointUnusable:
    """The exception for a proxy that does not reach the server behind it."""
    answered = f"{exchange.status} to a plain first request{times}{_quoted(what_it_said(exchange))}"
    proxy = proxy_words(exchange)
    if is_of_squid(exchange) and proxy_of(target) is not None:
        return _unusable(
            target,
            f"{proxy} answers, but does not reach {printable(peer_of(target.base_url))}: "
            f"{answered}",
            "check the host and the port of the base URL, and whether the proxy from "
            f"{proxy_origin(target)} is meant to reach it",
        )
    if exchange.status in (504, 524):
        return _unusable(
            target,
            f"{proxy} answers, but got no response in time from the server behind it: {answered}",
            "check whether that server hangs or is busy, and raise the proxy's timeout "
            "(nginx: proxy_read_timeout)",
        )
    return _unusable(
        target,
        f"{proxy} answers, but does not reach the server behind it: {answered}",
        "check its upstream address and its error log, and that the server behind it is up",
    )


def _has_own_credential(target: Target) -> bool:
    return any(name.lower() == target.auth_header.lower() for name in target.headers)


def _with_scheme(target: Target, scheme: str) -> str:
    return f"{scheme}://" + printable(target.base_url).partition("://")[2]


def _answered(exchange: Exchange) -> str:
    if not exchange.body.strip():
        return f"answered {exchange.status} with an empty body"
    if is_web_page(exchange):
        return f"answered {exchange.status} with a web page{_quoted(page_words(exchange.text), '')}"
    return f"answered {exchange.status}: {what_it_said(exchange)}"


def _quoted(said: str, nothing: str = ", with an empty body") -> str:
    return f": {said}" if said else nothing


def _unusable(target: Target, problem: str, advice: str) -> EndpointUnusable:
    return EndpointUnusable(
        f"{printable(target.base_url)} cannot be judged\n  {problem}\n  {advice}"
    )
