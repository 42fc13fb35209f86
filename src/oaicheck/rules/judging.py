"""The statements of a check: what must be true, and the place in the response to look at.

    def test_every_chunk_names_its_kind(stream):
        for chunk in stream.chunks:
            require(chunk["object"].value == "chat.completion.chunk", chunk["object"],
                    expected='"chat.completion.chunk"')

`require` states the rule. Raise `Inconclusive` or `NotApplicable` if there is nothing to judge.
"""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from oaicheck.rules.excerpts import clipped, contrasted
from oaicheck.rules.verdict import Evidence, Finding
from oaicheck.wire.exchange import Exchange, Located
from oaicheck.wire.sse import Comment, Diagnostic, Event, Span

_EXCERPT = 400
_TOO_LARGE = 413
_REFUSED = 400


class Breach(AssertionError):
    """A requirement is broken."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(f"expected {finding.expected}; observed {finding.observed}")
        self.finding = finding


class Undecided(Exception):
    """There is nothing to judge; the subclass says what kind of reason it is."""


class Inconclusive(Undecided):
    """The response does not show whether the requirement is met.

    `told_by` names the requirements that judge the reason itself, such as an answer that is
    missing. Where one of them is broken, the check is not applicable instead: on the check's own
    scenario, or `anywhere` in the run if the reason is not about this response alone.
    """

    def __init__(
        self, reason: str, *, told_by: tuple[str, ...] = (), anywhere: bool = False
    ) -> None:
        super().__init__(reason)
        self.told_by = told_by
        self.anywhere = anywhere


class Unserved(Inconclusive):
    """The response to a request is not what the check judges, perhaps because of its status.

    Where another requirement is broken by this very status, the check is not applicable instead.
    """

    def __init__(self, reason: str, exchange: Exchange, *, told_by: tuple[str, ...] = ()) -> None:
        super().__init__(f"{reason}: {status_line(exchange)}", told_by=told_by)
        self.exchange = exchange


class NotApplicable(Undecided):
    """The requirement is about a capability that the target does not claim."""


class NoAnswer(Undecided):
    """No response came."""

    @classmethod
    def to(cls, exchange: Exchange) -> NoAnswer:
        """The error for an exchange that ended without a response."""
        return cls(f"{exchange.id}: {exchange.ending}: {exchange.detail}")


@runtime_checkable
class Placed(Protocol):
    """Something that has a place in an exchange."""

    def evidence(self) -> Evidence:
        """The place as evidence."""


Place = Located | Exchange | Placed
"""What a finding can point at."""


def require(
    holds: bool,
    at: Place,
    *,
    expected: str,
    observed: str | None = None,
    beside: Place | None = None,
) -> None:
    """State that something must be true; raise `Breach` if it is not.

    `at` is the place to show to the reader. `observed` says what was found there, by default the
    located value. `beside` is the second place if two are compared.
    """
    __tracebackhide__ = True
    if holds:
        return
    if observed is None:
        observed = _value_at(at)
    places = (at,) if beside is None else (at, beside)
    raise Breach(Finding(expected, observed, tuple(evidence_of(place) for place in places)))


def require_text(at: Located, text: str, *, source: str, beside: Place | None = None) -> None:
    """State that a value is exactly this text; `source` says where the text comes from.

    For long texts the message shows the first difference.
    """
    __tracebackhide__ = True
    if at.value == text:
        return
    found, wanted = contrasted(at.value, text)
    require(
        False,
        at,
        expected=f"{source}: {wanted}",
        observed=f"{at.path} is {found}",
        beside=beside,
    )


def evidence_of(place: Place) -> Evidence:
    """The evidence for a place."""
    if isinstance(place, Located):
        event = place.event
        return Evidence(
            exchange=place.exchange.id,
            event=event.number if event else None,
            path=place.path,
            span=(event.span.start, event.span.end) if event else None,
            excerpt=excerpt(place.exchange, event.span) if event else excerpt(place.exchange),
        )
    if isinstance(place, Exchange):
        return Evidence(exchange=place.id, excerpt=excerpt(place))
    return place.evidence()


def at_span(exchange: Exchange, part: Event | Comment | Diagnostic) -> Placed:
    """The place of an event, a comment or a diagnostic of the SSE decoder."""
    return _Part(exchange, part)


class _Part:
    def __init__(self, exchange: Exchange, part: Event | Comment | Diagnostic) -> None:
        self._exchange = exchange
        self._part = part

    def evidence(self) -> Evidence:
        span = self._part.span
        return Evidence(
            exchange=self._exchange.id,
            event=self._part.number if isinstance(self._part, Event) else None,
            span=(span.start, span.end),
            excerpt=excerpt(self._exchange, span),
        )


def excerpt(exchange: Exchange, span: Span | None = None) -> str:
    """The bytes at a span, or the beginning of the body, as text of limited length."""
    data = exchange.body if span is None else exchange.body[span.start : span.end]
    text = data[: 4 * _EXCERPT].decode("utf-8", "replace")
    return text if len(text) <= _EXCERPT else text[:_EXCERPT] + "…"


def _value_at(place: Place) -> str:
    if isinstance(place, Located):
        return f"{place.path} is {place.shown}"
    if isinstance(place, Exchange):
        return response_line(place)
    return clipped(place.evidence().excerpt)


def response_line(exchange: Exchange) -> str:
    """The status with the server's own words if it refuses; otherwise the status line."""
    if (exchange.status or 0) >= _REFUSED and exchange.json is not None:
        error, detail = exchange.json["error"], exchange.json["detail"]
        for said in (error["message"], error, detail):
            if said.given:
                words = said.value if said.is_text else said.shown
                return f"HTTP {exchange.status}: {clipped(words)}"
    return status_line(exchange)


def header_line(exchange: Exchange, name: str) -> str:
    """A header of the response, or that it is missing: `no Retry-After header`."""
    value = exchange.header(name)
    return f"no {name} header" if value is None else f"{name}: {value}"


def status_line(exchange: Exchange) -> str:
    """The status, the media type and the size of a response: `HTTP 200, text/html, 12 bytes`."""
    if exchange.status is None:
        return f"no response ({exchange.ending}: {exchange.detail})"
    kind = exchange.media_type or "no Content-Type"
    line = f"HTTP {exchange.status}, {kind}, {exchange.size} bytes"
    if exchange.status == _TOO_LARGE and exchange.json is None:
        return f"{line}: a proxy limits the body size (nginx: `client_max_body_size`)"
    return line
