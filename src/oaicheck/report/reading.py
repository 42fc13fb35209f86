"""Reads report.json files, and says what is wrong with a file that is not a report."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema

from oaicheck.report.machine.json_report import SCHEMA
from oaicheck.resources import locate
from oaicheck.rules.verdict import Result
from oaicheck.verdicts.result_json import result_from
from oaicheck.wire.printable import printable

_SAID = 200


class ReportError(ValueError):
    """A file is not a usable report; the message says what to pass instead."""


@dataclass(frozen=True)
class Report:
    """A report.json that is valid by its schema, and its path."""

    path: Path
    data: Mapping[str, Any]

    @property
    def results(self) -> tuple[Result, ...]:
        """Its results."""
        return tuple(map(result_from, self.data["results"]))


def read_report(path: Path) -> Report:
    """The report in a file or in a report folder. Raises ReportError."""
    if path.is_dir():
        path /= "report.json"
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise ReportError(f"{path}: cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise ReportError(f"{path}: not a text file: pass a report.json") from error
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ReportError(f"{path}: not JSON: pass the report.json of a run") from error
    schema = data.get("schema") if isinstance(data, dict) else None
    if schema != SCHEMA:
        found = f"its schema is {printable(str(schema))[:_SAID]}" if schema else "it has no schema"
        raise ReportError(f"{path}: not an oaicheck report ({SCHEMA}): {found}")
    problem = jsonschema.exceptions.best_match(_validator().iter_errors(data))
    if problem is not None:
        said = printable(problem.message)[:_SAID]
        raise ReportError(f"{path}: invalid report: {printable(problem.json_path)}: {said}")
    return Report(path, data)


@cache
def _validator() -> Any:
    path = locate("fixtures") / "schemas" / "report.schema.json"
    return jsonschema.Draft202012Validator(json.loads(path.read_text("utf-8")))
