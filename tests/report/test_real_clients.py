"""A broken requirement says in the reports which real clients its breach was seen to harm."""

from __future__ import annotations

import pytest

from oaicheck.report import rules, terminal
from oaicheck.report.run import Run
from oaicheck.report.terminal import summary_lines

HARM = ["breaks OpenCode 1: the call is <lost>", "tolerated by curl"]


@pytest.fixture(autouse=True)
def measured(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (rules, terminal):
        monkeypatch.setattr(module, "whom_it_breaks", lambda _: HARM)


def test_the_page_lists_clients_beside_the_remedy(run: Run) -> None:
    page = str(rules.rules(run))
    harm = "<li>breaks OpenCode 1: the call is &lt;lost&gt;</li><li>tolerated by curl</li>"
    assert page.count(f"<dt>Real clients</dt><dd><ul>{harm}</ul></dd>") == len(run.harm)


def test_the_terminal_lists_clients_after_the_remedy(run: Run) -> None:
    lines = [line for line, _ in summary_lines(run)]
    first = next(number for number, line in enumerate(lines) if line.startswith("  remedy"))
    rest = lines[first : first + 6]
    assert "  clients   breaks OpenCode 1: the call is <lost>" in rest
    assert "  clients   tolerated by curl" in rest
