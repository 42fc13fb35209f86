"""Refuses options that neither oaicheck nor pytest knows."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from oaicheck.plugin.run_options import RUN_OPTIONS
from oaicheck.target.near import did_you_mean
from oaicheck.target.target_options import OPTIONS as TARGET_OPTIONS

_OF_XDIST = ("--numprocesses", "--dist", "--tx", "--maxprocesses")


class HandedOn:
    """A pytest plugin that explains an unknown option before pytest prints its own error."""

    @pytest.hookimpl(trylast=True)
    def pytest_load_initial_conftests(self, parser: pytest.Parser, args: list[str]) -> None:
        """Refuse an unknown option, after every plugin has added its own options."""
        _, unknown = parser.parse_known_and_unknown_args(args)
        if unknown:
            raise pytest.UsageError(_refusal(unknown))


def _refusal(unknown: Sequence[str]) -> str:
    option = unknown[0].partition("=")[0]
    if option in _OF_XDIST or (option.startswith("-n") and not option.startswith("--")):
        return f"{option} needs pytest-xdist: pip install pytest-xdist"
    names = [f"--{known.name}" for known in (*RUN_OPTIONS, *TARGET_OPTIONS)]
    hint = did_you_mean(option, names)
    hint = hint or "`oaicheck run --help` and `pytest --help` list all options"
    return f"unknown option {option}; {hint}"
