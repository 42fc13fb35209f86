"""How far sending has come, on a terminal, in CI and in a pipe."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from oaicheck.plugin.progress import LiveLine, PlainLines, Progress, display_for
from support.commands import DONE, Command
from support.loopback import until


def config(*, isatty: bool, verbosity: int = 0) -> Any:
    reporter = SimpleNamespace(isatty=isatty, write=lambda text, flush: None)
    manager = SimpleNamespace(get_plugin=lambda name: reporter)
    return SimpleNamespace(pluginmanager=manager, get_verbosity=lambda: verbosity)


@pytest.mark.parametrize(
    ("isatty", "verbosity", "environ", "kind"),
    [
        (True, 0, {}, LiveLine),
        (True, 0, {"CI": "false"}, LiveLine),
        (True, 0, {"CI": "true"}, PlainLines),
        (False, 0, {"CI": "true"}, PlainLines),
        (False, 1, {}, PlainLines),
        (True, 0, {"TERM": "dumb"}, type(None)),
        (False, 0, {}, type(None)),
    ],
)
def test_the_place_decides(
    isatty: bool, verbosity: int, environ: dict[str, str], kind: type
) -> None:
    display = display_for(config(isatty=isatty, verbosity=verbosity), environ, print)
    assert isinstance(display, kind)


def test_what_is_counted() -> None:
    progress = Progress(None, {"chat.a": ["x", "y"], "chat.b": ["y"], "chat.c": ["z"]})
    progress.watching(["x", "y", "z"])
    progress.sending("y")
    progress.sending("x")
    exchange: Any = None
    progress.recorded(exchange)
    progress.finished("y")
    line = progress.line
    assert line.startswith("sent 1 of 3 sections, 1 of 3 scenarios; 1 exchange, 1 in flight, ")
    progress.finished("x")
    assert progress.line.startswith("sent 2 of 3 sections, 2 of 3 scenarios")


@pytest.mark.asyncio
async def test_a_live_line_leaves_nothing_behind() -> None:
    written: list[str] = []
    live = LiveLine(written.append)
    live.interval = 0.001
    async with Progress(live, {"chat.a": ["x"]}).watching(["x"]):
        await until(lambda: len(written) > 2)
    assert all(text.startswith("\r") and "\n" not in text for text in written)
    assert written[-1].strip() == ""
    assert written[-1].endswith("\r")


def test_a_log_is_told_once_what_is_waited_for() -> None:
    """In CI and in a pipe; on a live line it stands as long as it holds."""
    for display in (None, PlainLines(print)):
        said: list[str] = []
        with Progress(display, {}).awaiting(said.append) as waiting:
            for left in (100.0, 99.0):
                waiting("it has not answered yet", left)
            waiting("it answered 503, loading", 20.0)
        assert said == [
            "waiting: it has not answered yet; about 1 min 40 s more",
            "waiting: it answered 503, loading; about 20.0 s more",
        ]
    written: list[str] = []
    with Progress(LiveLine(written.append), {}).awaiting(written.append) as waiting:
        waiting("it has not answered yet", 100.0)
        waiting("it has not answered yet", 99.0)
    assert len(written) == 3
    assert "1 min 39 s more" in written[1]
    assert all(text.startswith("\r") for text in written)
    assert written[-1].strip() == ""


def test_a_pipe_hears_nothing_of_it(oaicheck: Command) -> None:
    piped = oaicheck(*DONE, "-k", "text", "--report-dir", "a")
    assert "in flight" not in piped.stdout
    assert "\r" not in piped.stdout
