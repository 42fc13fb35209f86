"""The requirements that real clients judge: who breaks them, and what decides nothing.

What the clients went through is on record (`tests/support/clients.py`), and is judged again here.
"""

from __future__ import annotations

import json
import shutil
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from oaicheck.clients.relay import KEY
from oaicheck.clients.roster import roster
from oaicheck.clients.tasks import client_scenarios
from oaicheck.reference import Settings
from oaicheck.rules.requirement import SHOULD
from oaicheck.rules.verdict import Outcome
from oaicheck.scenarios.profile import Profile
from oaicheck.wire.exchange import Ending, Exchange, Segment
from oaicheck.wire.recording import Recording, load_recording
from support.clients import KILLED, RECORDED, WHOLE, judged, known, requirements, tried
from support.commands import forked
from support.inprocess import verdicts


def recorded(fault: str) -> Recording:
    return load_recording(RECORDED / f"{fault}.jsonl")


def test_every_requirement_has_a_fault() -> None:
    assert requirements().keys() == KILLED.keys()


def test_every_task_is_judged() -> None:
    on = [pattern for each in requirements().values() for pattern in each.on]
    assert all(pattern.startswith("clients/") for pattern in on)
    assert {each.scenario for each in judged(recorded(WHOLE))} == set(client_scenarios())


def test_the_records_are_of_the_pinned_clients() -> None:
    """Otherwise run `python tests/support/clients.py DIR` again, and read what it finds."""
    assert {path.stem for path in RECORDED.iterdir()} == {WHOLE, *KILLED.values()}
    titles = {name: client.title for name, client in roster().items()}
    for path in RECORDED.iterdir():
        for name, told in load_recording(path).facts["clients"].items():
            assert told == {"title": titles[name], "missing": None}, path.name


def test_the_records_hold_no_key_and_no_folder_of_a_machine() -> None:
    text = "".join(path.read_text("utf-8") for path in RECORDED.iterdir())
    assert KEY not in text
    assert (Settings().api_key or "?") not in text
    assert "/tmp/" not in text
    assert "/home/" not in text


def test_on_the_faultless_endpoint_all_clients_are_content() -> None:
    found = {each.requirement.id: each.outcome for each in judged(recorded(WHOLE))}
    assert found == dict.fromkeys(KILLED, Outcome.PASS)


@pytest.mark.parametrize("requirement", KILLED)
def test_a_fault_breaks_the_requirement(requirement: str) -> None:
    found = judged(recorded(KILLED[requirement]), only=requirement)
    assert {each.outcome for each in found} == {Outcome.WARN}


def account(recording: Recording, scenario: str, **changed: Any) -> Recording:
    """The recording with another account of one task."""

    def exchange(found: Exchange) -> Exchange:
        if found.scenario != scenario or not found.is_account:
            return found
        body = json.dumps(changed.pop("printed", None) or json.loads(found.body)).encode()
        return replace(found, segments=(Segment(0.0, body),), **changed)

    return Recording(recording.facts, [exchange(each) for each in recording.exchanges])


def outcome(recording: Recording, requirement: str) -> tuple[Outcome, str]:
    (found,) = judged(recording, only=requirement)
    return found.outcome, str(found.raised)


TOOLS = "clients/openai-python/calls-tools"


def test_a_call_that_the_client_lost_is_a_breach() -> None:
    lost = account(recorded(WHOLE), TOOLS, printed={"observed": {"calls": []}})
    found, said = outcome(lost, "clients.openai-python.calls-tools")
    assert found is Outcome.WARN
    assert "expected the call that the endpoint sent" in said


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("get_weatherget_weather", {"city": "Zürich"}),
        ("get_weather", '{"city": "Zü'),
        ("get_weather", {}),
    ],
)
def test_a_call_that_the_client_garbled_is_a_breach(name: str, arguments: Any) -> None:
    seen = {"observed": {"calls": [[name, arguments]], "answered": True}}
    garbled = account(recorded(WHOLE), TOOLS, printed=seen)
    assert outcome(garbled, "clients.openai-python.calls-tools")[0] is Outcome.WARN


