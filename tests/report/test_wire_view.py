from __future__ import annotations

import dataclasses
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oaicheck.report.html.wire_view import exchange_view
from oaicheck.report.json_place import place_of
from oaicheck.report.place import arrival, glimpse, pointed_at
from oaicheck.rules.verdict import Evidence
from oaicheck.wire.exchange import Ending, Exchange, Request, Segment
from oaicheck.wire.printable import printable


def exchange_of(*pieces: bytes) -> Exchange:
    return Exchange(
        scenario="stream/text",
        turn=1,
        attempt=1,
        request=Request("POST", "http://127.0.0.1/v1", (), b""),
        status=200,
        reason="OK",
        headers=(),
        segments=tuple(Segment(0.1 * (n + 1), piece) for n, piece in enumerate(pieces)),
        ending=Ending.COMPLETE,
        ended_at=9.0,
    )


def texts(view):
    return [
        value for row in view["rows"] for _, value in row.get("parts", ()) if isinstance(value, str)
    ]


NUMBERED = exchange_of(b"".join(b"%07d " % number for number in range(12_500)))


def size(view):
    """All bytes of a view of an ASCII body, shown or left out."""
    total = 0
    for row in view["rows"]:
        total += row.get("bytes", 0)
        for _, value in row.get("parts", ()):
            total += value if isinstance(value, int) else len(value)
    return total


def test_a_short_body_is_shown_whole():
    view = exchange_view(exchange_of(b'{"id": "x"}\n'))
    assert view["rows"] == [{"parts": [[0, '{"id": "x"}\n']], "end": 12}]


def test_events_and_what_stands_between_them_are_rows_of_their_own():
    view = exchange_view(exchange_of(b"data: 1\n\n: ping\n\n", b"data: 2\r\n\r\ndata: cut"))
    shown = [(row.get("event"), row.get("at"), row["parts"]) for row in view["rows"]]
    assert shown == [
        (1, 0.1, [[0, "data: 1"]]),
        (None, None, [[9, ": ping"]]),
        (2, 0.2, [[17, "data: 2"]]),
        (None, None, [[28, "data: cut"]]),
    ]


@given(st.integers(0, 99_000), st.integers(1, 3_000), st.integers(0, 5_000))
def test_what_the_evidence_points_at_is_never_left_out(start, length, budget):
    body = NUMBERED.body
    span = (start, min(start + length, len(body)))
    evidence = Evidence("stream/text#1", span=span)
    view = exchange_view(NUMBERED, [evidence], budget)
    assert body[span[0] : span[1]].decode() in "".join(texts(view))
    assert size(view) == len(body)
    assert len("".join(texts(view))) < budget + 14_000
    starts = [part[0] for row in view["rows"] for part in row.get("parts", ())]
    assert span[0] in starts


def test_a_span_over_everything_does_not_show_everything():
    body = b"x" * 400_000
    evidence = Evidence("stream/text#1", span=(0, len(body)))
    view = exchange_view(exchange_of(body), [evidence])
    assert len("".join(texts(view))) < 40_000
    assert size(view) == len(body)


def test_a_huge_event_is_shown_at_both_ends_and_where_the_evidence_points():
    middle = 2_500_000
    body = b"data: begin" + b"word " * 1_000_000 + b"end\n\n"
    exchange = exchange_of(body)
    evidence = Evidence(exchange.id, span=(middle, middle + 10))
    view = exchange_view(exchange, [evidence])
    shown = texts(view)
    assert shown[0].startswith("data: begin")
    assert shown[-1].endswith("end")
    assert len("".join(shown)) < 40_000
    starts = [part[0] for row in view["rows"] for part in row.get("parts", ())]
    assert middle in starts
    assert size(view) == len(body.strip())


def test_many_events_are_left_out_with_their_number():
    body = b"".join(b"data: %d\n\n" % number for number in range(5_000))
    exchange = exchange_of(body)
    view = exchange_view(exchange, [Evidence(exchange.id, event=2500)], budget=500)
    shown = [row["event"] for row in view["rows"] if "event" in row]
    assert set(shown) >= {1, 2, 2498, 2499, 2500, 2501, 2502, 4999, 5000}
    assert len(shown) + sum(row["events"] for row in view["rows"] if "bytes" in row) == 5_000


