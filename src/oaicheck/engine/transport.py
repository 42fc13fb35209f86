"""Connections to a target: TLS settings, and the choice of a proxy."""

from __future__ import annotations

import ipaddress
import ssl
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from oaicheck.scenarios.scenario import HTTP_1_1
from oaicheck.target.target import Limits, Target, TargetError

if TYPE_CHECKING:
    import httpx

# What takes long to import is imported where it is used: the message for a closed port needs
# neither the HTTP client nor, on this machine, the proxies of the environment.

PROXY_SCHEMES = ("http", "https")
"""The supported kinds of proxies."""


def tls_context(target: Target) -> ssl.SSLContext:
    """The TLS settings for all exchanges with a target, made once for a run.

    Without a CA bundle, the certificates of certifi or `SSL_CERT_FILE` are trusted. Loading them
    takes longer than a small request, so nothing is loaded for an http:// address.
    Raises TargetError if the bundle, the client certificate or its key cannot be used.
    """
    if urlsplit(target.base_url).scheme == "http":
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    import httpx

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
            f"ca-bundle {target.ca_bundle}: cannot load certificates: {error}"
        ) from error
    if target.client_cert is not None:
        try:
            context.load_cert_chain(target.client_cert, target.client_key, password="")
        except OSError as error:
            raise TargetError(
                f"client-cert {target.client_cert}: cannot use it with its key "
                f"{target.client_key or '(in the same file)'}: {error}; both must be PEM, "
                "the key without a password"
            ) from error
    return context


def proxy_of(target: Target) -> str | None:
    """The proxy to use, if any: the target's own, or the environment's unless on loopback.

    Raises TargetError if the environment names an unsupported kind of proxy.
    """
    if target.proxy is not None:
        return target.proxy
    if target.embedded or is_loopback(target.base_url):
        return None
    from urllib.request import getproxies, proxy_bypass

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
            f"the environment names a {scheme}:// proxy for {address.hostname}, which oaicheck "
            "does not support: give an http:// proxy with --proxy, or name the host in NO_PROXY"
        )
    return proxy


def proxy_origin(target: Target) -> str:
    """Where the proxy is set: `--proxy`, or a variable such as `HTTPS_PROXY`."""
    if target.proxy is not None:
        return "--proxy"
    from urllib.request import getproxies

    scheme = urlsplit(target.base_url).scheme
    return f"{scheme.upper()}_PROXY" if getproxies().get(scheme) else "ALL_PROXY"


def peer_of(url: str) -> str:
    """The host and port of a URL, and nothing else from it."""
    return f"{urlsplit(url).hostname}:{port_of(url)}"


def port_of(url: str) -> int:
    """The port of a URL, or the usual one of its scheme."""
    address = urlsplit(url)
    return address.port or (443 if address.scheme == "https" else 80)


def is_loopback(url: str) -> bool:
    """Whether a URL names this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def open_transport(
    proxy: str | None,
    context: ssl.SSLContext,
    limits: Limits,
    *,
    keep_alive: bool = False,
    http_version: str = HTTP_1_1,
) -> httpx.AsyncHTTPTransport:
    """A transport for one exchange: one connection, which is not used again.

    It speaks HTTP/1.1. With `http_version` 1.0 the request line says so, and nothing else changes.
    With `keep_alive`, the connection stays open for the next exchange if the server allows it.
    Reading raises `endings.Stop` if a response exceeds one of the `limits` below the body.
    It works below httpx's client, so there are no default headers, redirects, cookies, decoding or
    settings from the environment.
    """
    import httpx

    from oaicheck.engine.heads import HeadKeeping

    transport = httpx.AsyncHTTPTransport(
        verify=context,
        trust_env=False,
        http1=True,
        http2=False,
        retries=0,
        proxy=proxy,
        limits=httpx.Limits(max_connections=1, max_keepalive_connections=int(keep_alive)),
    )
    # httpcore takes a network backend, but httpx has no argument for it.
    transport._pool._network_backend = HeadKeeping(limits, http_version)
    return transport
