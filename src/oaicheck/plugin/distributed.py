"""Runs under pytest-xdist: the controller sends and reports, the workers judge the recording.

The controller collects, sends the requests that its items need, and gives the path of the recording
to the workers. A result comes back as a property of pytest's report.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from oaicheck.rules.verdict import Result
from oaicheck.verdicts.result_json import result_data, result_from

_RECORDING = "oaicheck_recording"
_MISSING = "oaicheck_missing"
_RESULT = "oaicheck_result"


def is_distributed(config: pytest.Config) -> bool:
    """Whether this process gives its tests to workers."""
    return config.pluginmanager.hasplugin("dsession")


def is_worker(config: pytest.Config) -> bool:
    """Whether this process is a worker."""
    return hasattr(config, "workerinput")


def hand_out(node: Any, recording: Path, missing: Iterable[str]) -> None:
    """Tell a worker the path of the recording, and the scenarios that an interruption left out."""
    node.workerinput[_RECORDING] = str(recording.absolute())
    node.workerinput[_MISSING] = list(missing)


def handed_out(config: pytest.Config) -> Path | None:
    """The path of the recording in a worker, or None in any other process."""
    path = getattr(config, "workerinput", {}).get(_RECORDING)
    return Path(path) if path else None


def missing(config: pytest.Config) -> list[str]:
    """The scenarios that an interruption left out, as a worker is told."""
    told: list[str] = getattr(config, "workerinput", {}).get(_MISSING, [])
    return told


def attach(report: pytest.TestReport, result: Result, *, internal: bool) -> None:
    """Put a result into pytest's report, as ASCII, because it may contain lone surrogates."""
    text = json.dumps({"result": result_data(result), "internal": internal})
    report.user_properties = [*report.user_properties, (_RESULT, text)]


def detach(report: pytest.TestReport) -> tuple[Result, bool] | None:
    """The result in pytest's report, and whether it is an internal error. None without one."""
    for name, text in report.user_properties:
        if name == _RESULT:
            report.user_properties.remove((name, text))
            data = json.loads(str(text))
            return result_from(data["result"]), data["internal"]
    return None
