"""What the commands that only print say, and how they end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from oaicheck.cli.command_line import USAGE
from oaicheck.cli.main import main

ENDPOINT = ("--endpoint", "https://host.example/v1")


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in [n for n in os.environ if n.startswith(("OAICHECK_", "OPENAI_", "PYTEST_"))]:
        monkeypatch.delenv(name)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no EPIPE")
@pytest.mark.parametrize(
    "arguments",
    [
        ["list"],
        ["explain", "chat.framing.done-is-sent"],
        ["serve", "--list-faults"],
        ["-q", "--only", "models.list.status"],
        ["--plan"],
    ],
    ids=" ".join,
)
def test_it_ends_quietly_where_nobody_reads_on(arguments: Sequence[str]) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "oaicheck", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    process.stdout.close()
    _, said = process.communicate(timeout=60)
    assert said == ""
    assert process.returncode == 2


def curl(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["curl", *arguments]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("key", [None, "", "sk-a-key"])
def test_a_line_to_paste_needs_no_key(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, key: str | None
) -> None:
    if key is not None:
        monkeypatch.setenv("OAICHECK_API_KEY", key)
    embedded = curl(capsys, "chat/whole/text")
    assert "http://127.0.0.1:8000/v1/chat/completions" in embedded
    assert '"model":"reference-1"' in embedded
    theirs = curl(capsys, "chat/whole/text", *ENDPOINT, "--model", "m")
    assert "https://host.example/v1/chat/completions" in theirs
    assert '"model":"m"' in theirs
    for line in (embedded, theirs):
        assert '"Authorization: Bearer $OAICHECK_API_KEY"' in line
        assert "sk-a-key" not in line
    assert '"model":"MODEL"' in curl(capsys, "chat/whole/text", *ENDPOINT)
    expired = curl(capsys, "auth/expired-key", *ENDPOINT)
    assert '"Authorization: Bearer $OAICHECK_EXPIRED_KEY"' in expired


def test_a_line_to_paste_may_do_without_a_key(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    open_line = curl(capsys, "chat/whole/text", *ENDPOINT, "--no-auth")
    assert "Authorization" not in open_line
    own = curl(capsys, "chat/whole/text", *ENDPOINT, "--header", "Authorization: Basic abc")
    assert own.count("Authorization") == 1
    assert '"Authorization: $OAICHECK_HEADER_AUTHORIZATION"' in own
    monkeypatch.setenv("OAICHECK_NO_AUTH", "1")
    assert curl(capsys, "chat/whole/text", *ENDPOINT) == open_line


@pytest.mark.parametrize(
    ("command", "parts"), [("opencode", "init|lint"), ("clients", "install|list|run")]
)
def test_a_command_of_several_names_them(
    capsys: pytest.CaptureFixture[str], command: str, parts: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        main([command])
    assert ended.value.code == USAGE
    assert f"the following arguments are required: {parts}; " in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["explain", "chat.usage.stremed"], "did you mean chat.usage.streamed or "),
        (["explain", "usage.streamed-t"], "did you mean chat.usage.streamed-total?"),
        (["explain", "no.such.rule"], "`oaicheck list` prints them all"),
        (["schema", "responses/respons"], "did you mean responses/response"),
        (["schema", "frobnicate"], "`oaicheck schema` prints all names"),
        (["curl", "chat/whole/txt"], "did you mean chat/whole/text"),
        (["curl", "frobnicate"], "`oaicheck run --plan` lists them"),
    ],
)
def test_an_unknown_name_is_answered_with_what_may_be_meant(
    capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    assert main(arguments) == USAGE
    assert said in capsys.readouterr().err


def test_a_schema_is_printed_whole(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", "responses/response"]) == 0
    assert json.loads(capsys.readouterr().out)["type"] == "object"
    assert main(["schema"]) == 0
    assert "responses/events/response.created" in capsys.readouterr().out.splitlines()
