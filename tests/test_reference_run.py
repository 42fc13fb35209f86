"""The reference endpoint meets every requirement."""

from oaicheck.verdict import Outcome
from support.inprocess import record, verdicts


def test_nothing_is_wrong_with_the_reference_endpoint() -> None:
    wrong = [
        (judged.requirement.id, judged.scenario, judged.outcome, str(judged.raised))
        for judged in verdicts(record())
        if judged.outcome is not Outcome.PASS
    ]
    assert wrong == []
