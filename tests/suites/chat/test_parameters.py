"""Parameters that clients send unasked, each judged by its own response."""

import json
from dataclasses import replace

import pytest

from oaicheck.rules.judging import Breach
from oaicheck.rules.verdict import Outcome
from oaicheck.wire.exchange import Segment
from support.answers import turns
from support.inprocess import Judged, record, verdicts

SCENARIO = "chat/either/unasked"


def judged(requirement: str, name: str, status: int, message: str) -> Judged:
    """A requirement where the request with this parameter gets this error."""
    recording = record(names=())
    body = (Segment(0.1, json.dumps({"error": {"message": message}}).encode()),)
    recording.exchanges.extend(
        replace(each, status=status, segments=body) if name in each.request.json else each
        for each in turns(SCENARIO)
    )
    (found,) = verdicts(recording, only=requirement)
    return found


def test_each_is_sent_alone() -> None:
    sent = [set(exchange.request.json) for exchange in turns(SCENARIO)]
    assert all(len(names) == 4 for names in sent)
    assert len(set.union(*sent)) == 3 + len(sent)


@pytest.mark.parametrize(
    ("name", "status", "expected"),
    [
        ("user", 400, Outcome.WARN),
        ("user", 429, Outcome.PASS),
        ("user", 500, Outcome.PASS),
        ("verbosity", 400, Outcome.PASS),
        ("metadata", 400, Outcome.PASS),
    ],
)
def test_what_does_not_change_the_answer_is_served(
    name: str, status: int, expected: Outcome
) -> None:
    assert judged("chat.parameters.unasked", name, status, f"no {name}").outcome is expected


@pytest.mark.parametrize(
    ("message", "expected"),
    [("no verbosity", Outcome.PASS), ("No.", Outcome.WARN)],
)
def test_what_is_refused_is_named(message: str, expected: Outcome) -> None:
    found = judged("chat.parameters.unasked-named", "verbosity", 400, message)
    assert found.outcome is expected


def test_a_crash_names_the_parameter_that_was_sent() -> None:
    found = judged("chat.parameters.unasked-no-server-error", "metadata", 500, "Oops")
    assert isinstance(found.raised, Breach)
    assert "metadata" in found.raised.finding.expected