def test_bytes_that_are_no_text_are_shown_as_bytes():
    view = exchange_view(exchange_of("é€".encode() * 400 + b"\xff\x00\x1b"))
    text = "".join(texts(view))
    assert text == "é€" * 400 + "\\xff\\x00\\x1b"


def test_the_timeline_has_a_bounded_number_of_steps():
    view = exchange_view(exchange_of(*[b"x"] * 5_000))
    assert len(view["ticks"]) <= 201
    assert sum(count for _, count in view["ticks"]) == 5_000


def test_no_answer_is_said():
    silent = dataclasses.replace(
        exchange_of(), status=None, ending=Ending.RESET, detail="reset\x1b by peer"
    )
    view = exchange_view(silent)
    assert view["status"] == "no response"
    assert view["ending"] == "reset: reset\\x1b by peer"
    assert view["rows"] == []


def test_evidence_points_at_the_value_at_its_path():
    exchange = exchange_of(b'data: {"a": 1}\n\n', b'data: {"choices": [{"delta": {"x": "y"}}]}\n\n')
    span = pointed_at(exchange, Evidence(exchange.id, 2, "choices[0].delta.x"))
    assert span is not None
    assert exchange.body[slice(*span)] == b'"y"'
    assert arrival(exchange, span) == 0.2


def test_evidence_without_a_path_points_at_the_event():
    exchange = exchange_of(b"data: 1\n\ndata: 22\n\n")
    assert pointed_at(exchange, Evidence(exchange.id, 2)) == (9, 17)
    assert pointed_at(exchange, Evidence(exchange.id)) is None


@given(st.text(), st.integers(0, 90), st.integers(0, 90), st.integers(10, 100))
def test_a_glimpse_fits_and_hides_nothing(text, start, length, width):
    exchange = exchange_of(text.encode("utf-8", "replace"))
    span = (min(start, len(exchange.body)), min(start + length, len(exchange.body)))
    seen = glimpse(exchange, Evidence(exchange.id, span=span), width)
    assert len(seen) <= width
    assert seen == printable(seen)


def test_a_glimpse_shows_what_is_around():
    exchange = exchange_of(b'data: {"before": "123456", "here": "x", "after": "123456"}\n\n')
    here = Evidence(exchange.id, 1, "here")
    assert glimpse(exchange, here, 30) == '…6", "here": "x", "after": "1…'
    assert glimpse(exchange, here, 80) == exchange.text.strip()
    assert glimpse(exchange, Evidence(exchange.id, 1), 10) == 'data: {"b…'
    assert glimpse(None, Evidence("gone#1", excerpt="was here"), 30) == "was here"


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("a", '"ü"'),
        ("b[1].c", "[null]"),
        ("b[1].c[0]", "null"),
        ("twice", "2"),
        ("b[1].absent", '{ "c" : [null] }'),
        ("the body", None),
        ("b[9].c", ""),
        ("a.x.y", ""),
        ("[", ""),
    ],
)
def test_a_path_is_found_in_the_bytes(path, place):
    text = ' {"twice":1, "a": "ü", "b": [0,{ "c" : [null] }], "twice": 2} '
    span = place_of(text.encode(), path, None)
    if place == "":
        assert span is None
    else:
        assert span is not None
        expected = text.strip() if place is None else place
        assert text.encode()[slice(*span)].decode() == expected


@pytest.mark.parametrize(
    "body", [b"", b"{", b'{"a"', b'{"a":', b'{"a":1', b"[1,]", b"\xff", b"nul"]
)
def test_what_is_not_json_has_no_places(body):
    assert place_of(body, "a.b", None) is None


_VALUES = st.recursive(
    st.none() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text("abcé", min_size=1), inner),
)


@given(_VALUES, st.integers(0, 3), st.booleans())
def test_every_place_holds_the_value_of_its_path(value, indent, ascii_only):
    body = json.dumps(value, indent=indent or None, ensure_ascii=ascii_only).encode()
    for path, expected in _places(value, ""):
        span = place_of(body, path, None)
        assert span is not None
        assert json.loads(body[slice(*span)]) == expected


def _places(value, path):
    if path:
        yield path.removeprefix("."), value
    if isinstance(value, dict):
        for name, member in value.items():
            yield from _places(member, f"{path}.{name}")
    elif isinstance(value, list):
        for index, element in enumerate(value):
            yield from _places(element, f"{path}[{index}]")
