"""An exchange as the page shows it: the bytes on the wire, shortened, with their timing.

Parts of a long body that no evidence points at are left out, and the page says so. Every text has
been through `printable`, so it is safe to show.
"""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from oaicheck.report.place import Range, pointed_at
from oaicheck.report.tokens import total_tokens
from oaicheck.rules.verdict import Evidence
from oaicheck.views.kept import kept
from oaicheck.wire.exchange import Exchange
from oaicheck.wire.printable import printable
from oaicheck.wire.sse import Event

_ATOM = 600
_FIRST_OF_RANGE, _LAST_OF_RANGE = 12, 4
_AROUND = 2
_ENDS = 4
_FAR = 400_000
"""Bytes: many more than there is room for, whatever characters they are."""
_BLANK_LINE = 2
"""Between two events, this many bytes are line ends and nothing else."""
_FOR_EVIDENCE = 12_000
_TICKS = 200
_REQUEST = 3000
_HEADERS = 60
_HEADER = 600


class _Atom(NamedTuple):
    """A range of body bytes that is either shown completely or left out."""

    start: int
    end: int
    event: Event | None


def exchange_view(
    exchange: Exchange, cited: Iterable[Evidence] = (), budget: int = 20_000
) -> dict[str, Any]:
    """What the page's script shows of an exchange, as a JSON value.

    `cited` is the evidence in the exchange; its surroundings are always shown. `budget` is roughly
    how many characters the body may take, more only if the evidence needs it.
    """
    ranges = [span for evidence in cited if (span := pointed_at(exchange, evidence))]
    head, omitted = _shortened(exchange.request.body, _REQUEST)
    return {
        "request": printable(f"{exchange.request.method} {exchange.request.url}"),
        "requestHeaders": _headers(exchange.request.headers),
        "requestBody": printable(head, keep_newlines=True),
        "requestOmitted": omitted,
        "status": _status(exchange),
        "headers": _headers(exchange.headers),
        "rows": _rows(exchange, ranges, budget),
        "size": exchange.size,
        "ending": printable(f"{exchange.ending}: {exchange.detail}".removesuffix(": ")),
        "complete": exchange.ending == "complete",
        "headersAt": exchange.headers_at,
        "endedAt": round(exchange.ended_at, 4),
        "ticks": _ticks(exchange),
        "pieces": len(exchange.segments),
        "events": event_count(exchange),
        "tokens": total_tokens(exchange),
    }


def event_count(exchange: Exchange) -> int:
    """How many events the body has."""
    return kept(exchange, _event_count)


def _event_count(exchange: Exchange) -> int:
    return len(exchange.events)


def _status(exchange: Exchange) -> str:
    if exchange.status is None:
        return printable(without_status(exchange))
    return printable(f"HTTP {exchange.status} {exchange.reason}".strip())


def without_status(exchange: Exchange) -> str:
    """The text shown instead of a status: how a client run ended, or that no response came."""
    return exchange.reason if exchange.is_account else "no response"


def _headers(headers: Sequence[tuple[str, str]]) -> list[list[str]]:
    shown = [[printable(name[:_HEADER]), _cut(value)] for name, value in headers[:_HEADERS]]
    if len(headers) > _HEADERS:
        shown.append(["…", f"{len(headers) - _HEADERS} more"])
    return shown


def _cut(value: str) -> str:
    shown = printable(value[:_HEADER])
    return shown if len(value) <= _HEADER else f"{shown}… ({len(value)} characters)"


def _shortened(data: bytes, limit: int) -> tuple[str, int]:
    kept = data[: _boundary(data, 0, len(data), limit)]
    return _text(kept), len(data) - len(kept)


def _rows(exchange: Exchange, ranges: Sequence[Range], budget: int) -> list[dict[str, Any]]:
    """The body in rows: one for each event, and one for the bytes between two events.

    A row's parts are `[start, text]`, or `[start, bytes]` for a part that is left out. Consecutive
    rows that are left out completely become one row with the number of `events` and `bytes`.
    """
    body = exchange.body
    cuts = sorted({place for span in ranges for place in span})
    atoms = list(_atoms(body, exchange.events, cuts))
    texts = _chosen(body, atoms, ranges, budget)
    rows: list[dict[str, Any]] = []
    for row in _by_event(atoms):
        event = atoms[row[0]].event
        if not any(index in texts for index in row):
            _leave_out(rows, atoms, row)
            continue
        parts: list[list[int | str]] = []
        for index in row:
            _add_part(parts, atoms[index], texts.get(index), cuts)
        shown: dict[str, Any] = {"parts": parts, "end": atoms[row[-1]].end}
        if event is not None:
            shown |= {"event": event.number, "at": round(event.at, 4)}
        rows.append(shown)
    return rows


def _leave_out(rows: list[dict[str, Any]], atoms: Sequence[_Atom], row: Sequence[int]) -> None:
    size = sum(atoms[index].end - atoms[index].start for index in row)
    is_event = atoms[row[0]].event is not None
    if rows and "bytes" in rows[-1]:
        rows[-1]["bytes"] += size
        rows[-1]["events"] += is_event
    else:
        rows.append({"bytes": size, "events": int(is_event)})