def without_calls(found: Exchange) -> Exchange:
    """The answer of a model that writes a text instead."""
    text = found.body.replace(b'"tool_calls": [{', b'"nothing": [{')
    text = text.replace(b'"tool_calls":[{', b'"nothing":[{')
    return replace(found, segments=(Segment(0.0, text),))


def test_a_model_that_calls_nothing_decides_nothing() -> None:
    silent = account(recorded(WHOLE), TOOLS, printed={"observed": {"calls": []}})
    silent.exchanges[:] = [
        without_calls(each) if each.scenario == TOOLS and each.answered else each
        for each in silent.exchanges
    ]
    found = outcome(silent, "clients.openai-python.calls-tools")
    assert found == (Outcome.INCONCLUSIVE, "the model called no tool")


def test_one_that_comes_to_no_end_is_a_breach() -> None:
    endless = account(
        recorded(WHOLE),
        TOOLS,
        printed={"hangs": True},
        ending=Ending.TOO_LONG,
        detail="not finished within 10 s, after 1 requests",
    )
    found, said = outcome(endless, "clients.openai-python.calls-tools")
    assert found is Outcome.WARN
    assert "not finished within 10 s" in said


def test_a_client_that_cannot_be_run_is_an_error() -> None:
    broken = account(
        recorded(WHOLE),
        TOOLS,
        ending=Ending.NOT_CONNECTED,
        detail="openai-python cannot be run: install it again",
    )
    found, said = outcome(broken, "clients.openai-python.calls-tools")
    assert (found, said) == (Outcome.ERROR, "openai-python cannot be run: install it again")


def answered(recording: Recording, scenario: str, status: int, body: str) -> Recording:
    """The recording with another answer to the last request of one task."""
    last = max(
        (each for each in recording.exchanges if each.scenario == scenario),
        key=lambda each: each.turn,
    )
    changed = replace(last, status=status, segments=(Segment(0.0, body.encode()),))
    exchanges = [changed if each is last else each for each in recording.exchanges]
    return Recording(recording.facts, exchanges)


@pytest.mark.parametrize(
    ("task", "status", "body", "expected"),
    [
        ("streams-text", 429, "{}", Outcome.INCONCLUSIVE),
        ("streams-a-response", 404, "{}", Outcome.NOT_APPLICABLE),
        (
            "continues-a-response",
            400,
            "{}",
            Outcome.NOT_APPLICABLE,
        ),
    ],
)
def test_what_an_endpoint_may_lack(task: str, status: int, body: str, expected: Outcome) -> None:
    name = f"clients/openai-python/{task}"
    recording = answered(recorded(WHOLE), name, status, body)
    assert outcome(recording, f"clients.openai-python.{task}")[0] is expected


def test_an_endpoint_that_serves_any_model_raises_nothing() -> None:
    name = "clients/openai-python/unknown-model"
    recording = answered(recorded(WHOLE), name, 200, "{}")
    recording = account(recording, name, printed={"observed": {"text": "Hello"}})
    found = outcome(recording, "clients.openai-python.unknown-model")
    assert found == (Outcome.NOT_APPLICABLE, "the request was not refused")


def test_a_profile_can_make_it_a_must() -> None:
    asking = Profile("mine", "Mine", levels={"clients.ai-sdk-pinned.*": "MUST"})
    recording = recorded("tools-name-missing")
    found = {
        each.requirement.id: each.outcome
        for each in verdicts(recording, asking, "clients.*.runs-tools", known())
    }
    assert found == {
        "clients.ai-sdk-pinned.runs-tools": Outcome.FAIL,
        "clients.ai-sdk.runs-tools": Outcome.WARN,
    }
    assert {each.level for each in requirements().values()} == {SHOULD}


@pytest.fixture
def clients(tmp_path: Path) -> Path:
    """A folder with openai-python: the package that the tests themselves have."""
    folder = roster()["openai-python"].folder(tmp_path / "clients")
    (folder / "bin").mkdir(parents=True)
    (folder / "installed.json").write_text(json.dumps(dict(roster()["openai-python"].packages)))
    python = folder / "bin" / "python"
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    python.chmod(python.stat().st_mode | stat.S_IXUSR)
    return tmp_path / "clients"


