"""Long bodies stay in the file of a recording, and nobody who looks at them can tell."""

from __future__ import annotations

import json
import zlib
from dataclasses import replace
from pathlib import Path

import pytest

from oaicheck.wire import laid_aside
from oaicheck.wire.coding import decoded
from oaicheck.wire.exchange import Exchange, Segment
from oaicheck.wire.recording import LONG, RecordingError, RecordingWriter, load_recording
from support.views import exchange

GZIP = 16 + zlib.MAX_WBITS
BODIES = {
    "json": [json.dumps({"text": 'a "quote" \\ é 😀 \ud83d' * (LONG // 20)}).encode()],
    "stream": [b'data: {"a": "\xc3\xa9"}\n\n'] * (LONG // 15),
    "binary": [bytes(range(256)) * (LONG // 200), b"\xff"],
    "controls": [b"\1" * (LONG + 1)],
    "cut in a character": [b"a" * LONG + b"\xc3", b"\xa9" * 2],
}


def unlike(one: Exchange, other: Exchange) -> bool:
    return (one.body, list(one.segments), one.events, one.text) != (
        (other.body, list(other.segments), other.events, other.text)
    )


def written(folder: Path, *exchanges: Exchange) -> Path:
    with RecordingWriter(folder / "exchanges.jsonl", {}) as writer:
        for each in exchanges:
            writer.add(each)
    return folder


@pytest.mark.parametrize("pieces", BODIES.values(), ids=BODIES)
def test_a_long_body_is_the_same_in_the_file(pieces: list[bytes], tmp_path: Path) -> None:
    original, recorded = exchange(*pieces), exchange(*pieces)
    written(tmp_path, recorded)
    (loaded,) = load_recording(tmp_path).exchanges
    line = (tmp_path / "exchanges.jsonl").read_text("utf-8").splitlines()[1]
    assert line == original.to_json()
    for found in (recorded, loaded):
        assert found.is_laid_aside
        assert not unlike(found, original)
        assert (found == original, found.size) == (True, len(original.body))
        assert list(found.arrivals()) == list(original.arrivals())
        assert (found.json is None) == (original.json is None)


def test_a_short_body_stays_in_memory(tmp_path: Path) -> None:
    short = exchange(b"a" * LONG)
    written(tmp_path, short)
    assert not short.is_laid_aside
    assert not load_recording(tmp_path).exchanges[0].is_laid_aside


def test_a_body_counts_by_what_it_decompresses_to(tmp_path: Path) -> None:
    packer = zlib.compressobj(wbits=GZIP)
    packed = packer.compress(b"a" * (LONG + 1)) + packer.flush()
    small = exchange(packed, headers=(("content-encoding", "gzip"),))
    written(tmp_path, small)
    (loaded,) = load_recording(tmp_path).exchanges
    assert small.is_laid_aside
    assert loaded.is_laid_aside
    assert decoded(loaded).body == b"a" * (LONG + 1)


@pytest.mark.parametrize(
    ("rewritten", "aside"), [({"separators": (", ", ": ")}, True), ({"sort_keys": True}, False)]
)
def test_a_recording_that_others_wrote(
    rewritten: dict[str, bool], aside: bool, tmp_path: Path
) -> None:
    original = exchange(b"\xc3\xa9\n" * LONG)
    file = written(tmp_path, replace(original)) / "exchanges.jsonl"
    head, line = file.read_text("utf-8").splitlines()
    again = json.dumps(json.loads(line), ensure_ascii=False, **rewritten)  # type: ignore[arg-type]
    file.write_text(f"{head}\n{again}\n", "utf-8")
    (loaded,) = load_recording(tmp_path).exchanges
    assert loaded.is_laid_aside is aside
    assert not unlike(loaded, original)


def test_a_damaged_body_is_refused_when_it_is_loaded(tmp_path: Path) -> None:
    file = written(tmp_path, exchange(b"\n" * (LONG + 1))) / "exchanges.jsonl"
    file.write_bytes(file.read_bytes().replace(rb"\n\n", rb"\x\n", 1))
    with pytest.raises(RecordingError, match="line 2 is not an exchange"):
        load_recording(tmp_path)


def test_what_was_read_is_forgotten_when_there_is_no_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(laid_aside, "ROOM", 7 * LONG)
    monkeypatch.setattr(laid_aside, "ROOM_FOR_TWO", 7 * LONG)
    pieces = [bytes([letter]) * (LONG + 1) for letter in b"abc"]
    one, two, three = exchanges = [
        exchange(piece, scenario=str(number)) for number, piece in enumerate(pieces)
    ]
    written(tmp_path, *exchanges)
    assert [each.body[:1] for each in (one, two)] == [b"a", b"b"]
    assert "body" in one.__dict__
    assert three.text.startswith("c")
    assert ["body" in each.__dict__ for each in exchanges] == [False, True, True]
    assert one.derived(lambda each: len(each.body)) == LONG + 1
    assert "body" not in two.__dict__


def test_a_recording_may_be_moved_while_it_is_judged(tmp_path: Path) -> None:
    body = b"a" * (LONG + 1)
    written(tmp_path, exchange(body))
    (loaded,) = load_recording(tmp_path).exchanges
    (tmp_path / "exchanges.jsonl").rename(tmp_path / "elsewhere")
    assert loaded.body == body
    assert loaded.segments[0] == Segment(0.0, body)
