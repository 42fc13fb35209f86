from __future__ import annotations

import dataclasses
import json
from datetime import datetime
from xml.etree import ElementTree as ET

import jsonschema
import pytest

from oaicheck.report.folder import new_folder, write_folder
from oaicheck.report.machine.json_report import to_json
from oaicheck.report.machine.junit import junit_xml
from oaicheck.resources import locate


@pytest.fixture
def validator():
    schema = json.loads((locate("fixtures") / "schemas/report.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def test_the_report_meets_its_schema(build, hostile, validator):
    for run in (build(), build(hostile), dataclasses.replace(build(), verdict=None, results=())):
        validator.validate(json.loads(json.dumps(to_json(run))))


def test_the_report_names_what_it_has_to(run):
    report = to_json(run)
    assert report["schema"] == "oaicheck.report/1"
    assert report["verdict"] == "non-conformant"
    assert report["started"] == "2026-02-25T06:13:20.250+00:00"
    first = report["results"][0]
    assert first["requirement"] == "chat.framing.done-once-and-last"
    assert first["outcome"] == "fail"
    assert first["evidence"][0]["event"] == 61
    assert report["requirements"][first["requirement"]]["sources"][1]["title"].startswith(
        "RFC 9110"
    )


def test_junit_has_a_suite_for_each_section_and_a_case_for_each_result(run):
    root = ET.fromstring(junit_xml(run))
    assert [suite.get("name") for suite in root] == sorted(run.sections)
    assert len(root.findall(".//testcase")) == len(run.results)
    assert (
        root.attrib | {"tests": "13", "failures": "4", "errors": "1", "skipped": "2"} == root.attrib
    )
    framing = root.find("testsuite[@name='chat.framing']")
    assert (framing.get("tests"), framing.get("failures")) == ("4", "3")


def test_junit_tells_the_six_outcomes_apart(run):
    root = ET.fromstring(junit_xml(run))
    shown = {
        case.get("name"): [(child.tag, child.get("message")) for child in case][1:]
        for case in root.iter("testcase")
    }
    assert shown["chat.completion.id [chat/text]"] == []
    assert shown["chat.finish-reason.null-until-end [stream/text]"][0][0] == "failure"
    assert shown["errors.authentication.wrong-key [auth/wrong]"] == [
        ("error", "no answer: the connection was reset")
    ]
    assert shown["chat.usage.arithmetic [chat/length]"] == [
        ("skipped", "inconclusive: the model stopped before the limit")
    ]
    assert shown["images.input.accepted [chat/image]"] == [
        ("skipped", "not applicable: the target does not claim vision")
    ]
    assert shown["chat.chunk.created [stream/text]"] == [("system-out", None)]
    assert root.find(".//system-out").text.startswith("WARN: Every chunk has the same")


def test_junit_holds_nothing_that_hides(hostile_run):
    document = junit_xml(hostile_run).decode("utf-8")
    ET.fromstring(document)
    for hidden in "\x00\x1b\u202e\u2066\u2028\ufffe":
        assert hidden not in document
    assert "\\x1b[31m" in document


def test_a_folder_is_never_taken_twice(tmp_path):
    now = datetime(2026, 1, 31, 18, 45, 2).timestamp()
    folders = [new_folder(tmp_path / "reports", now) for _ in range(3)]
    assert [folder.name for folder in folders] == [
        "20260131-184502",
        "20260131-184502-2",
        "20260131-184502-3",
    ]


def test_the_folder_holds_whole_files_and_nothing_else(tmp_path, hostile_run):
    write_folder(hostile_run, tmp_path)
    write_folder(hostile_run, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        *("badge.json", "badge.svg", "junit.xml", "oaicheck.sarif", "report.json", "summary.md")
    ]
    assert json.loads((tmp_path / "report.json").read_text("utf-8"))["exit_code"] == 1
