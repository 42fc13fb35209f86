"""The pytest plugin that pytest sees first: the options, then a look at what they name.

It brings in `oaicheck.plugin`, which judges, only when the look has found nothing wrong. In a
session without the suites, as in the project's own tests, it looks at the options only.
"""

from __future__ import annotations

import os
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from oaicheck.preflight.interrupting import handling, ignore, interrupt
from oaicheck.preflight.problem import UsageProblem
from oaicheck.preflight.run_options import RUN_OPTIONS
from oaicheck.resources import locate
from oaicheck.target.target_options import OPTIONS as TARGET_OPTIONS
from oaicheck.wire.printable import printable

if TYPE_CHECKING:
    from oaicheck.preflight.chosen import Choices
    from oaicheck.preflight.contact import Contact
    from oaicheck.preflight.interrupting import Handler

CHOICES = pytest.StashKey["Choices"]()
"""The key of the run's choices in the configuration's stash."""
REPORTED = pytest.StashKey[bool]()
"""The key in the configuration's stash that says that there is a report."""
_CONTACT = pytest.StashKey["Contact | None"]()
_CLIENTS = "clients"
"""The marker of the suite that runs real clients; `-m clients` turns it on."""
_LISTING = ("collectonly", "showfixtures", "show_fixtures_per_test", "cacheshow")
"""The options of pytest with which nothing is run."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add every option with the prefix `--oai-`; short names belong to other plugins."""
    run = parser.getgroup("oaicheck", "oaicheck: the run")
    for option in RUN_OPTIONS:
        run.addoption(f"--oai-{option.name}", dest=_dest(option.name), **option.argparse)
    target = parser.getgroup("oaicheck-target", "oaicheck: the endpoint")
    for setting in TARGET_OPTIONS:
        target.addoption(f"--oai-{setting.name}", dest=_dest(setting.name), **setting.argparse)


def pytest_configure(config: pytest.Config) -> None:
    """With `--plan` there is nothing to judge, so start no workers of pytest-xdist."""
    if option_of(config, "plan") and config.pluginmanager.hasplugin("xdist"):
        config.option.dist, config.option.tx, config.option.numprocesses = "no", [], None
    if has_suites(config) and not _is_worker(config):
        config.pluginmanager.register(_Interrupting(config))


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Read the options, look at the target, and send the first requests.

    Nothing is collected yet, so that a mistake is one message and not many, and nothing is printed.
    """
    config = session.config
    try:
        choices = choices_of(config)
        if has_suites(config) and _may_send(config):
            choices.look()
            if not option_of(config, "plan"):
                contact_of(config)
    except UsageProblem as problem:
        raise pytest.UsageError(str(problem)) from problem
    config.pluginmanager.import_plugin("oaicheck.plugin")


class _Interrupting:
    """Takes SIGTERM for Ctrl-C, and says in one line that a run was interrupted."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._interrupted = False
        _while_configured(config, interrupt)

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Leave out pytest's own block. It keeps the one of `-x` and `--maxfail`."""
        reporter = self._config.pluginmanager.get_plugin("terminalreporter")
        if excinfo.type is KeyboardInterrupt:
            self._interrupted = True
            if reporter is not None and not self._config.option.fulltrace:
                reporter._report_keyboardinterrupt = _say_nothing

    def pytest_unconfigure(self) -> None:
        """Say so, if there is no report that does."""
        if self._interrupted and not self._config.stash.get(REPORTED, False):
            tell(self._config, "interrupted before anything was recorded: there is no report")


def _say_nothing() -> None:
    pass


def _while_configured(config: pytest.Config, handler: Handler) -> None:
    stack = ExitStack()
    stack.enter_context(handling(handler))
    config.add_cleanup(stack.close)


def ignore_signals(config: pytest.Config) -> None:
    """Let no further signal disturb the end of a run, which writes the report."""
    _while_configured(config, ignore)


def _is_worker(config: pytest.Config) -> bool:
    return hasattr(config, "workerinput")


def has_suites(config: pytest.Config) -> bool:
    """Whether the command line names the suites, or files among them."""
    return any(map(_is_of_suites, config.args))


def _may_send(config: pytest.Config) -> bool:
    """Whether this process sends requests: it lists nothing, and is no worker of pytest-xdist."""
    listing = any(getattr(config.option, name, False) for name in _LISTING)
    return not listing and not _is_worker(config)


def _is_of_suites(argument: str) -> bool:
    suites, path = locate("suites"), Path(argument.partition("::")[0]).resolve()
    return suites == path or suites in path.parents


def _dest(name: str) -> str:
    return "oai_" + name.replace("-", "_")


def option_of(config: pytest.Config, name: str) -> Any:
    """The value of an option of the run or of the target."""
    return config.getoption(_dest(name))


def choices_of(config: pytest.Config) -> Choices:
    """What the options choose. They are read once. Raises UsageProblem."""
    names = [option.name for option in (*RUN_OPTIONS, *TARGET_OPTIONS)]
    options = {name: option_of(config, name) for name in names}
    if config.getoption("markexpr") == _CLIENTS:
        options["clients"] = not options["replay"]
    if CHOICES not in config.stash or config.stash[CHOICES].options != options:
        from oaicheck.preflight.chosen import Choices

        config.stash[CHOICES] = Choices.from_options(options)
    return config.stash[CHOICES]


def contact_of(config: pytest.Config) -> Contact | None:
    """The endpoint of the run, found ready to be judged; None in a replay. Raises UsageProblem."""
    if _CONTACT not in config.stash:
        config.stash[_CONTACT] = _make_contact(config)
    return config.stash[_CONTACT]


def made_contact(config: pytest.Config) -> Contact | None:
    """The endpoint of the run, if the first requests were sent already."""
    return config.stash.get(_CONTACT, None)


def _make_contact(config: pytest.Config) -> Contact | None:
    choices = choices_of(config)
    choices.look()
    if choices.replayed is not None:
        return None
    from oaicheck.preflight.contact import make_contact
    from oaicheck.preflight.display import awaiting, display_for

    say = partial(tell, config)
    with awaiting(display_for(config, os.environ, say), say) as waiting:
        contact = make_contact(choices, waiting)
    config.add_cleanup(contact.close)
    return contact


def tell(config: pytest.Config, text: str) -> None:
    """Print a line, if pytest prints anything."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None:
        reporter.ensure_newline()
        reporter.write_line(printable(text))
