"""A client's program is one process; it is bounded whatever it does."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from oaicheck.clients import worker
from oaicheck.clients.observed import Ask, Observed
from oaicheck.clients.worker import Worker, WorkerError

ASK = Ask("http://127.0.0.1:1/v1", "key", "model", "thinker", 0.2)

PROGRAM = """
import json, os, sys, time
for line in sys.stdin:
    ask = json.loads(line)
    print({answer}, flush=True)
"""
ECHO = 'json.dumps({"task": {"observed": {"pid": os.getpid(), **ask}}})'


def command(folder: Path, answer: str) -> tuple[str, str]:
    program = folder / "program.py"
    program.write_text(PROGRAM.format(answer=answer), "utf-8")
    return sys.executable, str(program)


def test_one_process_answers_every_ask(tmp_path: Path) -> None:
    with Worker(command(tmp_path, ECHO)) as running:
        first = running.run(ASK, ["chat"])["task"].seen
        second = running.run(ASK, ["chat"])["task"].seen
    assert first == second
    assert first["base_url"] == ASK.base_url
    assert first["tasks"] == ["chat"]
    with pytest.raises(ProcessLookupError):
        os.kill(first["pid"], 0)


def test_a_program_that_does_not_answer_is_killed_and_started_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "_GRACE", 0.2)
    monkeypatch.setattr(worker, "_START", 5.0)
    mark = tmp_path / "second"
    answer = f"{ECHO} if os.path.exists({str(mark)!r}) else time.sleep(60)"
    with Worker(command(tmp_path, answer)) as running:
        assert running.run(ASK, ["chat"]) == {"all": Observed(hangs=True)}
        mark.touch()
        assert running.run(ASK, ["chat"])["task"].seen


@pytest.mark.parametrize("answer", ["os._exit(1)", "'no JSON'"])
def test_a_program_that_ends_or_babbles_is_an_error(tmp_path: Path, answer: str) -> None:
    with Worker(command(tmp_path, answer)) as running, pytest.raises(WorkerError, match="program"):
        running.run(ASK, ["chat"])


def test_a_program_that_is_not_there_is_an_error() -> None:
    with Worker(["/no/such/program"]) as running, pytest.raises(WorkerError, match="no/such"):
        running.run(ASK, ["chat"])
