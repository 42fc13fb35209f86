"""What becomes of what a check raised, and of a run."""

import itertools

import pytest

from oaicheck.rules.judging import Breach, Inconclusive, NoAnswer, NotApplicable, Undecided
from oaicheck.rules.requirement import MUST, SHOULD, Level, Requirement
from oaicheck.rules.verdict import Evidence, Finding, Outcome, Result, RunVerdict, run_verdict
from oaicheck.verdicts.outcomes import is_internal, outcome_of, result_of

FINDING = Finding("this", "that", (Evidence("s#1"),))
BREACH = Breach(FINDING)
RULE = Requirement("a.b", MUST, "…", ("s",), None, ("rfc1",), "…", "2026.1")


@pytest.mark.parametrize(
    ("raised", "level", "outcome", "internal"),
    [
        (None, MUST, Outcome.PASS, False),
        (BREACH, MUST, Outcome.FAIL, False),
        (BREACH, SHOULD, Outcome.WARN, False),
        (NotApplicable("no"), MUST, Outcome.NOT_APPLICABLE, False),
        (Inconclusive("hm"), MUST, Outcome.INCONCLUSIVE, False),
        (NoAnswer("cut"), MUST, Outcome.ERROR, False),
        (Undecided("?"), MUST, Outcome.ERROR, True),
        (AssertionError("1 == 2"), SHOULD, Outcome.ERROR, True),
        (KeyError("x"), MUST, Outcome.ERROR, True),
    ],
)
def test_outcome(raised: Exception | None, level: Level, outcome: Outcome, internal: bool) -> None:
    assert outcome_of(raised, level) is outcome
    assert is_internal(raised) is internal
    assert result_of(raised, RULE, level, "s", "n", ()).outcome is outcome


@pytest.mark.parametrize(
    ("raised", "message", "finding"),
    [
        (None, "", None),
        (BREACH, "expected this; observed that", FINDING),
        (NotApplicable("no"), "no", None),
        (Inconclusive("hm"), "hm", None),
        (NoAnswer("cut"), "cut", None),
        (
            KeyError("x"),
            "internal error in this check, please report it: KeyError: 'x'",
            None,
        ),
    ],
)
def test_a_result_says_why(raised: Exception | None, message: str, finding: Finding | None) -> None:
    result = result_of(raised, RULE, SHOULD, "s", "n", ("s#1",))
    assert (result.message, result.finding) == (message, finding)
    assert (result.requirement, result.level, result.scenario) == ("a.b", SHOULD, "s")
    assert (result.nodeid, result.exchanges) == ("n", ("s#1",))


def results(*found: tuple[Level, Outcome]) -> list[Result]:
    return [Result("a.b", level, outcome, "s", "n") for level, outcome in found]


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        ((), None),
        (((MUST, Outcome.NOT_APPLICABLE),), None),
        (((SHOULD, Outcome.INCONCLUSIVE), (SHOULD, Outcome.ERROR)), None),
        (((MUST, Outcome.PASS),), RunVerdict.CONFORMANT),
        (((SHOULD, Outcome.WARN),), RunVerdict.CONFORMANT),
        (((MUST, Outcome.PASS), (SHOULD, Outcome.ERROR)), RunVerdict.CONFORMANT),
        (((MUST, Outcome.INCONCLUSIVE),), RunVerdict.INCOMPLETE),
        (((MUST, Outcome.PASS), (MUST, Outcome.ERROR)), RunVerdict.INCOMPLETE),
        (((MUST, Outcome.FAIL),), RunVerdict.NON_CONFORMANT),
        (((MUST, Outcome.ERROR), (MUST, Outcome.FAIL)), RunVerdict.NON_CONFORMANT),
    ],
)
def test_the_verdict_on_a_run(
    found: tuple[tuple[Level, Outcome], ...], verdict: RunVerdict | None
) -> None:
    for order in itertools.permutations(results(*found)):
        assert run_verdict(order) is verdict
