"""The report folder: one per run, never overwritten."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from oaicheck.report.machine.badge import badge, badge_svg
from oaicheck.report.machine.json_report import to_json
from oaicheck.report.machine.junit import junit_xml
from oaicheck.report.machine.sarif import sarif
from oaicheck.report.run import Run
from oaicheck.report.text.markdown import summary

_LINE = 200
"""Characters of JSON that fit in one line."""


def new_folder(base: Path, now: float) -> Path:
    """Create the folder for a run that starts now, such as `reports/20260131-184502` (local time).

    `now` is a Unix timestamp. If that name is taken, the new one ends in `-2`, `-3` and so on.
    """
    base.mkdir(parents=True, exist_ok=True)
    stem = datetime.fromtimestamp(now).strftime("%Y%m%d-%H%M%S")
    name, number = stem, 1
    while True:
        try:
            (base / name).mkdir()
        except FileExistsError:
            number += 1
            name = f"{stem}-{number}"
        else:
            return base / name


def write_folder(run: Run, folder: Path) -> None:
    """Write the machine-readable files and the summary. Each file is replaced atomically."""
    files = {
        "report.json": _json(to_json(run)),
        "junit.xml": junit_xml(run),
        "oaicheck.sarif": _json(sarif(run)),
        "summary.md": summary(run).encode(),
        "badge.json": _json(badge(run)),
        "badge.svg": badge_svg(run).encode(),
    }
    for name, data in files.items():
        _replace(folder / name, data)


def append_step_summary(run: Run, environ: Mapping[str, str]) -> None:
    """Append the summary to the GitHub job's page, if `GITHUB_STEP_SUMMARY` is set."""
    path = environ.get("GITHUB_STEP_SUMMARY")
    if path:
        with Path(path).open("a", encoding="utf-8", newline="\n") as page:
            page.write(f"{summary(run)}\n")


def _json(value: Mapping[str, Any]) -> bytes:
    """JSON with a line for each member, and for each element of a long member.

    `indent` would take ten times as long, because Python's fast encoder cannot indent.
    """
    lines = [f"{_compact(name)}: {_by_line(member)}" for name, member in value.items()]
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode()


def _by_line(value: Any) -> str:
    text = _compact(value)
    if len(text) <= _LINE or not isinstance(value, list | dict):
        return text
    if isinstance(value, list):
        return "[\n" + ",\n".join(map(_compact, value)) + "\n]"
    members = (f"{_compact(name)}: {_compact(member)}" for name, member in value.items())
    return "{\n" + ",\n".join(members) + "\n}"


def _compact(value: Any) -> str:
    return json.dumps(value)


def _replace(path: Path, data: bytes) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temporary.write_bytes(data)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
