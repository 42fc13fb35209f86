"""The SSE decoder against the standard's own examples, an independent decoder, and every cut."""

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oaicheck.wire.sse import Defect, Span, SSEDecoder


def decoded(*pieces: bytes) -> SSEDecoder:
    decoder = SSEDecoder()
    for number, piece in enumerate(pieces):
        decoder.feed(piece, at=float(number))
    decoder.finish()
    return decoder


def data_of(body: bytes) -> list[str]:
    return [event.data for event in decoded(body).events]


def defects_of(body: bytes) -> list[Defect]:
    return [diagnostic.defect for diagnostic in decoded(body).diagnostics]


def test_lines_of_data_are_joined() -> None:
    assert data_of(b"data: YHOO\ndata: +2\ndata: 10\n\n") == ["YHOO\n+2\n10"]


def test_the_standards_second_example() -> None:
    body = b": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third\n\n"
    events = decoded(body).events
    assert [(event.data, event.last_event_id) for event in events] == [
        ("first event", "1"),
        ("second event", ""),
        (" third", ""),
    ]


def test_the_standards_third_example() -> None:
    decoder = decoded(b"data\n\ndata\ndata\n\ndata:")
    assert [event.data for event in decoder.events] == ["", "\n"]
    assert [diagnostic.defect for diagnostic in decoder.diagnostics] == [Defect.UNTERMINATED_EVENT]


def test_an_event_that_is_lost_is_told_by_its_data() -> None:
    (lost,) = decoded(b"event: x\ndata: 1\ndata: 2\n").diagnostics
    assert lost.detail == "the stream ended inside an event, so clients drop it: 1\n2"


def test_a_space_after_the_colon_is_no_part_of_the_value() -> None:
    assert data_of(b"data:test\n\ndata: test\n\n") == ["test", "test"]


def test_an_event_keeps_its_type() -> None:
    events = decoded(b"event: add\ndata: 1\n\ndata: 2\n\n").events
    assert [event.type for event in events] == ["add", "message"]


def test_spans_cover_the_events_lines() -> None:
    body = b": hi\r\n\r\ndata: 1\r\n\r\nid: 7\rdata: 2\r\rdata: 3\n\n"
    spans = [event.span for event in decoded(body).events]
    assert [body[span.start : span.end] for span in spans] == [
        b"data: 1",
        b"id: 7\rdata: 2",
        b"data: 3",
    ]


def test_an_event_arrives_with_the_byte_that_ends_it() -> None:
    events = decoded(b"data: 1\n", b"\ndata: 2\r", b"\n\r", b"\n").events
    assert [event.at for event in events] == [1.0, 2.0]


def test_every_remark_has_its_reason() -> None:
    assert defects_of(b"\xef\xbb\xbfdata: 1\n\n") == [Defect.BOM]
    assert defects_of(b"data: \xff\n\n") == [Defect.INVALID_UTF8]
    assert defects_of(b"id: a\0b\ndata: 1\n\n") == [Defect.NUL_IN_ID]
    assert defects_of(b"retry: soon\ndata: 1\n\n") == [Defect.BAD_RETRY]
    assert defects_of(b"date: 1\ndata: 1\n\n") == [Defect.UNKNOWN_FIELD]
    assert defects_of(b"event: ping\n\n") == [Defect.EVENT_WITHOUT_DATA]
    assert defects_of(b"id: 1\ndata: 1\n\n\n") == [Defect.BLANK_LINE_AFTER_ID]
    assert defects_of(b"data: 1\n\n\n") == []
    assert defects_of(b"data: 1\n\ndata: 2\n") == [Defect.UNTERMINATED_EVENT]


def test_what_is_fine_is_not_remarked_on() -> None:
    assert (
        defects_of(b": ping\n\nretry: 10\nevent: x\ndata: 1\n\n\n\nid: 1\ndata: 2\n\n: cut off")
        == []
    )


def test_a_remark_names_the_bytes() -> None:
    body = "data: é".encode() + b"\xc3\n\ndata: \xff\n\n"
    spans = [diagnostic.span for diagnostic in decoded(body).diagnostics]
    assert spans == [Span(8, 9), Span(17, 18)]


def test_every_remark_covers_what_it_is_about() -> None:
    for body, part in (
        (b"\xef\xbb\xbfdata: 1\n\n", b"\xef\xbb\xbf"),
        (b"data: 1\nid: a\0b\n\n", b"id: a\0b"),
        (b": hi\nretry: soon\ndata: 1\n\n", b"retry: soon"),
        (b"data: 1\ndate: 2\n\n", b"date: 2"),
        (b"data: 1\n\nevent: ping\nid: 7\n\n", b"event: ping\nid: 7"),
        (b"data: 1\n\ndata: 2\ndata: 3", b"data: 2\ndata: 3"),
        (b"data: 1\r\n\r\ndata: 2\r\n", b"data: 2\r\n"),
    ):
        for pieces in ((body,), [body[i : i + 1] for i in range(len(body))]):
            (remark,) = decoded(*pieces).diagnostics
            assert body[remark.span.start : remark.span.end] == part


def test_a_remark_quotes_no_more_than_a_reader_needs() -> None:
    for body, most in ((b"data: " + b"x" * 999, 200), (b"x" * 999 + b": 1\ndata\n\n", 80)):
        (remark,) = decoded(body).diagnostics
        assert remark.detail.count("x" * most) == 1
        assert "x" * (most + 1) not in remark.detail