@pytest.mark.parametrize("fault", ["", "tools-index-missing"])
def test_openai_python_itself(fault: str, clients: Path, tmp_path: Path) -> None:
    names = [name for name in client_scenarios() if "/openai-python/" in name]
    recording = tried(names, [fault] if fault else [], clients, tmp_path / "made.jsonl")
    found = {each.requirement.id: each.outcome for each in judged(recording)}
    broken = {id_ for id_, outcome in found.items() if outcome is not Outcome.PASS}
    assert broken == ({"clients.openai-python.calls-tools"} if fault else set())
    assert len(found) == 8


def oaicheck(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return forked(*arguments, cwd=cwd, timeout=120, XDG_CACHE_HOME=str(cwd / "cache"))


def outcomes(folder: Path) -> dict[str, tuple[str, str]]:
    report = json.loads((folder / "report.json").read_text("utf-8"))
    return {each["requirement"]: (each["outcome"], each["message"]) for each in report["results"]}


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_a_run_tries_what_is_installed_and_names_what_is_not(tmp_path: Path) -> None:
    done = oaicheck(
        *("clients", "run", "curl", "langchain", "--fault", "object-choices-missing"),
        *("--report-dir", "live"),
        cwd=tmp_path,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    live = outcomes(tmp_path / "live")
    assert live.keys() == {
        "clients.curl.says-hello",
        "clients.langchain.streams-text",
        "clients.langchain.calls-tools",
    }
    assert live["clients.curl.says-hello"][0] == "warn"
    assert "KeyError: 'choices'" in live["clients.curl.says-hello"][1]
    assert live["clients.langchain.streams-text"] == (
        "not-applicable",
        "langchain-openai 1.7.3: not installed: run `oaicheck clients install langchain`",
    )
    page = (tmp_path / "live" / "report.html").read_text("utf-8")
    assert "curl: says-hello" in page
    written = (tmp_path / "live" / "exchanges.jsonl").read_text("utf-8")
    assert KEY not in written
    assert (Settings().api_key or "?") not in written
    again = oaicheck(
        *("--only", "clients.*", "--replay", "live/exchanges.jsonl", "--report-dir", "again"),
        cwd=tmp_path,
    )
    assert again.returncode == 0, again.stdout + again.stderr
    assert outcomes(tmp_path / "again") == live


def test_where_no_client_is_installed_nothing_is_judged(tmp_path: Path) -> None:
    done = oaicheck("clients", "run", "langchain", "--report-dir", "live", cwd=tmp_path)
    assert done.returncode == 5, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--only", "clients.opencode.*"], "these requirements need --clients"),
        (["--replay", "exchanges.jsonl", "--clients"], "leave out --clients"),
    ],
)
def test_slips_are_named(tmp_path: Path, arguments: list[str], said: str) -> None:
    (tmp_path / "exchanges.jsonl").write_text('{"format": "oaicheck.recording/1"}\n')
    done = oaicheck(*arguments, cwd=tmp_path)
    assert done.returncode == 4, done.stdout + done.stderr
    assert said in done.stdout + done.stderr


def test_a_broken_installation_names_its_remedy(clients: Path, tmp_path: Path) -> None:
    folder = roster()["openai-python"].folder(clients)
    (folder / "bin" / "python").write_text("#!/bin/sh\necho 'ImportError: no openai' >&2\n")
    names = ["clients/openai-python/streams-text"]
    found, said = outcome(
        tried(names, [], clients, tmp_path / "made.jsonl"), "clients.openai-python.streams-text"
    )
    assert found is Outcome.ERROR
    assert said.startswith("openai-python 3.54.0 cannot be run: ")
    assert "ended without a result: ImportError: no openai: " in said
    assert said.endswith(f"remove {folder} and run `oaicheck clients install openai-python`")
