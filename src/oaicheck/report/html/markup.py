"""HTML that is escaped by construction: text becomes markup only in this module."""

from __future__ import annotations

import html
from collections.abc import Iterable
from typing import TypeAlias

from oaicheck.wire.printable import printable

_VOID = frozenset({"input", "meta"})


class Html(str):
    """Markup. Any other string is plain text, and is escaped when it is put into markup."""

    __slots__ = ()


Child: TypeAlias = "str | Iterable[Child] | None"
"""What an element may contain: text, markup, nothing, or several of these."""


def escaped(text: str, *, keep_newlines: bool = False) -> Html:
    """A text as markup. Hidden and reordering characters are made visible."""
    return Html(html.escape(printable(text, keep_newlines=keep_newlines)))


def joined(*children: Child) -> Html:
    """Markup and texts, concatenated."""
    parts: list[str] = []
    for child in children:
        if isinstance(child, Html):
            parts.append(child)
        elif isinstance(child, str):
            parts.append(escaped(child))
        elif child is not None:
            parts.append(joined(*child))
    return Html("".join(parts))


def prose(text: str) -> Html:
    """One of our own texts, in which `backticks` mean code."""
    words = text.split("`")
    if len(words) % 2 == 0:
        return escaped(text)
    return joined(el("code", word) if index % 2 else word for index, word in enumerate(words))


def el(tag: str, *children: Child, **attributes: str | bool | None) -> Html:
    """An element. In attribute names `_` means `-`, and a trailing `_` is dropped (`class_`).

    An attribute that is True has no value; one that is None or False is left out.
    """
    text = f"<{tag}"
    for name, value in attributes.items():
        if value is None or value is False:
            continue
        text += f" {name.rstrip('_').replace('_', '-')}"
        if value is not True:
            text += f'="{escaped(value)}"'
    if tag in _VOID:
        return Html(f"{text}>")
    return Html(f"{text}>{joined(*children)}</{tag}>")
