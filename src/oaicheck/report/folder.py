"""The report folder: one for each run, never overwritten."""

from __future__ import annotations

import json
import os
from datetime import datetime
from pathlib import Path

from oaicheck.report.json_report import to_json
from oaicheck.report.junit import junit_xml
from oaicheck.report.run import Run


def new_folder(base: Path, now: float) -> Path:
    """Make the folder of a run that starts now, such as `reports/20260131-184502` (local time).

    `now` is a Unix timestamp. Where there is one of that name already, the new one ends in `-2`,
    `-3` and so on.
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
    """Write report.json and junit.xml, each complete or not at all."""
    text = json.dumps(to_json(run), indent=2)
    _replace(folder / "report.json", f"{text}\n".encode())
    _replace(folder / "junit.xml", junit_xml(run))


def _replace(path: Path, data: bytes) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temporary.write_bytes(data)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
