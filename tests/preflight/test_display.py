"""Where progress is shown: on a terminal, in CI and in a pipe."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from oaicheck.preflight.display import LiveLine, PlainLines, awaiting, display_for


def config(*, isatty: bool) -> Any:
    reporter = SimpleNamespace(isatty=isatty, write=lambda text, flush: None)
    return SimpleNamespace(pluginmanager=SimpleNamespace(get_plugin=lambda name: reporter))


@pytest.mark.parametrize(
    ("isatty", "environ", "kind"),
    [
        (True, {}, LiveLine),
        (True, {"CI": "false"}, LiveLine),
        (True, {"CI": "true"}, PlainLines),
        (True, {"TERM": "dumb"}, PlainLines),
        (False, {"CI": "true"}, PlainLines),
        (False, {}, PlainLines),
    ],
)
def test_the_place_decides(isatty: bool, environ: dict[str, str], kind: type) -> None:
    assert isinstance(display_for(config(isatty=isatty), environ, print), kind)


def test_a_live_line_is_cut_to_the_width_of_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    written: list[str] = []
    LiveLine(written.append).show("sent 40 of 163 scenarios")
    assert written == ["\rsent 40 of 163 scen"]


def test_a_log_is_told_once_what_is_waited_for() -> None:
    """On a live line, it stands as long as it holds."""
    for display in (None, PlainLines(print)):
        said: list[str] = []
        with awaiting(display, said.append) as waiting:
            for left in (100.0, 99.0):
                waiting("it has not answered yet", left)
            waiting("it answered 503, loading", 20.0)
        assert said == [
            "waiting: it has not answered yet; about 1 min 40 s more",
            "waiting: it answered 503, loading; about 20.0 s more",
        ]
    written: list[str] = []
    with awaiting(LiveLine(written.append), written.append) as waiting:
        waiting("it has not answered yet", 100.0)
        waiting("it has not answered yet", 99.0)
    assert len(written) == 3
    assert "1 min 39 s more" in written[1]
    assert all(text.startswith("\r") for text in written)
    assert written[-1].strip() == ""
