"""Content codings are undone as far as they can be, and nothing else is changed."""

import gc
import gzip
import weakref
import zlib
from dataclasses import replace

import pytest

from oaicheck.wire.coding import coding_of, decoded, decoded_segments
from oaicheck.wire.exchange import Ending, Exchange, Request, Segment

TEXT = b'data: {"choices": []}\n\n' * 3


def exchange(body: bytes, coding: str | None) -> Exchange:
    return Exchange(
        scenario="any",
        turn=1,
        attempt=1,
        request=Request("POST", "http://endpoint.test/v1", (), b""),
        status=200,
        reason="OK",
        headers=() if coding is None else (("content-encoding", coding),),
        segments=(Segment(0.5, body[:10]), Segment(1.5, body[10:])),
        ending=Ending.COMPLETE,
    )


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", gzip.compress(TEXT, mtime=0)),
        (" GZIP ", gzip.compress(TEXT, mtime=0)),
        ("x-gzip", gzip.compress(TEXT, mtime=0)),
        ("gzip", gzip.compress(TEXT[:30], mtime=0) + gzip.compress(TEXT[30:], mtime=0)),
        ("deflate", zlib.compress(TEXT)),
        ("deflate", zlib.compress(TEXT)[2:-4]),
    ],
)
def test_a_compressed_body_is_decoded(coding: str, body: bytes) -> None:
    plain = decoded(exchange(body, coding))
    assert plain.body == TEXT
    assert len(plain.events) == 3
    assert plain.segments[-1].at == 1.5


@pytest.mark.parametrize("coding", [None, "identity", " Identity "])
def test_a_plain_body_stays_as_it_is(coding: str | None) -> None:
    plain = exchange(TEXT, coding)
    assert coding_of(plain) is None
    assert decoded(plain) is plain


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", TEXT),
        ("br", TEXT),
        ("gzip", zlib.compress(TEXT)),
        ("x-gzip", zlib.compress(TEXT)),
        ("deflate", gzip.compress(TEXT, mtime=0)),
    ],
)
def test_what_cannot_be_decoded_is_left_out(coding: str, body: bytes) -> None:
    assert decoded(exchange(body, coding)).body == b""


def test_a_body_that_breaks_off_is_decoded_up_to_there() -> None:
    packer = zlib.compressobj(wbits=31)
    head = packer.compress(TEXT) + packer.flush(zlib.Z_SYNC_FLUSH)
    broken = replace(exchange(b"", "gzip"), segments=(Segment(0.5, head),), ending=Ending.CUT)
    assert decoded(broken).body == TEXT


def test_no_more_is_decoded_than_is_asked_for() -> None:
    packed = gzip.compress(b"a" * 1000)
    segments = [Segment(0.5, packed[:10]), Segment(1.5, packed[10:]), Segment(2.5, packed)]
    for most in (1, 999, 1000, 1500, 2000, 3000):
        found = decoded_segments(segments, "gzip", most)
        assert b"".join(segment.data for segment in found) == b"a" * min(most, 2000)
        assert all(segment.data for segment in found)
    assert {segment.at for segment in found} == {1.5, 2.5}


def test_what_comes_after_a_damaged_part_is_left_out() -> None:
    packed = gzip.compress(TEXT)
    segments = [Segment(0.5, packed), Segment(1.5, b"odd"), Segment(2.5, packed)]
    assert [segment.at for segment in decoded_segments(segments, "gzip", 10_000)] == [0.5]


def test_a_decoded_body_is_let_go_with_its_exchange() -> None:
    """What refers to itself would stay in memory until Python looks for cycles."""
    compressed = exchange(gzip.compress(b"[1]"), "gzip")
    copy = decoded(compressed)
    assert decoded(compressed) is copy
    assert copy.json is not None
    copy.derived(lambda read: [read])
    held = weakref.ref(copy)
    del copy
    gc.disable()
    try:
        compressed.forget()
        assert held() is None
    finally:
        gc.enable()
