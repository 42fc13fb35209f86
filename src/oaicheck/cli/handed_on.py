"""Hands a run on to pytest, and turns what pytest refuses into one message of oaicheck's own."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import TYPE_CHECKING, Any

import pytest

from oaicheck.preflight.hooks import CHOICES
from oaicheck.preflight.problem import UsageProblem
from oaicheck.preflight.run_options import RUN_OPTIONS
from oaicheck.target.near import did_you_mean
from oaicheck.target.target_options import OPTIONS as TARGET_OPTIONS

if TYPE_CHECKING:
    from oaicheck.preflight.chosen import Choices

_OF_XDIST = ("--numprocesses", "--dist", "--tx", "--maxprocesses")


def hand_on(arguments: list[str], choices: Choices | None) -> int:
    """Run pytest and return the exit code.

    `choices` are the options of the run if they have been read already. Raises UsageProblem if
    pytest or one of its plugins cannot do what the arguments say.
    """
    return int(pytest.main(arguments, plugins=[_HandedOn(choices)]))


class _HandedOn:
    """A pytest plugin that refuses what neither oaicheck nor pytest knows."""

    def __init__(self, choices: Choices | None) -> None:
        self._choices = choices

    @pytest.hookimpl(wrapper=True)
    def pytest_cmdline_parse(self) -> Generator[None, Any, Any]:
        """Say in one line which argument pytest refuses, without its list of options."""
        try:
            return (yield)
        except pytest.UsageError as error:
            reason = str(error).rpartition(" error: ")[2].strip()
            raise UsageProblem(reason.partition("\n")[0]) from error

    @pytest.hookimpl(trylast=True)
    def pytest_load_initial_conftests(self, parser: pytest.Parser, args: list[str]) -> None:
        """Refuse an unknown option, after every plugin has added its own options."""
        _, unknown = parser.parse_known_and_unknown_args(args)
        if unknown:
            raise UsageProblem(_refusal(unknown))

    def pytest_configure(self, config: pytest.Config) -> None:
        """Hand the choices on."""
        if self._choices is not None:
            config.stash[CHOICES] = self._choices

    @pytest.hookimpl(wrapper=True)
    def pytest_cmdline_main(self) -> Generator[None, Any, Any]:
        """Leave the message to the command line, which prints it last."""
        try:
            return (yield)
        except pytest.UsageError as error:
            raise UsageProblem(str(error)) from error


def _refusal(unknown: Sequence[str]) -> str:
    option = unknown[0].partition("=")[0]
    if option in _OF_XDIST or (option.startswith("-n") and not option.startswith("--")):
        return f"{option} needs pytest-xdist: pip install pytest-xdist"
    names = [f"--{known.name}" for known in (*RUN_OPTIONS, *TARGET_OPTIONS)]
    hint = did_you_mean(option, names)
    hint = hint or "`oaicheck run --help` and `pytest --help` list all options"
    return f"unknown option {option}; {hint}"
