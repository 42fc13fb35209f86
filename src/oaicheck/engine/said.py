"""What an answer says, in few words that are safe to print, be it an API's error or a web page."""

from __future__ import annotations

import html
import re

from oaicheck.wire.exchange import Exchange
from oaicheck.wire.printable import printable

_SHOWN = 300
_PAGE = 8192
"""How much of a page is read: its title stands at its beginning."""

_HTML = re.compile(r"\s*<(!doctype html|html|head|body)\b", re.IGNORECASE)
_TITLE = re.compile(r"<title\b[^>]*>([^<]*)", re.IGNORECASE)
_UNSEEN = re.compile(
    r"<!--.*?(?:-->|\Z)|<(script|style)\b.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL
)
_TAG = re.compile(r"<[^>]*(?:>|\Z)")


def is_web_page(exchange: Exchange) -> bool:
    """Whether a person's page came instead of an API's answer."""
    return exchange.media_type == "text/html" or _HTML.match(exchange.text[:_SHOWN]) is not None


def what_it_said(exchange: Exchange) -> str:
    """The endpoint's own words about an error, a page's title, or else the answer's beginning."""
    answer = exchange.json
    if answer is not None:
        for place in (answer["error"]["message"], answer["error"], answer["message"]):
            if place.is_text:
                return shown(str(place.value))
    return page_words(exchange.text) if is_web_page(exchange) else shown(exchange.text)


def page_words(page: str) -> str:
    """A web page's title, or its text where it has none."""
    page = page[:_PAGE]
    title = _TITLE.search(page)
    words = html.unescape(title[1]).strip() if title else ""
    return shown(words or html.unescape(_TAG.sub(" ", _UNSEEN.sub(" ", page))))


def shown(text: str, most: int = _SHOWN) -> str:
    """An endpoint's text on one line, of a bounded length, made safe to print."""
    text = printable(" ".join(text[: 4 * _SHOWN].split()))
    return text if len(text) <= most else text[:most] + "…"
