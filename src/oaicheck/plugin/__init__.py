"""The pytest plugin: collection, the sending phase, verdicts, the report.

`oaicheck.preflight.hooks` adds the options, and brings this plugin in if they are right.

Collection finds the checks and the scenarios that they need. Then, before the first check runs, the
plugin sends all requests, in an event loop of its own. The checks judge the recorded responses and
do no I/O. In a session without such checks, as in the project's own tests, the plugin does nothing.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterable, Mapping
from functools import partial
from pathlib import Path
from shutil import get_terminal_size
from typing import Any, cast

import pytest

from oaicheck.plugin import distributed
from oaicheck.plugin.conformance import Conformance
from oaicheck.plugin.frugal import judgeable, left_out, recorded_already, within_budget
from oaicheck.plugin.in_turn import in_turn
from oaicheck.plugin.interruption import Interruption
from oaicheck.plugin.items import BENCH, Check, Suite, checks_of
from oaicheck.plugin.judging import KNOWN as REPORTED_AS_KNOWN
from oaicheck.plugin.judging import OUTCOME, judge_item, must_report_all
from oaicheck.plugin.progress import Progress, judging
from oaicheck.plugin.words import KNOWN, WORDS
from oaicheck.preflight.chosen import RECORDING
from oaicheck.preflight.display import display_for
from oaicheck.preflight.hooks import (
    REPORTED,
    choices_of,
    contact_of,
    has_suites,
    ignore_signals,
    made_contact,
    option_of,
    tell,
)
from oaicheck.preflight.problem import UsageProblem
from oaicheck.report.run import Run
from oaicheck.report.text.terminal import COLUMNS, summary_lines
from oaicheck.resources import locate
from oaicheck.rules.catalogue import load_catalogue
from oaicheck.rules.requirement import Requirement, requirement_of
from oaicheck.rules.verdict import Outcome
from oaicheck.scenarios.fuzz import PREFIX as DRAWN
from oaicheck.scenarios.scenario import matching
from oaicheck.target.near import did_you_mean
from oaicheck.views.client_run import PREFIX as OF_CLIENTS
from oaicheck.wire.recording import load_recording

_CONFORMANCE = pytest.StashKey[Conformance]()
_RUN = pytest.StashKey[Run]()
_ORDER = pytest.StashKey[dict[str, int]]()
_REQUIREMENTS = pytest.StashKey[dict[str, Requirement]]()
_SILENT = -2
"""The verbosity at which pytest itself prints neither letters nor counts."""
_FLAGS = {DRAWN: "--fuzz N", OF_CLIENTS: "--clients"}
"""The flags that add scenarios, by the prefix of the scenarios' names."""


def _conformance(config: pytest.Config) -> Conformance:
    if _CONFORMANCE not in config.stash:
        conformance = Conformance.of(choices_of(config))
        given = (("-k", config.getoption("keyword")), ("-m", config.getoption("markexpr")))
        conformance.narrowed = [f"{option} {value}" for option, value in given if value]
        recording = distributed.handed_out(config)
        if recording is not None:
            conformance.replayed = load_recording(recording)
            missing = frozenset(distributed.missing(config))
            conformance.interruption = Interruption(missing, 0, len(missing)) if missing else None
        config.stash[_CONFORMANCE] = conformance
    return config.stash[_CONFORMANCE]


@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makemodule(
    module_path: Path, parent: pytest.Collector
) -> pytest.Module | None:
    """Import a file of the suites as the catalogue does."""
    if locate("suites") in module_path.parents:
        module: pytest.Module = Suite.from_parent(parent, path=module_path)
        return module
    return None


