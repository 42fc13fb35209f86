"""What lies in the folder for machines: the report's schema, SARIF, Markdown, the badge."""

from __future__ import annotations

import dataclasses
import json
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import jsonschema
import pytest

from oaicheck.report.causes import observations
from oaicheck.report.folder import append_step_summary, write_folder
from oaicheck.report.machine.badge import badge, badge_svg
from oaicheck.report.machine.json_report import to_json
from oaicheck.report.machine.sarif import sarif
from oaicheck.report.run import Run
from oaicheck.report.text.markdown import code, sentence, summary
from oaicheck.report.text.terminal import summary_lines
from oaicheck.resources import locate
from oaicheck.rules.verdict import RunVerdict
from oaicheck.verdicts.baseline import Compared, Entry
from support.sample_run import HOSTILE, build_run

FILES = {"report.json", "junit.xml", "oaicheck.sarif", "summary.md", "badge.json", "badge.svg"}


def with_baseline(run: Run) -> Run:
    """The run, its first failure known, and an entry that is stale."""
    known = Entry(run.results[0].requirement, run.results[0].scenario, HOSTILE)
    passing = next(result for result in run.results if result.outcome == "pass")
    stale = Entry(passing.requirement, passing.scenario, "mended")
    return dataclasses.replace(run, baseline=Compared("known.json", {known.check: known}, (stale,)))


RUNS = [
    build_run(),
    build_run(HOSTILE),
    with_baseline(build_run(HOSTILE)),
    dataclasses.replace(build_run(), results=(), verdict=None),
]


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from value
        yield from (text for member in value.values() for text in texts(member))
    elif isinstance(value, list):
        yield from (text for member in value for text in texts(member))


def hides(text: str) -> bool:
    return any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") for c in text)


@pytest.mark.parametrize("run", RUNS)
def test_the_schema_names_every_member(run: Run) -> None:
    schema = json.loads((locate("fixtures") / "schemas/report.schema.json").read_text("utf-8"))
    close(schema)
    jsonschema.Draft202012Validator(schema).validate(json.loads(json.dumps(to_json(run))))


def close(schema: Any) -> None:
    """Forbid every member that the schema does not name."""
    if isinstance(schema, dict):
        if "properties" in schema and "type" in schema:
            schema.setdefault("additionalProperties", False)
        for member in schema.values():
            close(member)
    elif isinstance(schema, list):
        for member in schema:
            close(member)


