"""Finds what a response should not reveal: stack traces, paths, addresses, how keys are stored.

Each function returns the revealing part of a text, or None. They look for patterns that no ordinary
message has, because a false alarm costs more than a missed leak. They take linear time, because the
text is of any length.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

_TRACES = (
    r"Traceback \(most recent call last\)",
    r'File "[^"\n]+", line \d+',
    r"^[ \t]*at [^\n]{1,200}[\w>)]:\d+(?::\d+)?\)?\s*$",
    r"^goroutine \d+ \[",
    r"thread '[^'\n]+' panicked at",
)
_PATHS = (
    r"(?<![\w/.-])/(?:app|etc|home|mnt|opt|root|srv|tmp|usr|var|workspace)/[\w.+-]+[\w./+-]*",
    r"\b(?:site-packages|dist-packages|node_modules)\b[\w./\\-]*",
    r"\b[A-Z]:\\[\w .-]+\\[\w .\\-]+",
)
_ADDRESSES = (
    r"\b(?:10\.\d{1,3}|127\.\d{1,3}|192\.168|172\.(?:1[6-9]|2\d|3[01]))(?:\.\d{1,3}){2}(?::\d+)?\b",
    r"\blocalhost:\d+",
    r"\bhost='[^'\n]+', port=\d+",
    r"(?<![\w.-])[\w-]{1,63}(?:\.[\w-]{1,63}){0,9}\.(?:cluster\.local|internal|svc)(?::\d+)?\b",
)
_KEY_STORES = (
    r"(?i)\b(?:key|token) hash\b",
    r"(?i)\bhash\b[^\n]{0,20}[=:]\s*[0-9a-f]{8,}",
    r"\b\w+Table\b",
    r"(?i)\brelation [\"'`]\w+",
)
_MARKUP = (r"(?i)<!doctype html", r"(?i)<(?:html|head|body)[\s>]")


def stack_trace(text: str) -> str | None:
    """The first line of a stack trace."""
    return _first(_TRACES, text)


def file_path(text: str) -> str | None:
    """A path in the server's file system."""
    return _first(_PATHS, text)


def internal_address(text: str, url: str) -> str | None:
    """An address in a private network, other than the one that the client requested (`url`)."""
    own = {urlsplit(url).netloc, urlsplit(url).hostname}
    return next((found for found in _matches(_ADDRESSES, text) if found not in own), None)


def key_store(text: str) -> str | None:
    """A detail about where or how keys are stored."""
    return _first(_KEY_STORES, text)


def html_page(text: str) -> str | None:
    """The beginning of an HTML page."""
    return _first(_MARKUP, text)


def _first(patterns: Iterable[str], text: str) -> str | None:
    return next(_matches(patterns, text), None)


def _matches(patterns: Iterable[str], text: str) -> Iterator[str]:
    for pattern in patterns:
        for found in re.finditer(pattern, text, re.MULTILINE):
            yield found.group().strip()
