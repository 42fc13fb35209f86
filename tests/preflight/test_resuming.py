"""A run goes on from a recording of the same endpoint, and of nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from oaicheck.clients.tasks import client_scenarios
from oaicheck.preflight.chosen import Choices
from oaicheck.preflight.problem import UsageProblem
from oaicheck.preflight.resuming import Resumed
from oaicheck.scenarios.fuzz import Fuzzing
from oaicheck.target.target import Target
from oaicheck.wire.exchange import RUN, Exchange, Request
from oaicheck.wire.recording import Recording, RecordingWriter
from support.answers import PLAIN, answer
from support.inprocess import scenarios

URL = "https://api.example.com/v1"
TARGET = Target(URL, "m", key="sk-a-key-that-nobody-may-see")
EMBEDDED = {"base_url": "http://127.0.0.1:4711/v1", "model": "reference-1", "embedded": True}


def resumed(*exchanges: Exchange, **facts: Any) -> Resumed:
    return Resumed("folder", Recording({"target": TARGET.described(), **facts}, list(exchanges)))


@pytest.mark.parametrize(
    ("target", "facts", "said"),
    [
        (
            replace(TARGET, base_url="https://b.example.com/v1"),
            {},
            f"is of {URL}, and this run would judge https://b.example.com/v1: give --endpoint "
            f"{URL}, or leave out --resume",
        ),
        (
            replace(TARGET, model="n"),
            {},
            "is of the model m, and this run would judge the model n: give --model m, or leave "
            "out --resume",
        ),
        (
            None,
            {},
            f"is of {URL}, and this run would judge the embedded endpoint: give --endpoint {URL}, "
            "or leave out --resume",
        ),
        (
            TARGET,
            {"target": EMBEDDED},
            f"is of the embedded endpoint, and this run would judge {URL}: leave out --resume or "
            "the endpoint",
        ),
        (
            TARGET,
            {"target": {}},
            "does not name the endpoint: leave out --resume",
        ),
    ],
)
def test_another_target_is_refused(
    target: Target | None, facts: Mapping[str, Any], said: str
) -> None:
    with pytest.raises(UsageProblem) as refused:
        resumed(**facts).refuse_another_target(target)
    assert str(refused.value) == f"--resume folder: its recording {said}"


def test_the_same_target_is_accepted() -> None:
    resumed().refuse_another_target(replace(TARGET, key=None))
    resumed(target=EMBEDDED).refuse_another_target(None)
    assert resumed().completed(replace(TARGET, model="")) == TARGET


def test_another_profile_is_refused() -> None:
    resumed(profile="opencode").refuse_another_profile("opencode")
    with pytest.raises(UsageProblem, match=r"give --profile opencode, or leave out --resume$"):
        resumed(profile="opencode").refuse_another_profile("openai")


def test_random_requests_go_on_with_their_seed() -> None:
    drawn = resumed(fuzz={"count": 5, "seed": 3})
    assert drawn.fuzzing(Fuzzing(), has_seed=False) == Fuzzing(5, 3)
    assert drawn.fuzzing(Fuzzing(8), has_seed=False) == Fuzzing(8, 3)
    assert drawn.fuzzing(Fuzzing(2, 3), has_seed=True) == Fuzzing(5, 3)
    assert resumed().fuzzing(Fuzzing(2, 4), has_seed=True) == Fuzzing(2, 4)
    with pytest.raises(UsageProblem, match=r"have the seed 3: leave out --fuzz-seed$"):
        drawn.fuzzing(Fuzzing(8, 4), has_seed=True)
    with pytest.raises(UsageProblem, match=r"^--resume folder: its facts about fuzzing"):
        resumed(fuzz=7).fuzzing(Fuzzing(), has_seed=False)


def test_the_next_attempt_counts_on() -> None:
    before = resumed(answer(attempt=1), answer(attempt=2))
    assert before.following(answer(attempt=2)).attempt == 4
    assert before.following(answer("chat/stream/text")).attempt == 1


def test_only_what_is_missing_is_sent() -> None:
    known = scenarios()
    before = resumed(answer(), answer("chat/stream/text", status=429))
    missing = before.missing([known[PLAIN], known["chat/stream/text"], known["models/list"]])
    assert [each.name for each in missing] == ["chat/stream/text", "models/list"]
    assert list(before.kept(known)) == before.recording.exchanges


def test_a_task_of_a_client_that_was_cut_is_run_anew() -> None:
    known = client_scenarios()
    whole, cut, *_ = known
    account = answer(whole, turn=0, status=None, request=Request(RUN, "client", (), b""))
    before = resumed(answer(), answer(whole), account, answer(cut), clients={})
    assert [each.id for each in before.kept({**known, **scenarios()})] == [
        f"{PLAIN}#1",
        f"{whole}#1",
        f"{whole}#0",
    ]
    assert [each.name for each in before.missing(known[name] for name in (whole, cut))] == [cut]


def test_the_facts_name_every_recording_before() -> None:
    first = resumed(answer(), started=1.0, version="0.1.0")
    second = resumed(answer(), answer(attempt=2), started=2.0, version="0.2.0", **first.facts)
    assert second.facts == {
        "resumed": [
            {"started": 1.0, "version": "0.1.0", "exchanges": 1},
            {"started": 2.0, "version": "0.2.0", "exchanges": 2},
        ]
    }
    assert 1 < first.first_number < second.first_number


def write(path: Path, **facts: Any) -> str:
    with RecordingWriter(path, {"target": TARGET.described(), "profile": "openai", **facts}):
        return str(path)


@pytest.mark.parametrize(
    ("options", "facts", "said"),
    [
        ({"replay": "r"}, {}, "leave out --replay or --resume"),
        ({"quick": True}, {"clients": {}}, "leave out --quick"),
        ({"profile": "opencode"}, {}, "give --profile openai"),
        ({"fuzz-seed": "2"}, {"fuzz": {"count": 1, "seed": 1}}, "leave out --fuzz-seed"),
    ],
)
def test_options_that_contradict_the_recording(
    tmp_path: Path, options: dict[str, Any], facts: dict[str, Any], said: str
) -> None:
    named = write(tmp_path / "exchanges.jsonl", **facts)
    with pytest.raises(UsageProblem, match=f"{said}(, or leave out --resume)?$"):
        Choices.from_options({**options, "resume": named})


def test_clients_and_random_requests_go_on_by_themselves(tmp_path: Path) -> None:
    write(tmp_path / "exchanges.jsonl", clients={}, fuzz={"count": 2, "seed": 9})
    choices = Choices.from_options({"resume": str(tmp_path)})
    assert choices.fuzzing == Fuzzing(2, 9)
    assert client_scenarios().keys() <= choices.scenarios.keys()


def test_what_is_missing_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match="nothing-there: No such file"):
        Choices.from_options({"resume": str(tmp_path / "nothing-there")})
