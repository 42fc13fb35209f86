"""junit.xml, for build servers that show test results."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

from oaicheck.report.run import Run
from oaicheck.report.wording import OUTCOMES, sources_of, where_words
from oaicheck.rules.verdict import Outcome, Result
from oaicheck.wire.printable import printable

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SKIPPED = (Outcome.NOT_APPLICABLE, Outcome.INCONCLUSIVE)


def junit_xml(run: Run) -> bytes:
    """The report with a test suite per section and a test case per result.

    JUnit has no warnings: a broken SHOULD is a passed case whose output begins with WARN. A result
    that is not applicable, inconclusive or a known failure is a skipped case, with a message that
    says which. A stale baseline entry makes its case a failure, unless stale entries are allowed.
    """
    root = ET.Element("testsuites", name="oaicheck")
    _count(root, run, run.results)
    root.set("time", f"{run.duration:.3f}")
    started = datetime.fromtimestamp(run.started, UTC).isoformat(timespec="seconds")
    for section, judged in run.sections.items():
        results = [result for one in judged for result in one.results]
        suite = ET.SubElement(root, "testsuite", name=xml_text(section))
        _count(suite, run, results)
        suite.set("time", "0")
        suite.set("timestamp", started)
        properties = {
            "endpoint": str(run.target.get("base_url", "")),
            "model": str(run.target.get("model", "")),
            "profile": run.profile,
            "catalogue": run.catalogue,
        }
        _properties(suite, properties)
        for result in results:
            _case(suite, section, run, result)
    if run.problem is not None:
        _stopped(root, run.problem)
    ET.indent(root)
    document: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return document


def _stopped(root: ET.Element, problem: str) -> None:
    """Add a case with an error, so that a run that stopped early never looks clean."""
    suite = ET.SubElement(root, "testsuite", name="run", tests="1", failures="0", errors="1")
    case = ET.SubElement(suite, "testcase", classname="run", name="the run stopped early")
    lines = [xml_text(line) for line in problem.split("\n")]
    ET.SubElement(case, "error", message=lines[0], type="stopped").text = "\n".join(lines)
    for name in ("tests", "errors"):
        root.set(name, str(int(root.get(name, "0")) + 1))


def _case(suite: ET.Element, section: str, run: Run, result: Result) -> None:
    scenario = f" [{result.scenario}]" if result.scenario else ""
    case = ET.SubElement(
        suite,
        "testcase",
        classname=xml_text(section),
        name=xml_text(f"{result.requirement}{scenario}"),
        file=xml_text(result.nodeid.partition("::")[0]),
        time="0",
    )
    _properties(case, {"level": result.level.value, "outcome": result.outcome.value})
    word = OUTCOMES[result.outcome]
    message = xml_text(result.message.partition("\n")[0] or word)
    tag = _tag(run, result)
    if tag == "skipped":
        if run.baseline is not None and run.knows(result):
            reason = xml_text(run.baseline.reason(result))
            word = f"known {word} ({reason})" if reason else f"known {word}"
        ET.SubElement(case, tag, message=f"{word}: {message}")
    elif tag == "failure" and result.outcome is Outcome.PASS:
        message = "stale: the baseline lists this check as a known failure, but it passes"
        ET.SubElement(case, tag, message=message, type="stale")
    elif tag is not None:
        type_ = "error" if tag == "error" else result.level.value
        child = ET.SubElement(case, tag, message=message, type=type_)
        child.text = _explained(run, result)
    elif result.outcome is Outcome.WARN:
        ET.SubElement(case, "system-out").text = f"WARN: {_explained(run, result)}"


def _tag(run: Run, result: Result) -> str | None:
    """The element that marks a case as failed, in error or skipped; None if it passed."""
    compared = run.baseline
    if run.knows(result) or result.outcome in _SKIPPED:
        return "skipped"
    if compared is not None and compared.is_stale(result) and not compared.allow_stale:
        return "failure"
    return {Outcome.FAIL: "failure", Outcome.ERROR: "error"}.get(result.outcome)


def _count(element: ET.Element, run: Run, results: Iterable[Result]) -> None:
    tags = [_tag(run, result) for result in results]
    element.set("tests", str(len(tags)))
    for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        element.set(name, str(tags.count(tag)))


def _properties(element: ET.Element, properties: dict[str, str]) -> None:
    holder = ET.SubElement(element, "properties")
    for name, value in properties.items():
        ET.SubElement(holder, "property", name=name, value=xml_text(value))


def _explained(run: Run, result: Result) -> str:
    requirement = run.requirements[result.requirement]
    lines = [requirement.sentence]
    if result.finding is None:
        lines += result.message.split("\n")
    else:
        lines += [f"expected: {result.finding.expected}", f"observed: {result.finding.observed}"]
        for evidence in result.finding.evidence:
            lines += [f"where:    {where_words(evidence)}"]
            lines += [f"          {line}" for line in evidence.excerpt.split("\n")]
    for source in sources_of(requirement):
        lines.append(f"source:   {source.title}" + (f" <{source.url}>" if source.url else ""))
    lines.append(f"remedy:   {requirement.remedy}")
    if result.scenario in run.curl:
        lines.append(f"repeat:   {run.curl[result.scenario]}")
    return "\n".join(map(xml_text, lines))


def xml_text(text: str) -> str:
    """The text with all characters escaped that XML 1.0 forbids or that a reader cannot see."""
    return _NOT_XML.sub(lambda match: f"\\u{ord(match.group()):04x}", printable(text))