@pytest.mark.parametrize("run", RUNS)
def test_every_file_is_written(tmp_path: Path, run: Run) -> None:
    write_folder(run, tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == FILES


@pytest.mark.parametrize("run", RUNS)
def test_sarif_has_a_result_for_each_observation(run: Run) -> None:
    log = json.loads(json.dumps(sarif(run)))
    assert log["version"] == "2.1.0"
    [one] = log["runs"]
    rules = one["tool"]["driver"]["rules"]
    seen = [observations(run, judged.broken) for judged in run.judged]
    assert len(one["results"]) == sum(map(len, seen))
    counts = [result["occurrenceCount"] for result in one["results"]]
    assert sum(counts) == sum(len(judged.broken) for judged in run.judged)
    lines = len(run.recording.exchanges) + 1
    for result in one["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        [location] = result["locations"]
        assert len(result["relatedLocations"]) == result["occurrenceCount"] - 1
        assert location["physicalLocation"]["artifactLocation"]["uri"] == "exchanges.jsonl"
        assert 1 <= location["physicalLocation"]["region"]["startLine"] <= lines
        assert location["logicalLocations"][0]["kind"] == "scenario"
    for rule in rules:
        assert rule["helpUri"].startswith("https://")
        assert rule["help"]["text"]
    assert not [text for text in texts(log) if hides(text)]


def test_sarif_points_at_the_line_of_the_exchange() -> None:
    run = build_run()
    result = sarif(run)["runs"][0]["results"][0]
    line = result["locations"][0]["physicalLocation"]["region"]["startLine"]
    assert run.recording.exchanges[line - 2].id == "stream/text#1"
    assert result["level"] == "error"
    assert result["message"]["text"].startswith("stream/text: expected ")


def test_sarif_suppresses_what_is_known() -> None:
    results = sarif(with_baseline(build_run()))["runs"][0]["results"]
    [known] = [result for result in results if result["suppressions"]]
    assert known["suppressions"][0]["status"] == "accepted"
    assert known["occurrenceCount"] == 1


def test_what_came_to_no_verdict_is_a_notification() -> None:
    [invocation] = sarif(build_run())["runs"][0]["invocations"]
    assert [n["level"] for n in invocation["toolExecutionNotifications"]] == ["note", "error"]


@pytest.mark.parametrize(
    "text",
    [
        "plain",
        "a|b",
        "``",
        "`a",
        "x``y`",
        "<img src=x onerror=1>",
        "@someone",
        "a\n# b",
        "\\|",
        "$x$",
    ],
)
def test_a_code_span_holds_anything(text: str) -> None:
    span = code(text)
    fence = re.match("`+", span)
    assert fence is not None
    inner = span[len(fence.group()) : -len(fence.group())]
    assert not re.search(f"(?<!`){fence.group()}(?!`)", inner)
    assert "|" not in span
    assert "\n" not in span


def test_a_sentence_keeps_its_code() -> None:
    assert sentence("Send `a|b`, *never* <b>.") == "Send `a¦b`, \\*never\\* &lt;b>."


@pytest.mark.parametrize("run", RUNS)
def test_the_summary_is_inert(run: Run) -> None:
    text = summary(run)
    outside = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", text)
    assert set(re.findall("<[^>]*>", outside)) <= {
        *("<details>", "</details>", "<summary>", "</summary>", "<br>")
    }
    assert "script" not in outside
    assert not [line for line in text.split("\n") if hides(line)]
    rows = [line for line in outside.split("\n") if line.startswith("|")]
    assert all(row.endswith("|") for row in rows)


def test_the_summary_says_what_matters() -> None:
    text = summary(with_baseline(build_run()))
    assert text.startswith("## oaicheck: NON-CONFORMANT\n")
    assert "2 MUST requirements broken, 1 SHOULD requirement broken.\n\nChecks: 4 fail" in text
    assert (
        "Gate (must) failed: 3 checks failed (not in the baseline), "
        "2 MUST checks could not be judged, 1 baseline entry is stale; "
        "exit code 1; 1 check is a known failure"
    ) in text
    assert "### Stale baseline entries" in text


def test_a_job_page_gets_the_summary(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("before\n", "utf-8")
    append_step_summary(build_run(), {"GITHUB_STEP_SUMMARY": str(page)})
    assert page.read_text("utf-8").startswith("before\n## oaicheck: NON-CONFORMANT")
    append_step_summary(build_run(), {})


@pytest.mark.parametrize(
    ("verdict", "message", "colour"),
    [
        (RunVerdict.CONFORMANT, "conformant (openai)", "brightgreen"),
        (RunVerdict.NON_CONFORMANT, "non-conformant (openai)", "red"),
        (RunVerdict.INCOMPLETE, "incomplete (openai)", "yellow"),
        (None, "nothing judged (openai)", "lightgrey"),
    ],
)
def test_the_badge(verdict: RunVerdict | None, message: str, colour: str) -> None:
    run = dataclasses.replace(build_run(), verdict=verdict)
    assert badge(run) == {
        "schemaVersion": 1,
        "label": "oaicheck",
        "message": message,
        "color": colour,
    }
    picture = ET.fromstring(badge_svg(run))
    assert picture.get("aria-label") == f"oaicheck: {message}"


def test_the_badge_is_inert() -> None:
    picture = badge_svg(dataclasses.replace(build_run(), profile=HOSTILE))
    names = {element.tag.rpartition("}")[2] for element in ET.fromstring(picture).iter()}
    assert names == {"svg", "title", "clipPath", "rect", "g", "text"}


def test_the_terminal_tells_new_from_known() -> None:
    lines = [text for text, _ in summary_lines(with_baseline(build_run()))]
    assert "KNOWN  1 check listed in the baseline" in lines
    assert "STALE  1 entry of known.json" in lines
    assert not [line for line in lines if hides(line)]
