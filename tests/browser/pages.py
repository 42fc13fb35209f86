"""The pages that people open, written from runs as the program writes them."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from oaicheck.report.comparison import Comparison
from oaicheck.report.folder import write_folder
from oaicheck.report.html.comparison import comparison_page
from oaicheck.report.html.fragment import fragment
from oaicheck.report.merging import Part, merged, read_part
from oaicheck.report.run import Run
from oaicheck.rules.verdict import Outcome
from oaicheck.verdicts.baseline import Compared, Entry
from oaicheck.wire.recording import RecordingWriter

_OPENING = """
const done = arguments[arguments.length - 1];
const frame = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
const opened = async (selector) => {
  const closed = document.querySelectorAll(selector);
  for (const details of closed) details.open = true;
  await frame();
  await frame();
  return closed.length;
};
for (const part of document.querySelectorAll(".part")) part.style.contentVisibility = "visible";
"""
OPEN_DETAILS = f"{_OPENING} opened('details').then(done)"
"""Opens each requirement, each exchange and each cell, and shows what is far off."""

DRAW_EVERYTHING = f"""{_OPENING}
(async () => {{
  while (await opened("details:not([open])")) {{}}
  for (const button of document.querySelectorAll(".row button, .rows button")) button.click();
  done();
}})();
"""
"""Opens whatever can be opened, and shows what is far off or cut short."""


def report_of(run: Run, file: Path) -> Path:
    """The fragment in a bare page: no policy protects it, as none does in pytest-html's page."""
    head = '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>report</title></head>'
    file.write_text(f"{head}<body>{fragment(run)}</body></html>", encoding="utf-8")
    return file


def merged_with_known_failures(run: Run, poison: str, folder: Path) -> Path:
    """The report of two shards, some of whose failures a baseline knows, and some no longer."""
    half = len(run.results) // 2
    parts = [
        _part(dataclasses.replace(run, results=results), folder / name)
        for name, results in (("a", run.results[:half]), ("b", run.results[half:]))
    ]
    whole = merged(parts)
    known = {
        (r.requirement, r.scenario): Entry(r.requirement, r.scenario, f"ticket 7{poison}")
        for r in whole.results
        if r.outcome in (Outcome.FAIL, Outcome.WARN) and r.scenario != "stream/long"
    }
    stale = tuple(
        Entry(r.requirement, r.scenario, f"ticket 8{poison}")
        for r in whole.results
        if r.outcome is Outcome.PASS
    )
    compared = Compared(f"known{poison}.json", known, stale)
    return report_of(dataclasses.replace(whole, baseline=compared), folder / "merged.html")


def comparison_of(run: Run, poison: str, folder: Path) -> Path:
    """Three reports side by side: broken, mended, and judged in part."""
    mended = tuple(
        dataclasses.replace(r, outcome=Outcome.PASS, finding=None, message="") for r in run.results
    )
    parts = [
        _part(dataclasses.replace(run, results=results), folder / name)
        for name, results in (("x", run.results), ("y", mended), ("z", run.results[4:]))
    ]
    labels = tuple(f"{name}{poison}" for name in "xyz")
    file = folder / "comparison.html"
    page = comparison_page(Comparison(labels, tuple(part.report for part in parts)))
    file.write_text(page, encoding="utf-8")
    return file


def _part(run: Run, folder: Path) -> Part:
    folder.mkdir()
    write_folder(run, folder)
    with RecordingWriter(folder / "exchanges.jsonl", run.recording.facts) as writer:
        for exchange in run.recording.exchanges:
            writer.add(exchange)
    return read_part(folder)
