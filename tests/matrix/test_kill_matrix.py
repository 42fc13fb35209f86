"""The kill matrix: what each fault trips, what is said of it, and what no variation may trip.

A variation is played on all scenarios, a fault on those that show all that it trips. `python -m
support.matrix` plays each fault on all of them.
"""

from __future__ import annotations

import difflib
import fnmatch
import json
import re

import pytest

from oaicheck.clients.agreement import breaking
from oaicheck.reference import catalogue
from oaicheck.resources import locate
from oaicheck.scenarios.budget import Budget, load_order
from support.inprocess import requirements
from support.matrix import PAGE, Found, load, matrix, page
from support.messages import GOLDEN, LONGEST, PYTHON, Message, chosen, text_of
from support.quick import DATA, MISSED, SHOWN, affordable, counts, failing, play, shares
from support.shown_by import load_shown_by

ELSEWHERE = {
    "capability.*": "tests/scenarios/test_profiles.py: only a profile may require these",
    "chat.limits.over-limit-clamped": "tests/suites/chat/test_limits.py: "
    "only a profile that promises clamping forbids a refusal",
    "chat.reasoning.streamed": "tests/suites/chat/test_reasoning.py: the target declares it",
    "chat.reasoning.whole": "tests/suites/chat/test_reasoning.py: the target declares it",
    "clients.*": "tests/clients/test_suite.py: real clients judge, as recorded under each fault",
    "fuzz.*": "tests/scenarios/test_fuzz.py: their scenarios are drawn for the run",
    "opencode.config.*": "tests/suites/opencode/test_config.py: they judge a client's file",
}
"""Requirements that no fault of an endpoint's default run can trip, and where they are killed."""

BY_FUZZING = {"errors-surrogates-quoted"}
"""Faults that only drawn requests show: tests/scenarios/test_fuzz.py."""


def breaking_a_client() -> set[str]:
    """The deviations that were seen to break one.

    What is legal and breaks a client is advised against, and there is no fault that proves that
    such a rule can warn: the variation itself does.
    """
    measured = json.loads((locate("fixtures") / "impact.json").read_text("utf-8"))
    return {name for name, _ in breaking(measured["faults"])}


AS_SENT = {"sse-python-repr", "tools-args-not-json"}
"""Faults that send Python literals."""

TELLING = re.compile(
    r"HTTP \d{3}\b|[A-Z][\w-]+: |.* in the header |no [A-Z][\w-]+ header|"
    "cut: |not-http: |stalled: |reset: "
)
"""What names a status, a header or an ending."""

OF_AN_ANSWER = {
    "chat.chunk.every-choice",
    "chat.chunk.present",
    "chat.completion.is-json",
    "chat.content.same-kind",
    "chat.delivery.*",
    "chat.framing.is-a-stream",
    "chat.limits.cut-*",
    "chat.reasoning.also-*",
    "chat.tool-choice.named",
    "chat.tools.required-streamed",
    "chat.tools.streamed-too",
    "chat.usage.streamed",
    "errors.authentication.key-not-echoed",
    "errors.body.is-json",
    "errors.disclosure.*",
    "errors.refused.names-the-parameter",
    "http.concurrency.no-cross-talk",
    "http.json.names-unique",
    "responses.errors.overflow",
    "responses.errors.schema-told",
    "responses.object.json",
    "responses.state.resumed",
    "responses.stream.in-progress",
    "responses.stream.is-a-stream",
    "responses.stream.terminal",
}
"""Requirements about an answer as a whole, which may point at all of it and name no header."""


@pytest.fixture(scope="module")
def found() -> dict[str, Found]:
    return matrix(sorted(catalogue()), load_shown_by().of_the_matrix())


def messages(found: dict[str, Found]) -> list[tuple[str, str, Message]]:
    return [
        (name, rule, message) for name, each in found.items() for rule, message in each.told.items()
    ]


def test_every_fault_trips_just_what_is_written_down(found: dict[str, Found]) -> None:
    written = load()
    assert found.keys() == written.keys()
    differing = {
        name: (written[name], found[name].row) for name in found if found[name].row != written[name]
    }
    assert not differing


