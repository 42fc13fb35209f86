"""Every hostile behaviour gets a few requests: each ends, is recorded without the key, and judged.

What is judged, and whole runs, are samples. `python benchmarks/hostile.py` does all of them.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from oaicheck.verdicts.outcomes import is_internal
from oaicheck.wire.recording import load_recording
from support.hostile import families
from support.hostile.behaviour import ALL
from support.hostile.running import CONTROLS, FOREIGN, key_in
from support.hostile.sending import PATIENT, SENT, Met, meet_all, overdue
from support.inprocess import verdicts

JUDGED = 36
"""One behaviour of this many is judged: `test_any_json` judges more, and faster."""


@pytest.fixture(scope="module")
def all_met(tmp_path_factory: pytest.TempPathFactory) -> list[Met]:
    return meet_all(list(ALL.values()), tmp_path_factory.mktemp("hostile"))


def test_there_are_many_behaviours_of_every_kind() -> None:
    assert len(ALL) >= 120
    assert {behaviour.family for behaviour in ALL.values()} == {
        name.removesuffix("_texts") for name in families.__all__
    }


def test_every_request_ends_in_time_and_is_recorded(all_met: list[Met]) -> None:
    flaws = {met.behaviour.name: list(overdue(met.recording.exchanges)) for met in all_met}
    assert {name: found for name, found in flaws.items() if found} == {}
    for met in all_met:
        recorded = {exchange.scenario for exchange in met.recording.exchanges}
        assert {*SENT, "warm-up"} <= recorded, met.behaviour.name
        assert load_recording(met.file).exchanges == met.recording.exchanges, met.behaviour.name


def test_what_is_said_of_it_at_once_fits(all_met: list[Met], tmp_path: Path) -> None:
    tried = [met for met in all_met if met.behaviour.first is not None]
    late = [met.behaviour for met in tried if not fits(met)]
    again = meet_all(late, tmp_path, limits=PATIENT, at_once=1) if late else []
    assert {met.behaviour.name: met.refusal for met in again if not fits(met)} == {}


def fits(met: Met) -> bool:
    """Whether the first request was refused, or not, as it should be, and in fitting words."""
    if (4 if met.refusal else 1) not in met.behaviour.first_codes:
        return False
    return not met.refusal or bool(re.search(met.behaviour.first or "", met.refusal))


def test_it_is_said_in_our_own_words_on_plain_lines(all_met: list[Met]) -> None:
    for met in all_met:
        for said in (met.refusal, *(each.detail for each in met.recording.exchanges)):
            assert not FOREIGN.search(said), (met.behaviour.name, said)
        assert not CONTROLS.search(met.refusal), (met.behaviour.name, met.refusal)


def test_no_recording_has_the_key(all_met: list[Met]) -> None:
    for met in all_met:
        assert list(key_in(met.file.read_bytes(), met.file.name)) == []


def test_whatever_came_back_can_be_judged(all_met: list[Met]) -> None:
    for met in all_met[::JUDGED]:
        for judged in verdicts(met.recording):
            broken = judged.raised is not None and is_internal(judged.raised)
            assert not broken, (met.behaviour.name, judged)


def test_a_key_is_found_in_any_form(tmp_path: Path) -> None:
    from support.hostile.connection import KEY

    assert len(list(key_in(KEY.upper().encode(), "it"))) >= 3
    assert len(list(key_in(KEY.encode().hex().encode(), "it"))) >= 1
    assert list(key_in(b"sk-live", "it")) == []
