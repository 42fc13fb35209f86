"""A connection to a target: TLS settings, and whether a proxy stands in between."""

from __future__ import annotations

import ipaddress
import ssl
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx

from oaicheck.engine.heads import HeadKeeping
from oaicheck.target.target import Target, TargetError

PROXY_SCHEMES = ("http", "https")
"""The kinds of proxies that can stand in between."""


def tls_context(target: Target) -> ssl.SSLContext:
    """The TLS settings for all exchanges with a target, made once a run.

    Without a CA bundle the certificates of certifi, or those of `SSL_CERT_FILE`, are trusted. For
    an http:// address nothing is loaded, which takes longer than a small request.
    Raises TargetError where the bundle, the client certificate or its key cannot be used.
    """
    if urlsplit(target.base_url).scheme == "http":
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context = httpx.create_ssl_context()
        if target.ca_bundle is not None:
            folder = target.ca_bundle.is_dir()
            context = ssl.create_default_context(
                cafile=None if folder else target.ca_bundle,
                capath=target.ca_bundle if folder else None,
            )
    except OSError as error:
        raise TargetError(
            f"ca-bundle {target.ca_bundle}: no certificates there: {error}"
        ) from error
    if target.client_cert is not None:
        try:
            context.load_cert_chain(target.client_cert, target.client_key, password="")
        except OSError as error:
            raise TargetError(
                f"client-cert {target.client_cert}: it cannot be used with its key "
                f"{target.client_key or '(in the same file)'}: {error}; both have to be PEM, "
                "the key without a password"
            ) from error
    return context


def proxy_of(target: Target) -> str | None:
    """The proxy to use: the target's own, else the environment's, but none of that on loopback.

    Raises TargetError where the environment names a proxy of a kind that is not supported.
    """
    if target.proxy is not None:
        return target.proxy
    if target.embedded or is_loopback(target.base_url):
        return None
    address = urlsplit(target.base_url)
    if proxy_bypass(address.hostname or ""):
        return None
    proxies = getproxies()
    proxy = proxies.get(address.scheme) or proxies.get("all")
    if proxy is None:
        return None
    proxy = proxy if "://" in proxy else f"http://{proxy}"
    scheme = urlsplit(proxy).scheme
    if scheme not in PROXY_SCHEMES:
        raise TargetError(
            f"the environment names a {scheme}:// proxy for {address.hostname}, which is not "
            "supported: give an http:// proxy with --proxy, or name the host in NO_PROXY"
        )
    return proxy


def proxy_origin(target: Target) -> str:
    """Where the proxy was named: `--proxy`, or a variable such as `HTTPS_PROXY`."""
    if target.proxy is not None:
        return "--proxy"
    scheme = urlsplit(target.base_url).scheme
    return f"{scheme.upper()}_PROXY" if getproxies().get(scheme) else "ALL_PROXY"


def peer_of(url: str) -> str:
    """The host and port that a URL names, without anything else that may stand in it."""
    address = urlsplit(url)
    port = address.port or (443 if address.scheme == "https" else 80)
    return f"{address.hostname}:{port}"


def is_loopback(url: str) -> bool:
    """Whether a URL names this very machine."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def open_transport(
    proxy: str | None, context: ssl.SSLContext, *, keep_alive: bool = False
) -> httpx.AsyncHTTPTransport:
    """A transport for one exchange: HTTP/1.1, one connection, which is never used again.

    With `keep_alive` the connection stays open for the next exchange, where the server allows it.
    It sits below httpx's client, so that there are no default headers, no redirects, no cookies,
    no decoding and no settings out of the environment.
    """
    transport = httpx.AsyncHTTPTransport(
        verify=context,
        trust_env=False,
        http1=True,
        http2=False,
        retries=0,
        proxy=proxy,
        limits=httpx.Limits(max_connections=1, max_keepalive_connections=int(keep_alive)),
    )
    # httpcore takes a network backend, and httpx has no argument to hand it on.
    transport._pool._network_backend = HeadKeeping()
    return transport
