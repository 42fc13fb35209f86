"""A complete HTML page around a fragment, for reports that pytest-html does not write."""

from __future__ import annotations

from oaicheck.report.html.markup import Html, el


def page(title: str, body: Html) -> str:
    """A page whose content security policy forbids loading anything."""
    policy = (
        "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
    )
    head = el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", http_equiv="Content-Security-Policy", content=policy),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("title", title),
    )
    return f"<!DOCTYPE html>\n{el('html', head, el('body', body), lang='en')}\n"
