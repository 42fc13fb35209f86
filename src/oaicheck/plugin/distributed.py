"""Runs under pytest-xdist: one process sends, the workers judge its recording, one reports.

The controller collects by itself, sends what its items need, and hands the recording's path to the
workers. A result travels back as a property of pytest's report.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from oaicheck.rules.verdict import Result
from oaicheck.verdicts.result_json import result_data, result_from

_RECORDING = "oaicheck_recording"
_RESULT = "oaicheck_result"


def is_distributed(config: pytest.Config) -> bool:
    """Whether this process hands its tests to workers."""
    return config.pluginmanager.hasplugin("dsession")


def is_worker(config: pytest.Config) -> bool:
    """Whether this process is a worker."""
    return hasattr(config, "workerinput")


def stay_whole(config: pytest.Config) -> None:
    """Do without workers, for there is nothing to judge; before pytest-xdist is configured."""
    if config.pluginmanager.hasplugin("xdist"):
        config.option.dist, config.option.tx, config.option.numprocesses = "no", [], None


def hand_out(node: Any, recording: Path) -> None:
    """Tell a worker where the recording lies."""
    node.workerinput[_RECORDING] = str(recording.absolute())


def handed_out(config: pytest.Config) -> Path | None:
    """Where the recording lies, in a worker that was told so."""
    path = getattr(config, "workerinput", {}).get(_RECORDING)
    return Path(path) if path else None


def attach(report: pytest.TestReport, result: Result, *, internal: bool) -> None:
    """Put a result into pytest's report, as ASCII, for it may hold lone surrogates."""
    text = json.dumps({"result": result_data(result), "internal": internal})
    report.user_properties = [*report.user_properties, (_RESULT, text)]


def detach(report: pytest.TestReport) -> tuple[Result, bool] | None:
    """The result in pytest's report, and whether it is internal; None where there is none."""
    for name, text in report.user_properties:
        if name == _RESULT:
            report.user_properties.remove((name, text))
            data = json.loads(str(text))
            return result_from(data["result"]), data["internal"]
    return None
