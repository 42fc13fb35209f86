"""Trying clients on an endpoint, with curl as the one that needs no installing."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from oaicheck.clients.command import clients_command
from oaicheck.command_line import USAGE
from oaicheck.reference import ReferenceEndpoint, Settings, running

needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OAICHECK_API_KEY", Settings().api_key or "")


def run(client: str, faults: list[str], folder: Path) -> int:
    with running(ReferenceEndpoint(Settings(), faults)) as url:
        target = ["--endpoint", url, "--model", "reference-1"]
        return clients_command(["run", client, "--to", str(folder), *target])


@needs_curl
@pytest.mark.parametrize(
    ("faults", "code", "says"),
    [
        ([], 0, "works           curl\n"),
        (["chunk-choices-null"], 0, "works           curl\n"),
        (["object-choices-missing"], 1, "breaks          curl: chat hello: KeyError: 'choices'\n"),
        (["object-content-mojibake"], 0, "works           curl\n"),
    ],
)
def test_a_client_works_or_breaks_on_an_endpoint(
    faults: list[str], code: int, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("curl", faults, tmp_path) == code
    assert capsys.readouterr().out == says


def test_a_client_that_is_not_there_is_not_applicable(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("langchain", [], tmp_path) == 5
    said = capsys.readouterr().out
    assert said.startswith("not applicable  langchain-openai 1.7.3: not installed")


def test_without_an_endpoint_nothing_is_tried(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("OAICHECK_API_KEY")
    assert clients_command(["run", "curl"]) == USAGE
    assert "say which endpoint and which model" in capsys.readouterr().err
