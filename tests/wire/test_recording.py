"""Recordings are written, copied and loaded without loss, and damaged ones are refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from oaicheck.wire.exchange import Exchange
from oaicheck.wire.recording import (
    RecordingError,
    RecordingWriter,
    copy_recording,
    load_recording,
)
from support.views import of


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    """A report folder with the recording of two exchanges."""
    with RecordingWriter(tmp_path / "exchanges.jsonl", {"profile": "openai"}) as writer:
        writer.add(of({"a": "\u2028"}, scenario="one"))
        writer.add(of({"b": 1}, scenario="two"))
    return tmp_path


def scenarios_in(path: Path) -> list[str]:
    return [exchange.scenario for exchange in load_recording(path).exchanges]


def test_a_folder_and_its_file_are_the_same_recording(recorded: Path) -> None:
    assert scenarios_in(recorded) == scenarios_in(recorded / "exchanges.jsonl") == ["one", "two"]
    assert load_recording(recorded).facts == {"profile": "openai"}
    assert load_recording(recorded).exchanges[0].json["a"].value == "\u2028"


def test_a_copy_has_the_same_bytes(recorded: Path) -> None:
    copy_recording(recorded, recorded / "copy.jsonl")
    original = (recorded / "exchanges.jsonl").read_bytes()
    assert (recorded / "copy.jsonl").read_bytes() == original


def test_a_last_line_that_was_cut_off_is_ignored(recorded: Path) -> None:
    file = recorded / "exchanges.jsonl"
    file.write_bytes(file.read_bytes()[:-20])
    assert scenarios_in(recorded) == ["one"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"\xff\xfe\x00", "this is no recording"),
        (b"", "line 1 is not the header"),
        (b"{}\n", "line 1 is not the header"),
        (b"[]\n", "line 1 is not the header"),
    ],
)
def test_another_file_is_refused(tmp_path: Path, data: bytes, said: str) -> None:
    file = tmp_path / "exchanges.jsonl"
    file.write_bytes(data)
    with pytest.raises(RecordingError, match=said):
        load_recording(file)


def test_a_damaged_line_is_named(recorded: Path) -> None:
    file = recorded / "exchanges.jsonl"
    head, first, second = file.read_text("utf-8").splitlines()
    record = json.loads(first)
    del record["status"]
    file.write_text(f"{head}\n{second}\n{json.dumps(record)}\n", "utf-8")
    with pytest.raises(RecordingError, match="line 3 is not an exchange: KeyError"):
        load_recording(file)


def test_an_exchange_survives_its_json() -> None:
    exchange = of({"a": 1}, scenario="one")
    assert Exchange.from_record(json.loads(exchange.to_json())) == exchange
