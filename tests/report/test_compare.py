"""Reports side by side: what differs comes first, and nothing of it is alive."""

from __future__ import annotations

import dataclasses
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from oaicheck.report.comparison import Cell, Comparison, labels_of
from oaicheck.report.html.comparison import comparison_page
from oaicheck.report.machine.json_report import to_json
from oaicheck.report.reading import Report, ReportError, read_report
from oaicheck.report.run import Run
from oaicheck.report.text.comparison import comparison_markdown
from oaicheck.rules.verdict import Outcome, run_verdict
from support.commands import Command
from support.sample_run import HOSTILE, build_run


def written(run: Run, folder: Path, name: str) -> Report:
    path = folder / name / "report.json"
    path.parent.mkdir()
    path.write_text(json.dumps(to_json(run)), "utf-8")
    return read_report(path)


def mended(run: Run) -> Run:
    """The same run, with everything in order and one requirement not judged."""
    results = tuple(
        dataclasses.replace(result, outcome=Outcome.PASS, finding=None, message="")
        for result in run.results
        if result.requirement != "models.list"
    )
    return dataclasses.replace(run, results=results, verdict=run_verdict(results), started=2e9)


@pytest.fixture
def comparison(tmp_path: Path) -> Comparison:
    run = build_run()
    reports = (written(run, tmp_path, "a"), written(mended(run), tmp_path, "b"))
    return Comparison(("before", "after"), reports)


def test_differences_come_first_and_the_worst_of_them_first(comparison: Comparison) -> None:
    ids = [row.id for row in comparison.differing]
    assert ids == [
        "chat.finish-reason.null-until-end",
        "chat.framing.done-once-and-last",
        "chat.chunk.created",
        "errors.authentication.wrong-key",
        "chat.usage.arithmetic",
        "images.input.accepted",
        "models.list",
    ]
    assert [row.id for rows in comparison.agreeing.values() for row in rows] == [
        "chat.completion.id"
    ]
    assert [row.id for row in comparison.uneven] == [
        "errors.authentication.wrong-key",
        "chat.usage.arithmetic",
        "images.input.accepted",
        "models.list",
    ]
    assert comparison.words == (
        "2 MUST and 1 SHOULD requirements broken in some reports only; "
        "4 more with different outcomes or scenarios."
    )
    framing = comparison.differing[1]
    assert [cell.words if cell else None for cell in framing.cells] == ["fail 3 of 4", "pass"]
    assert comparison.differing[-1].cells[1] is None


def test_the_table_has_a_row_for_each_requirement(comparison: Comparison) -> None:
    text = comparison_markdown(comparison)
    assert text.startswith("## oaicheck: 3 differences between 2 reports\n")
    rows = [line for line in text.split("\n") if line.startswith("|")]
    assert rows[0] == "| Requirement | Level | `before` | `after` |"
    assert rows[2] == "| **Verdict** |  | non-conformant | conformant |"
    assert "| `chat.framing.done-once-and-last` | MUST | ❌ fail 3 of 4 | ✅ pass |" in rows
    assert {row.count("|") for row in rows} == {5}
    assert text.index("| SHOULD |") < text.index("4 requirements with different outcomes or")
    assert text.index("1 requirement without a difference") > text.index("models.list")


def test_what_is_broken_in_all_of_them_is_the_same_and_not_hidden(tmp_path: Path) -> None:
    run = build_run()
    reports = (written(run, tmp_path, "a"), written(run, tmp_path, "b"))
    comparison = Comparison(("one", "two"), reports)
    assert {row.id for row in comparison.shared} == {judged.requirement.id for judged in run.harm}
    assert not [row for rows in comparison.agreeing.values() for row in rows if row.broken]
    assert "Broken in all reports: 3 requirements" in comparison_page(comparison)
    assert "3 requirements broken in all reports</summary>" in comparison_markdown(comparison)


def test_on_a_terminal_only_what_differs_is_a_table(comparison: Comparison) -> None:
    text = comparison_markdown(comparison, whole=False)
    assert "<details>" not in text
    assert text.count("| `chat.") == len(comparison.contested)
    assert "1 requirement without a difference (use --html or --markdown to list them)." in text


def test_what_is_not_applicable_takes_no_share() -> None:
    def words(**counts: int) -> str:
        found = {Outcome(name.replace("_", "-")): count for name, count in counts.items()}
        return Cell("MUST", found, ()).words

    assert words(**{"pass": 30}, not_applicable=2) == "pass"
    assert words(fail=3, **{"pass": 27}, not_applicable=2) == "fail 3 of 30"
    assert words(not_applicable=2) == "not applicable"


class Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.attributes.update(name for name, _ in attrs)

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_is_one_file(comparison: Comparison) -> None:
    text = comparison_page(comparison)
    page = Page(text)
    assert "3 differences between 2 reports" in page.text
    assert "2 MUST, 1 SHOULD" in page.text
    assert "null until the last chunk of choice 0; choices[0].finish_reason is" in page.text
    assert "before" in page.text
    assert not {"script", "link", "img", "iframe"} & page.elements
    assert not re.search(r"(src|href)=\"(?!#)", text)
    assert "default-src 'none'" in text.replace("&#x27;", "'")


def test_hostile_reports_stay_text(tmp_path: Path) -> None:
    run = build_run(HOSTILE)
    reports = (written(run, tmp_path, "a"), written(mended(run), tmp_path, "b"))
    comparison = Comparison((f"A{HOSTILE}", f"B{HOSTILE}"), reports)
    page = Page(comparison_page(comparison))
    assert not {"script", "img", "svg", "iframe", "a", "input"} & page.elements
    assert not [name for name in page.attributes if name.startswith("on")]
    assert "<script>window.pwned=1</script>" in page.text
    for text in (comparison_page(comparison), comparison_markdown(comparison)):
        for hidden in "\x00\x1b\x07\u202e\u2066\u2028":
            assert hidden not in text
    assert {line.count("|") for line in comparison_markdown(comparison).split("\n")} <= {0, 5}


def test_labels_are_as_short_as_they_can_be(tmp_path: Path) -> None:
    run = build_run()
    other = dataclasses.replace(run, target={**run.target, "model": "other"})
    elsewhere = dataclasses.replace(run, target={**run.target, "base_url": "https://b/v1"})
    later = dataclasses.replace(run, started=run.started + 86400)
    first = written(run, tmp_path, "1")
    assert labels_of([first, written(other, tmp_path, "2")]) == ("smollm2-135m-instruct", "other")
    assert labels_of([first, written(elsewhere, tmp_path, "3")]) == (
        "http://127.0.0.1:8080/v1",
        "https://b/v1",
    )
    assert labels_of([first, written(later, tmp_path, "4")]) == (
        "2026-02-25 06:13",
        "2026-02-26 06:13",
    )
    assert len(set(labels_of([first, first]))) == 2


def test_an_unequal_judgement_is_said(tmp_path: Path) -> None:
    run = build_run()
    other = dataclasses.replace(run, profile="opencode")
    reports = (written(run, tmp_path, "a"), written(other, tmp_path, "b"))
    comparison = Comparison(labels_of(reports), reports)
    assert "The reports differ in: profile." in comparison_markdown(comparison)
    assert "The reports differ in: profile." in comparison_page(comparison)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot be read"),
        (b"\xff\xfe", "not a text file"),
        (b"{", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[]", "no schema"),
        (b'{"schema": "other/9"}', "other/9"),
        (b'{"schema": "oaicheck.report/1"}', "invalid report"),
    ],
)
def test_a_foreign_file_is_named(tmp_path: Path, content: bytes | None, said: str) -> None:
    path = tmp_path / "report.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ReportError, match=said) as caught:
        read_report(path)
    assert str(path) in str(caught.value)


def test_the_command(tmp_path: Path, oaicheck: Command, comparison: Comparison) -> None:
    printed = oaicheck("compare", "a", "b/report.json", "--label", "x", "--label", "y")
    assert printed.returncode == 0, printed.stderr
    assert "| Requirement | Level | `x` | `y` |" in printed.stdout
    files = oaicheck("compare", "a", "b", "--html", "c.html", "--markdown", "c.md")
    assert files.stdout.split() == ["c.html", "c.md"]
    assert (tmp_path / "c.html").read_text("utf-8").startswith("<!DOCTYPE html>")
    assert (tmp_path / "c.md").read_text("utf-8").startswith("## oaicheck")
    for arguments, said in (
        (["a"], "two reports"),
        (["a", "b", "--label", "x"], "1 label for 2 reports"),
        (["a", "nowhere"], "nowhere"),
        (["a", "b", "--html", "no/such/folder.html"], "no/such"),
    ):
        refused = oaicheck("compare", *arguments)
        assert refused.returncode == 4
        assert said in refused.stderr
        assert "Traceback" not in refused.stderr