def test_there_are_at_most_a_thousand_remarks_of_a_kind() -> None:
    body = b"rubbish\n" * 1_500 + b"retry: soon\n"
    found = defects_of(body)
    assert found.count(Defect.UNKNOWN_FIELD) == 1_000
    assert found.count(Defect.BAD_RETRY) == 1


def test_comments_keep_their_words_and_their_place() -> None:
    body = b": one\n:two\r\n\r\ndata: 1\n:  three\n\n"
    comments = decoded(body).comments
    assert [
        (comment.text, body[comment.span.start : comment.span.end]) for comment in comments
    ] == [
        ("one", b": one"),
        ("two", b":two"),
        (" three", b":  three"),
    ]


def test_only_a_retry_in_ascii_digits_is_a_number() -> None:
    for value in ("", "-1", "1.0", "٣", "1 "):
        assert defects_of(f"retry: {value}\ndata: 1\n\n".encode()) == [Defect.BAD_RETRY]
    assert defects_of(b"retry: 0\nretry:15\ndata: 1\n\n") == []


def test_a_read_without_bytes_changes_nothing() -> None:
    body = b"data: 1\r\n\r\n"
    whole = decoded(body)
    cut = decoded(b"", body[:8], b"", body[8:10], b"", body[10:], b"")
    assert (cut.events, cut.diagnostics) == (whole.events, whole.diagnostics)


def test_events_are_numbered_and_know_their_lines() -> None:
    events = decoded(b"data: 1\ndata\ndata: 2\n\nevent: x\n\ndata: 3\n\n").events
    assert [(event.number, event.data_lines, event.last_event_id) for event in events] == [
        (1, 3, ""),
        (2, 1, ""),
    ]


def test_a_byte_order_mark_counts_only_at_the_beginning() -> None:
    decoder = decoded(b"data: 1\n\n\xef\xbb\xbfdata: 2\n\n")
    assert [event.data for event in decoder.events] == ["1"]
    assert [diagnostic.defect for diagnostic in decoder.diagnostics] == [
        Defect.UNKNOWN_FIELD,
        Defect.EVENT_WITHOUT_DATA,
    ]


def test_an_id_outlives_its_event_and_a_nul_changes_nothing() -> None:
    events = decoded(b"id: 1\ndata: a\n\nid: \0\ndata: b\n\n").events
    assert [event.last_event_id for event in events] == ["1", "1"]


LINE = st.one_of(
    st.sampled_from(
        [b"data: x", b"data:", b"data", b": c", b"event: e", b"id: 1", b"id: \0", b"retry: 5",
         b"retry: x", b"foo: bar", b"", b"", b"", "data: é😀".encode(), b"data: \xf0\x9f", b"\xff"]
    ),
    st.binary(max_size=6).map(lambda raw: raw.replace(b"\n", b"").replace(b"\r", b"")),
)  # fmt: skip
END = st.sampled_from([b"\n", b"\r", b"\r\n"])
BODY = st.builds(
    lambda bom, lines, rest: bom + b"".join(line + end for line, end in lines) + rest,
    st.sampled_from([b"", b"\xef\xbb\xbf"]),
    st.lists(st.tuples(LINE, END), max_size=14),
    LINE,
)


@given(BODY, st.lists(st.integers(min_value=0, max_value=200), max_size=12))
def test_cuts_change_nothing(body: bytes, cuts: list[int]) -> None:
    edges = [0, *sorted(min(cut, len(body)) for cut in cuts), len(body)]
    pieces = [body[start:end] for start, end in itertools.pairwise(edges)]
    whole, cut = decoded(body), decoded(*pieces)
    assert cut.events == whole.events
    assert cut.comments == whole.comments
    assert cut.diagnostics == whole.diagnostics


@given(BODY)
def test_byte_by_byte_changes_nothing(body: bytes) -> None:
    whole, cut = decoded(body), decoded(*(body[i : i + 1] for i in range(len(body))))
    assert (cut.events, cut.diagnostics) == (whole.events, whole.diagnostics)


@given(BODY)
def test_an_independent_decoder_dispatches_the_same(body: bytes) -> None:
    assert data_of(body) == naive_data(body)


def naive_data(body: bytes) -> list[str]:
    """The standard's algorithm on a whole text, as briefly as it can be written."""
    text = body.decode("utf-8", "replace").removeprefix("\ufeff")
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")[:-1]
    events, buffer = [], ""
    for line in lines:
        if line == "":
            if buffer:
                events.append(buffer[:-1])
            buffer = ""
        elif line.split(":", 1)[0] == "data":
            _, _, value = line.partition(":")
            buffer += value.removeprefix(" ") + "\n"
    return events


class Watched(bytes):
    """Counts how many bytes a search looks at."""

    looked_at = 0

    def find(self, *args: Any) -> int:
        found = super().find(*args)
        start = args[1] if len(args) > 1 else 0
        self.looked_at += (len(self) if found < 0 else found + 1) - start
        return found


@pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\n"])
def test_a_long_piece_is_searched_once(end: bytes) -> None:
    """Searching the rest of the piece for each line would take the square of its length."""
    body = Watched((b": ping" + end + b"x" + end) * 1000)
    decoder = SSEDecoder()
    decoder.feed(body)
    assert len(decoder.comments) == 1000
    assert body.looked_at <= 2 * len(body)
