"""The sources of rules: turns the short keys of requirements into titles and links.

openai:chat/streaming     a page named in fixtures/sources.json
rfc9110#11.6.1            a section of an RFC
github:vllm-project/vllm#36379
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from oaicheck.resources import locate

_RFC = re.compile(r"rfc(\d+)(?:#([\w.-]+))?")
_GITHUB = re.compile(r"github:([\w.-]+/[\w.-]+)#(\d+)")


@dataclass(frozen=True, slots=True)
class Source:
    """A page that states a rule, or that reports a breach of it."""

    key: str
    title: str
    url: str | None


def resolve(key: str) -> Source:
    """The source with that key. Raises KeyError, which says how to fix it, if it is unknown."""
    if rfc := _RFC.fullmatch(key):
        number, section = rfc.groups()
        url = f"https://www.rfc-editor.org/rfc/rfc{number}"
        if section is None:
            return Source(key, f"RFC {number}", url)
        return Source(key, f"RFC {number}, section {section}", f"{url}#section-{section}")
    if issue := _GITHUB.fullmatch(key):
        repository, number = issue.groups()
        return Source(
            key, f"{repository}#{number}", f"https://github.com/{repository}/issues/{number}"
        )
    page, _, part = key.partition("#")
    try:
        known = _pages()[page]
    except KeyError:
        raise KeyError(f"unknown source {key!r}: add {page!r} to fixtures/sources.json") from None
    title = f"{known['title']}, {part}" if part else known["title"]
    return Source(key, title, known.get("url"))


@cache
def _pages() -> Mapping[str, Mapping[str, str]]:
    pages: Mapping[str, Mapping[str, str]] = json.loads(
        (locate("fixtures") / "sources.json").read_text("utf-8")
    )
    return pages
