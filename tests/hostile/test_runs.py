"""Whole runs against a few hostile endpoints, in processes of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.hostile import families
from support.hostile.behaviour import ALL
from support.hostile.running import run

assert families.__all__

RUNS = (
    ("protocols/ssh", "first"),
    ("keys/in-a-refusal-of-itself", "first"),
    ("heads/interim-without-end", "later"),
    ("streams/silence-after-an-event", "later"),
    ("bodies/chunk-size-huge", "later"),
    ("content/commands", "later"),
    ("keys/in-html", "later"),
)
PATIENCE = 5.0
"""Many tests may run at once on the machine of the gate: only a run that hangs is too late here."""


@pytest.mark.parametrize(("name", "where"), RUNS)
def test_a_run_ends_well(name: str, where: str, tmp_path: Path) -> None:
    outcome = run(ALL[name], where, tmp_path, PATIENCE)
    assert outcome.flaws == (), outcome.message
