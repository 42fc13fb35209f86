"""Parameters that clients send unasked: together, and each alone where that is refused."""

from dataclasses import replace

import pytest

from oaicheck.rules.judging import Breach
from oaicheck.rules.verdict import Outcome
from support.answers import turns
from support.inprocess import Judged, record, scenarios, verdicts

SCENARIO = "chat/either/unasked"
CRASHES, NAMED, SERVED = (
    f"chat.parameters.{rule}" for rule in ("unasked-no-server-error", "unasked-named", "unasked")
)


def judged(requirement: str, *faults: str) -> Judged:
    (found,) = verdicts(record(faults, [SCENARIO]), only=requirement)
    return found


def test_each_is_sent_alone_after_all_of_them() -> None:
    together, *alone = (set(turn.body) for turn in scenarios()[SCENARIO].turns)
    assert all(len(names) == 4 for names in alone)
    assert set.union(*alone) == together
    assert len(together) == 3 + len(alone)


def test_one_request_is_enough_where_all_are_served() -> None:
    assert len(turns(SCENARIO)) == 1
    assert len(turns(SCENARIO, "params-verbosity-500")) == 8


@pytest.mark.parametrize(
    ("fault", "crashes", "named", "served"),
    [
        ("params-unasked-rejected", Outcome.PASS, Outcome.PASS, Outcome.WARN),
        ("params-verbosity-rejected-without-name", Outcome.PASS, Outcome.WARN, Outcome.PASS),
        ("params-metadata-500", Outcome.FAIL, Outcome.PASS, Outcome.PASS),
        ("lenient-parameters", Outcome.PASS, Outcome.PASS, Outcome.PASS),
    ],
)
def test_what_clients_send_unasked(
    fault: str, crashes: Outcome, named: Outcome, served: Outcome
) -> None:
    assert judged(CRASHES, fault).outcome is crashes
    assert judged(NAMED, fault).outcome is named
    assert judged(SERVED, fault).outcome is served


def test_a_crash_names_the_parameter_that_was_sent() -> None:
    found = judged(CRASHES, "params-metadata-500")
    assert isinstance(found.raised, Breach)
    assert "metadata" in found.raised.finding.expected


def test_a_crash_by_all_of_them_alone_is_told_too() -> None:
    recording = record(["params-verbosity-500"], [SCENARIO])
    together, *alone = recording.exchanges
    recording.exchanges[:] = [together, *(replace(each, status=200) for each in alone)]
    (found,) = verdicts(recording, only=CRASHES)
    assert found.outcome is Outcome.FAIL


def test_what_is_refused_for_the_moment_is_not_judged() -> None:
    recording = record(["params-unasked-rejected"], [SCENARIO])
    together, *alone = recording.exchanges
    recording.exchanges[:] = [together, *(replace(each, status=429) for each in alone)]
    (found,) = verdicts(recording, only=SERVED)
    assert found.outcome is Outcome.INCONCLUSIVE