def _add_part(
    parts: list[list[int | str]], atom: _Atom, text: str | None, cuts: Sequence[int]
) -> None:
    value: int | str = atom.end - atom.start if text is None else text
    if parts and atom.start not in cuts:
        last = parts[-1][1]
        if isinstance(last, int) and isinstance(value, int):
            parts[-1][1] = last + value
            return
        if isinstance(last, str) and isinstance(value, str):
            parts[-1][1] = last + value
            return
    parts.append([atom.start, value])


def _atoms(body: bytes, events: Sequence[Event], cuts: Sequence[int]) -> Iterator[_Atom]:
    """The whole body in order, without the line ends around events."""
    position = 0
    for event in events:
        if position == 0 or event.span.start - position > _BLANK_LINE:
            yield from _between(body, position, event.span.start, cuts)
        if cuts or event.span.end - event.span.start > _ATOM:
            yield from _split(body, event.span.start, event.span.end, event, cuts)
        else:
            yield _Atom(event.span.start, event.span.end, event)
        position = event.span.end
    if events:
        yield from _between(body, position, len(body), cuts)
    else:
        yield from _split(body, 0, len(body), None, cuts)


def _between(body: bytes, start: int, end: int, cuts: Sequence[int]) -> Iterator[_Atom]:
    text = body[start:end]
    start += len(text) - len(text.lstrip(b"\r\n"))
    return _split(body, start, start + len(text.strip(b"\r\n")), None, cuts)


def _split(
    body: bytes, start: int, end: int, event: Event | None, cuts: Sequence[int]
) -> Iterator[_Atom]:
    """Atoms of a limited size that end at every cut.

    What lies far from both ends and from every cut is one atom: there is no room to show it.
    """
    inner = [cut for cut in cuts if start < cut < end]
    for left, right in zip([start, *inner], [*inner, end], strict=True):
        position = left
        while position < right:
            far = position - left >= _FAR and right - position > 2 * _FAR
            limit = right - position - _FAR if far else _ATOM
            until = _boundary(body, position, right, limit)
            yield _Atom(position, until, event)
            position = until


def _boundary(data: bytes, start: int, end: int, limit: int) -> int:
    """Where to stop after at most `limit` bytes without cutting a UTF-8 character."""
    stop = start + limit
    if end <= stop:
        return end
    while stop > start + limit - 3 and data[stop] & 0xC0 == 0x80:
        stop -= 1
    return stop


def _by_event(atoms: Sequence[_Atom]) -> Iterator[list[int]]:
    """The atoms' indexes, grouped by event, or by the gap between two events."""
    row: list[int] = []
    for index, atom in enumerate(atoms):
        if row and atom.event is not atoms[row[-1]].event:
            yield row
            row = []
        row.append(index)
    if row:
        yield row


def _chosen(
    body: bytes, atoms: Sequence[_Atom], ranges: Sequence[Range], budget: int
) -> Mapping[int, str]:
    """The texts of the atoms to show: around the evidence, then both ends, then from the front."""
    starts = [atom.start for atom in atoms]
    cited: set[int] = set()
    for start, end in ranges:
        inside = range(max(0, bisect_right(starts, start) - 1), bisect_left(starts, end))
        if len(inside) > _FIRST_OF_RANGE + _LAST_OF_RANGE:
            cited.update(inside[:_FIRST_OF_RANGE], inside[-_LAST_OF_RANGE:])
        else:
            cited.update(inside)
    near = {index + step for index in cited for step in range(-_AROUND, _AROUND + 1)}
    ends = (*range(_ENDS), *range(len(atoms) - _ENDS, len(atoms)))
    texts: dict[int, str] = {}
    spent = 0
    for index in (*sorted(cited), *sorted(near), *ends, *range(len(atoms))):
        if index in texts or not 0 <= index < len(atoms):
            continue
        if spent > (max(budget, _FOR_EVIDENCE) if index in near else budget):
            break
        atom = atoms[index]
        texts[index] = printable(_text(body[atom.start : atom.end]), keep_newlines=True)
        spent += len(json.dumps(texts[index], ensure_ascii=False))
    return texts


def _text(data: bytes) -> str:
    return data.decode("utf-8", "backslashreplace")


def _ticks(exchange: Exchange) -> list[list[float | int]]:
    """How many bytes arrived when: `[seconds, bytes]`, in a limited number of steps."""
    if len(exchange.segments) <= _TICKS:
        return [[round(at, 4), size] for at, size in exchange.arrivals()]
    last = max(at for at, _ in exchange.arrivals()) or 1.0
    steps: dict[int, list[float | int]] = {}
    for at, size in exchange.arrivals():
        step = steps.setdefault(int(at / last * _TICKS), [round(at, 4), 0])
        step[1] += size
    return list(steps.values())
