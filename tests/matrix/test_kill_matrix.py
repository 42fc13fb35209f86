"""The kill matrix, in full: what each fault trips and what no variation may trip."""

from __future__ import annotations

import fnmatch
import json

import pytest

from oaicheck.clients.agreement import breaking
from oaicheck.reference import catalogue
from oaicheck.requirement import requirement_of
from oaicheck.resources import locate
from support.inprocess import checks
from support.matrix import PAGE, load, matrix, page

ELSEWHERE = {
    "capability.*": "tests/test_profiles.py: only a profile that requires one judges by these",
    "chat.limits.over-limit-clamped": "tests/test_limits_and_reasoning.py: by a refusal, which is "
    "legal but where clamping is promised",
    "chat.reasoning.streamed": "tests/test_limits_and_reasoning.py: for targets that declare it",
    "chat.reasoning.whole": "tests/test_limits_and_reasoning.py: for targets that declare it",
    "clients.*": "tests/clients/test_suite.py: real clients judge, as recorded under each fault",
    "fuzz.*": "tests/test_fuzz.py: their scenarios are drawn for the run",
    "opencode.config.*": "tests/opencode: a client's file is judged, and not an endpoint",
}
"""Requirements that no fault of an endpoint's default run can trip, and where they are killed."""

BY_FUZZING = {"errors-surrogates-quoted", "params-arguments-not-json-500"}
"""Faults that only drawn requests show: tests/test_fuzz.py."""


def breaking_a_client() -> set[str]:
    """The deviations that were seen to break one.

    What is legal and breaks a client is advised against, and there is no fault that proves that
    such a rule can warn: the variation itself does.
    """
    measured = json.loads((locate("fixtures") / "impact.json").read_text("utf-8"))
    return {name for name, _ in breaking(measured["faults"])}


@pytest.fixture(scope="module")
def found() -> dict[str, dict[str, list[str]]]:
    return matrix(sorted(catalogue()))


def test_every_fault_trips_just_what_is_written_down(
    found: dict[str, dict[str, list[str]]],
) -> None:
    written = load()
    assert found.keys() == written.keys()
    differing = {
        name: (written[name], found[name]) for name in found if found[name] != written[name]
    }
    assert not differing


def test_every_fault_is_caught() -> None:
    uncaught = [
        name
        for name, row in load().items()
        if catalogue()[name].kind == "fault" and not row.keys() & {"fail", "warn"}
    ]
    assert set(uncaught) <= BY_FUZZING


def test_no_variation_fails() -> None:
    failing = {
        name: row["fail"]
        for name, row in load().items()
        if catalogue()[name].kind == "variation" and "fail" in row
    }
    assert not failing


def test_every_requirement_can_fail() -> None:
    killed = {
        id
        for name, row in load().items()
        if catalogue()[name].kind == "fault" or name in breaking_a_client()
        for id in [*row.get("fail", ()), *row.get("warn", ())]  # noqa: A001
    }
    alive = [
        requirement.id
        for check in checks()
        if (requirement := requirement_of(check)) and requirement.id not in killed
    ]
    assert not [
        id
        for id in alive  # noqa: A001
        if not any(fnmatch.fnmatchcase(id, pattern) for pattern in ELSEWHERE)
    ]


def test_nothing_is_excused_that_is_killed_here() -> None:
    ids = [requirement.id for check in checks() if (requirement := requirement_of(check))]
    for pattern in ELSEWHERE:
        assert fnmatch.filter(ids, pattern), pattern


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text("utf-8") == page(load())