def test_every_message_is_as_it_was_read(found: dict[str, Found]) -> None:
    said = text_of(chosen({name: each.told for name, each in found.items()}))
    read = GOLDEN.read_text("utf-8")
    lines = list(difflib.unified_diff(read.splitlines(), said.splitlines(), "read", "said", n=2))
    assert not lines, "\n".join(["read them, and run python -m support.matrix", *lines[:200]])


def test_every_breach_has_a_message_that_is_in_the_golden_text_once(
    found: dict[str, Found],
) -> None:
    broken = {
        (name, rule)
        for name, each in found.items()
        for rule in [*each.row.get("fail", ()), *each.row.get("warn", ())]
    }
    assert {(name, rule) for name, rule, _ in messages(found)} == broken
    entries = chosen({name: each.told for name, each in found.items()})
    faults = {(name, rule) for name, rule in broken if catalogue()[name].kind == "fault"}
    assert {name for read in entries.values() for name in read} == {name for name, _ in faults}
    assert entries.keys() == {rule for _, rule in faults}


def test_every_message_says_what_was_expected_and_observed(found: dict[str, Found]) -> None:
    wrong = [
        (name, rule, said)
        for name, rule, message in messages(found)
        for said in (message.expected, message.observed)
        if not said.strip() or len(said) > LONGEST
    ]
    assert not wrong


def test_no_message_shows_a_value_as_python_does(found: dict[str, Found]) -> None:
    wrong = [
        (name, rule, said)
        for name, rule, message in messages(found)
        for said in (message.expected, message.observed)
        # The words of a refusal are the endpoint's own.
        if name not in AS_SENT and not said.startswith("HTTP ") and PYTHON.search(said)
    ]
    assert not wrong


def test_every_message_names_a_place(found: dict[str, Found]) -> None:
    """An event, a path or bytes; a header or the status; or else it is about all of an answer."""
    vague = {
        rule: message.observed
        for _, rule, message in messages(found)
        if "," not in message.places[0].where and not TELLING.match(message.observed)
    }
    excused = {
        rule for rule in vague if any(fnmatch.fnmatchcase(rule, whole) for whole in OF_AN_ANSWER)
    }
    assert vague.keys() == excused
    assert not [whole for whole in OF_AN_ANSWER if not fnmatch.filter(vague, whole)]


def test_a_value_is_shown_with_its_path(found: dict[str, Found]) -> None:
    wrong = [
        (name, rule, message)
        for name, rule, message in messages(found)
        if (said := re.match(r"(?!the )(\S+) is (?:absent|null|[\[{\"\d-])", message.observed))
        and said[1] not in message.places[0].where.split(", ")
    ]
    assert not wrong


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
    breaking_one = breaking_a_client()
    killed = {
        id
        for name, row in load().items()
        if catalogue()[name].kind == "fault" or name in breaking_one
        for id in [*row.get("fail", ()), *row.get("warn", ())]  # noqa: A001
    }
    alive = [id for id in requirements() if id not in killed]  # noqa: A001
    assert not [
        id
        for id in alive  # noqa: A001
        if not any(fnmatch.fnmatchcase(id, pattern) for pattern in ELSEWHERE)
    ]


def test_nothing_is_excused_that_is_killed_here() -> None:
    ids = list(requirements())
    for pattern in ELSEWHERE:
        assert fnmatch.filter(ids, pattern), pattern


def test_few_requests_catch_as_many_faults_as_written_down() -> None:
    written, missed = json.loads(DATA.read_text("utf-8")), json.loads(MISSED.read_text("utf-8"))
    assert written["all"] == counts(failing())
    assert written["caught"] == shares(missed)
    for requests in SHOWN:
        some = set(failing()[requests % 32 :: 32])
        sent = affordable(Budget(requests), written["order"])
        assert play(sent, some) == some.difference(missed[str(requests)])


def test_no_variation_fails_with_few_requests() -> None:
    variations = [name for name, each in catalogue().items() if each.kind == "variation"][::4]
    assert play(affordable(Budget(SHOWN[0]), load_order(DATA.parent)), variations) == set()


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text("utf-8") == page(load())
