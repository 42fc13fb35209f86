"""The message of a response, short and safe to print, from an API error or from a web page."""

from __future__ import annotations

import html
import re

from oaicheck.wire.exchange import Exchange
from oaicheck.wire.json_text import parse_json
from oaicheck.wire.printable import printable

_SHOWN = 300
_PAGE = 8192
"""How many characters of a page are read: the title is near the beginning."""

_HTML = re.compile(r"\s*<(!doctype html|html|head|body)\b", re.IGNORECASE)
_TITLE = re.compile(r"<title\b[^>]*>([^<]*)", re.IGNORECASE)
_UNSEEN = re.compile(
    r"<!--.*?(?:-->|\Z)|<(script|style)\b.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL
)
_TAG = re.compile(r"<[^>]*(?:>|\Z)")


def is_web_page(exchange: Exchange) -> bool:
    """Whether the response is a web page instead of an API response.

    JSON or an event stream is none, whatever it is declared as: the checks judge that.
    """
    if _HTML.match(exchange.text[:_SHOWN]) is not None:
        return True
    return exchange.media_type == "text/html" and not _is_of_an_api(exchange)


def _is_of_an_api(exchange: Exchange) -> bool:
    """Whether the body is a JSON object or array, or an event stream that contains some."""
    texts: tuple[str | bytes, ...] = (exchange.body, *(event.data for event in exchange.events))
    values = (parsed.value for text in texts if (parsed := parse_json(text)) is not None)
    return any(isinstance(value, dict | list) for value in values)


def what_it_said(exchange: Exchange) -> str:
    """The endpoint's error message, the title of a web page, or the beginning of the body."""
    answer = exchange.json
    if answer is not None:
        for place in (answer["error"]["message"], answer["error"], answer["message"]):
            if place.is_text:
                return shown(str(place.value))
    return page_words(exchange.text) if is_web_page(exchange) else shown(exchange.text)


def page_words(page: str) -> str:
    """The title of a web page, or its text if it has no title."""
    page = page[:_PAGE]
    title = _TITLE.search(page)
    words = html.unescape(title[1]).strip() if title else ""
    return shown(words or html.unescape(_TAG.sub(" ", _UNSEEN.sub(" ", page))))


def shown(text: str, most: int = _SHOWN) -> str:
    """A text from the endpoint, on one line, shortened and safe to print."""
    text = printable(" ".join(text[: 4 * _SHOWN].split()))
    return text if len(text) <= most else text[:most] + "…"
