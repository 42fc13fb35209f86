"""The pins, and what is said about a client that is not there."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from oaicheck.cli.clients import clients_command
from oaicheck.cli.command_line import USAGE
from oaicheck.clients import installing
from oaicheck.clients.installing import missing
from oaicheck.clients.roster import programs, roster

CLIENTS = roster()


@pytest.mark.parametrize("name", CLIENTS)
def test_every_package_is_pinned_and_every_program_is_there(name: str) -> None:
    client = CLIENTS[name]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in client.packages.values())
    assert (programs() / client.program).is_file()
    versions = client.packages.values()
    assert client.name == "curl" or any(version in client.title for version in versions)


def test_a_client_that_is_not_installed_names_the_command(tmp_path: Path) -> None:
    reason = missing(CLIENTS["langchain"], tmp_path)
    assert reason is not None
    assert reason.endswith("not installed: run `oaicheck clients install langchain`")


def test_a_client_of_another_version_is_missing(tmp_path: Path) -> None:
    folder = CLIENTS["langchain"].folder(tmp_path)
    folder.mkdir()
    (folder / "installed.json").write_text(json.dumps({"openai": "1.0.0"}))
    assert "a different version is installed" in (missing(CLIENTS["langchain"], tmp_path) or "")


def test_a_client_of_which_a_part_is_gone_is_missing(tmp_path: Path) -> None:
    folder = CLIENTS["langchain"].folder(tmp_path)
    folder.mkdir()
    (folder / "installed.json").write_text(json.dumps(dict(CLIENTS["langchain"].packages)))
    reason = missing(CLIENTS["langchain"], tmp_path) or ""
    assert f"{folder / 'bin' / 'python'} is missing: run" in reason
    assert reason.endswith("`oaicheck clients install langchain`")


def test_without_node_its_clients_are_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(installing.shutil, "which", lambda _: None)
    assert missing(CLIENTS["openai-node"], tmp_path) == (
        "openai-node 7.57.0: `node` was not found: install it"
    )


def test_the_command_lists_clients(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert clients_command(["list", "--to", str(tmp_path)]) == 0
    assert "OpenCode 1.18.34: not installed" in capsys.readouterr().out


def test_an_unknown_client_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert clients_command(["install", "netscape"]) == USAGE
    assert "unknown client 'netscape'; known clients: ai-sdk-2.0.41" in capsys.readouterr().err
