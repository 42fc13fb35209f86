"""OpenCode itself, headless, edits a file on the reference endpoint through a real tool call."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from oaicheck.clients.installing import install
from oaicheck.clients.roster import roster
from oaicheck.rules.verdict import Outcome
from support.clients import KILLED, judged, tried

pytestmark = pytest.mark.real

SECONDS = 90.0
EDIT = "clients.opencode.edits-a-file"
TASK = "clients/opencode/edits-a-file"


@pytest.fixture(scope="module")
def clients() -> Path:
    """Where it is installed, in a folder that later runs find again."""
    root = Path(tempfile.gettempdir()) / "oaicheck-clients"
    install(roster()["opencode"], root)
    return root


def test_opencode_edits_a_file(clients: Path, tmp_path: Path) -> None:
    recording = tried([TASK], [], clients, tmp_path / "whole.jsonl", seconds=SECONDS)
    (found,) = judged(recording)
    assert found.outcome is Outcome.PASS, found.raised
    conversation = recording.conversation(TASK)
    assert conversation is not None
    account, first, second = conversation.turns
    assert account.reason == "exit code 0"
    assert account.json is not None
    events = list(account.json["observed"]["events"])
    (call,) = [event["part"] for event in events if event["type"].value == "tool_use"]
    assert call["tool"].value == "edit"
    assert call["state"]["status"].value == "completed"
    reasons = [e["part"]["reason"].value for e in events if e["type"].value == "step_finish"]
    assert reasons == ["tool-calls", "stop"]
    assert second.request.json["messages"][-1]["role"] == "tool"
    assert first.request.json["stream_options"] == {"include_usage": True}


def test_opencode_does_not_edit_where_the_index_of_calls_is_missing(
    clients: Path, tmp_path: Path
) -> None:
    path = tmp_path / "broken.jsonl"
    recording = tried([TASK], [KILLED[EDIT]], clients, path, seconds=SECONDS)
    (found,) = judged(recording)
    assert found.outcome is Outcome.WARN
    assert "UnknownError: Expected 'id' to be a string." in str(found.raised)
