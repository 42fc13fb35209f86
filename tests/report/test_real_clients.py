"""The reports say which real clients a breach was seen to harm, and what harms most comes first."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from oaicheck.report.comparison import Comparison
from oaicheck.report.html.comparison import comparison_page
from oaicheck.report.html.overview import overview
from oaicheck.report.html.rules import rules
from oaicheck.report.machine.json_report import to_json
from oaicheck.report.reading import read_report
from oaicheck.report.run import Run
from oaicheck.report.text.markdown import summary
from oaicheck.report.text.terminal import summary_lines
from oaicheck.verdicts import impact
from oaicheck.verdicts.impact import Harm

TOLERATED, HARMFUL = "chat.framing.done-once-and-last", "chat.finish-reason.null-until-end"
MEASURED = {
    TOLERATED: (
        Harm("OpenCode 1", "degraded", "usage lost", "a"),
        Harm("curl 8", "works", "", "a"),
    ),
    HARMFUL: (
        Harm("OpenCode 1", "breaks", "the call is <lost>", "b"),
        Harm("openai-node 7", "hangs", "no end", "b"),
        Harm("curl 8", "works", "", "b"),
    ),
}


@pytest.fixture(autouse=True)
def measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(impact, "measured", lambda: MEASURED)


def order(run: Run) -> list[str]:
    return [judged.requirement.id for judged in run.harm]


def test_what_breaks_clients_comes_before_what_breaks_none(run: Run) -> None:
    assert order(run) == [HARMFUL, TOLERATED, "chat.chunk.created"]


def test_what_degrades_clients_comes_before_what_they_tolerate(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(impact, "measured", lambda: {HARMFUL: MEASURED[TOLERATED]})
    assert order(run)[0] == HARMFUL


def test_a_recommendation_comes_after_what_is_binding(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(impact, "measured", lambda: {"chat.chunk.created": MEASURED[HARMFUL]})
    assert order(run)[-1] == "chat.chunk.created"


def test_the_first_screen_names_the_clients_that_break(run: Run) -> None:
    page = str(overview(run))
    assert "<strong>breaks OpenCode 1, openai-node 7</strong>" in page
    assert page.count("<strong>breaks") == 1


def test_the_page_lists_clients_beside_the_remedy(run: Run) -> None:
    harm = (
        "<li>breaks OpenCode 1: the call is &lt;lost&gt;</li>"
        "<li>hangs openai-node 7: no end</li><li>tolerated by curl 8</li>"
    )
    assert f"<dt>Real clients</dt><dd><ul>{harm}</ul></dd>" in str(rules(run))


def test_the_terminal_lists_clients_after_the_remedy(run: Run) -> None:
    lines = [line for line, _ in summary_lines(run)]
    first = next(number for number, line in enumerate(lines) if line.startswith("  remedy"))
    assert lines[first + 1 : first + 4] == [
        "  clients   breaks OpenCode 1, openai-node 7",
        "  clients   breaks OpenCode 1: the call is <lost>",
        "  clients   hangs openai-node 7: no end",
    ]
    assert "  clients   degrades OpenCode 1: usage lost" in lines
    assert "  clients   tolerated by curl 8" in lines


def test_the_summary_names_the_clients_that_break(run: Run) -> None:
    assert "| breaks OpenCode 1, openai-node 7 |" in summary(run)


def test_a_comparison_puts_first_what_breaks_clients(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text(json.dumps(to_json(run)), "utf-8")
    comparison = Comparison(("one", "two"), (read_report(path),) * 2)
    assert [row.id for row in comparison.rows][:2] == [HARMFUL, TOLERATED]
    page = comparison_page(comparison)
    assert '<strong class="note">breaks OpenCode 1, openai-node 7</strong>' in page


def test_programs_are_told_which_clients_break(run: Run) -> None:
    told = to_json(run)["requirements"]
    assert told[HARMFUL]["breaks"] == ["OpenCode 1", "openai-node 7"]
    assert told["chat.completion.id"]["breaks"] == []
