"""junit.xml, for build servers that show test results."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from html import escape

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
    counts = _counts(run, run.results)
    if run.problem is not None:
        counts["tests"] += 1
        counts["errors"] += 1
    lines = [
        "<?xml version='1.0' encoding='utf-8'?>",
        _start("testsuites", name="oaicheck", **counts, time=f"{run.duration:.3f}"),
    ]
    started = datetime.fromtimestamp(run.started, UTC).isoformat(timespec="seconds")
    properties = {
        "endpoint": str(run.target.get("base_url", "")),
        "model": str(run.target.get("model", "")),
        "profile": run.profile,
        "catalogue": run.catalogue,
    }
    for section, judged in run.sections.items():
        results = [result for one in judged for result in one.results]
        about: dict[str, str | int] = {
            "name": section,
            **_counts(run, results),
            "time": "0",
            "timestamp": started,
        }
        lines.append("  " + _start("testsuite", **about))
        lines += _properties(properties, "    ")
        for result in results:
            lines += _case(section, run, result)
        lines.append("  </testsuite>")
    if run.problem is not None:
        lines += _stopped(run.problem)
    lines.append("</testsuites>")
    return "\n".join(lines).encode()


def _stopped(problem: str) -> Iterator[str]:
    """A case with an error, so that a run that stopped early never looks clean."""
    yield "  " + _start("testsuite", name="run", tests=1, failures=0, errors=1)
    yield "    " + _start("testcase", classname="run", name="the run stopped early")
    yield "      " + _element("error", problem, message=problem.partition("\n")[0], type="stopped")
    yield "    </testcase>"
    yield "  </testsuite>"


def _case(section: str, run: Run, result: Result) -> Iterator[str]:
    scenario = f" [{result.scenario}]" if result.scenario else ""
    yield "    " + _start(
        "testcase",
        classname=section,
        name=f"{result.requirement}{scenario}",
        file=result.nodeid.partition("::")[0],
        time="0",
    )
    yield from _properties({"level": result.level.value, "outcome": result.outcome.value}, "      ")
    word = OUTCOMES[result.outcome]
    message = result.message.partition("\n")[0] or word
    tag = _tag(run, result)
    if tag == "skipped":
        if run.baseline is not None and run.knows(result):
            reason = run.baseline.reason(result)
            word = f"known {word} ({reason})" if reason else f"known {word}"
        yield "      " + _element(tag, message=f"{word}: {message}")
    elif tag == "failure" and result.outcome is Outcome.PASS:
        message = "stale: the baseline lists this check as a known failure, but it passes"
        yield "      " + _element(tag, message=message, type="stale")
    elif tag is not None:
        type_ = "error" if tag == "error" else result.level.value
        yield "      " + _element(tag, _explained(run, result), message=message, type=type_)
    elif result.outcome is Outcome.WARN:
        yield "      " + _element("system-out", f"WARN: {_explained(run, result)}")
    yield "    </testcase>"


def _tag(run: Run, result: Result) -> str | None:
    """The element that marks a case as failed, in error or skipped; None if it passed."""
    compared = run.baseline
    if run.knows(result) or result.outcome in _SKIPPED:
        return "skipped"
    if compared is not None and compared.is_stale(result) and not compared.allow_stale:
        return "failure"
    return {Outcome.FAIL: "failure", Outcome.ERROR: "error"}.get(result.outcome)


def _counts(run: Run, results: Iterable[Result]) -> dict[str, int]:
    tags = [_tag(run, result) for result in results]
    named = (("failures", "failure"), ("errors", "error"), ("skipped", "skipped"))
    return {"tests": len(tags), **{name: tags.count(tag) for name, tag in named}}


def _properties(properties: Mapping[str, str], indent: str) -> Iterator[str]:
    yield f"{indent}<properties>"
    for name, value in properties.items():
        yield f"{indent}  {_element('property', name=name, value=value)}"
    yield f"{indent}</properties>"


def _start(tag: str, **attributes: str | int) -> str:
    return f"<{tag}{_attributes(attributes)}>"


def _element(tag: str, text: str = "", **attributes: str | int) -> str:
    if not text:
        return f"<{tag}{_attributes(attributes)} />"
    return f"<{tag}{_attributes(attributes)}>{escape(_text(text), quote=False)}</{tag}>"


def _attributes(attributes: Mapping[str, str | int]) -> str:
    return "".join(
        f' {name}="{escape(xml_text(str(value)))}"' for name, value in attributes.items()
    )


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
    return "\n".join(lines)


def _text(text: str) -> str:
    return "\n".join(map(xml_text, text.split("\n")))


def xml_text(text: str) -> str:
    """The text with all characters escaped that XML 1.0 forbids or that a reader cannot see."""
    return _NOT_XML.sub(lambda match: f"\\u{ord(match.group()):04x}", printable(text))
