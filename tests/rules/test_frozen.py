"""A published catalogue never changes: it judges the same requirements at the same levels."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from oaicheck import CATALOGUE, CATALOGUES
from oaicheck.resources import locate
from oaicheck.rules.catalogue import load_catalogue
from oaicheck.rules.frozen import load_frozen
from oaicheck.rules.requirement import Level
from oaicheck.verdicts.selection import Selection
from support.inprocess import profile

REQUIREMENTS = {id: entry.requirement for id, entry in load_catalogue(locate("suites")).items()}  # noqa: A001
FROZEN = CATALOGUES[:-1]


def level_in(catalogue: str, id: str) -> Level | None:  # noqa: A002
    selection = Selection((), (), catalogue, profile("openai"), load_frozen(catalogue))
    return selection.level_of(REQUIREMENTS[id])


def test_every_catalogue_but_the_newest_is_frozen() -> None:
    files = (locate("fixtures") / "catalogues").glob("*.json")
    assert tuple(sorted(path.stem for path in files)) == FROZEN
    assert load_frozen(CATALOGUE) is None


@pytest.mark.parametrize("name", FROZEN)
def test_it_lists_every_requirement_that_came_with_it_or_before(name: str) -> None:
    frozen = load_frozen(name)
    assert frozen is not None
    assert frozen.name == name
    until = CATALOGUES[: CATALOGUES.index(name) + 1]
    assert set(frozen.judged) == {id for id, r in REQUIREMENTS.items() if r.since in until}  # noqa: A001


def test_2026_1_judges_as_many_as_when_it_was_published() -> None:
    frozen = load_frozen("2026.1")
    assert frozen is not None
    levels = list(frozen.judged.values())
    assert (levels.count(Level.MUST), levels.count(Level.SHOULD)) == (346, 321)


@pytest.mark.parametrize("name", FROZEN)
def test_what_is_not_judged_has_a_reason(name: str) -> None:
    frozen = load_frozen(name)
    assert frozen is not None
    assert frozen.not_judged
    assert all(what and why.endswith(".") for what, why in frozen.not_judged.items())


def test_a_pinned_catalogue_keeps_its_levels_and_takes_nothing_new(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    old = REQUIREMENTS["chat.chunk.object"]
    raised = replace(old, level=Level.SHOULD)
    new = replace(old, id="chat.chunk.new", since=CATALOGUE)
    monkeypatch.setitem(REQUIREMENTS, old.id, raised)
    monkeypatch.setitem(REQUIREMENTS, new.id, new)
    assert (level_in("2026.1", old.id), level_in(CATALOGUE, old.id)) == (Level.MUST, Level.SHOULD)
    assert (level_in("2026.1", new.id), level_in(CATALOGUE, new.id)) == (None, Level.MUST)


def test_a_malformed_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "2026.1.json").write_text(json.dumps({"catalogue": "2026.1"}), "utf-8")
    with pytest.raises(KeyError):
        load_frozen("2026.1", tmp_path)
