"""Tells a response of a proxy or a gateway from one of the API behind it."""

from __future__ import annotations

import re

from oaicheck.contact.said import is_web_page, shown
from oaicheck.wire.exchange import Exchange

_BAD_GATEWAY = frozenset({502, 504, *range(520, 528), 530})
"""Statuses that only a gateway sends; those from 520 on are Cloudflare's."""
_UNAVAILABLE = 503

_TELLING = ("server", "via", "x-squid-error")
_NAME = 60
_PROXIES = re.compile(
    "nginx|openresty|envoy|haproxy|caddy|apache|squid|varnish|traefik|cloudflare|awselb|akamai",
    re.IGNORECASE,
)
_NOBODY_BEHIND = re.compile(
    "no server is available|no available server|no healthy upstream|upstream connect error"
    "|upstream request timeout|backend fetch failed|default backend",
    re.IGNORECASE,
)
_PLAIN_TO_TLS = re.compile(
    "plain HTTP request was sent to HTTPS port|speaking plain HTTP to an SSL-enabled"
    "|sent an HTTP request to an HTTPS server|host and port requires TLS",
    re.IGNORECASE,
)
_CERTIFICATE = re.compile("No required SSL certificate was sent", re.IGNORECASE)
_WRONG_CERTIFICATE = re.compile("The SSL certificate error", re.IGNORECASE)
_LOGIN = re.compile(
    r"(?<![a-z])((log|sign)[ _-]?(in|on)|sso|saml2?|oauth2?|auth(enticate|entication|orize)?"
    r"|anmelden|anmeldung)(?![a-z])",
    re.IGNORECASE,
)
_REALM = re.compile(r'\bbasic\b.*?\brealm=(?:"([^"]*)"|([^\s,]+))', re.IGNORECASE)


def proxy_words(exchange: Exchange) -> str:
    """Words for a proxy, with the headers that name it: `a proxy (Server: nginx)`."""
    headers = [(name, value) for name, value in exchange.headers if name.lower() in _TELLING]
    named = ", ".join(f"{shown(name, _NAME)}: {shown(value, _NAME)}" for name, value in headers)
    return f"a proxy ({named})" if named else "a proxy"


def misses_the_server(exchange: Exchange) -> bool:
    """Whether a proxy answers because it does not reach the server behind it.

    A server also sends a 503 while it loads a model. Such a 503 is JSON, or has only the words of
    its status as a body.
    """
    if exchange.json is not None:
        return False
    if exchange.status in _BAD_GATEWAY:
        return True
    names = " ".join(value for name, value in exchange.headers if name.lower() in _TELLING)
    return exchange.status == _UNAVAILABLE and (
        is_web_page(exchange)
        or _NOBODY_BEHIND.search(exchange.text) is not None
        or _PROXIES.search(names) is not None
    )


def is_of_squid(exchange: Exchange) -> bool:
    """Whether Squid answered, which is a proxy on the way out."""
    return exchange.header("x-squid-error") is not None


def wants_tls(exchange: Exchange) -> bool:
    """Whether the server says that plain HTTP was sent to its TLS port."""
    return exchange.status == 400 and _PLAIN_TO_TLS.search(exchange.text) is not None


def wants_certificate(exchange: Exchange) -> bool:
    """Whether the server says that it needs a client certificate."""
    return exchange.status == 400 and _CERTIFICATE.search(exchange.text) is not None


def refuses_certificate(exchange: Exchange) -> bool:
    """Whether the server says that it rejects the client certificate."""
    return exchange.status == 400 and _WRONG_CERTIFICATE.search(exchange.text) is not None


def is_login(words: str) -> bool:
    """Whether the title of a page, or an address, looks like a login page."""
    return _LOGIN.search(words) is not None


def basic_realm(exchange: Exchange) -> str | None:
    """The realm of a 401 that asks for Basic authentication and for nothing else, or None."""
    asked = exchange.header("www-authenticate") or ""
    schemes = asked.lower()
    if exchange.status != 401 or "basic" not in schemes or "bearer" in schemes:
        return None
    realm = _REALM.search(asked)
    return shown((realm[1] or realm[2] or "") if realm else "", _NAME)
