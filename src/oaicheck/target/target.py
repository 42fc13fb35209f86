"""The target: the endpoint, its keys and the limits."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from oaicheck.wire.secrets import Redactor

_WORD = re.compile("[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_SECRET_WORD = re.compile(
    ".*(?:auth|authorization|cookies?|credentials?|keys?|passphrase|passw(?:or)?d|pwd|secrets?"
    "|signature|token)|authentication|bearer|jwt|sig"
)
_OF_A_PAIR = re.compile(r"=([^\s;,]+)")
"""The value of a pair, such as those in a cookie."""


class TargetError(ValueError):
    """The target is incomplete or invalid. The message says what, where, and what to do."""


def is_secret_name(name: str) -> bool:
    """Whether the name of a header or query parameter says that its value is a secret."""
    return any(_SECRET_WORD.fullmatch(word.lower()) for word in _WORD.findall(name))


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits for every exchange (in seconds and bytes) and, with `run_`, for the run as a whole.

    `linger` is how long a connection may stay open after `data: [DONE]`. `interim` is the number of
    interim (1xx) answers. `header_bytes` is for all headers, and again for the trailers.
    """

    connect: float = 10.0
    first_byte: float = 120.0
    gap: float = 120.0
    linger: float = 5.0
    total: float = 300.0
    bytes: int = 16 * 1024 * 1024
    header_bytes: int = 256 * 1024
    interim: int = 20
    events: int = 100_000
    concurrency: int = 4
    requests_per_minute: float | None = None
    retries: int = 3
    retry_after_cap: float = 30.0
    run_bytes: int = 2 * 1024**3
    run_time: float = 4 * 3600.0
    run_memory: int = 2 * 1024**3

    @property
    def wire_bytes(self) -> int:
        """The most bytes of a response on the wire: in chunks of one byte, each takes six."""
        return 2 * self.header_bytes + 8 * self.bytes


@dataclass(frozen=True, slots=True)
class Target:
    """An endpoint under test.

    `base_url` has no slash at the end. `key` is secret: `repr` and `described` leave it out.
    `auth_header` is the header for the key, `auth_scheme` the word before it (may be empty).
    `referenced` are the names, in lower case, of the headers and query parameters that were given
    as `env:` or `file:`.
    `capabilities` are the declared ones; requests find out about all others.
    `expired_key` and `scopeless_key` are keys that the endpoint has to refuse.
    `token_limit_parameter` is the name that the chat endpoint accepts for `max_tokens`.
    `thinks` says that the warm-up response had reasoning; requests then get more tokens.
    `model` is empty until it is known.
    `opencode` describes the opencode.json that the target comes from, without secrets.
    """

    base_url: str
    model: str
    key: str | None = field(default=None, repr=False)
    expired_key: str | None = field(default=None, repr=False)
    scopeless_key: str | None = field(default=None, repr=False)
    auth_header: str = "Authorization"
    auth_scheme: str = "Bearer"
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    query: Mapping[str, str] = field(default_factory=dict, repr=False)
    referenced: frozenset[str] = frozenset()
    ca_bundle: Path | None = None
    client_cert: Path | None = None
    client_key: Path | None = None
    proxy: str | None = field(default=None, repr=False)
    capabilities: Mapping[str, bool] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    embedded: bool = False
    token_limit_parameter: str = "max_tokens"
    thinks: bool = False
    opencode: Mapping[str, Any] | None = field(default=None, repr=False)

    def is_secret(self, name: str) -> bool:
        """Whether the value of this header or query parameter is a secret."""
        own = {self.auth_header.lower(), *self.referenced}
        return is_secret_name(name) or name.lower() in own

    @property
    def secrets(self) -> tuple[str, ...]:
        """All values that must not appear in any output."""
        given = [
            part
            for name, value in (*self.headers.items(), *self.query.items())
            if self.is_secret(name) and value.strip()
            for part in (value, value.split()[-1], *_OF_A_PAIR.findall(value))
        ]
        proxy = urlsplit(self.proxy or "")
        credentials = [unquote(part) for part in (proxy.username, proxy.password) if part]
        # The user name of a proxy is a secret if nothing else is.
        keys = [self.key, self.expired_key, self.scopeless_key, *credentials[-1:]]
        values = [value for value in given if not self._shows(value)]
        return tuple(dict.fromkeys([*(key for key in keys if key), *values]))

    def _shows(self, value: str) -> bool:
        """Whether the base URL or the model would be unreadable if this value were a secret."""
        return _contains(f"{self.base_url} {self.model}", value)

    def described(self) -> dict[str, Any]:
        """What a report may contain about the target."""
        return {
            "base_url": Redactor(self.secrets).clean_text(self.base_url),
            "model": self.model,
            "embedded": self.embedded,
            "authenticated": self.key is not None,
            "expired_key": self.expired_key is not None,
            "scopeless_key": self.scopeless_key is not None,
            "headers": sorted(self.headers),
            "query": sorted(self.query),
            "capabilities": dict(self.capabilities),
        }


@lru_cache(maxsize=64)
def _contains(text: str, secret: str) -> bool:
    return Redactor([secret]).clean_text(text) != text
