"""OpenCode without a screen: it answers a greeting and edits a file through a real tool call."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from oaicheck.clients.observed import Ask, Observed
from oaicheck.clients.roster import programs
from oaicheck.wire.json_text import parse_json

HELLO = "Say hello."

_AGENT = "judge"
_BEFORE, _AFTER = "Hello, world\n", "Goodbye, world\n"
_OFF = (
    "OPENCODE_PURE",
    "OPENCODE_DISABLE_AUTOUPDATE",
    "OPENCODE_DISABLE_MODELS_FETCH",
    "OPENCODE_DISABLE_SHARE",
    "OPENCODE_DISABLE_LSP_DOWNLOAD",
    "OPENCODE_DISABLE_DEFAULT_PLUGINS",
)
_LISTENING = re.compile(r"listening on (http://\S+)")
_START = 90.0
_POLL = 0.1
_LOOK = 0.5
_NOBODY = "http://127.0.0.1:9"
"""A proxy that does not exist, so that OpenCode can reach nothing but the endpoint."""
_MOST_REQUESTS = 8
"""A run needs two requests; one that sends more than this is looping."""


class OpenCodeError(RuntimeError):
    """OpenCode could not be started."""


@dataclass(frozen=True, slots=True)
class Project:
    """A temporary folder with a file to edit and its own home folder."""

    root: Path

    @property
    def folder(self) -> Path:
        """The working directory."""
        return self.root / "project"

    @property
    def file(self) -> Path:
        """The file to edit."""
        return self.folder / "greeting.txt"

    @property
    def prompt(self) -> str:
        """The prompt for OpenCode, which names the tool to call and its arguments."""
        return f"Call edit on «{self.file}» and replace «Hello» by «Goodbye»."

    def environment(self, ask: Ask) -> dict[str, str]:
        """The environment of an isolated OpenCode that talks to one endpoint."""
        home = self.root / "home"
        return {
            "PATH": os.environ.get("PATH", ""),
            "HOME": str(home),
            "TMPDIR": str(self.root),
            **{
                f"XDG_{name}_HOME": str(home / name)
                for name in ("CONFIG", "DATA", "CACHE", "STATE")
            },
            **dict.fromkeys(_OFF, "1"),
            **dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY"), _NOBODY),
            "NO_PROXY": urlsplit(ask.base_url).hostname or "",
            "OAICHECK_BASE_URL": ask.base_url,
            "OAICHECK_API_KEY": ask.key,
            "OAICHECK_MODEL": ask.model,
        }

    def reset(self) -> None:
        """Restore the file to its content before the edit."""
        self.file.write_text(_BEFORE, "utf-8")

    @property
    def edited(self) -> bool:
        """Whether the file has the requested content."""
        return self.file.read_text("utf-8") == _AFTER


@contextlib.contextmanager
def project() -> Iterator[Project]:
    """A temporary project with an OpenCode configuration."""
    root = Path(tempfile.mkdtemp(prefix="oaicheck-opencode-"))
    try:
        made = Project(root)
        made.folder.mkdir()
        (root / "home").mkdir()
        shutil.copy(programs() / "opencode.json", made.folder)
        made.reset()
        yield made
    finally:
        shutil.rmtree(root, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class Transcript:
    """The output of `opencode run` and its exit code, which is None if it was stopped."""

    events: Sequence[Mapping[str, Any]]
    exit_code: int | None
    edited: bool
    errors: str

    def of_type(self, kind: str) -> list[Mapping[str, Any]]:
        """The events of one type."""
        return [event for event in self.events if event.get("type") == kind]


def run_once(
    command: Sequence[str],
    ask: Ask,
    prompt: str | None = None,
    stopped: Callable[[], bool] = lambda: False,
) -> Transcript:
    """Run `opencode run` in a new project, to edit its file unless there is another prompt.

    It is stopped after the task's time limit, or as soon as `stopped` returns True. Raises
    OpenCodeError if it cannot be started.
    """
    with project() as here:
        try:
            process = subprocess.Popen(
                [*command, "run", "--format", "json", "--agent", _AGENT],
                cwd=here.folder,
                env=here.environment(ask),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        except OSError as error:
            raise OpenCodeError(f"{command[0]}: {error.strerror}") from error
        out, err, code = _watched(process, prompt or here.prompt, ask.seconds, stopped)
        lines = (parse_json(line) for line in out.splitlines() if line.startswith(b"{"))
        events = [line.value for line in lines if line is not None]
        errors = err.decode("utf-8", "replace").replace(str(here.root), "…")[-2000:]
        return Transcript(events, code, here.edited, errors)


def _watched(
    process: subprocess.Popen[bytes], prompt: str, seconds: float, stopped: Callable[[], bool]
) -> tuple[bytes, bytes, int | None]:
    """The output of a process and its exit code, which is None if it had to be stopped."""
    deadline = time.monotonic() + seconds
    given: bytes | None = prompt.encode()
    while time.monotonic() < deadline and not stopped():
        try:
            out, err = process.communicate(given, timeout=_LOOK)
        except subprocess.TimeoutExpired:
            given = None
        else:
            return out, err, process.returncode
    _kill(process)
    out, err = process.communicate()
    return out, err, None


class Server:
    """One OpenCode process for many runs, driven through its own API."""

    def __init__(self, here: Project, http: httpx.Client, requests: Callable[[], int]) -> None:
        self._here = here
        self._http = http
        self._requests = requests

    def edit(self, seconds: float) -> Observed:
        """Have the file edited in a new session. A session that loops counts as hanging."""
        self._here.reset()
        session = self._http.post("/session", json={}).json()["id"]
        before, deadline = self._requests(), time.monotonic() + seconds
        asked = {"agent": _AGENT, "parts": [{"type": "text", "text": self._here.prompt}]}
        self._http.post(f"/session/{session}/prompt_async", json=asked).raise_for_status()
        try:
            while not self._finished(session):
                sent = self._requests() - before
                if sent > _MOST_REQUESTS or time.monotonic() > deadline:
                    return Observed(hangs=True, seen={"requests": sent})
                time.sleep(_POLL)
            return self._seen(session)
        finally:
            self._http.post(f"/session/{session}/abort")
            self._http.delete(f"/session/{session}")

    def _messages(self, session: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._http.get(f"/session/{session}/message").json()
        return found

    def _finished(self, session: str) -> bool:
        """Whether the session is idle and has answered."""
        if self._http.get("/session/status").json().get(session, {}).get("type", "idle") != "idle":
            return False
        messages = [message["info"] for message in self._messages(session)]
        last = messages[-1] if messages else {}
        return last.get("role") == "assistant" and "completed" in last["time"]

    def _seen(self, session: str) -> Observed:
        answers = [m for m in self._messages(session) if m["info"]["role"] == "assistant"]
        for answer in answers:
            if error := answer["info"].get("error"):
                data = error.get("data", {})
                told = {"type": error["name"], "message": _plain(data.get("message", ""))}
                return Observed(error={**told, "status": data.get("statusCode"), "told": True})
        parts = [part for answer in answers for part in answer["parts"]]
        calls = [part for part in parts if part["type"] == "tool"]
        text = "".join(part["text"] for part in parts if part["type"] == "text")
        finishes = [part for part in parts if part["type"] == "step-finish"]
        return Observed(
            seen={
                "edited": self._here.edited,
                "calls": [[call["tool"], call["state"]["status"]] for call in calls],
                "text": text.replace(str(self._here.folder), "…"),
                "finish": [part["reason"] for part in finishes],
                "usage": [bool(part["tokens"]["input"] > 0) for part in finishes],
            }
        )


def _plain(message: str) -> str:
    """The first schema error in a message, without the value that caused it."""
    _, told, issues = message.partition("Error message: ")
    try:
        issue = json.loads(issues)[0] if told else None
    except ValueError:
        return message
    if issue is None:
        return message
    while issue.get("errors") and issue["errors"][0]:
        issue = issue["errors"][0][0]
    return f"{'.'.join(map(str, issue['path']))}: {issue['message']}"


@contextlib.contextmanager
def serving(command: Sequence[str], ask: Ask, requests: Callable[[], int]) -> Iterator[Server]:
    """Start `opencode serve`. `requests` returns how many requests the endpoint got so far."""
    with project() as here:
        log = here.root / "serve.log"
        with log.open("wb") as out:
            process = subprocess.Popen(
                [*command, "serve", "--hostname", "127.0.0.1", "--port", "0"],
                cwd=here.folder,
                env=here.environment(ask),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        try:
            url = _url(process, log)
            with httpx.Client(base_url=url, timeout=_START, trust_env=False) as http:
                yield Server(here, http, requests)
        finally:
            _kill(process)
            process.wait()


def _url(process: subprocess.Popen[bytes], log: Path) -> str:
    deadline = time.monotonic() + _START
    while process.poll() is None and time.monotonic() < deadline:
        if found := _LISTENING.search(log.read_text("utf-8", "replace")):
            return found[1]
        time.sleep(_POLL)
    said = log.read_text("utf-8", "replace").strip().splitlines()
    raise OpenCodeError(f"OpenCode does not start: {said[-1] if said else 'no output'}")


def _kill(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
