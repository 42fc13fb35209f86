"""Where evidence points: the bytes, when they arrived, and a one-line preview."""

from __future__ import annotations

from dataclasses import dataclass

from oaicheck.report.json_place import place_of
from oaicheck.rules.verdict import Evidence
from oaicheck.views.kept import kept
from oaicheck.wire.exchange import Exchange
from oaicheck.wire.printable import printable

Range = tuple[int, int]

_LARGEST_TO_SEARCH = 1 << 20


def pointed_at(exchange: Exchange, evidence: Evidence) -> Range | None:
    """The range of body bytes that a piece of evidence points at, as narrow as possible.

    It is the value at its path, otherwise its span.
    """
    return kept(exchange, _Pointing(evidence))


@dataclass(frozen=True, slots=True)
class _Pointing:
    evidence: Evidence

    def __call__(self, exchange: Exchange) -> Range | None:
        return _pointed_at(exchange, self.evidence)


def _pointed_at(exchange: Exchange, evidence: Evidence) -> Range | None:
    span = _span(exchange, evidence)
    if evidence.path is None or (span is None and exchange.size > _LARGEST_TO_SEARCH):
        return span
    return place_of(exchange.body, evidence.path, span) or span


def arrival(exchange: Exchange, span: Range) -> float | None:
    """When the last byte of a range arrived, in seconds; None if it never did."""
    position = 0
    for at, size in exchange.arrivals():
        position += size
        if position >= span[1]:
            return at
    return None


def glimpse(exchange: Exchange | None, evidence: Evidence, width: int) -> str:
    """One line with the bytes that the evidence points at and as much context as fits."""
    span = pointed_at(exchange, evidence) if exchange else None
    if exchange is None or span is None:
        return _cut(printable(evidence.excerpt), width)
    start, end = _span(exchange, evidence) or (0, len(exchange.body))
    text = _shown(exchange.body[span[0] : min(span[1], span[0] + width)])
    if span[1] - span[0] > width or len(text) >= width - 2:
        return _cut(text + "…" * (span[1] - span[0] > width), width)
    room = (width - len(text)) // 2
    before = _shown(exchange.body[max(start, span[0] - room) : span[0]])
    after = _shown(exchange.body[span[1] : min(max(end, span[1]), span[1] + width)])
    if len(before) >= room:
        before = "…" + before[len(before) - room + 1 :]
    return _cut(before + text + after, width)


def _span(exchange: Exchange, evidence: Evidence) -> Range | None:
    if evidence.span is not None or evidence.event is None:
        return evidence.span
    found = exchange.events[evidence.event - 1 : evidence.event]
    return (found[0].span.start, found[0].span.end) if found else None


def _shown(data: bytes) -> str:
    return printable(data.decode("utf-8", "backslashreplace"))


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"
