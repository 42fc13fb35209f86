"""The catalogue is whole, and the pages that speak of it are in step with it."""

from __future__ import annotations

import fnmatch
import re
from pathlib import Path

import pytest

from oaicheck import CATALOGUES
from oaicheck.cli.catalogue import catalogue_page
from oaicheck.cli.new_rule import FILL_IN
from oaicheck.resources import locate
from oaicheck.rules.catalogue import Entry, load_catalogue
from oaicheck.rules.sources import resolve
from oaicheck.views.schemas import schema_names

DOCS = Path(__file__).parent.parent.parent / "docs"
CATALOGUE = load_catalogue(locate("suites"))
_ID = re.compile(r"`((?:capability|chat|errors|http|models|opencode|responses)\.[a-z0-9.*-]+)`")


@pytest.mark.parametrize("entry", CATALOGUE.values(), ids=list(CATALOGUE))
def test_a_requirement_is_whole(entry: Entry) -> None:
    requirement = entry.requirement
    assert requirement.sentence.endswith(".")
    assert requirement.remedy.endswith(".")
    assert entry.heading.endswith(".")
    assert requirement.since in CATALOGUES
    for source in requirement.sources:
        assert resolve(source).title
    for text in (requirement.sentence, requirement.remedy, *requirement.sources):
        assert FILL_IN not in text


@pytest.mark.parametrize("entry", CATALOGUE.values(), ids=list(CATALOGUE))
def test_a_remedy_names_only_what_an_installation_has(entry: Entry) -> None:
    remedy = entry.requirement.remedy
    assert not re.search(r"\b(?:fixtures|suites|src|tests|docs)/", remedy)
    for command, name in re.findall(r"`oaicheck ([\w-]+) ([^` ]*)", remedy):
        assert command == "schema"
        assert [each for each in schema_names() if each.startswith(name.removesuffix("TYPE"))]


def test_sentences_differ_within_a_section() -> None:
    sentences = [(entry.file, entry.requirement.sentence) for entry in CATALOGUE.values()]
    assert len(set(sentences)) == len(sentences)


def test_the_page_of_the_catalogue_is_in_step() -> None:
    assert (DOCS / "catalogue.md").read_text("utf-8") == catalogue_page(CATALOGUE)


def test_every_claim_is_held_to_a_requirement_or_excused() -> None:
    rows = [
        [cell.strip() for cell in line.strip("|\n").split("|")]
        for line in (DOCS / "xerotier-claims.md").read_text("utf-8").splitlines()
        if line.startswith("|")
    ]
    assert len(rows) > 50
    for claim, held in rows[2:]:
        assert held or claim.startswith("**"), claim
        for pattern in _ID.findall(held):
            assert fnmatch.filter(CATALOGUE, pattern), f"{claim}: {pattern}"
