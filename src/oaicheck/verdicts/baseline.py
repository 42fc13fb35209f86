"""Baselines: files of known failures, which a gate lets pass until they are mended.

An entry names a requirement and a scenario, and may say why it is there. What is binding and could
not be judged is an entry too, of its own kind. The file is JSON for people to edit;
`fixtures/schemas/baseline.schema.json` describes it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from oaicheck.resources import locate
from oaicheck.rules.requirement import Level
from oaicheck.rules.verdict import Outcome, Result
from oaicheck.wire.printable import printable

FORMAT = "oaicheck.baseline/1"

BROKEN = (Outcome.FAIL, Outcome.WARN, Outcome.ERROR)
"""The outcomes that are written into a baseline."""

_EXCUSED = (*BROKEN, Outcome.INCONCLUSIVE)

Check = tuple[str, str]
"""A requirement and a scenario."""


class BaselineError(ValueError):
    """A file is no baseline; the message says where and why."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A failure that is known, or a check of which it is known that nothing can be said of it."""

    requirement: str
    scenario: str
    reason: str = ""
    undecided: bool = False

    @property
    def check(self) -> Check:
        """What it is about."""
        return self.requirement, self.scenario


@dataclass(frozen=True, slots=True)
class Baseline:
    """All known failures, and where they stand."""

    file: str
    entries: Mapping[Check, Entry]

    def excuses(self, result: Result) -> bool:
        """Whether a result is a failure that is known, or known to be undecided."""
        entry = self.entries.get((result.requirement, result.scenario))
        if entry is None:
            return False
        return result.outcome in ((Outcome.INCONCLUSIVE,) if entry.undecided else _EXCUSED)

    def compare(self, results: Iterable[Result], *, allow_stale: bool) -> Compared:
        """What of these results was known, and which entries have outlived their reason.

        A check that comes to no verdict leaves its entry alone: it is not stale. Nor is one that
        was undecided, and passes now: the model may do another thing next time.
        """
        known: dict[Check, Entry] = {}
        stale = []
        for result in results:
            entry = self.entries.get((result.requirement, result.scenario))
            if entry is not None and self.excuses(result):
                known[entry.check] = entry
            elif entry and not entry.undecided and result.outcome is Outcome.PASS:
                stale.append(entry)
        return Compared(self.file, known, tuple(stale), allow_stale)


@dataclass(frozen=True, slots=True)
class Compared:
    """Results held against a baseline."""

    file: str
    known: Mapping[Check, Entry]
    stale: tuple[Entry, ...]
    allow_stale: bool = False

    def knows(self, result: Result) -> bool:
        """Whether a result is a known failure."""
        return (result.requirement, result.scenario) in self.known

    def reason(self, result: Result) -> str:
        """Why a failure is known; empty where it is not, or where nobody said why."""
        entry = self.known.get((result.requirement, result.scenario))
        return entry.reason if entry else ""

    def is_stale(self, result: Result) -> bool:
        """Whether a result passes although an entry says that it fails."""
        return any(entry.check == (result.requirement, result.scenario) for entry in self.stale)


def load_baseline(path: Path) -> Baseline:
    """The baseline in a file. Raises BaselineError; OSError where it cannot be read."""
    try:
        value = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise BaselineError(f"{path}: it is not JSON: {error}") from error
    from jsonschema.exceptions import best_match

    problem = best_match(_validator().iter_errors(value))
    if problem is not None:
        place = problem.json_path if problem.path else "the file"
        said = printable(problem.message)
        raise BaselineError(f"{path}: it is no baseline ({FORMAT}): {place}: {said}")
    entries: dict[Check, Entry] = {}
    for member in value["known"]:
        entry = Entry(
            member["requirement"],
            member["scenario"],
            member.get("reason", ""),
            undecided=member.get("undecided", False),
        )
        if entry.check in entries:
            raise BaselineError(f"{path}: {entry.requirement} on {entry.scenario} stands twice")
        entries[entry.check] = entry
    return Baseline(str(path), entries)


def updated(results: Iterable[Result], old: Iterable[Entry]) -> tuple[Entry, ...]:
    """The entries after a run: what would miss the gate, and old entries on what it did not judge.

    That is what failed, and what is binding and could not be judged. An entry keeps the reason
    that it had.
    """
    entries = {entry.check: entry for entry in old}
    for result in results:
        check = result.requirement, result.scenario
        known = entries.get(check)
        if result.outcome in BROKEN:
            entries[check] = Entry(*check, known.reason if known else "")
        elif result.outcome is Outcome.INCONCLUSIVE and result.level is Level.MUST:
            entries.setdefault(check, Entry(*check, undecided=True))
        elif result.outcome is Outcome.PASS:
            entries.pop(check, None)
    return tuple(sorted(entries.values(), key=lambda entry: entry.check))


def with_reasons(entries: Iterable[Entry], reasons: Mapping[Check, str]) -> tuple[Entry, ...]:
    """The entries, with these reasons where they have none of their own."""
    return tuple(
        entry if entry.reason else replace(entry, reason=reasons.get(entry.check, ""))
        for entry in entries
    )


def baseline_text(entries: Iterable[Entry]) -> str:
    """The file, for people to edit: an entry a line."""
    lines = [_line(entry) for entry in entries]
    known = "\n    " + ",\n    ".join(lines) + "\n  " if lines else ""
    return f'{{\n  "schema": {json.dumps(FORMAT)},\n  "known": [{known}]\n}}\n'


def _line(entry: Entry) -> str:
    member: dict[str, str | bool] = {
        "requirement": entry.requirement,
        "scenario": entry.scenario,
    }
    if entry.reason:
        member["reason"] = entry.reason
    if entry.undecided:
        member["undecided"] = True
    return json.dumps(member, ensure_ascii=True)


@cache
def _validator() -> Any:
    path = locate("fixtures") / "schemas" / "baseline.schema.json"
    from jsonschema import Draft202012Validator

    return Draft202012Validator(json.loads(path.read_text("utf-8")))