@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makeitem(
    collector: pytest.Module | pytest.Class, name: str, obj: object
) -> list[pytest.Item | pytest.Collector] | None:
    """Make a check of a function that has a requirement, for each of its scenarios."""
    requirement = requirement_of(obj)
    if requirement is None or not isinstance(collector, pytest.Module):
        return None
    conformance = _conformance(collector.config)
    scenarios = conformance.scenarios_of(requirement)
    if not scenarios and _flag_of(requirement) is None:
        raise pytest.UsageError(f"{requirement.id}: unknown scenario {' or '.join(requirement.on)}")
    level = conformance.choices.selection.level_of(requirement)
    if level is None:
        # It is deselected below; one item is enough for that.
        scenarios = scenarios[:1]
    function = cast(Callable[..., None], obj)
    return list(checks_of(collector, name, function, requirement, level, scenarios))


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> Generator[None]:
    """Deselect what `--only`, `--skip`, the catalogue and the profile exclude.

    When pytest has deselected too, deselect what does not fit into the budget.
    """
    _deselect_excluded(config, items)
    yield
    if any(isinstance(item, Check) for item in items):
        try:
            _keep(config, items, within_budget(_conformance(config), items, made_contact(config)))
        except UsageProblem as problem:
            raise pytest.UsageError(str(problem)) from problem


def _keep(config: pytest.Config, items: list[pytest.Item], kept: list[pytest.Item]) -> None:
    """Deselect all other items."""
    if len(kept) < len(items):
        staying = set(kept)
        config.hook.pytest_deselected(items=[item for item in items if item not in staying])
        items[:] = kept


def _deselect_excluded(config: pytest.Config, items: list[pytest.Item]) -> None:
    kept, excluded, known = [], [], set()
    turned_off: dict[str, str] = {}
    for item in items:
        if not isinstance(item, Check):
            kept.append(item)
            continue
        known.add(item.requirement.id)
        if item.scenario is None:
            turned_off[item.requirement.id] = _flag_of(item.requirement) or ""
        elif item.level is None or not _conformance(config).can_judge(
            item.requirement, item.scenario
        ):
            excluded.append(item)
        else:
            kept.append(item)
    if known:
        selection = _conformance(config).choices.selection
        _refuse_empty_patterns("--only", selection.only, known, turned_off)
        _refuse_empty_patterns("--skip", selection.skip, known, {})
    if excluded:
        config.hook.pytest_deselected(items=excluded)
    items[:] = kept


def _flag_of(requirement: Requirement) -> str | None:
    """The flag that adds the scenarios of a requirement, or None if it needs no flag."""
    for prefix, flag in _FLAGS.items():
        if all(pattern.startswith(prefix) for pattern in requirement.on):
            return flag
    return None


def _refuse_empty_patterns(
    option: str, patterns: Iterable[str], known: Iterable[str], turned_off: Mapping[str, str]
) -> None:
    for pattern in patterns:
        found = matching([pattern], known)
        if found and all(id in turned_off for id in found):  # noqa: A001
            flags = " or ".join(sorted({turned_off[id] for id in found}))  # noqa: A001
            raise pytest.UsageError(f"{option} {pattern}: these requirements need {flags}")
        # If only a part of the suites was collected, a pattern may match one of the others.
        if not found and not matching([pattern], load_catalogue(locate("suites"))):
            advice = did_you_mean(pattern, known) or "`oaicheck list` prints them"
            if pattern.startswith(("'", '"')):
                advice = "leave out the quotes: no shell has removed them here"
            raise pytest.UsageError(f"{option} {pattern}: no requirement matches; {advice}")


def pytest_collection_finish(session: pytest.Session) -> None:
    """If every test is a check, turn off pytest's own failure output: the summary shows it."""
    if session.items and all(isinstance(item, Check) for item in session.items):
        session.config.option.tbstyle = "no"
        reporter = session.config.pluginmanager.get_plugin("terminalreporter")
        if reporter is not None:
            reporter.reportchars = ""


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """Send all requests before the first check runs. With `--plan`, only print the plan."""
    if distributed.is_distributed(session.config):
        return None
    if distributed.handed_out(session.config):
        session.config.stash[BENCH] = _conformance(session.config).take_up_recording()
        return None
    return _send(session) or _judge(session)


