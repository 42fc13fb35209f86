"""OpenCode itself, headless, edits a file on the reference endpoint through a real tool call."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from oaicheck.clients.installing import install
from oaicheck.clients.observed import Ask
from oaicheck.clients.opencode import run_once
from oaicheck.clients.roster import roster
from oaicheck.reference import ReferenceEndpoint, Settings, running

pytestmark = pytest.mark.real

SECONDS = 90.0


@pytest.fixture(scope="module")
def opencode() -> Sequence[str]:
    """The command; installed into a folder that later runs find again."""
    root = Path(tempfile.gettempdir()) / "oaicheck-clients"
    client = roster()["opencode"]
    install(client, root)
    return client.command(root)


def ask(url: str, settings: Settings) -> Ask:
    model, reasoning = settings.models
    return Ask(url, settings.api_key or "", model, reasoning, SECONDS)


def test_opencode_edits_a_file(opencode: Sequence[str]) -> None:
    endpoint = ReferenceEndpoint(Settings())
    with running(endpoint) as url:
        transcript = run_once(opencode, ask(url, endpoint.settings))
    assert transcript.edited, transcript
    assert transcript.exit_code == 0
    assert not transcript.of_type("error")
    (call,) = transcript.of_type("tool_use")
    assert call["part"]["tool"] == "edit"
    assert call["part"]["state"]["status"] == "completed"
    (text,) = transcript.of_type("text")
    assert text["part"]["text"].startswith("The tool answered: Edit applied")
    reasons = [event["part"]["reason"] for event in transcript.of_type("step_finish")]
    assert reasons == ["tool-calls", "stop"]


def test_opencode_does_not_edit_where_the_index_of_calls_is_missing(
    opencode: Sequence[str],
) -> None:
    endpoint = ReferenceEndpoint(Settings(), ["tools-index-missing"])
    with running(endpoint) as url:
        transcript = run_once(opencode, ask(url, endpoint.settings))
    assert not transcript.edited
    (error,) = transcript.of_type("error")
    assert error["error"]["data"]["message"] == "Expected 'id' to be a string."
