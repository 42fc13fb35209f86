"""The badge: an image of the verdict, and the data that shields.io draws one from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from oaicheck.report.html.markup import escaped
from oaicheck.report.machine.junit import xml_text
from oaicheck.report.run import Run
from oaicheck.report.wording import part_words
from oaicheck.rules.verdict import RunVerdict

_LABEL = "oaicheck"
_COLOURS: Mapping[RunVerdict | None, tuple[str, str]] = {
    RunVerdict.CONFORMANT: ("brightgreen", "#1d7240"),
    RunVerdict.NON_CONFORMANT: ("red", "#b3261e"),
    RunVerdict.INCOMPLETE: ("yellow", "#8a5300"),
    None: ("lightgrey", "#5d6570"),
}
_PARTLY = ("yellowgreen", "#5b6b1f")
_HEIGHT = 20
_MARGIN = 6
_WIDE = frozenset("mwMW%@")
_NARROW = frozenset("fijlrtI.,:;'|()[]- ")


def badge(run: Run) -> dict[str, Any]:
    """The data for a shields.io endpoint badge."""
    return {
        "schemaVersion": 1,
        "label": _LABEL,
        "message": _message(run),
        "color": _colours(run)[0],
    }


def badge_svg(run: Run) -> str:
    """The badge as an SVG image that needs no network."""
    message = _message(run)
    left, right = _width(_LABEL), _width(message)
    label, shown = escaped(_LABEL), escaped(message)
    texts = (
        f'<text x="{start + _MARGIN}" y="14" textLength="{width - 2 * _MARGIN}" '
        f'lengthAdjust="spacingAndGlyphs">{text}</text>'
        for start, width, text in ((0, left, label), (left, right, shown))
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="{_HEIGHT}" '
        f'role="img" aria-label="{label}: {shown}">'
        f"<title>{label}: {shown}</title>"
        f'<clipPath id="round"><rect width="{left + right}" height="{_HEIGHT}" rx="3"/></clipPath>'
        f'<g clip-path="url(#round)"><rect width="{left}" height="{_HEIGHT}" fill="#3a3f45"/>'
        f'<rect x="{left}" width="{right}" height="{_HEIGHT}" fill="{_colours(run)[1]}"/>'
        '</g><g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">'
        f"{''.join(texts)}</g></svg>\n"
    )


def _message(run: Run) -> str:
    verdict = run.verdict.value if run.verdict else "nothing judged"
    words = part_words(run) or ("interrupted" if run.is_interrupted else "partial run")
    part = f", {words}" if run.is_partial and run.verdict else ""
    return f"{verdict}{part} ({xml_text(run.profile)})"


def _colours(run: Run) -> tuple[str, str]:
    """The colours for shields.io and for the image. A partial run is never fully green."""
    partly = run.is_partial and run.verdict is RunVerdict.CONFORMANT
    return _PARTLY if partly else _COLOURS[run.verdict]


def _width(text: str) -> int:
    """The approximate width of a text in Verdana at 11 pixels, with a margin on both sides."""
    pixels = sum(10.0 if c in _WIDE else 4.3 if c in _NARROW else 6.9 for c in text)
    return round(pixels) + 2 * _MARGIN