def _judge(session: pytest.Session) -> bool | None:
    """Judge all checks, if nothing else was collected; else pytest goes from item to item."""
    if not session.items or not all(isinstance(item, Check) for item in session.items):
        return None
    if session.testsfailed or session.config.option.collectonly:
        return None
    conformance = _conformance(session.config)
    report_all = must_report_all(session.config)
    display = None
    if not report_all:
        # The summary says all of it: what broke, counted by our outcomes.
        session.config.option.verbose = _SILENT
        display = display_for(session.config, os.environ, partial(tell, session.config))
    checks = [cast(Check, item) for item in session.items]
    assert conformance.bench is not None
    _note_order(session)
    with judging(display, len(checks)) as progress:
        for check in in_turn(checks, conformance.bench.recording):
            try:
                judge_item(check, conformance, report_all=report_all)
                progress.judged()
            except KeyboardInterrupt:
                conformance.stop_judging(len(session.items))
                return True
            if session.shouldfail:
                raise session.Failed(session.shouldfail)
            if session.shouldstop:
                raise session.Interrupted(session.shouldstop)
    return True


def _note_order(session: pytest.Session) -> None:
    """Note the order of the report: checks may be judged in another one."""
    numbers = {item.nodeid: number for number, item in enumerate(session.items)}
    session.config.stash[_ORDER] = numbers


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> bool | None:
    """Judge a check that is run among other tests, or by a worker of pytest-xdist."""
    if not isinstance(item, Check):
        return None
    judge_item(item, _conformance(item.config), report_all=True)
    return True


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes(config: pytest.Config) -> None:
    """Collect and send here, before pytest-xdist starts workers, so that it happens once."""
    session = config.pluginmanager.get_plugin("session")
    assert isinstance(session, pytest.Session)
    session.perform_collect()
    _send(session)
    if session.testsfailed:
        raise session.Interrupted(f"{session.testsfailed} errors during collection")
    _note_order(session)
    config.stash[_REQUIREMENTS] = {
        item.nodeid: item.requirement for item in session.items if isinstance(item, Check)
    }


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Give the recording to a worker of pytest-xdist."""
    conformance = _conformance(node.config)
    if conformance.folder is not None:
        missing = conformance.interruption.missing if conformance.interruption else ()
        distributed.hand_out(node, conformance.folder / RECORDING, missing)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Add the result from a worker of pytest-xdist to the run."""
    config = getattr(getattr(report, "node", None), "config", None)
    found = distributed.detach(report) if config is not None else None
    if config is not None and found is not None:
        result, internal = found
        requirement = config.stash[_REQUIREMENTS][result.nodeid]
        _conformance(config).take(requirement, result, internal=internal)


def _send(session: pytest.Session) -> bool | None:
    checks = [item for item in session.items if isinstance(item, Check)]
    if not checks or session.config.option.collectonly or session.testsfailed:
        return None
    conformance = _conformance(session.config)
    names: set[str] = set()
    for check in checks:
        against = [check.requirement.against] if check.requirement.against else []
        names.update([each.name for each in (check.scenario,) if each is not None] + against)
    say = partial(tell, session.config)
    display = display_for(session.config, os.environ, say)
    conformance.selected_checks = len(checks)
    try:
        if option_of(session.config, "plan"):
            for line in conformance.plan(names, without_recorded=True).table().splitlines():
                say(line)
            for line in (*recorded_already(conformance, names), *left_out(conformance)):
                say(line)
            return True
        contact = contact_of(session.config)
        conformance.make_folder()
    except UsageProblem as problem:
        raise pytest.UsageError(str(problem)) from problem
    _start_html(session.config, conformance)
    conformance.send(names, contact, say, Progress(display))
    _keep(session.config, session.items, judgeable(conformance, session.items, say))
    assert conformance.bench is not None
    session.config.stash[BENCH] = conformance.bench
    return None


