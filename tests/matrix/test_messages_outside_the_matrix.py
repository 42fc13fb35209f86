"""Messages that the matrix does not produce: of profiles, random requests, an opencode.json.

What real clients say is recorded below tests/clients.
"""

from __future__ import annotations

import fnmatch

import pytest

from support.inprocess import requirements
from support.matrix import load
from support.messages import LONGEST, PYTHON, Message, text_of
from support.outside_the_matrix import GOLDEN, told


@pytest.fixture(scope="module")
def found() -> dict[str, dict[str, Message]]:
    return told()


def test_every_message_is_as_it_was_read(found: dict[str, dict[str, Message]]) -> None:
    assert text_of(found).splitlines() == GOLDEN.read_text("utf-8").splitlines()


def test_with_the_matrix_every_requirement_has_a_message(
    found: dict[str, dict[str, Message]],
) -> None:
    killed = {
        rule for row in load().values() for rule in [*row.get("fail", ()), *row.get("warn", ())]
    }
    left = requirements().keys() - killed - found.keys()
    assert left == set(fnmatch.filter(left, "clients.*"))
    assert not killed & set(fnmatch.filter(found, "fuzz.*"))


def test_every_message_is_well_formed(found: dict[str, dict[str, Message]]) -> None:
    for messages in found.values():
        for message in messages.values():
            assert all(place.where for place in message.places)
            for said in (message.expected, message.observed):
                assert said.strip()
                assert len(said) <= LONGEST
                assert not PYTHON.search(said)
