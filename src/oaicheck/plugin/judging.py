"""Judges checks, and reports the results to pytest.

pytest reports each item three times to every plugin. A check that passed does not need that, so a
quiet run only reports checks that did not pass. If some plugin may want all of them (JUnit, the
cache behind `--lf`, a worker of pytest-xdist, verbose output), every check is reported.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from _pytest.runner import CallInfo, check_interactive_exception

from oaicheck.plugin import distributed
from oaicheck.plugin.conformance import Conformance
from oaicheck.plugin.items import Check
from oaicheck.rules.verdict import Outcome, Result
from oaicheck.verdicts.outcomes import is_internal
from oaicheck.wire.printable import printable

OUTCOME = "oaicheck_outcome"
"""The attribute of pytest's report that holds the outcome of a check."""
KNOWN = "oaicheck_known"
"""The attribute of pytest's report that says that a baseline names the failure."""

_CONTENT_WITH_FAILURES = {"session", "terminalreporter", "logging-plugin", "oaicheck.plugin"}
"""Plugins that do not need to know about checks that passed."""


def must_report_all(config: pytest.Config) -> bool:
    """Whether some plugin may need reports of all checks, passed ones included."""
    if config.get_verbosity() > 0 or distributed.is_worker(config):
        return True
    listening = {each.plugin_name for each in config.hook.pytest_runtest_logreport.get_hookimpls()}
    return not listening <= _CONTENT_WITH_FAILURES | _without_rows(config)


def _without_rows(config: pytest.Config) -> set[str]:
    """The names under which pytest-html is registered: our report replaces its table of items."""
    return {
        name
        for name, plugin in config.pluginmanager.list_name_plugin()
        if type(plugin).__module__.startswith("pytest_html")
    }


def judge_item(item: Check, conformance: Conformance, *, report_all: bool) -> Result:
    """Judge one check and report it. Returns the result."""
    aborting = (KeyboardInterrupt, pytest.exit.Exception)
    call = CallInfo.from_call(item.runtest, "call", reraise=aborting)
    raised = call.excinfo.value if call.excinfo else None
    assert item.level is not None
    assert item.scenario is not None
    result = conformance.judged(item.requirement, item.level, item.scenario, item.nodeid, raised)
    if report_all or result.outcome is not Outcome.PASS:
        report = _report(item, call, result, conformance)
        if distributed.is_worker(item.config):
            distributed.attach(report, result, internal=is_internal(raised))
        _tell(item, report, report_all=report_all)
        if report.failed and check_interactive_exception(call, report):
            item.ihook.pytest_exception_interact(node=item, call=call, report=report)
    return result


def _tell(item: Check, report: pytest.TestReport, *, report_all: bool) -> None:
    log: Callable[..., Any] = item.ihook.pytest_runtest_logreport
    if not report_all:
        log(report=report)
        return
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    log(report=_phase(item, "setup"))
    log(report=report)
    log(report=_phase(item, "teardown"))
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)


def _phase(item: Check, when: Any) -> pytest.TestReport:
    return pytest.TestReport(item.nodeid, item.location, {}, "passed", None, when)


def _report(
    item: Check, call: CallInfo[None], result: Result, conformance: Conformance
) -> pytest.TestReport:
    """The result as a report of pytest, with pytest's closest outcome."""
    words = printable(result.message) if result.message else None
    outcome: Any = "passed"
    longrepr: Any = words
    match result.outcome:
        case Outcome.FAIL | Outcome.ERROR:
            outcome = "failed"
        case Outcome.NOT_APPLICABLE | Outcome.INCONCLUSIVE:
            outcome, longrepr = "skipped", (str(item.path), 0, words or "")
    known = conformance.excuses(result)
    if known:
        outcome, longrepr = "passed", None
    report = pytest.TestReport(
        item.nodeid,
        item.location,
        {},
        outcome,
        longrepr,
        "call",
        duration=call.duration,
        start=call.start,
        stop=call.stop,
    )
    setattr(report, OUTCOME, result.outcome.value)
    if known:
        setattr(report, KNOWN, True)
    return report