def _start_html(config: pytest.Config, conformance: Conformance) -> None:
    if conformance.folder is None or not config.pluginmanager.hasplugin("html"):
        return
    # pytest-html decides when it starts whether to write a report. We know that only now.
    from pytest_html.plugin import pytest_configure as start_html_report

    config.option.htmlpath = str(conformance.folder / "report.html")
    config.option.self_contained_html = True
    manager = config.pluginmanager
    before = manager.get_plugins()
    start_html_report(config)
    for writer in manager.get_plugins() - before:
        # It would print where its file is. The last line of a run says where the whole folder is.
        manager.unregister(writer)
        writer.pytest_terminal_summary = None
        manager.register(writer)


@pytest.hookimpl(tryfirst=True)
def pytest_report_teststatus(
    report: pytest.CollectReport | pytest.TestReport, config: pytest.Config
) -> tuple[str, str, tuple[str, dict[str, bool]] | str] | None:
    """Give each outcome its own letter, word and count; in a quiet run only the count."""
    if hasattr(report, OUTCOME) and config.get_verbosity() <= _SILENT:
        return WORDS[Outcome(getattr(report, OUTCOME))][0], "", ""
    if getattr(report, REPORTED_AS_KNOWN, False):
        return KNOWN
    outcome = getattr(report, OUTCOME, None)
    return WORDS[Outcome(outcome)] if outcome else None


@pytest.hookimpl(optionalhook=True)
def pytest_html_results_table_row(report: pytest.TestReport, cells: list[str]) -> None:
    """Empty pytest-html's own table, which only knows pytest's outcomes."""
    if hasattr(report, OUTCOME) or report.when == "teardown":
        del cells[:]


@pytest.hookimpl(optionalhook=True)
def pytest_html_results_summary(prefix: list[str], session: pytest.Session) -> None:
    """Put our own report into pytest-html's file."""
    run = session.config.stash.get(_RUN, None)
    if run is not None:
        from oaicheck.report.html.fragment import fragment

        prefix.append(fragment(run))


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Set the exit code, and write the report of everything that was judged."""
    if exitstatus == pytest.ExitCode.USAGE_ERROR and has_suites(session.config):
        # The message follows. It is enough without the count of tests that did not run.
        session.config.option.verbose = _SILENT
    conformance = session.config.stash.get(_CONFORMANCE, None)
    if conformance is None or conformance.folder is None:
        return
    session.config.stash[REPORTED] = True
    ignore_signals(session.config)
    ours = len(conformance.results)
    order = session.config.stash.get(_ORDER, {})
    conformance.results.sort(key=lambda result: order.get(result.nodeid, 0))
    if conformance.is_interrupted or exitstatus == pytest.ExitCode.INTERRUPTED:
        session.exitstatus = pytest.ExitCode.INTERRUPTED
        if conformance.problem is None:
            conformance.stop_judging(conformance.selected_checks)
    elif exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED) and ours:
        foreign_failure = session.testsfailed > conformance.failing
        session.exitstatus = 1 if foreign_failure else conformance.exit_code()
    run = conformance.report(int(session.exitstatus))
    session.config.stash[_RUN] = run
    conformance.write(run, partial(tell, session.config))


@pytest.hookimpl(tryfirst=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """At the very end, print what broke, the verdict, and the path of the report."""
    run, conformance = config.stash.get(_RUN, None), config.stash.get(_CONFORMANCE, None)
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if run is None or conformance is None or reporter is None:
        return
    reporter.ensure_newline()
    if config.get_verbosity() > _SILENT:
        reporter.write_line("")
    columns = min(COLUMNS, get_terminal_size().columns) if reporter.isatty else COLUMNS
    for text, style in summary_lines(run, columns):
        reporter.write_line(text, **style)
    reporter.write_line(f"report: {conformance.folder}")
